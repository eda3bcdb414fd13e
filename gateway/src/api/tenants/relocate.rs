//! `POST /api/gateway/tenants/{id_or_key}/move`

use axum::extract::State;
use axum::response::Response;
use uuid::Uuid;

use crate::api::AppState;
use crate::api::auth::{Permit, TenantsWrite};
use crate::api::call::{Call, Early};
use crate::api::extract::{Fields, TenantPath};
use crate::api::problem::Refusal;
use crate::api::tenants::wish;
use crate::api::types::{MoveTenant, Problem, Tenant};
use crate::domain::ids::PoolId;
use crate::store::wishes::Wish;

fn read(mut fields: Fields) -> Result<PoolId, Refusal> {
    let id = fields.required_text("pool_id").and_then(|text| {
        Uuid::try_parse(&text).inspect_err(|_| fields.refuse("pool_id", "uuid", "must be a UUID")).ok()
    });
    fields.finish()?;
    id.map(PoolId::from_uuid).ok_or_else(Refusal::internal)
}

/// Move a tenant to another shared pool
///
/// Its route is led there, which a request proves. Its data stays where it is. Nothing happens when it is in this pool
/// already: the answer is then 200 with the tenant as it is.
#[utoipa::path(
    post,
    path = "/api/gateway/tenants/{id_or_key}/move",
    operation_id = "move_tenant",
    tag = "tenants",
    security(("api_key" = ["tenants:write"]), ("session" = ["tenants:write"])),
    params(("id_or_key" = String, Path, description = "Id or key of the tenant")),
    request_body = MoveTenant,
    responses(
        (status = 202, description = "Accepted", body = Tenant, headers(("location" = String, description = "The operation"))),
        (status = 404, description = "No such tenant", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is not on the shared tier, or neither active nor suspended", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields are wrong, or there is no such pool", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn move_tenant(
    State(state): State<AppState>,
    permit: Permit<TenantsWrite>,
    TenantPath(which): TenantPath,
    mut call: Call,
) -> Result<Response, Early> {
    let pool = read(std::mem::take(&mut call.body))?;
    wish(&state, &permit.caller, &which, call, Wish::Move(pool)).await
}
