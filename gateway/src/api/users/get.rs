//! `GET /api/gateway/users/{id_or_email}`

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::ETAG;
use axum::response::IntoResponse;

use crate::api::AppState;
use crate::api::auth::{Permit, UsersRead};
use crate::api::call::etag;
use crate::api::problem::Refusal;
use crate::api::types::{Problem, User};
use crate::api::users::{no_such_user, shown, user_ref};

/// Get a person's account
#[utoipa::path(
    get,
    path = "/api/gateway/users/{id_or_email}",
    operation_id = "get_user",
    tag = "people",
    security(("api_key" = ["users:read"]), ("session" = ["users:read"])),
    params(("id_or_email" = String, Path, description = "Id or address of the account")),
    responses(
        (status = 200, description = "The account", body = User, headers(("etag" = String, description = "Its version"))),
        (status = 404, description = "No such account", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn get_user(
    State(state): State<AppState>,
    _permit: Permit<UsersRead>,
    Path(which): Path<String>,
) -> Result<impl IntoResponse, Refusal> {
    let user = state.store.user(&user_ref(&which)?).await?.ok_or_else(no_such_user)?;
    Ok(([(ETAG, etag(user.version))], Json(shown(user))))
}
