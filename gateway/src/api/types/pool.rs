//! Shared pools.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What pool to make
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreatePool {
    /// 1 to 40 of a-z, 0-9 and hyphen; never changes
    #[schema(min_length = 1, max_length = 40, pattern = "^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$", example = "europe")]
    pub name: String,
    /// Where its members answer, as Traefik and the tenant port reach them
    #[schema(example = "http://10.0.0.7:8080")]
    pub backend_url: String,
}

/// What to change of a pool (a JSON merge patch)
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditPool {
    /// Where its members answer, as Traefik and the tenant port reach them
    pub backend_url: String,
}

/// App containers or URLs that serve shared tenants
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Pool {
    /// Its identity
    pub id: Uuid,
    /// What people call it
    pub name: String,
    /// Where its members answer
    pub backend_url: String,
    /// Whether the settings say where it is; then it is neither changed nor removed here
    pub from_settings: bool,
    /// Tenants in it that are not deleted
    pub tenants: i64,
    /// When it was made
    pub created_at: Timestamp,
}

/// A page of pools, by name
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PoolList {
    /// The pools
    pub items: Vec<Pool>,
    /// Give it as cursor to get the next page; null on the last
    #[schema(required)]
    pub next_cursor: Option<String>,
}
