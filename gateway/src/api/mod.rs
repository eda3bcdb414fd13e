//! The admin API and the console: what people and programs may ask of the control plane.
//!
//! Every handler takes a [`auth::Permit`] first, reads its input with [`extract`] and refuses with a
//! [`problem::Refusal`]. One that changes something does so through a `call::Call`. The routes and the document come from the same declarations in [`openapi`].

mod api_keys;
mod audit;
pub mod auth;
mod batches;
mod call;
pub mod extract;
pub mod first_run;
mod jobs;
mod leftover;
pub mod letter;
mod log;
mod me;
mod note;
pub mod openapi;
mod operations;
mod orphans;
mod origin;
mod page;
mod pools;
pub mod problem;
mod refused;
mod routes;
pub mod server;
mod session;
pub mod signup;
mod signups;
mod spa;
mod system;
mod tenants;
mod test_mail;
mod traefik;
pub mod types;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::Method;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;

use crate::api::auth::api_key::KnownKey;
use crate::api::auth::limiter::LoginLimiter;
use crate::api::auth::password::{PasswordError, Verifier};
use crate::api::problem::Refusal;
use crate::api::signup::{SignupLimiter, Streams};
use crate::config::Settings;
use crate::infra::limits::Limits;
use crate::infra::traefik::sight::Traefik;
use crate::proxy::Routes;
use crate::store::Store;

/// Longest body of a request, in bytes.
const MAX_BODY: usize = 64 * 1024;
/// Longest time until the head of an answer, besides what the caller prefers to wait.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What the handlers work with; cloning shares it.
#[derive(Clone, Debug)]
pub struct AppState {
    /// The control database.
    pub store: Store,
    /// The settings.
    pub settings: Arc<Settings>,
    /// What the tenant port of this process goes by.
    pub routes: Arc<Routes>,
    access: Arc<Access>,
    traefik: Arc<Traefik>,
}

#[derive(Debug)]
struct Access {
    known_keys: Vec<KnownKey>,
    verifier: Verifier,
    limiter: LoginLimiter,
    signup_limiter: SignupLimiter,
    streams: Streams,
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
    ) -> Result<Self, PasswordError> {
        let known_keys = settings.http.api_keys.iter().map(KnownKey::of_setting).collect();
        let access = Access {
            known_keys,
            verifier: Verifier::new()?,
            limiter: LoginLimiter::new(limits.clone()),
            signup_limiter: SignupLimiter::new(limits),
            streams: Streams::default(),
        };
        let traefik = Arc::new(Traefik::new(settings.edge.api_url.clone()));
        Ok(Self { store, settings, routes, access: Arc::new(access), traefik })
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

    fn signup_limiter(&self) -> &SignupLimiter {
        &self.access.signup_limiter
    }

    fn streams(&self) -> &Streams {
        &self.access.streams
    }
}

/// Everything the admin port serves.
pub fn router(state: AppState) -> Router {
    let cors = origin::cors(&state.settings.http);
    let is_documented = state.settings.http.enable_api_docs;
    let (routes, _document) = openapi::routes();
    let routes = routes.fallback(answer_elsewhere).with_state(state.clone());
    let routes = if is_documented { routes.route(openapi::PATH, axum::routing::get(openapi::serve)) } else { routes };
    let routes = routes
        .layer(from_fn(limit_time))
        .layer(RequestBodyLimitLayer::new(MAX_BODY))
        .layer(from_fn_with_state(state.clone(), refused::record))
        .layer(from_fn_with_state(state, origin::guard))
        .layer(from_fn(leftover::drain))
        .layer(CatchPanicLayer::custom(answer_panic));
    let routes = match cors {
        Some(cors) => routes.layer(cors),
        None => routes,
    };
    routes.layer(from_fn(log::observe))
}

/// Paths that are no routes: the console's own, as it routes in the browser, and wrong ones.
async fn answer_elsewhere(request: Request) -> Response {
    let path = request.uri().path();
    let is_read = request.method() == Method::GET || request.method() == Method::HEAD;
    if is_read && path != "/api" && !path.starts_with("/api/") {
        spa::serve(path, request.headers())
    } else {
        Refusal::no_such_route().into_response()
    }
}

async fn limit_time(request: Request, next: Next) -> Response {
    let limit = TIMEOUT + call::wait_of(request.headers()).unwrap_or_default();
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_elapsed) => Refusal::timeout().into_response(),
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
