//! The audit log.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// A call that changed something or was refused
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    /// Rises by one with each entry
    pub id: i64,
    /// When it ended
    pub at: Timestamp,
    /// Who called
    #[schema(example = "user:owner@localhost")]
    pub actor: String,
    /// How they showed who they are: api_key, session, or anonymous
    pub via: String,
    /// Where from
    pub address: String,
    /// Id of the request, as in the log
    pub request_id: String,
    /// Operation id in this document
    #[schema(example = "suspend_tenant")]
    pub call: String,
    /// Path of the request
    pub path: String,
    /// What was changed, as kind:id; null for what was refused
    #[schema(required)]
    pub target: Option<String>,
    /// HTTP status of the answer
    pub status: i32,
    /// Code of the problem, where it was refused
    #[schema(required)]
    pub code: Option<String>,
    /// How the target was, without secrets
    #[schema(required, value_type = Option<Object>)]
    pub before: Option<Value>,
    /// How the target is, without secrets
    #[schema(required, value_type = Option<Object>)]
    pub after: Option<Value>,
    /// SHA-256 in hexadecimal, over the entry and the digest before it
    pub digest: String,
}

/// A page of the audit log, newest first
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AuditList {
    /// The entries
    pub items: Vec<AuditEntry>,
    /// Give it as cursor to get the next page; null on the last
    #[schema(required)]
    pub next_cursor: Option<String>,
}

/// Whether the audit log is whole
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AuditCheck {
    /// Whether every entry is there as it was written
    pub whole: bool,
    /// Entries that are as they were written, from the first one on
    pub entries: i64,
    /// Digest of the last of them. Keep it elsewhere: a log that was cut and made anew has another one
    pub digest: String,
    /// The first entry that is not as it was written; null when there is none
    #[schema(required)]
    pub broken_at: Option<i64>,
    /// What is wrong with it
    #[schema(required)]
    pub why: Option<String>,
}
