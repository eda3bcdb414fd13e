//! `POST /api/gateway/users/{id_or_email}/reset-password`

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::{Permit, UsersWrite};
use crate::api::call::{Call, Early, Effect};
use crate::api::handout::hand_out;
use crate::api::problem::Refusal;
use crate::api::types::{Link, Problem};
use crate::api::users::{guard, no_such_user, target, user_ref};
use crate::domain::person::{LinkKind, UserState};

/// Let a person set another password
///
/// Makes a link for an hour, which goes to them by mail, or stands in the answer, this once, where the gateway sends no
/// mail. Their password and sessions stay as they are until it is used.
#[utoipa::path(
    post,
    path = "/api/gateway/users/{id_or_email}/reset-password",
    operation_id = "reset_user_password",
    tag = "people",
    security(("api_key" = ["users:write"]), ("session" = ["users:write"])),
    params(("id_or_email" = String, Path, description = "Id or address of the account")),
    responses(
        (status = 200, description = "The link", body = Link),
        (status = 404, description = "No such account", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The person has not accepted the invite, or is shut out", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "The account has changed since the version in if-match", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn reset_user_password(
    State(state): State<AppState>,
    permit: Permit<UsersWrite>,
    Path(which): Path<String>,
    mut call: Call,
) -> Result<Response, Early> {
    call.without_body()?;
    let which = user_ref(&which)?;
    let mut change = call.begin(&state, &permit.caller).await?;
    let user = change.lock_user(&which).await?.ok_or_else(no_such_user)?;
    guard(&permit.caller, &user)?;
    if user.state != UserState::Active {
        let detail = format!("only who can log in has a password to reset; this account is {}", user.state);
        return Err(Refusal::new(StatusCode::CONFLICT, "not_active", "Cannot log in", detail).into());
    }
    let link = hand_out(&state, &mut change, &user, LinkKind::Reset).await?;
    let effect = Effect::new(StatusCode::OK, target(&user), &link)?;
    call.finish(&state, &permit.caller, change, effect).await
}
