//! Drift: what the last look found that was not as rows say.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::drift::{DriftKind, DriftRepair};
use crate::domain::status::Status;

/// Something about a tenant that was not as its row says
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Drift {
    /// The tenant
    pub tenant_id: Uuid,
    /// Its key
    pub tenant_key: String,
    /// Its status
    pub tenant_status: Status,
    /// What kind of thing
    pub kind: DriftKind,
    /// One sentence that names the object
    pub what: String,
    /// How the row wants it, where that can be said in a few words
    #[schema(required)]
    pub wanted: Option<String>,
    /// How it was
    #[schema(required)]
    pub observed: Option<String>,
    /// What was done about it
    pub repair: DriftRepair,
    /// When a look first found it
    pub first_seen_at: Timestamp,
}

/// Why a look repaired nothing, or could not see something
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DriftTrouble {
    /// The place that could not be read, where it is one
    #[schema(required)]
    pub source: Option<String>,
    /// Stable word
    #[schema(example = "too_many_removals")]
    pub code: String,
    /// In one sentence
    pub message: String,
}

/// How the last look at the whole fleet ended
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DriftLook {
    /// When something last changed, or was found unchanged; a look that finds all as before renews it each quarter of an hour
    pub looked_at: Timestamp,
    /// Since when looks end like this
    pub since: Timestamp,
    /// Tenants looked at
    pub tenants: i64,
    /// Objects that no tenant owns; the list of orphans names them
    pub orphans: i64,
    /// Why nothing was repaired; null where repairs were not stopped
    #[schema(required)]
    pub refused: Option<DriftTrouble>,
    /// Places that could not be read
    pub unknown: Vec<DriftTrouble>,
}

/// A page of drift, by tenant's key and kind
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DriftList {
    /// What was found
    pub items: Vec<Drift>,
    /// Give it as cursor to get the next page; null on the last
    #[schema(required)]
    pub next_cursor: Option<String>,
    /// How the last look ended; null while no worker ever looked
    #[schema(required)]
    pub look: Option<DriftLook>,
}

/// Whose drift to repair
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RepairDrift {
    /// Only these tenants, by id or key; the whole fleet when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 1000, example = json!(["acme"]))]
    pub tenants: Option<Vec<String>>,
}
