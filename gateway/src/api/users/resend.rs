//! `POST /api/gateway/users/{id_or_email}/invite`

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::{Permit, UsersWrite};
use crate::api::call::{Call, Early, Effect};
use crate::api::handout::hand_out;
use crate::api::problem::Refusal;
use crate::api::types::{InvitedUser, Problem};
use crate::api::users::{guard, no_such_user, shown, target, user_ref};
use crate::domain::person::{LinkKind, UserState};

/// Invite a person again
///
/// A new link for 7 days; the one before no longer works.
#[utoipa::path(
    post,
    path = "/api/gateway/users/{id_or_email}/invite",
    operation_id = "resend_invite",
    tag = "people",
    security(("api_key" = ["users:write"]), ("session" = ["users:write"])),
    params(("id_or_email" = String, Path, description = "Id or address of the account")),
    responses(
        (status = 200, description = "Invited again", body = InvitedUser, headers(("etag" = String, description = "Version of the account"))),
        (status = 404, description = "No such account", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The person has accepted, or is shut out", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "The account has changed since the version in if-match", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn resend_invite(
    State(state): State<AppState>,
    permit: Permit<UsersWrite>,
    Path(which): Path<String>,
    mut call: Call,
) -> Result<Response, Early> {
    call.without_body()?;
    let which = user_ref(&which)?;
    let mut change = call.begin(&state, &permit.caller).await?;
    let before = change.lock_user(&which).await?.ok_or_else(no_such_user)?;
    guard(&permit.caller, &before)?;
    if before.state != UserState::Invited {
        let detail = format!("only who is invited is invited again; this account is {}", before.state);
        return Err(Refusal::new(StatusCode::CONFLICT, "not_invited", "Not invited", detail).into());
    }
    let link = hand_out(&state, &mut change, &before, LinkKind::Invite).await?;
    let after = change.written_user(before.id).await?;
    let (target, version) = (target(&after), after.version);
    let (before, after) = (shown(before), shown(after));
    let effect = Effect::new(StatusCode::OK, target, &InvitedUser { user: after.clone(), link })?;
    let effect = effect.changing(Some(&before), Some(&after))?.versioned(version);
    call.finish(&state, &permit.caller, change, effect).await
}
