//! `POST /api/gateway/pools/{id_or_name}/drain`

use axum::extract::{Path, State};
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::{FleetWrite, Permit};
use crate::api::call::{Call, Early};
use crate::api::pools::put;
use crate::api::types::{Pool, Problem};
use crate::domain::pool::PoolState;

/// Drain a shared pool
///
/// It takes no new tenants, and serves those it has. Move those away to empty it.
#[utoipa::path(
    post,
    path = "/api/gateway/pools/{id_or_name}/drain",
    operation_id = "drain_pool",
    tag = "fleet",
    security(("api_key" = ["fleet:write"]), ("session" = ["fleet:write"])),
    params(("id_or_name" = String, Path, description = "Id or name of the pool")),
    responses(
        (status = 200, description = "The pool as it is now", body = Pool),
        (status = 202, description = "The pool as it is now; a worker has yet to make an earlier wish about its containers true", body = Pool, headers(("location" = String, description = "The pool"))),
        (status = 404, description = "No such pool", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is being deleted", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn drain_pool(
    State(state): State<AppState>,
    permit: Permit<FleetWrite>,
    Path(which): Path<String>,
    call: Call,
) -> Result<Response, Early> {
    put(&state, &permit.caller, &which, call, PoolState::Draining).await
}
