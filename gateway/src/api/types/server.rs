//! Database servers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::server::ServerState;

/// What database server to make known
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateDatabaseServer {
    /// 1 to 40 of a-z, 0-9 and hyphen; never changes. Workers hold its administrator's credential by this name
    #[schema(min_length = 1, max_length = 40, pattern = "^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$", example = "eu-1")]
    pub name: String,
    /// host:port as the tenants' apps reach it
    #[schema(
        max_length = 259,
        pattern = r"^([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*|\[[0-9A-Fa-f:.]+\]):[1-9][0-9]{0,4}$",
        example = "db-1.internal:5432"
    )]
    pub address: String,
    /// Whether it takes new tenants; active when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<ServerState>,
    /// Tenants it takes at most; any number when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub capacity: Option<i32>,
    /// A new tenant goes where tenants divided by weight are fewest; 100 when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1000)]
    pub weight: Option<i32>,
    /// How many times the connections that it takes may be promised to tenants by their plans: 1 for never more than there
    /// are; any number when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0.1, maximum = 1000)]
    pub overcommit: Option<f64>,
    /// Where it stands, in words of the operator's own
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 60)]
    pub region: Option<String>,
}

/// What to change of a database server (a JSON merge patch)
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditDatabaseServer {
    /// host:port as the tenants' apps reach it; only while no tenant is on it
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(
        nullable = false,
        max_length = 259,
        pattern = r"^([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*|\[[0-9A-Fa-f:.]+\]):[1-9][0-9]{0,4}$"
    )]
    pub address: Option<String>,
    /// Whether it takes new tenants
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub state: Option<ServerState>,
    /// Tenants it takes at most; null for any number
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i32>, minimum = 0, maximum = 1_000_000)]
    pub capacity: Option<Option<i32>>,
    /// Its weight
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1000, nullable = false)]
    pub weight: Option<i32>,
    /// How many times its connections may be promised; null for any number
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>, minimum = 0.1, maximum = 1000)]
    pub overcommit: Option<Option<f64>>,
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
    /// A new tenant goes where tenants divided by weight are fewest
    pub weight: i32,
    /// How many times its connections may be promised to tenants; null for any number
    #[schema(required)]
    pub overcommit: Option<f64>,
    /// Where it stands
    pub region: String,
    /// Whether the settings say where it is; then its address is not changed here, nor is it removed
    pub from_settings: bool,
    /// Tenants on it that are not deleted, those whose data is kept for a while included
    pub tenants: i64,
    /// When a worker last reached it, to a few minutes; null before the first time
    #[schema(required)]
    pub reached_at: Option<Timestamp>,
    /// Why workers do not reach it: the code of what the last one met that tried, or no_credential where none that holds its
    /// credential tried in the last ten minutes; null when it answered
    #[schema(required, example = "database_server_unreachable")]
    pub problem: Option<String>,
    /// Connections it takes at most; null before it was measured
    #[schema(required)]
    pub max_connections: Option<i64>,
    /// Those of them that no tenant gets
    #[schema(required)]
    pub reserved_connections: Option<i64>,
    /// Tenants' databases on it, retired ones too
    #[schema(required)]
    pub databases: Option<i64>,
    /// Their size on disk in bytes, to the next MiB; null where that is not known
    #[schema(required)]
    pub database_bytes: Option<i64>,
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
