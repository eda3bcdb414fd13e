//! `/health`, `/ping`, `/ready`, `/version`: no authentication, and no dependency but for `/ready`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use crate::api::AppState;
use crate::api::problem::Refusal;
use crate::api::types::{FieldError, Ready, ReadyPart, Version};
use crate::store::StoreError;

const CONTROL_DATABASE: &str = "control_database";

/// The process lives
#[utoipa::path(
    get,
    path = "/health",
    operation_id = "get_health",
    tag = "system",
    security(()),
    responses((status = 200, description = "It lives", body = String, content_type = "text/plain", example = json!("ok\n")))
)]
pub(super) async fn get_health() -> &'static str {
    "ok\n"
}

/// The process answers
#[utoipa::path(
    get,
    path = "/ping",
    operation_id = "get_ping",
    tag = "system",
    security(()),
    responses((status = 200, description = "It answers", body = String, content_type = "text/plain", example = json!("pong\n")))
)]
pub(super) async fn get_ping() -> &'static str {
    "pong\n"
}

/// The API can serve
///
/// Ready means that the control database answers and has the schema this program was built for.
#[utoipa::path(
    get,
    path = "/ready",
    operation_id = "get_ready",
    tag = "system",
    security(()),
    responses(
        (status = 200, description = "Everything is there", body = Ready),
        (status = 503, description = "Something is missing; errors names it", body = crate::api::types::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn get_ready(State(state): State<AppState>) -> Result<Json<Ready>, Refusal> {
    match state.store.require_migrated().await {
        Ok(()) => {
            let part = ReadyPart { name: CONTROL_DATABASE.into(), ok: true };
            Ok(Json(Ready { status: "ready".into(), parts: vec![part] }))
        }
        Err(error) => Err(not_ready(&error)),
    }
}

fn not_ready(error: &StoreError) -> Refusal {
    let code = if matches!(error, StoreError::NotMigrated { .. }) { "not_migrated" } else { "unavailable" };
    let part =
        FieldError { pointer: format!("/parts/{CONTROL_DATABASE}"), code: code.into(), message: error.to_string() };
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "not_ready", "Not ready", error.to_string())
        .with_errors(vec![part])
        .because(error)
}

/// Which build this is
#[utoipa::path(
    get,
    path = "/version",
    operation_id = "get_version",
    tag = "system",
    security(()),
    responses((status = 200, description = "The build", body = Version))
)]
pub(super) async fn get_version() -> Json<Version> {
    Json(Version { name: "gateway".into(), version: env!("CARGO_PKG_VERSION").into(), commit: None, built_at: None })
}
