//! `DELETE /api/gateway/tenants/{id_or_key}`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::{Permit, TenantsWrite};
use crate::api::extract::{Fields, QueryFields, TenantPath};
use crate::api::problem::Refusal;
use crate::api::tenants::accepted;
use crate::api::types::{Problem, Tenant};
use crate::domain::status::Status;
use crate::store::StoreError;

/// States a tenant is deleted from without `force`.
const AT_REST: &[Status] = &[Status::Pending, Status::Provisioning, Status::Suspended, Status::Error];

fn is_forced(mut fields: Fields) -> Result<bool, Refusal> {
    let mut forced = false;
    match fields.text("force").as_deref() {
        None | Some("false") => {}
        Some("true") => forced = true,
        Some(_) => fields.refuse("force", "unknown_value", "must be true or false"),
    }
    fields.finish()?;
    Ok(forced)
}

/// Delete a tenant
///
/// Removes its route, container, network, database and roles; the row stays as a tombstone. There is no way back.
/// An active tenant is refused unless force is true: suspend it first.
#[utoipa::path(
    delete,
    path = "/api/gateway/tenants/{id_or_key}",
    operation_id = "delete_tenant",
    tag = "tenants",
    security(("api_key" = ["tenants:write"]), ("session" = ["tenants:write"])),
    params(
        ("id_or_key" = String, Path, description = "Id or key of the tenant"),
        ("force" = inline(Option<bool>), Query, description = "Delete it even while it is active", nullable = false),
    ),
    responses(
        (status = 202, description = "Accepted", body = Tenant, headers(("location" = String, description = "The operation that removes it"))),
        (status = 404, description = "No such tenant", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is active, or deleted already", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Parameters are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn delete_tenant(
    State(state): State<AppState>,
    permit: Permit<TenantsWrite>,
    TenantPath(which): TenantPath,
    QueryFields(fields): QueryFields,
) -> Result<Response, Refusal> {
    let allowed: &[Status] = if is_forced(fields)? { &Status::ALL } else { AT_REST };
    match state.store.wish(&which, Status::Deleting, allowed, &permit.caller.actor()).await {
        Err(StoreError::IllegalTransition { from: Status::Active, .. }) => {
            let detail = "the tenant is active; suspend it first, or delete it with force=true";
            Err(Refusal::new(StatusCode::CONFLICT, "tenant_active", "Tenant is active", detail))
        }
        wished => accepted(&state, wished?),
    }
}
