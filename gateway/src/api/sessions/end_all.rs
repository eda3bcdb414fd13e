//! `DELETE /api/gateway/sessions`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::Person;
use crate::api::call::{Call, Early, Effect};
use crate::api::types::{EndedSessions, Problem};

/// Log out everywhere
///
/// Ends all of one's own sessions, or all but the present one.
#[utoipa::path(
    delete,
    path = "/api/gateway/sessions",
    operation_id = "end_sessions",
    tag = "session",
    security(("session" = [])),
    params(("keep_current" = inline(Option<bool>), Query, description = "All but the present one", nullable = false)),
    responses(
        (status = 200, description = "They are over", body = EndedSessions),
        (status = 422, description = "Parameters are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn end_sessions(
    State(state): State<AppState>,
    person: Person,
    mut call: Call,
) -> Result<Response, Early> {
    let kept = call.query.choice("keep_current").then_some(person.session);
    call.without_body()?;
    let mut change = call.begin(&state, &person.caller).await?;
    let ended = change.end_sessions(person.user.id, kept).await?;
    let effect = Effect::new(StatusCode::OK, format!("user:{}", person.user.id), &EndedSessions { ended })?;
    call.finish(&state, &person.caller, change, effect).await
}
