//! Calls from other origins: refused where a cookie could speak for the caller, and shown to browsers only on wish.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, ETAG, IF_MATCH, LOCATION, ORIGIN, RETRY_AFTER};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tower::{Layer, ServiceExt};
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::csrf::{CsrfLayer, ProtectionError};

use crate::api::AppState;
use crate::api::call::{DRY_RUN, IDEMPOTENCY_KEY, PREFER, REPLAYED};
use crate::api::log::REQUEST_ID;
use crate::api::problem::Refusal;
use crate::api::stream::LAST_EVENT_ID;
use crate::config::HttpSettings;

fn is_allowed(settings: &HttpSettings, origin: &HeaderValue) -> bool {
    let Ok(origin) = origin.to_str() else { return false };
    settings.cors_allowed_origins.iter().any(|allowed| allowed == origin)
        || settings.cors_allow_origin_regex.as_ref().is_some_and(|pattern| pattern.is_match(origin))
}

fn refuse_cross_site(_error: ProtectionError) -> Response {
    let detail = "a browser sent this from another site; only the console itself and the origins in \
                  GATEWAY_CORS_ALLOWED_ORIGINS may";
    Refusal::new(StatusCode::FORBIDDEN, "cross_site", "Cross-site request", detail).into_response()
}

/// Lets calls change something only when they come from this origin or an allowed one, or carry a key of their own.
pub(super) async fn guard(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let is_trusted = request.headers().get(ORIGIN).is_some_and(|origin| is_allowed(&state.settings.http, origin));
    if is_trusted || request.headers().contains_key(AUTHORIZATION) {
        return next.run(request).await;
    }
    let guarded = CsrfLayer::new().with_rejection_response(refuse_cross_site).layer(next);
    match guarded.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// Answers preflights of the allowed origins; `None` where none is allowed.
pub(super) fn cors(settings: &HttpSettings) -> Option<CorsLayer> {
    if settings.cors_allowed_origins.is_empty() && settings.cors_allow_origin_regex.is_none() {
        return None;
    }
    let settings = settings.clone();
    let allowed = AllowOrigin::predicate(move |origin, _parts| is_allowed(&settings, origin));
    Some(
        CorsLayer::new()
            .allow_origin(allowed)
            .allow_credentials(true)
            .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
            .allow_headers([AUTHORIZATION, CONTENT_TYPE, REQUEST_ID, IDEMPOTENCY_KEY, IF_MATCH, PREFER, LAST_EVENT_ID])
            .expose_headers([LOCATION, RETRY_AFTER, REQUEST_ID, ETAG, REPLAYED, DRY_RUN])
            .max_age(Duration::from_secs(600)),
    )
}
