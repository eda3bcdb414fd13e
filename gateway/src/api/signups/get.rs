//! `GET /api/gateway/signups/{id}`

use axum::Json;
use axum::extract::{Path, State};

use crate::api::AppState;
use crate::api::auth::{Permit, SignupsRead};
use crate::api::problem::Refusal;
use crate::api::signups::{shown, signup_id};
use crate::api::types::{Problem, Signup};
use crate::store::signups::SignupFilter;

/// Get a signup
#[utoipa::path(
    get,
    path = "/api/gateway/signups/{id}",
    operation_id = "get_signup",
    tag = "signup",
    security(("api_key" = ["signups:read"]), ("session" = ["signups:read"])),
    params(("id" = uuid::Uuid, Path, description = "Id of the signup")),
    responses(
        (status = 200, description = "The signup", body = Signup),
        (status = 404, description = "No such signup", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn get_signup(
    State(state): State<AppState>,
    _permit: Permit<SignupsRead>,
    Path(id): Path<String>,
) -> Result<Json<Signup>, Refusal> {
    let record = state.store.signup(&SignupFilter::of_id(signup_id(&id)?)).await?;
    Ok(Json(shown(record.ok_or_else(Refusal::no_such_signup)?)))
}
