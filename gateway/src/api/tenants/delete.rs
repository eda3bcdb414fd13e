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
use crate::store::wishes::Wish;

fn read_wish(mut fields: Fields) -> Result<Wish, Refusal> {
    let mut flag = |name: &'static str| match fields.text(name).as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => {
            fields.refuse(name, "unknown_value", "must be true or false");
            false
        }
    };
    let wish = Wish::Delete { even_active: flag("force"), purge: flag("purge") };
    fields.finish()?;
    Ok(wish)
}

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
    QueryFields(fields): QueryFields,
) -> Result<Response, Refusal> {
    let wish = read_wish(fields)?;
    match state.store.wish(&which, wish, &permit.caller.actor()).await {
        Err(StoreError::IllegalTransition { from: Status::Active, .. }) => {
            let detail = "the tenant is active; suspend it first, or delete it with force=true";
            Err(Refusal::new(StatusCode::CONFLICT, "tenant_active", "Tenant is active", detail))
        }
        wished => accepted(&state, wished?),
    }
}
