//! `/api/gateway/users/{id_or_email}/sessions`: what may be done about the logins of somebody else.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::{Permit, UsersRead, UsersWrite};
use crate::api::call::{Call, Early, Effect};
use crate::api::extract::QueryFields;
use crate::api::page::Page;
use crate::api::problem::Refusal;
use crate::api::sessions::{list_of, no_such_session, session_id};
use crate::api::types::{EndedSessions, Problem, SessionList};
use crate::api::users::{guard, no_such_user, target, user_ref};

/// List the sessions of a person
///
/// Those that are not over, newest first.
#[utoipa::path(
    get,
    path = "/api/gateway/users/{id_or_email}/sessions",
    operation_id = "list_user_sessions",
    tag = "people",
    security(("api_key" = ["users:read"]), ("session" = ["users:read"])),
    params(
        ("id_or_email" = String, Path, description = "Id or address of the account"),
        ("limit" = inline(Option<i32>), Query, description = "Items at most; 50 when left out", nullable = false, minimum = 1, maximum = 200),
        ("cursor" = inline(Option<String>), Query, description = "next_cursor of the page before", nullable = false),
    ),
    responses(
        (status = 200, description = "A page of sessions", body = SessionList),
        (status = 404, description = "No such account", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Parameters are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn list_user_sessions(
    State(state): State<AppState>,
    permit: Permit<UsersRead>,
    Path(which): Path<String>,
    QueryFields(mut fields): QueryFields,
) -> Result<Json<SessionList>, Refusal> {
    let page = Page::read(&mut fields);
    fields.finish()?;
    let user = state.store.user(&user_ref(&which)?).await?.ok_or_else(no_such_user)?;
    Ok(Json(list_of(&state, user.id, permit.caller.session(), &page).await?))
}

/// End all sessions of a person
///
/// Their next call is refused, in every process. They can log in again.
#[utoipa::path(
    delete,
    path = "/api/gateway/users/{id_or_email}/sessions",
    operation_id = "end_user_sessions",
    tag = "people",
    security(("api_key" = ["users:write"]), ("session" = ["users:write"])),
    params(("id_or_email" = String, Path, description = "Id or address of the account")),
    responses(
        (status = 200, description = "They are over", body = EndedSessions),
        (status = 404, description = "No such account", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "The account has changed since the version in if-match", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn end_user_sessions(
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
    let ended = change.end_sessions(user.id, None).await?;
    let effect = Effect::new(StatusCode::OK, target(&user), &EndedSessions { ended })?;
    call.finish(&state, &permit.caller, change, effect).await
}

/// End a session of a person
#[utoipa::path(
    delete,
    path = "/api/gateway/users/{id_or_email}/sessions/{id}",
    operation_id = "end_user_session",
    tag = "people",
    security(("api_key" = ["users:write"]), ("session" = ["users:write"])),
    params(
        ("id_or_email" = String, Path, description = "Id or address of the account"),
        ("id" = String, Path, description = "Id of the session"),
    ),
    responses(
        (status = 200, description = "It is over", body = EndedSessions),
        (status = 404, description = "No such account, or it has no such session", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "The account has changed since the version in if-match", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn end_user_session(
    State(state): State<AppState>,
    permit: Permit<UsersWrite>,
    Path((which, session)): Path<(String, String)>,
    mut call: Call,
) -> Result<Response, Early> {
    call.without_body()?;
    let (which, session) = (user_ref(&which)?, session_id(&session)?);
    let mut change = call.begin(&state, &permit.caller).await?;
    let user = change.lock_user(&which).await?.ok_or_else(no_such_user)?;
    guard(&permit.caller, &user)?;
    if !change.end_session(user.id, session).await? {
        return Err(no_such_session().into());
    }
    let effect = Effect::new(StatusCode::OK, format!("session:{session}"), &EndedSessions { ended: 1 })?;
    call.finish(&state, &permit.caller, change, effect).await
}
