//! `DELETE /api/gateway/plans/{name}`

use axum::extract::{Path, State};
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::{FleetWrite, Permit};
use crate::api::call::{Call, Early, Effect};
use crate::api::plans::{no_such_plan, plan_name, shown};
use crate::api::types::{Plan, Problem};

/// Remove a plan
///
/// Only one that no tenant has, nor had when it was deleted: the rows of deleted tenants remember it. The plan default stays.
#[utoipa::path(
    delete,
    path = "/api/gateway/plans/{name}",
    operation_id = "delete_plan",
    tag = "fleet",
    security(("api_key" = ["fleet:write"]), ("session" = ["fleet:write"])),
    params(("name" = String, Path, description = "Name of the plan")),
    responses(
        (status = 200, description = "Removed; the plan as it was", body = Plan),
        (status = 404, description = "No such plan", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Tenants have it, or it is the default", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It has changed since the version in if-match", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn delete_plan(
    State(state): State<AppState>,
    permit: Permit<FleetWrite>,
    Path(name): Path<String>,
    mut call: Call,
) -> Result<Response, Early> {
    call.without_body()?;
    let name = plan_name(&name)?;
    let mut change = call.begin(&state, &permit.caller).await?;
    let before = shown(change.delete_plan(&name).await?.ok_or_else(no_such_plan)?);
    let effect = Effect::removed(format!("plan:{name}"), &before)?;
    call.finish(&state, &permit.caller, change, effect).await
}
