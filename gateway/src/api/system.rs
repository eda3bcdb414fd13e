//! `/health`, `/ping`, `/ready`, `/version`: no authentication, and no dependency but for `/ready`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use crate::api::AppState;
use crate::api::problem::Refusal;
use crate::api::types::{EnvironmentName, FieldError, Ready, ReadyPart, Version};
use crate::config::Environment;
use crate::store::StoreError;

const CONTROL_DATABASE: &str = "control_database";
const TENANT_ROUTES: &str = "tenant_routes";
const PROCESS: &str = "process";
const ENDING: &str = "the process was asked to end and goes on for a moment";
/// Code of the answer of a process that cannot serve now.
pub(super) const NOT_READY: &str = "not_ready";

/// The process lives, and requests may come
///
/// For who leads requests to several servers: it depends on nothing outside of the process, and says no from the moment in
/// which the process is asked to end, while it serves on for `stop_delay_seconds`.
#[utoipa::path(
    get,
    path = "/health",
    operation_id = "get_health",
    tag = "system",
    security(()),
    responses(
        (status = 200, description = "It lives", body = String, content_type = "text/plain", example = json!("ok\n")),
        (status = 503, description = "It ends: ask another server", body = crate::api::types::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn get_health(State(state): State<AppState>) -> Result<&'static str, Refusal> {
    if state.leaving.is_cancelled() {
        let ending = part_missing(PROCESS, "ending", ENDING.to_owned());
        let refusal = Refusal::new(StatusCode::SERVICE_UNAVAILABLE, NOT_READY, "Not ready", ENDING);
        return Err(refusal.with_errors(vec![ending]));
    }
    Ok("ok\n")
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

/// Both ports can serve
///
/// Ready means that the control database answers and has the schema this program was built for, that the tenant port of
/// this process knows which hosts there are, and that nobody has asked the process to end.
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
    let database = state.store.require_migrated().await;
    let mut missing = Vec::new();
    if let Err(error) = &database {
        let is_unfit = matches!(error, StoreError::NotMigrated { .. } | StoreError::Outgrown { .. });
        let code = if is_unfit { "not_migrated" } else { "unavailable" };
        missing.push(part_missing(CONTROL_DATABASE, code, error.to_string()));
    }
    if state.routes.current().is_none() {
        missing.push(part_missing(TENANT_ROUTES, "loading", "the hosts of the tenants are not loaded yet".into()));
    }
    if state.leaving.is_cancelled() {
        missing.push(part_missing(PROCESS, "ending", ENDING.to_owned()));
    }
    let Some(first) = missing.first() else {
        let parts = [CONTROL_DATABASE, TENANT_ROUTES].map(|name| ReadyPart { name: name.into(), ok: true });
        return Ok(Json(Ready { status: "ready".into(), parts: parts.into() }));
    };
    let detail = first.message.clone();
    let refusal = Refusal::new(StatusCode::SERVICE_UNAVAILABLE, NOT_READY, "Not ready", detail).with_errors(missing);
    Err(match &database {
        Ok(_) => refusal,
        Err(error) => refusal.because(error),
    })
}

fn part_missing(part: &str, code: &str, message: String) -> FieldError {
    FieldError { pointer: format!("/parts/{part}"), code: code.into(), message }
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
pub(super) async fn get_version(State(state): State<AppState>) -> Json<Version> {
    Json(Version {
        name: "gateway".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        commit: None,
        built_at: None,
        environment: match state.settings.environment {
            Environment::Development => EnvironmentName::Development,
            Environment::Production => EnvironmentName::Production,
        },
    })
}
