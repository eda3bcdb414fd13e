//! `POST /api/gateway/tenants/{id_or_key}/reactivate`

use axum::extract::State;
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::{Permit, TenantsWrite};
use crate::api::call::{Call, Early};
use crate::api::extract::TenantPath;
use crate::api::tenants::wish;
use crate::api::types::{Problem, Tenant};
use crate::store::wishes::Wish;

/// Reactivate a tenant
///
/// Brings a suspended or failed tenant back.
#[utoipa::path(
    post,
    path = "/api/gateway/tenants/{id_or_key}/reactivate",
    operation_id = "reactivate_tenant",
    tag = "tenants",
    security(("api_key" = ["tenants:write"]), ("session" = ["tenants:write"])),
    params(("id_or_key" = String, Path, description = "Id or key of the tenant")),
    responses(
        (status = 202, description = "Accepted", body = Tenant, headers(("location" = String, description = "The operation"))),
        (status = 404, description = "No such tenant", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is neither suspended nor failed", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn reactivate_tenant(
    State(state): State<AppState>,
    permit: Permit<TenantsWrite>,
    TenantPath(which): TenantPath,
    mut call: Call,
) -> Result<Response, Early> {
    call.without_body()?;
    wish(&state, &permit.caller, &which, call, Wish::Reactivate).await
}
