//! `DELETE /api/gateway/pools/{id_or_name}`

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::{FleetWrite, Permit};
use crate::api::call::{Call, Early, Effect};
use crate::api::pools::{no_such_pool, place_of, pool_ref, shown};
use crate::api::types::{Pool, Problem};

/// Remove a shared pool
///
/// Only one that no tenant is in, nor was when it was deleted: the rows of deleted tenants remember it. Where the gateway runs
/// its members, a worker takes containers and network away, and the pool is there until they are gone.
#[utoipa::path(
    delete,
    path = "/api/gateway/pools/{id_or_name}",
    operation_id = "delete_pool",
    tag = "fleet",
    security(("api_key" = ["fleet:write"]), ("session" = ["fleet:write"])),
    params(("id_or_name" = String, Path, description = "Id or name of the pool")),
    responses(
        (status = 200, description = "Removed; the pool as it was", body = Pool),
        (status = 202, description = "Being removed by a worker", body = Pool, headers(("location" = String, description = "The pool; 404 when it is gone"))),
        (status = 404, description = "No such pool", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Tenants are in it, or the settings say where it is", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn delete_pool(
    State(state): State<AppState>,
    permit: Permit<FleetWrite>,
    Path(which): Path<String>,
    mut call: Call,
) -> Result<Response, Early> {
    call.without_body()?;
    let which = pool_ref(&which)?;
    let mut change = call.begin(&state, &permit.caller).await?;
    let (before, after) = change.delete_pool(&which).await?.ok_or_else(no_such_pool)?;
    let (before, after) = (shown(before), after.map(shown));
    let target = format!("pool:{}", before.id);
    let effect = match &after {
        Some(after) => Effect::new(StatusCode::ACCEPTED, target, after)?.at(Some(place_of(after))),
        None => Effect::new(StatusCode::OK, target, &before)?,
    };
    call.finish(&state, &permit.caller, change, effect.changing(Some(&before), after.as_ref())?).await
}
