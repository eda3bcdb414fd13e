//! `DELETE /api/gateway/sessions/{id}`

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::Person;
use crate::api::call::{Call, Early, Effect};
use crate::api::sessions::{no_such_session, session_id};
use crate::api::types::{EndedSessions, Problem};

/// End one of one's own sessions
///
/// Its next call is refused, in every process.
#[utoipa::path(
    delete,
    path = "/api/gateway/sessions/{id}",
    operation_id = "end_session",
    tag = "session",
    security(("session" = [])),
    params(("id" = String, Path, description = "Id of the session")),
    responses(
        (status = 200, description = "It is over", body = EndedSessions),
        (status = 404, description = "The caller has no such session", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn end_session(
    State(state): State<AppState>,
    person: Person,
    Path(session): Path<String>,
    mut call: Call,
) -> Result<Response, Early> {
    call.without_body()?;
    let session = session_id(&session)?;
    let mut change = call.begin(&state, &person.caller).await?;
    if !change.end_session(person.user.id, session).await? {
        return Err(no_such_session().into());
    }
    let effect = Effect::new(StatusCode::OK, format!("session:{session}"), &EndedSessions { ended: 1 })?;
    call.finish(&state, &person.caller, change, effect).await
}
