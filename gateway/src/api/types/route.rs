//! Routes: what rows want of Traefik, what Traefik holds, and who answers a URL.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::api::types::InspectionError;
use crate::domain::route::{Cause, RouteState, RouteTestMethod};
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

/// A request to test a route with
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestRoute {
    /// The host of a tenant, without port
    #[schema(max_length = 253, example = "acme.example.com")]
    pub host: String,
    /// Path with its query; / when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2048, pattern = "^/", example = "/health?full=1")]
    pub path: Option<String>,
    /// GET when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<RouteTestMethod>,
}

/// What came back of a request to a tenant's host, beside what Traefik says about it
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RouteTest {
    /// The tenant that has the host
    pub tenant_id: Uuid,
    /// Its key
    pub tenant_key: String,
    /// The host that was asked
    pub host: String,
    /// The path that was asked for
    pub path: String,
    /// The method
    pub method: RouteTestMethod,
    /// What came back; null where nothing did, or nothing was sent
    #[schema(required)]
    pub reply: Option<RouteTestReply>,
    /// Why nothing came back; null where something did, or nothing was sent
    #[schema(required)]
    pub error: Option<InspectionError>,
    /// The route that answers, as Traefik's API says; null where none does, nobody can tell, or the caller may not see the fleet
    #[schema(required)]
    pub route: Option<RouteView>,
    /// Whether Traefik answers as the tenant's row wants; null where nobody can tell
    #[schema(required)]
    pub as_wanted: Option<bool>,
    /// Why it is answered so; empty where the app of an active tenant answers
    pub reasons: Vec<RouteReason>,
}

/// An answer that came through Traefik
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RouteTestReply {
    /// HTTP status
    #[schema(minimum = 100, maximum = 999)]
    pub status: i32,
    /// Revision of the route it went through; null where it went through none of the gateway's
    #[schema(required)]
    pub revision: Option<String>,
    /// Why the tenant port answered by itself; null where an app or Traefik did
    #[schema(required)]
    pub page: Option<String>,
    /// Up to 100 headers; values are cut after 1,024 bytes, those of cookies masked
    #[schema(max_items = 100)]
    pub headers: Vec<RouteTestHeader>,
    /// The first 4,096 bytes of the body; null where they are no text
    #[schema(required)]
    pub body: Option<String>,
    /// Whether there was more
    pub body_cut: bool,
    /// Milliseconds until the head of the answer was there
    pub head_ms: f64,
    /// Milliseconds until the body was there, or as much of it as is shown
    pub whole_ms: f64,
}

/// A header of an answer
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RouteTestHeader {
    /// Its name, in lower case
    pub name: String,
    /// Its value
    pub value: String,
}
