//! `GET /api/gateway/plans/{name}`

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::ETAG;
use axum::response::{IntoResponse, Response};

use crate::api::AppState;
use crate::api::auth::{FleetRead, Permit};
use crate::api::call::etag;
use crate::api::plans::{no_such_plan, plan_name, shown};
use crate::api::problem::Refusal;
use crate::api::types::{Plan, Problem};

/// Get a plan
#[utoipa::path(
    get,
    path = "/api/gateway/plans/{name}",
    operation_id = "get_plan",
    tag = "fleet",
    security(("api_key" = ["fleet:read"]), ("session" = ["fleet:read"])),
    params(("name" = String, Path, description = "Name of the plan")),
    responses(
        (status = 200, description = "The plan", body = Plan, headers(("etag" = String, description = "For if-match"))),
        (status = 404, description = "No such plan", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn get_plan(
    State(state): State<AppState>,
    _permit: Permit<FleetRead>,
    Path(name): Path<String>,
) -> Result<Response, Refusal> {
    let record = state.store.plan(&plan_name(&name)?).await?.ok_or_else(no_such_plan)?;
    let tag = etag(record.version);
    Ok(([(ETAG, tag)], Json(shown(record))).into_response())
}
