//! `GET /api/gateway/pools/{id_or_name}`

use axum::Json;
use axum::extract::{Path, State};

use crate::api::AppState;
use crate::api::auth::{FleetRead, Permit};
use crate::api::extract::NoQuery;
use crate::api::pools::{no_such_pool, pool_ref, shown};
use crate::api::problem::Refusal;
use crate::api::types::{Pool, Problem};

/// Get a shared pool
#[utoipa::path(
    get,
    path = "/api/gateway/pools/{id_or_name}",
    operation_id = "get_pool",
    tag = "fleet",
    security(("api_key" = ["fleet:read"]), ("session" = ["fleet:read"])),
    params(("id_or_name" = String, Path, description = "Id or name of the pool")),
    responses(
        (status = 200, description = "The pool", body = Pool),
        (status = 404, description = "No such pool", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn get_pool(
    State(state): State<AppState>,
    _permit: Permit<FleetRead>,
    _query: NoQuery,
    Path(which): Path<String>,
) -> Result<Json<Pool>, Refusal> {
    let pool = state.store.pool(&pool_ref(&which)?).await?;
    Ok(Json(shown(pool.ok_or_else(no_such_pool)?)))
}
