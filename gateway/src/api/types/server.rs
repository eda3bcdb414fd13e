//! Database servers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::server::ServerState;

/// What to change of a database server (a JSON merge patch)
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditDatabaseServer {
    /// Tenants it takes at most; null for any number
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i32>, minimum = 0, maximum = 1_000_000)]
    pub capacity: Option<Option<i32>>,
    /// Where it stands, in words of the operator's own; null for none
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 60)]
    pub region: Option<String>,
}

/// A PostgreSQL cluster that tenants are placed on
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DatabaseServer {
    /// Its identity
    pub id: Uuid,
    /// What people call it
    pub name: String,
    /// host:port as the tenants' apps reach it
    pub address: String,
    /// Whether it takes new tenants
    pub state: ServerState,
    /// Tenants it takes at most; null for any number
    #[schema(required)]
    pub capacity: Option<i32>,
    /// Where it stands
    pub region: String,
    /// Tenants on it that are not deleted
    pub tenants: i64,
    /// When it was made known
    pub created_at: Timestamp,
}

/// A page of database servers, by name
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DatabaseServerList {
    /// The servers
    pub items: Vec<DatabaseServer>,
    /// Give it as cursor to get the next page; null on the last
    #[schema(required)]
    pub next_cursor: Option<String>,
}
