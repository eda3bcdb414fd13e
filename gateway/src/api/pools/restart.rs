//! `POST /api/gateway/pools/{id_or_name}/restart`

use axum::extract::{Path, State};
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::{FleetWrite, Permit};
use crate::api::call::{Call, Early};
use crate::api::pools::put_without_body;
use crate::api::types::{Pool, Problem};
use crate::store::pools::{ManagedEdit, PoolEdit};

/// Restart a shared pool
///
/// A worker replaces every container, one after the other: a new one answers and is in use before an old one goes.
#[utoipa::path(
    post,
    path = "/api/gateway/pools/{id_or_name}/restart",
    operation_id = "restart_pool",
    tag = "fleet",
    security(("api_key" = ["fleet:write"]), ("session" = ["fleet:write"])),
    params(("id_or_name" = String, Path, description = "Id or name of the pool")),
    responses(
        (status = 202, description = "The pool as it is now; a worker makes it true", body = Pool, headers(("location" = String, description = "The pool"))),
        (status = 404, description = "No such pool", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The gateway does not run its members, or it is being deleted", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn restart_pool(
    State(state): State<AppState>,
    permit: Permit<FleetWrite>,
    Path(which): Path<String>,
    call: Call,
) -> Result<Response, Early> {
    let managed = ManagedEdit { restart: true, ..ManagedEdit::default() };
    put_without_body(&state, &permit.caller, &which, call, &PoolEdit { managed, ..PoolEdit::default() }).await
}
