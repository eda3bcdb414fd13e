//! Routes: what rows want of Traefik, what Traefik holds, and who answers a URL.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::route::{Cause, RouteState};
use crate::domain::status::Status;

/// What is known of Traefik
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TraefikSight {
    /// Whether Traefik's API answered; where it did not, nothing may be concluded about what it holds
    pub known: bool,
    /// When it was asked; answers are shared for a second
    pub seen_at: Timestamp,
    /// Since when this process finds it so
    pub since: Timestamp,
    /// Why nothing is known, as a stable word
    #[schema(required, example = "traefik_api_unreachable")]
    pub code: Option<String>,
    /// Why nothing is known, in one sentence
    #[schema(required)]
    pub message: Option<String>,
}

/// A route in Traefik's words; names are with provider
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RouteView {
    /// Its router
    #[schema(example = "tenant-acme@redis")]
    pub router: String,
    /// What it takes
    #[schema(example = "Host(`acme.example.com`)")]
    pub rule: String,
    /// Entry points it listens to
    pub entry_points: Vec<String>,
    /// The higher one is asked first
    pub priority: i64,
    /// Middlewares, in order
    pub middlewares: Vec<String>,
    /// Where it leads to
    #[schema(example = "pool-default@redis")]
    pub service: String,
    /// What stands behind that
    pub servers: Vec<RouteServer>,
    /// Revision of the route, which answers through it carry as X-Gateway-Route
    #[schema(required)]
    pub revision: Option<String>,
    /// Whether Traefik serves it; true for one that is wanted
    pub served: bool,
    /// What Traefik finds wrong with it
    pub errors: Vec<String>,
}

/// A server of a service
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RouteServer {
    /// Where it answers
    pub url: String,
    /// Whether it does, as a health check of Traefik found; null where nothing checks
    #[schema(required)]
    pub up: Option<bool>,
}

/// A part of a route that is not as wanted
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RouteDifference {
    /// The part: status, rule, entry_points, priority, middlewares, service, servers or revision
    pub part: String,
    /// How the row wants it
    pub wanted: String,
    /// How Traefik holds it
    pub held: String,
}

/// A tenant's route: what its row wants beside what Traefik holds
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Route {
    /// The tenant
    pub tenant_id: Uuid,
    /// Its key
    pub tenant_key: String,
    /// Its status
    pub tenant_status: Status,
    /// How the two agree
    pub state: RouteState,
    /// What is wanted; null where the row wants none, or does not say
    #[schema(required)]
    pub wanted: Option<RouteView>,
    /// What Traefik holds; null where it holds none, or nothing is known
    #[schema(required)]
    pub held: Option<RouteView>,
    /// What is not as wanted
    pub differences: Vec<RouteDifference>,
}

/// A page of routes, by tenant's key
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RouteList {
    /// The routes
    pub items: Vec<Route>,
    /// Give it as cursor to get the next page; null on the last
    #[schema(required)]
    pub next_cursor: Option<String>,
    /// What is known of Traefik
    pub traefik: TraefikSight,
}

/// Why a URL is answered as it is
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RouteReason {
    /// Stable word
    pub code: Cause,
    /// In one sentence
    pub message: String,
}

/// Who answers a URL, and why
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RouteExplanation {
    /// The URL
    pub url: String,
    /// The method
    pub method: String,
    /// The host as Traefik compares it
    pub host: String,
    /// The path as Traefik compares it
    pub path: String,
    /// The entry point the request comes in by
    pub entry_point: String,
    /// What is known of Traefik
    pub traefik: TraefikSight,
    /// The route that answers; null where none does, or nobody can tell which
    #[schema(required)]
    pub answer: Option<RouteView>,
    /// Routers that take the request, the one that answers first
    pub takers: Vec<String>,
    /// The route of the tenant that has the host; null where none has
    #[schema(required)]
    pub tenant_route: Option<Route>,
    /// Whether it is answered as the tenant's row wants; null where nobody can tell, or no tenant has the host
    #[schema(required)]
    pub as_wanted: Option<bool>,
    /// Why it is answered so; empty where the app of an active tenant answers
    pub reasons: Vec<RouteReason>,
}
