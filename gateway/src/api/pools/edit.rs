//! `PATCH /api/gateway/pools/{id_or_name}`

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::{FleetWrite, Permit};
use crate::api::call::{Call, Early, Effect};
use crate::api::extract::Fields;
use crate::api::pools::{no_such_pool, pool_ref, read_capacity, read_members, read_weight, shown};
use crate::api::problem::Refusal;
use crate::api::types::{EditPool, Pool, Problem};
use crate::store::pools::PoolEdit;

fn read(mut fields: Fields) -> Result<PoolEdit, Refusal> {
    for name in ["backend_url", "members", "weight"] {
        if fields.is_null(name) {
            fields.refuse(name, "required", "cannot be removed");
        }
    }
    let edit = PoolEdit {
        members: read_members(&mut fields),
        capacity: fields.is_given("capacity").then(|| read_capacity(&mut fields)),
        weight: read_weight(&mut fields),
        state: None,
    };
    fields.finish()?;
    Ok(edit)
}

/// Change a shared pool
///
/// Other members, another capacity or weight, as a JSON merge patch: what is left out stays. The tenant port goes to other
/// members at once, and a look for drift that is asked for with this leads Traefik there.
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
        (status = 404, description = "No such pool", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The settings say where it is, so its members are not changed here", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn edit_pool(
    State(state): State<AppState>,
    permit: Permit<FleetWrite>,
    Path(which): Path<String>,
    mut call: Call,
) -> Result<Response, Early> {
    let edit = read(std::mem::take(&mut call.body))?;
    let which = pool_ref(&which)?;
    let mut change = call.begin(&state, &permit.caller).await?;
    let (before, after) = change.edit_pool(&which, &edit).await?.ok_or_else(no_such_pool)?;
    let (before, after) = (shown(before), shown(after));
    let effect = Effect::new(StatusCode::OK, format!("pool:{}", after.id), &after)?;
    call.finish(&state, &permit.caller, change, effect.changing(Some(&before), Some(&after))?).await
}
