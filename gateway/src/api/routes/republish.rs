//! `POST /api/gateway/routes/republish`

use axum::extract::State;
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::{FleetWrite, Permit};
use crate::api::call::{Call, Early};
use crate::api::jobs::create::ask;
use crate::api::types::{Job, Problem};
use crate::domain::job::JobRequest;

/// Publish all routes again
///
/// Asks a worker to look for drift and to write Traefik's whole tree again, also where it looks right: for a Traefik that
/// missed a change. Tenants with open work are left to it. Look at the job in the location header until it has ended.
#[utoipa::path(
    post,
    path = "/api/gateway/routes/republish",
    operation_id = "republish_routes",
    tag = "fleet",
    security(("api_key" = ["fleet:write"]), ("session" = ["fleet:write"])),
    responses(
        (status = 202, description = "Accepted", body = Job, headers(("location" = String, description = "The job"))),
        (status = 422, description = "Parameters are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn republish_routes(
    State(state): State<AppState>,
    permit: Permit<FleetWrite>,
    mut call: Call,
) -> Result<Response, Early> {
    call.without_body()?;
    ask(&state, &permit.caller, call, &JobRequest::Reconcile { dry_run: false, tenants: None, republish: true }).await
}
