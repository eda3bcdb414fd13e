//! `PATCH /api/gateway/users/{id_or_email}`

use axum::extract::{Path, State};
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::{Caller, Permit, UsersWrite};
use crate::api::call::{Call, Early, Effect};
use crate::api::extract::Fields;
use crate::api::problem::Refusal;
use crate::api::types::{EditUser, Problem, User};
use crate::api::users::{guard, no_such_user, read_name, read_role, shown, target, user_ref};
use crate::store::users::UserEdit;

fn read(mut fields: Fields, caller: &Caller) -> Result<UserEdit, Refusal> {
    for name in ["role", "disabled"] {
        if fields.is_null(name) {
            fields.refuse(name, "null", "cannot be null");
        }
    }
    let name = read_name(&mut fields);
    let role = read_role(&mut fields, caller);
    let disabled = fields.flag("disabled");
    fields.finish()?;
    Ok(UserEdit { name, role, disabled })
}

/// Change a person's account
///
/// Another role counts from the next call on and ends their sessions, as disabling does. The last owner who can log in stays
/// one.
#[utoipa::path(
    patch,
    path = "/api/gateway/users/{id_or_email}",
    operation_id = "edit_user",
    tag = "people",
    security(("api_key" = ["users:write"]), ("session" = ["users:write"])),
    params(("id_or_email" = String, Path, description = "Id or address of the account")),
    request_body(content((EditUser = "application/merge-patch+json"), (EditUser = "application/json"))),
    responses(
        (status = 200, description = "The account as it is now", body = User, headers(("etag" = String, description = "Its version"))),
        (status = 404, description = "No such account", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is the last owner", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It has changed since the version in if-match", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn edit_user(
    State(state): State<AppState>,
    permit: Permit<UsersWrite>,
    Path(which): Path<String>,
    mut call: Call,
) -> Result<Response, Early> {
    let caller = &permit.caller;
    let edit = read(std::mem::take(&mut call.body), caller)?;
    let which = user_ref(&which)?;
    let mut change = call.begin(&state, caller).await?;
    let before = change.lock_user(&which).await?.ok_or_else(no_such_user)?;
    guard(caller, &before)?;
    let after = change.edit_user(&before, &edit).await?;
    let (target, version) = (target(&after), after.version);
    let (before, after) = (shown(before), shown(after));
    let effect = Effect::changed(target, &before, &after)?.versioned(version);
    call.finish(&state, caller, change, effect).await
}
