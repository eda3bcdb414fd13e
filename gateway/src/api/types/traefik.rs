//! The health of Traefik.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::types::TraefikSight;

/// How many there are, and how many of them are in trouble
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct TraefikCount {
    /// All of them
    pub total: i64,
    /// Those that work with a warning
    pub warnings: i64,
    /// Those that do not work
    pub errors: i64,
}

/// Where Traefik listens
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TraefikEntryPoint {
    /// Its name
    #[schema(example = "web")]
    pub name: String,
    /// Its address
    #[schema(example = ":80")]
    pub address: String,
    /// Whether tenants' routers are to listen to it
    pub of_tenants: bool,
}

/// Something about Traefik that needs somebody
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TraefikTrouble {
    /// Stable word
    #[schema(example = "sentinel_missing")]
    pub code: String,
    /// In one sentence
    pub message: String,
}

/// How far Traefik is with the changes of its tree, as a worker found it
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct TraefikChanges {
    /// When the worker looked
    pub looked_at: Timestamp,
    /// How many were written; null where the count is lost, until the tree is whole again, or Redis does not answer
    #[schema(required)]
    pub written: Option<i64>,
    /// How many of them Traefik has loaded, 0 where it does not say; null where its API does not answer
    #[schema(required)]
    pub loaded: Option<i64>,
    /// Since when one that was written waits to be loaded; null where all are loaded or one of the counts is not known
    #[schema(required)]
    pub waiting_since: Option<Timestamp>,
}

/// Whether Traefik answers, and whether it holds what is published
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TraefikHealth {
    /// Whether it answers and nothing below is in trouble; null where nothing is known
    #[schema(required)]
    pub healthy: Option<bool>,
    /// What is known of it
    pub sight: TraefikSight,
    /// Its version
    #[schema(required, example = "3.7.15")]
    pub version: Option<String>,
    /// When its process started
    #[schema(required)]
    pub started_at: Option<Timestamp>,
    /// Where it listens
    pub entry_points: Vec<TraefikEntryPoint>,
    /// Where it gets its configuration from, such as Redis
    pub providers: Vec<String>,
    /// HTTP routers
    #[schema(required)]
    pub routers: Option<TraefikCount>,
    /// HTTP services
    #[schema(required)]
    pub services: Option<TraefikCount>,
    /// HTTP middlewares
    #[schema(required)]
    pub middlewares: Option<TraefikCount>,
    /// Whether it holds the sentinel, which is always published; null where nothing is known
    #[schema(required)]
    pub sentinel_held: Option<bool>,
    /// Since when this process finds that so
    #[schema(required)]
    pub sentinel_since: Option<Timestamp>,
    /// How far it is with what is published; null where no worker has looked for half a minute
    #[schema(required)]
    pub changes: Option<TraefikChanges>,
    /// Whether it serves the router that leads unknown hosts to the tenant port; null where nothing is known
    #[schema(required)]
    pub fallback_served: Option<bool>,
    /// What needs somebody
    pub troubles: Vec<TraefikTrouble>,
}
