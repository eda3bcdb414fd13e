//! `GET /api/gateway/tenants/{id_or_key}`

use axum::Json;
use axum::extract::State;
use axum::http::header::ETAG;
use axum::response::{IntoResponse, Response};

use crate::api::AppState;
use crate::api::auth::{Permit, TenantsRead};
use crate::api::call::etag;
use crate::api::extract::{QueryFields, TenantPath};
use crate::api::problem::Refusal;
use crate::api::selection::Selection;
use crate::api::tenants::shown;
use crate::api::types::{Problem, Tenant};

/// Get a tenant
///
/// By id, also when it was deleted, or by key among those that live.
#[utoipa::path(
    get,
    path = "/api/gateway/tenants/{id_or_key}",
    operation_id = "get_tenant",
    tag = "tenants",
    security(("api_key" = ["tenants:read"]), ("session" = ["tenants:read"])),
    params(("id_or_key" = String, Path, description = "Id or key of the tenant")),
    responses(
        (status = 200, description = "The tenant", body = Tenant, headers(("etag" = String, description = "Its version, for if-match: changes with every wish and every edit"))),
        (status = 404, description = "No such tenant", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn get_tenant(
    State(state): State<AppState>,
    permit: Permit<TenantsRead>,
    TenantPath(which): TenantPath,
    QueryFields(mut query): QueryFields,
) -> Result<Response, Refusal> {
    let selection = Selection::read::<Tenant>(&mut query);
    query.finish()?;
    let record = state.store.tenant_within(&which, permit.caller.reach()).await?.ok_or_else(Refusal::no_such_tenant)?;
    let tag = etag(record.version);
    Ok(([(ETAG, tag)], Json(selection.of(shown(record, &state.settings))?)).into_response())
}
