//! The same wish about many tenants.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::batch::{BatchState, BatchTenantState, BatchVerb};
use crate::domain::status::Status;
use crate::domain::tenant::Tier;

/// What to wish, and of which tenants: of those named, or of those a filter matches
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateBatch {
    /// What is wished of each
    pub verb: BatchVerb,
    /// The tenants, by id or key, in the order in which they are taken; not together with filter
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 1000, example = json!(["acme"]))]
    pub tenants: Option<Vec<String>>,
    /// Every tenant that matches, 1,000 at most, oldest first; not together with tenants
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<BatchTenantFilter>,
    /// How many tenants the filter has to match, or nothing is done; needed with a filter to suspend, to delete or to rotate
    /// credentials, but not in a dry run, which tells the number
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1000)]
    pub expect_count: Option<i64>,
    /// delete: active tenants too
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub force: Option<bool>,
    /// move: where to
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool_id: Option<Uuid>,
    /// Operations of the batch that may be open at once; 5 when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 100)]
    pub parallelism: Option<i32>,
    /// Failed operations after which the tenants whose turn has not come are left alone; no such limit when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1000)]
    pub max_failures: Option<i32>,
}

/// Which tenants: those that meet everything given. Deleted ones are met by their state only
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchTenantFilter {
    /// In one of these states
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 8)]
    pub status: Option<Vec<Status>>,
    /// Served so
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<Tier>,
    /// In this shared pool
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool_id: Option<Uuid>,
    /// With the plan of this name
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// On the database server of this name
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// With all of these labels
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = json!({"plan": "gold"}))]
    pub labels: Option<BTreeMap<String, String>>,
    /// With this in key, company name or host
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    pub q: Option<String>,
}

/// The same wish about many tenants, opened on one after the other
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Batch {
    /// Its identity
    pub id: Uuid,
    /// What is wished of each
    pub verb: BatchVerb,
    /// How far it is
    pub state: BatchState,
    /// delete: whether active tenants too
    pub force: bool,
    /// move: where to
    #[schema(required)]
    pub pool_id: Option<Uuid>,
    /// Operations of it that may be open at once
    pub parallelism: i32,
    /// Failed operations after which the tenants whose turn has not come are left alone
    #[schema(required)]
    pub max_failures: Option<i32>,
    /// Who asked, such as user:owner@localhost; stands in the history of each tenant too
    pub requested_by: String,
    /// When it was asked for
    pub created_at: Timestamp,
    /// When it ended. Operations it opened may go on after it was cancelled
    #[schema(required)]
    pub ended_at: Option<Timestamp>,
    /// How many tenants are how far
    pub counts: BatchCounts,
    /// The tenants in the order in which they are taken; absent in lists
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub tenants: Option<Vec<BatchTenant>>,
}

/// How many tenants of a batch are how far
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct BatchCounts {
    /// Their turn has not come
    pub waiting: i64,
    /// Their operations are open
    pub running: i64,
    /// They are as wished
    pub succeeded: i64,
    /// Their operations failed, or were cancelled
    pub failed: i64,
    /// This cannot be wished of them
    pub refused: i64,
    /// The batch ended before their turn
    pub left: i64,
}

/// How far a batch is with one of its tenants
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct BatchTenant {
    /// The tenant
    pub tenant_id: Uuid,
    /// Its key
    pub tenant_key: String,
    /// How far
    pub state: BatchTenantState,
    /// The operation that the wish opened; null before, and where it needs no work
    #[schema(required)]
    pub operation_id: Option<Uuid>,
    /// Why it was refused, or failed
    #[schema(required)]
    pub error: Option<BatchTenantError>,
}

/// Why a tenant of a batch is not as wished
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct BatchTenantError {
    /// Stable code: that of the refusal, or of the operation's failure
    pub code: String,
    /// One sentence
    pub message: String,
}

/// A page of batches, newest first
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct BatchList {
    /// The batches, without their tenants
    pub items: Vec<Batch>,
    /// Give it as cursor to get the next page; null on the last
    #[schema(required)]
    pub next_cursor: Option<String>,
}
