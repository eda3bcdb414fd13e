//! Shared pools.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::pool::PoolState;

/// What pool to make
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreatePool {
    /// 1 to 40 of a-z, 0-9 and hyphen; never changes
    #[schema(min_length = 1, max_length = 40, pattern = "^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$", example = "europe")]
    pub name: String,
    /// Where its one member answers, as Traefik and the tenant port reach it; not together with members
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "http://10.0.0.7:8080")]
    pub backend_url: Option<String>,
    /// Where its members answer; requests are spread over them
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 16)]
    pub members: Option<Vec<String>>,
    /// Tenants it takes at most; any number when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub capacity: Option<i32>,
    /// A tenant whose creator names no pool goes where tenants divided by weight are fewest; 100 when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1000)]
    pub weight: Option<i32>,
}

/// What to change of a pool (a JSON merge patch)
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditPool {
    /// Where its one member answers, as Traefik and the tenant port reach it; not together with members
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub backend_url: Option<String>,
    /// Where its members answer, in place of those it has
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 16, nullable = false)]
    pub members: Option<Vec<String>>,
    /// Tenants it takes at most; null for any number
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i32>, minimum = 0, maximum = 1_000_000)]
    pub capacity: Option<Option<i32>>,
    /// Its weight
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1000, nullable = false)]
    pub weight: Option<i32>,
}

/// App containers or URLs that serve shared tenants
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Pool {
    /// Its identity
    pub id: Uuid,
    /// What people call it
    pub name: String,
    /// Where its first member answers
    pub backend_url: String,
    /// Where its members answer
    pub members: Vec<String>,
    /// Whether it takes new tenants and serves those it has
    pub state: PoolState,
    /// Tenants it takes at most; null for any number
    #[schema(required)]
    pub capacity: Option<i32>,
    /// A tenant whose creator names no pool goes where tenants divided by weight are fewest
    pub weight: i32,
    /// Whether the settings say where it is; then its members are not changed here, nor is it removed
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
