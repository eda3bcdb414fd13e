//! Tenants.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::api::types::OperationRef;
use crate::domain::plan::PlanNetwork;
use crate::domain::status::Status;
use crate::domain::tenant::Tier;

/// What to create
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateTenant {
    /// What people call the tenant: 2 to 40 of a-z, 0-9 and hyphen, not reserved; never changes
    #[schema(min_length = 2, max_length = 40, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", example = "acme")]
    pub key: String,
    /// The customer's name
    #[schema(min_length = 1, max_length = 200, example = "Acme Corporation")]
    pub company_name: String,
    /// How it will be served; shared when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<Tier>,
    /// A host name of its own instead of the key below the configured suffix
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 253, example = "shop.acme.example")]
    pub host: Option<String>,
    /// The shared pool to serve it instead of the default one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool_id: Option<Uuid>,
    /// Its limits and its network; the plan default when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 40, example = "default")]
    pub plan: Option<String>,
    /// Words of the operator's own, 32 at most
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = json!({"plan": "gold"}))]
    pub labels: Option<BTreeMap<String, String>>,
    /// Free text for people
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10000)]
    pub notes: Option<String>,
}

/// What to change of a tenant (a JSON merge patch); another plan and a pinned route need work
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditTenant {
    /// The customer's name
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    pub company_name: Option<String>,
    /// Its limits and its network
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 40, nullable = false, example = "default")]
    pub plan: Option<String>,
    /// Whether it is to have a router of its own whatever the routing mode. In the mode per-tenant every tenant has one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub route_pinned: Option<bool>,
    /// Labels to set, and with null to remove
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = json!({"plan": "gold", "trial": null}))]
    pub labels: Option<BTreeMap<String, Option<String>>>,
    /// Free text for people; null empties it
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10000)]
    pub notes: Option<String>,
}

/// Where to move a tenant
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveTenant {
    /// The shared pool that is to serve it
    pub pool_id: Uuid,
}

/// A tenant
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Tenant {
    /// Its identity; never used again
    pub id: Uuid,
    /// What people call it
    pub key: String,
    /// The customer's name
    pub company_name: String,
    /// Words of the operator's own
    pub labels: BTreeMap<String, String>,
    /// Free text for people
    pub notes: String,
    /// How it is served
    pub tier: Tier,
    /// Its limits and its network: the name of its plan
    pub plan: String,
    /// Where it is in its life
    pub status: Status,
    /// The worker leaves it alone
    pub paused: bool,
    /// Its host name; null until it is allocated
    #[schema(required)]
    pub host: Option<String>,
    /// Where it answers; null until its host is allocated
    #[schema(required)]
    pub url: Option<String>,
    /// The shared pool that serves it
    #[schema(required)]
    pub pool_id: Option<Uuid>,
    /// Its database; null until it is allocated
    #[schema(required)]
    pub database: Option<String>,
    /// The database server it lives on; null until it is allocated
    #[schema(required)]
    pub server: Option<String>,
    /// What network it is to have: its plan says so for the tier shared, and a dedicated tenant has its own. Where the setting
    /// network_mode is none, nobody gets one
    pub network: PlanNetwork,
    /// Docker's name of that network, which is its own or that of the pool that serves it; null where none is made
    #[schema(required)]
    pub network_name: Option<String>,
    /// Its own subnet, where it has one
    #[schema(required)]
    pub subnet: Option<String>,
    /// It has a router of its own whatever the routing mode
    pub route_pinned: bool,
    /// Highest migration applied to its database
    #[schema(required)]
    pub migration_version: Option<i64>,
    /// Image its container runs, where it has one
    #[schema(required)]
    pub container_image: Option<String>,
    /// Counts the wishes about it
    pub generation: i64,
    /// The wish that was last made true
    pub observed_generation: i64,
    /// Attempts spent on the present wish
    pub attempt: i32,
    /// When a worker may next take it; null when there is nothing to do
    #[schema(required)]
    pub due_at: Option<Timestamp>,
    /// While deleting: when its data goes for good, until when the deletion can be taken back
    #[schema(required)]
    pub purge_at: Option<Timestamp>,
    /// Why the present work is wanted, such as what a look for drift found; null when somebody asked for it
    #[schema(required)]
    pub reason: Option<String>,
    /// What went wrong last; null when nothing did
    #[schema(required)]
    pub error: Option<TenantError>,
    /// The latest operation
    #[schema(required)]
    pub operation: Option<OperationRef>,
    /// When it was created
    pub created_at: Timestamp,
    /// When the row last changed
    pub updated_at: Timestamp,
    /// When it became a tombstone; null while it lives
    #[schema(required)]
    pub deleted_at: Option<Timestamp>,
}

/// What went wrong with a tenant or an operation
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TenantError {
    /// The step it happened in
    pub step: String,
    /// Stable word to decide by
    pub code: String,
    /// One sentence
    pub message: String,
}

/// A page of tenants, newest first
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TenantList {
    /// The tenants
    pub items: Vec<Tenant>,
    /// Give it as cursor to get the next page; null on the last
    #[schema(required)]
    pub next_cursor: Option<String>,
}
