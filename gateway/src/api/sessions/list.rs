//! `GET /api/gateway/sessions`

use axum::Json;
use axum::extract::State;

use crate::api::AppState;
use crate::api::auth::Person;
use crate::api::extract::QueryFields;
use crate::api::page::Page;
use crate::api::problem::Refusal;
use crate::api::sessions::list_of;
use crate::api::types::{Problem, SessionList};

/// List one's own sessions
///
/// Those that are not over, newest first. Needs no scope, but a person.
#[utoipa::path(
    get,
    path = "/api/gateway/sessions",
    operation_id = "list_sessions",
    tag = "session",
    security(("session" = [])),
    params(
        ("limit" = inline(Option<i32>), Query, description = "Items at most; 50 when left out", nullable = false, minimum = 1, maximum = 200),
        ("cursor" = inline(Option<String>), Query, description = "next_cursor of the page before", nullable = false),
    ),
    responses(
        (status = 200, description = "A page of sessions", body = SessionList),
        (status = 422, description = "Parameters are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn list_sessions(
    State(state): State<AppState>,
    person: Person,
    QueryFields(mut fields): QueryFields,
) -> Result<Json<SessionList>, Refusal> {
    let page = Page::read(&mut fields);
    fields.finish()?;
    Ok(Json(list_of(&state, person.user.id, Some(person.session), &page).await?))
}
