//! `POST /api/gateway/drift/repair`

use axum::extract::State;
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::{FleetWrite, Permit};
use crate::api::call::{Call, Early};
use crate::api::jobs::create::{ask, read_tenants};
use crate::api::types::{Job, Problem, RepairDrift};
use crate::domain::job::JobRequest;

/// Repair drift
///
/// Asks a worker to look for drift at once, on the whole fleet or some tenants, and to have it repaired. Look at the job in
/// the location header until it has ended; what it found stands in its result and in the list of drift.
#[utoipa::path(
    post,
    path = "/api/gateway/drift/repair",
    operation_id = "repair_drift",
    tag = "fleet",
    security(("api_key" = ["fleet:write"]), ("session" = ["fleet:write"])),
    request_body(content = Option<RepairDrift>),
    responses(
        (status = 202, description = "Accepted", body = Job, headers(("location" = String, description = "The job"))),
        (status = 422, description = "Fields are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn repair_drift(
    State(state): State<AppState>,
    permit: Permit<FleetWrite>,
    mut call: Call,
) -> Result<Response, Early> {
    let mut fields = std::mem::take(&mut call.body);
    let tenants = read_tenants(&mut fields, &state.store).await?;
    fields.finish()?;
    ask(&state, &permit.caller, call, &JobRequest::Reconcile { dry_run: false, tenants, republish: false }).await
}
