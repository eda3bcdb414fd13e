//! `POST /api/gateway/pools`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::{FleetWrite, Permit};
use crate::api::call::{Call, Early, Effect};
use crate::api::extract::Fields;
use crate::api::pools::{is_name, read_backend, shown};
use crate::api::problem::Refusal;
use crate::api::types::{CreatePool, Pool, Problem};

fn read(mut fields: Fields) -> Result<(String, url::Url), Refusal> {
    let name = fields.required_text("name");
    if name.as_ref().is_some_and(|name| !is_name(name)) {
        fields.refuse("name", "name", "must be 1 to 40 of a-z, 0-9 and hyphen, with none at the ends");
    }
    let backend = read_backend(&mut fields);
    fields.finish()?;
    name.zip(backend).ok_or_else(Refusal::internal)
}

/// Make a shared pool
///
/// The gateway does not run its members: they answer at the URL given and learn from headers which tenant is asked for.
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
    let (name, backend) = read(std::mem::take(&mut call.body))?;
    let mut change = call.begin(&state, &permit.caller).await?;
    let pool = shown(change.create_pool(&name, &backend).await?);
    let effect = Effect::new(StatusCode::CREATED, format!("pool:{}", pool.id), &pool)?;
    let effect = effect.changing(None::<&Pool>, Some(&pool))?.at(Some(format!("/api/gateway/pools/{}", pool.id)));
    call.finish(&state, &permit.caller, change, effect).await
}
