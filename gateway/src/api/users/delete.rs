//! `DELETE /api/gateway/users/{id_or_email}`

use axum::extract::{Path, State};
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::{Permit, UsersWrite};
use crate::api::call::{Call, Early, Effect};
use crate::api::types::{Problem, User};
use crate::api::users::{guard, no_such_user, shown, target, user_ref};

/// Remove a person's account
///
/// With their sessions and invite. API keys that they made stay; the audit log keeps what they did. The last owner who can
/// log in stays.
#[utoipa::path(
    delete,
    path = "/api/gateway/users/{id_or_email}",
    operation_id = "delete_user",
    tag = "people",
    security(("api_key" = ["users:write"]), ("session" = ["users:write"])),
    params(("id_or_email" = String, Path, description = "Id or address of the account")),
    responses(
        (status = 200, description = "Removed; the account as it was", body = User),
        (status = 404, description = "No such account", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is the last owner", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It has changed since the version in if-match", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn delete_user(
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
    change.delete_user(user.id).await?;
    let target = target(&user);
    let before = shown(user);
    let effect = Effect::removed(target, &before)?;
    call.finish(&state, &permit.caller, change, effect).await
}
