//! `POST /api/gateway/pools`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::{FleetWrite, Permit};
use crate::api::call::{Call, Early, Effect};
use crate::api::extract::Fields;
use crate::api::pools::{is_name, read_capacity, read_members, read_weight, shown};
use crate::api::problem::Refusal;
use crate::api::types::{CreatePool, Pool, Problem};
use crate::store::pools::NewPool;

/// A new pool's weight when nothing is asked for.
const DEFAULT_WEIGHT: i32 = 100;

fn read(mut fields: Fields) -> Result<NewPool, Refusal> {
    let name = fields.required_text("name");
    if name.as_ref().is_some_and(|name| !is_name(name)) {
        fields.refuse("name", "name", "must be 1 to 40 of a-z, 0-9 and hyphen, with none at the ends");
    }
    let is_given = |name: &str| fields.is_given(name) && !fields.is_null(name);
    let is_missing = !is_given("backend_url") && !is_given("members");
    let members = read_members(&mut fields);
    if is_missing {
        fields.refuse("backend_url", "required", "is required where there are no members");
    }
    let capacity = read_capacity(&mut fields);
    let weight = read_weight(&mut fields).unwrap_or(DEFAULT_WEIGHT);
    fields.finish()?;
    let (name, members) = name.zip(members).ok_or_else(Refusal::internal)?;
    Ok(NewPool { name, members, capacity, weight })
}

/// Make a shared pool
///
/// The gateway does not run its members: they answer at the URLs given and learn from headers which tenant is asked for.
/// Tenants whose creator names no pool go to the active pool with room where tenants divided by weight are fewest.
#[utoipa::path(
    post,
    path = "/api/gateway/pools",
    operation_id = "create_pool",
    tag = "fleet",
    security(("api_key" = ["fleet:write"]), ("session" = ["fleet:write"])),
    request_body = CreatePool,
    responses(
        (status = 201, description = "Made", body = Pool, headers(("location" = String, description = "The pool"))),
        (status = 409, description = "The name is taken", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn create_pool(
    State(state): State<AppState>,
    permit: Permit<FleetWrite>,
    mut call: Call,
) -> Result<Response, Early> {
    let new = read(std::mem::take(&mut call.body))?;
    let mut change = call.begin(&state, &permit.caller).await?;
    let pool = shown(change.create_pool(&new).await?);
    let effect = Effect::new(StatusCode::CREATED, format!("pool:{}", pool.id), &pool)?;
    let effect = effect.changing(None::<&Pool>, Some(&pool))?.at(Some(format!("/api/gateway/pools/{}", pool.id)));
    call.finish(&state, &permit.caller, change, effect).await
}
