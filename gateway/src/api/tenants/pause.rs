//! `POST /api/gateway/tenants/{id_or_key}/pause`

use axum::extract::State;
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::{Permit, TenantsWrite};
use crate::api::call::{Call, Early};
use crate::api::extract::TenantPath;
use crate::api::tenants::pause;
use crate::api::types::{Problem, Tenant};

/// Pause a tenant
///
/// No worker takes it until it is resumed, not even to delete or to purge it. A run that has begun goes on to its end. Pausing
/// a paused tenant changes nothing.
#[utoipa::path(
    post,
    path = "/api/gateway/tenants/{id_or_key}/pause",
    operation_id = "pause_tenant",
    tag = "tenants",
    security(("api_key" = ["tenants:write"]), ("session" = ["tenants:write"])),
    params(("id_or_key" = String, Path, description = "Id or key of the tenant")),
    responses(
        (status = 200, description = "The tenant, paused", body = Tenant),
        (status = 404, description = "No such tenant", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is deleted", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn pause_tenant(
    State(state): State<AppState>,
    permit: Permit<TenantsWrite>,
    TenantPath(which): TenantPath,
    mut call: Call,
) -> Result<Response, Early> {
    call.without_body()?;
    pause(&state, &permit.caller, &which, call, true).await
}
