//! `DELETE /api/gateway/tenants/{id_or_key}`

use axum::extract::State;
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::{Permit, TenantsWrite};
use crate::api::call::{Call, Early};
use crate::api::extract::TenantPath;
use crate::api::tenants::wish;
use crate::api::types::{Problem, Tenant};
use crate::store::wishes::Wish;

/// Delete a tenant
///
/// Takes it out of service: its route, container and network go, its database is closed and kept until the grace is over
/// (`purge_at`), so that the deletion can be taken back. With purge there is no grace, and a tenant that is being deleted
/// already goes at once. The row stays as a tombstone. An active tenant is refused unless force is true: suspend it first.
#[utoipa::path(
    delete,
    path = "/api/gateway/tenants/{id_or_key}",
    operation_id = "delete_tenant",
    tag = "tenants",
    security(("api_key" = ["tenants:write"]), ("session" = ["tenants:write"])),
    params(
        ("id_or_key" = String, Path, description = "Id or key of the tenant"),
        ("force" = inline(Option<bool>), Query, description = "Delete it even while it is active", nullable = false),
        ("purge" = inline(Option<bool>), Query, description = "Remove its data for good without the grace; cannot be taken back", nullable = false),
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
    mut call: Call,
) -> Result<Response, Early> {
    call.without_body()?;
    let deletion = Wish::Delete { even_active: call.query.choice("force"), purge: call.query.choice("purge") };
    wish(&state, &permit.caller, &which, call, deletion).await
}
