//! Work on the whole fleet.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::job::{JobKind, JobState};
use crate::domain::orphan::OrphanKind;

/// What to do on the whole fleet
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateJob {
    /// What it is for
    pub kind: JobKind,
    /// What exactly; each kind has its own, and refuses those of others
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<JobParameters>,
}

/// What exactly a job is to do
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JobParameters {
    /// verify: only these tenants, by id or key; the whole fleet when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 1000, example = json!(["acme"]))]
    pub tenants: Option<Vec<String>>,
    /// verify: leave out what takes long
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quick: Option<bool>,
    /// reconcile: find, and repair nothing; false when left out. reseal: count, and change nothing; false when left out. collect: say what would go, and remove nothing; true when
    /// left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dry_run: Option<bool>,
    /// collect: how long an orphan must have been seen, in seconds; the setting orphan_quarantine_seconds when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 31_536_000)]
    pub quarantine_seconds: Option<f64>,
    /// collect: only these; all when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1)]
    pub kinds: Option<Vec<OrphanKind>>,
}

/// One piece of work on the whole fleet, done by one worker
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Job {
    /// Its identity
    pub id: Uuid,
    /// What it is for
    pub kind: JobKind,
    /// How far it is
    pub state: JobState,
    /// What exactly it does
    pub parameters: BTreeMap<String, serde_json::Value>,
    /// Who asked, such as user:owner@localhost
    pub requested_by: String,
    /// The worker that has or had it
    #[schema(required)]
    pub worker: Option<String>,
    /// When it was asked for
    pub created_at: Timestamp,
    /// When a worker took it, the last one where it was taken again
    #[schema(required)]
    pub started_at: Option<Timestamp>,
    /// When it ended
    #[schema(required)]
    pub ended_at: Option<Timestamp>,
    /// Why it failed, in one sentence
    #[schema(required)]
    pub error_message: Option<String>,
    /// What it found or did; absent in lists, and until it succeeded
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub result: Option<BTreeMap<String, serde_json::Value>>,
}

/// A page of jobs, newest first
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct JobList {
    /// The jobs, without their results
    pub items: Vec<Job>,
    /// Give it as cursor to get the next page; null on the last
    #[schema(required)]
    pub next_cursor: Option<String>,
}
