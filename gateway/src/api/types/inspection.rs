//! What is seen in the container of a dedicated tenant.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::inspection::LogStream;
use crate::domain::job::JobState;

/// Which lines of a log to read
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadLogs {
    /// The last so many; 200 when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 2000)]
    pub lines: Option<i64>,
    /// Only those written at this time or later, to the second
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}

/// The last lines that a tenant's app wrote, once a worker has read them
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TenantLogs {
    /// Identity of this reading
    pub id: Uuid,
    /// The tenant
    pub tenant_id: Uuid,
    /// How far the reading is
    pub state: JobState,
    /// When it was asked for; it is kept for two minutes
    pub created_at: Timestamp,
    /// When it ended
    #[schema(required)]
    pub ended_at: Option<Timestamp>,
    /// The lines, oldest first; null until it succeeded
    #[schema(required, max_items = 2000)]
    pub lines: Option<Vec<TenantLogLine>>,
    /// Whether earlier lines, or the ends of long ones, were left out to keep to 256 KiB; null until it succeeded
    #[schema(required)]
    pub cut: Option<bool>,
    /// Why it failed; null when nothing went wrong
    #[schema(required)]
    pub error: Option<InspectionError>,
}

/// A line that a tenant's app wrote
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TenantLogLine {
    /// When, as Docker Engine noted it
    #[schema(required)]
    pub at: Option<Timestamp>,
    /// Where to
    pub stream: LogStream,
    /// What, without escape sequences for terminals
    pub text: String,
}

/// Why a worker could not look into a container
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct InspectionError {
    /// Stable word to decide by
    pub code: String,
    /// One sentence
    pub message: String,
}

/// What the container of a dedicated tenant uses, as a worker saw it a moment ago; null stands for what is not known
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TenantStats {
    /// Whether a worker looked; where none did, nothing may be concluded
    pub known: bool,
    /// Why nothing is known, as a stable word
    #[schema(required, example = "no_container")]
    pub code: Option<String>,
    /// Why nothing is known, in one sentence
    #[schema(required)]
    pub message: Option<String>,
    /// When it was looked at
    pub seen_at: Timestamp,
    /// State in the words of Docker Engine, such as running or exited
    #[schema(required, example = "running")]
    pub state: Option<String>,
    /// Image
    #[schema(required)]
    pub image: Option<String>,
    /// When its process started last
    #[schema(required)]
    pub started_at: Option<Timestamp>,
    /// How often Docker Engine started it anew after it ended
    #[schema(required)]
    pub restarts: Option<i64>,
    /// Exit code of its process; null while that runs
    #[schema(required)]
    pub exit_code: Option<i64>,
    /// Whether its process was ended because it took too much memory
    #[schema(required)]
    pub out_of_memory: Option<bool>,
    /// CPUs in use, such as 0.25 for a quarter of one
    #[schema(required)]
    pub cpus_used: Option<f64>,
    /// CPUs it may use
    #[schema(required)]
    pub cpus_limit: Option<f64>,
    /// Memory in use, in bytes, without what the kernel could drop at once
    #[schema(required)]
    pub memory_bytes: Option<i64>,
    /// Memory it may use, in bytes
    #[schema(required)]
    pub memory_limit_bytes: Option<i64>,
    /// Processes and threads
    #[schema(required)]
    pub pids: Option<i64>,
    /// Processes and threads it may have
    #[schema(required)]
    pub pids_limit: Option<i64>,
    /// Bytes received over its networks since its process started
    #[schema(required)]
    pub received_bytes: Option<i64>,
    /// Bytes sent over its networks since its process started
    #[schema(required)]
    pub sent_bytes: Option<i64>,
}
