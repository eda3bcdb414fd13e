//! `PATCH /api/gateway/pools/{id_or_name}`

use axum::extract::{Path, State};
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::{FleetWrite, Permit};
use crate::api::call::{Call, Early};
use crate::api::extract::Fields;
use crate::api::pools::containers::{self, Variables};
use crate::api::pools::{no_such_pool, pool_ref, put_edit, read_capacity, read_members, read_weight};
use crate::api::problem::Refusal;
use crate::api::types::{EditPool, Pool, Problem};
use crate::store::pools::{ManagedEdit, PoolEdit};

/// What a body changes; what is secret in it is not sealed yet.
fn read(mut fields: Fields) -> Result<(PoolEdit, Variables), Refusal> {
    for name in ["backend_url", "members", "image", "replicas", "weight"] {
        if fields.is_null(name) {
            fields.refuse(name, "required", "cannot be removed");
        }
    }
    let managed = ManagedEdit {
        image: containers::read_image(&mut fields),
        port: fields.patch("port", containers::read_port),
        replicas: containers::read_replicas(&mut fields),
        memory_mib: fields.patch("memory_mib", containers::read_memory),
        cpus: fields.patch("cpus", containers::read_cpus),
        pids: fields.patch("pids", containers::read_pids),
        ..ManagedEdit::default()
    };
    let environment = containers::read_environment(&mut fields, true);
    let edit = PoolEdit {
        members: read_members(&mut fields),
        capacity: fields.patch("capacity", read_capacity),
        weight: read_weight(&mut fields),
        state: None,
        managed,
    };
    fields.finish()?;
    Ok((edit, environment))
}

/// Change a shared pool
///
/// As a JSON merge patch: what is left out stays. The tenant port goes to other members at once, and a look for drift that is
/// asked for with this leads Traefik there. Where the gateway runs the members, another image, number, limit or environment
/// has a worker replace the containers one after the other, a new one in use before an old one goes; the answer is 202 then.
#[utoipa::path(
    patch,
    path = "/api/gateway/pools/{id_or_name}",
    operation_id = "edit_pool",
    tag = "fleet",
    security(("api_key" = ["fleet:write"]), ("session" = ["fleet:write"])),
    params(("id_or_name" = String, Path, description = "Id or name of the pool")),
    request_body(content((EditPool = "application/merge-patch+json"), (EditPool = "application/json"))),
    responses(
        (status = 200, description = "The pool as it is now", body = Pool),
        (status = 202, description = "The pool as it is now; a worker makes it true", body = Pool, headers(("location" = String, description = "The pool"))),
        (status = 404, description = "No such pool", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The settings say where it is, or it is of the other kind, or is being deleted", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn edit_pool(
    State(state): State<AppState>,
    permit: Permit<FleetWrite>,
    Path(which): Path<String>,
    mut call: Call,
) -> Result<Response, Early> {
    let (mut edit, environment) = read(std::mem::take(&mut call.body))?;
    let which = pool_ref(&which)?;
    if !environment.is_empty() {
        // Values are sealed for the pool, whose id never changes.
        let pool = state.store.pool(&which).await?.ok_or_else(no_such_pool)?;
        edit.managed.environment = containers::seal(&state, pool.id, environment)?;
    }
    put_edit(&state, &permit.caller, &which, call, &edit).await
}
