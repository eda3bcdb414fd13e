//! The admin API and the console: what people and programs may ask of the control plane.
//!
//! Every handler takes a [`auth::Permit`] first, reads its input with [`extract`] and refuses with a
//! [`problem::Refusal`]. One that changes something does so through a `call::Call`. The routes and the document come from the same declarations in [`openapi`].

mod api_keys;
mod audit;
pub mod auth;
mod batches;
mod bounds;
mod call;
mod capacity;
mod docs;
mod drift;
mod events;
pub mod extract;
pub mod first_run;
mod handout;
mod invites;
mod jobs;
mod json;
mod leftover;
pub mod letter;
mod log;
mod me;
mod metrics;
mod note;
pub mod openapi;
mod operations;
mod orphans;
mod origin;
mod page;
mod password_resets;
mod plans;
mod pools;
pub mod problem;
mod refused;
mod roles;
mod routes;
mod selection;
mod series;
pub mod server;
mod servers;
mod session;
mod sessions;
pub mod signup;
mod signups;
mod spa;
mod stream;
mod system;
mod tenants;
mod test_mail;
mod traefik;
pub mod types;
mod users;
mod views;

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::Method;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;

use crate::api::auth::api_key::KnownKey;
use crate::api::auth::key_checks::KeyChecks;
use crate::api::auth::limiter::LoginLimiter;
use crate::api::auth::password::{PasswordError, Verifier};
use crate::api::call::Digests;
use crate::api::events::feed::Feed;
use crate::api::metrics::requests::{self, RequestCounts};
use crate::api::operations::progress::Progress;
use crate::api::operations::steps::StepTimes;
use crate::api::problem::Refusal;
use crate::api::refused::RefusalCounts;
use crate::api::routes::test::RouteTester;
use crate::api::signup::{Room, SignupLimiter, SignupPace, SignupStreams};
use crate::api::stream::Streams;
use crate::config::Settings;
use crate::infra::limits::Limits;
use crate::infra::traefik::sight::Traefik;
use crate::proxy::Routes;
use crate::store::Store;

/// Longest body of a request, in bytes.
const MAX_BODY: usize = 64 * 1024;

/// What the handlers work with; cloning shares it.
#[derive(Clone, Debug)]
pub struct AppState {
    /// The control database.
    pub store: Store,
    /// The settings.
    pub settings: Arc<Settings>,
    /// What the tenant port of this process goes by.
    pub routes: Arc<Routes>,
    /// Cancelled when requests are to go to another server.
    pub leaving: CancellationToken,
    access: Arc<Access>,
    traefik: Arc<Traefik>,
}

#[derive(Debug)]
struct Access {
    known_keys: Vec<KnownKey>,
    verifier: Verifier,
    limiter: LoginLimiter,
    key_checks: KeyChecks,
    streams: Streams,
    feed: Arc<Feed>,
    progress: Arc<Progress>,
    step_times: StepTimes,
    route_tester: RouteTester,
    signup_limiter: SignupLimiter,
    signup_streams: SignupStreams,
    digests: Digests,
    room: Room,
    signup_pace: SignupPace,
    refusal_counts: RefusalCounts,
    request_counts: Arc<RequestCounts>,
}

impl AppState {
    /// Prepares what the handlers need. Hashes one password, which takes some tens of milliseconds.
    ///
    /// # Errors
    /// [`PasswordError`] when there is no randomness.
    pub fn new(
        store: Store,
        settings: Arc<Settings>,
        routes: Arc<Routes>,
        limits: Limits,
        leaving: CancellationToken,
    ) -> Result<Self, PasswordError> {
        let known_keys = settings.http.api_keys.iter().map(KnownKey::of_setting).collect();
        let access = Access {
            known_keys,
            verifier: Verifier::new()?,
            limiter: LoginLimiter::new(limits.clone()),
            key_checks: KeyChecks::new(limits.clone()),
            streams: Streams::new(settings.events),
            feed: Arc::default(),
            progress: Arc::default(),
            step_times: StepTimes::default(),
            route_tester: RouteTester::new(limits.clone()),
            signup_limiter: SignupLimiter::new(limits),
            signup_streams: SignupStreams::default(),
            digests: Digests::default(),
            room: Room::default(),
            signup_pace: SignupPace::default(),
            refusal_counts: RefusalCounts::default(),
            request_counts: Arc::default(),
        };
        let traefik = Arc::new(Traefik::new(settings.edge.api_url.clone()));
        Ok(Self { store, settings, routes, leaving, access: Arc::new(access), traefik })
    }

    fn traefik(&self) -> &Traefik {
        &self.traefik
    }

    fn known_keys(&self) -> &[KnownKey] {
        &self.access.known_keys
    }

    fn verifier(&self) -> &Verifier {
        &self.access.verifier
    }

    fn limiter(&self) -> &LoginLimiter {
        &self.access.limiter
    }

    fn key_checks(&self) -> &KeyChecks {
        &self.access.key_checks
    }

    fn streams(&self) -> &Streams {
        &self.access.streams
    }

    fn feed(&self) -> &Arc<Feed> {
        &self.access.feed
    }

    fn progress(&self) -> &Arc<Progress> {
        &self.access.progress
    }

    fn step_times(&self) -> &StepTimes {
        &self.access.step_times
    }

    fn route_tester(&self) -> &RouteTester {
        &self.access.route_tester
    }

    fn signup_limiter(&self) -> &SignupLimiter {
        &self.access.signup_limiter
    }

    fn digests(&self) -> &Digests {
        &self.access.digests
    }

    fn room(&self) -> &Room {
        &self.access.room
    }

    fn signup_pace(&self) -> &SignupPace {
        &self.access.signup_pace
    }

    fn refusal_counts(&self) -> &RefusalCounts {
        &self.access.refusal_counts
    }

    fn request_counts(&self) -> &Arc<RequestCounts> {
        &self.access.request_counts
    }

    fn signup_streams(&self) -> &SignupStreams {
        &self.access.signup_streams
    }
}

/// Everything the admin port serves.
pub fn router(state: AppState) -> Router {
    let cors = origin::cors(&state.settings.http);
    let is_documented = state.settings.http.enable_api_docs;
    let counts = state.request_counts().clone();
    let (routes, _document) = openapi::routes();
    let routes = routes.fallback(answer_elsewhere).with_state(state.clone());
    let routes = if is_documented { routes.merge(docs::routes()) } else { routes };
    let routes = routes
        .layer(from_fn(bounds::limit_time))
        .layer(RequestBodyLimitLayer::new(MAX_BODY))
        .layer(from_fn_with_state(state.clone(), refused::record))
        .layer(from_fn_with_state(state, origin::guard))
        .layer(from_fn(leftover::drain))
        .layer(CatchPanicLayer::custom(answer_panic))
        .layer(from_fn(bounds::limit_head));
    let routes = match cors {
        Some(cors) => routes.layer(cors),
        None => routes,
    };
    routes.layer(from_fn_with_state(counts, requests::count)).layer(from_fn(log::observe))
}

/// Paths that are no routes: the console's own, as it routes in the browser, and wrong ones.
async fn answer_elsewhere(request: Request) -> Response {
    let path = request.uri().path();
    let is_read = request.method() == Method::GET || request.method() == Method::HEAD;
    let is_served_apart = ["/api", docs::PATH]
        .iter()
        .any(|root| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
    if is_read && !is_served_apart {
        spa::serve(path, request.headers())
    } else {
        Refusal::no_such_route().into_response()
    }
}

/// A panic in a handler: a bug, whose text goes to the log only.
#[derive(Debug, thiserror::Error)]
#[error("a handler panicked: {0}")]
struct Panicked(String);

#[expect(clippy::needless_pass_by_value, reason = "the signature that CatchPanicLayer asks for")]
fn answer_panic(panic: Box<dyn std::any::Any + Send + 'static>) -> Response {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    Refusal::internal().because(&Panicked(text)).into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};

    use super::*;

    #[tokio::test]
    async fn a_panic_is_a_problem_that_keeps_its_text_to_itself() {
        let broken = axum::routing::get(async || -> &'static str { panic!("the text of a panic") });
        let router: Router = Router::new().route("/api/broken", broken);
        let router = router.layer(CatchPanicLayer::custom(answer_panic)).layer(from_fn(log::observe));
        let request = Request::get("/api/broken").body(Body::empty()).unwrap();
        let answer = tower::ServiceExt::oneshot(router, request).await.unwrap();
        assert_eq!(answer.status().as_u16(), 500);
        assert_eq!(answer.headers()["content-type"], problem::PROBLEM_JSON);
        let text = String::from_utf8(to_bytes(answer.into_body(), MAX_BODY).await.unwrap().to_vec()).unwrap();
        assert!(text.contains("\"code\":\"internal\"") && !text.contains("panic"), "{text}");
    }
}
