//! `GET /api/gateway/public/signup/{token}`

use axum::Json;
use axum::extract::{Path, State};

use crate::api::AppState;
use crate::api::problem::Refusal;
use crate::api::signup::{hash_of, shown};
use crate::api::types::{Problem, SignupStatus};
use crate::store::signups::{SignupFilter, SignupRecord};

/// The signup that a token is for.
pub(super) async fn find(state: &AppState, token: &str) -> Result<SignupRecord, Refusal> {
    let hash = hash_of(token).ok_or_else(Refusal::no_such_signup)?;
    state.store.signup(&SignupFilter::of_status(hash)).await?.ok_or_else(Refusal::no_such_signup)
}

/// Look how far a signup is
///
/// By the token of the answer that began it, or by the one in the letter once that was used.
#[utoipa::path(
    get,
    path = "/api/gateway/public/signup/{token}",
    operation_id = "get_signup_status",
    tag = "signup",
    security(()),
    params(("token" = String, Path, description = "The token", min_length = 43, max_length = 43, pattern = "^[A-Za-z0-9_-]{43}$")),
    responses(
        (status = 200, description = "How far it is", body = SignupStatus),
        (status = 404, description = "No such signup", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn get_signup_status(
    State(state): State<AppState>,
    Path(token): Path<String>,
) -> Result<Json<SignupStatus>, Refusal> {
    Ok(Json(shown(&find(&state, &token).await?, &state.settings, None)))
}
