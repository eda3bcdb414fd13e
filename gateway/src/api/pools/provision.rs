//! `POST /api/gateway/pools/{id_or_name}/provision`

use axum::extract::{Path, State};
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::{FleetWrite, Permit};
use crate::api::call::{Call, Early};
use crate::api::pools::put_without_body;
use crate::api::types::{Pool, Problem};
use crate::store::pools::{ManagedEdit, PoolEdit};

/// Make a shared pool true again
///
/// A worker looks at its network and containers now and mends what is not as wanted: what is asked for after a problem that
/// only somebody could mend, such as an image that was missing.
#[utoipa::path(
    post,
    path = "/api/gateway/pools/{id_or_name}/provision",
    operation_id = "provision_pool",
    tag = "fleet",
    security(("api_key" = ["fleet:write"]), ("session" = ["fleet:write"])),
    params(("id_or_name" = String, Path, description = "Id or name of the pool")),
    responses(
        (status = 202, description = "The pool as it is now; a worker makes it true", body = Pool, headers(("location" = String, description = "The pool"))),
        (status = 404, description = "No such pool", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The gateway does not run its members, or it is being deleted", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn provision_pool(
    State(state): State<AppState>,
    permit: Permit<FleetWrite>,
    Path(which): Path<String>,
    call: Call,
) -> Result<Response, Early> {
    let managed = ManagedEdit { again: true, ..ManagedEdit::default() };
    put_without_body(&state, &permit.caller, &which, call, &PoolEdit { managed, ..PoolEdit::default() }).await
}
