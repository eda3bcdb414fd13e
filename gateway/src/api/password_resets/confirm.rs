//! `POST /api/gateway/password-resets/confirm`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use secrecy::SecretString;

use crate::api::AppState;
use crate::api::auth::{Caller, principal_of_link, token};
use crate::api::call::{Call, Early, Effect};
use crate::api::extract::Fields;
use crate::api::handout::{read_new_password, read_token};
use crate::api::problem::Refusal;
use crate::api::types::{ConfirmReset, Problem};
use crate::domain::person::LinkKind;
use crate::store::access::UserAccess;

fn read(mut fields: Fields) -> Result<(String, SecretString), Refusal> {
    let token = read_token(&mut fields);
    let password = read_new_password(&mut fields, "password");
    fields.finish()?;
    token.zip(password).ok_or_else(Refusal::internal)
}

fn no_such_reset() -> Refusal {
    let detail = "this link is not known, was used, or is over; ask for another one";
    Refusal::new(StatusCode::NOT_FOUND, "reset_not_found", "No such link", detail)
}

/// Set another password with a link
///
/// Ends all sessions of the account. A second factor stays: the login asks for it. The link works once.
#[utoipa::path(
    post,
    path = "/api/gateway/password-resets/confirm",
    operation_id = "confirm_password_reset",
    tag = "session",
    security(()),
    request_body = ConfirmReset,
    responses(
        (status = 204, description = "Set; log in with it"),
        (status = 404, description = "The link is not known, was used, or is over", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields are wrong", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many attempts; see retry-after", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Attempts cannot be counted now", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn confirm_password_reset(
    State(state): State<AppState>,
    mut call: Call,
) -> Result<Response, Early> {
    let (token, password) = read(std::mem::take(&mut call.body))?;
    state.limiter().begin_link(call.peer().address).await?;
    let hash = token::hash(&token);
    call.again(&state, &principal_of_link(&hash)).await?;
    // Looked at first: a password is hashed only for a link that there is.
    let found = state.store.user_by_link(LinkKind::Reset, &hash).await?;
    let (user, _) = found.ok_or_else(no_such_reset)?;
    let password_hash = state.verifier().hash(password).await.map_err(|e| Refusal::internal().because(&e))?;
    let access = UserAccess { id: user.id, email: user.email, role: user.role, password_hash: None, totp: None };
    let caller = Caller::with_link(&access, &hash);
    let mut change = call.begin(&state, &caller).await?;
    change.follow_link(LinkKind::Reset, &hash, &password_hash, None).await?.ok_or_else(no_such_reset)?;
    let effect = Effect::new(StatusCode::NO_CONTENT, format!("user:{}", user.id), &())?;
    call.finish(&state, &caller, change, effect).await
}
