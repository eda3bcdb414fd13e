//! `DELETE /api/gateway/users/{id_or_email}/totp`

use axum::extract::{Path, State};
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::{Permit, UsersWrite};
use crate::api::call::{Call, Early, Effect};
use crate::api::types::{Problem, User};
use crate::api::users::{guard, no_such_user, shown, target, user_ref};

/// Take the second factor off a person's account
///
/// For somebody who lost the authenticator app and the recovery codes: from then on the password is enough. Ends their
/// sessions. Where there is none, nothing is to be done and that is fine.
#[utoipa::path(
    delete,
    path = "/api/gateway/users/{id_or_email}/totp",
    operation_id = "remove_user_totp",
    tag = "people",
    security(("api_key" = ["users:write"]), ("session" = ["users:write"])),
    params(("id_or_email" = String, Path, description = "Id or address of the account")),
    responses(
        (status = 200, description = "The account as it is now", body = User, headers(("etag" = String, description = "Its version"))),
        (status = 404, description = "No such account", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "The account has changed since the version in if-match", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn remove_user_totp(
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
    if change.disable_totp(before.id).await? {
        change.end_sessions(before.id, None).await?;
    }
    let after = change.written_user(before.id).await?;
    let (target, version) = (target(&after), after.version);
    let (before, after) = (shown(before), shown(after));
    let effect = Effect::changed(target, &before, &after)?.versioned(version);
    call.finish(&state, &permit.caller, change, effect).await
}
