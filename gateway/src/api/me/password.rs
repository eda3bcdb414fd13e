//! `POST /api/gateway/me/password`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use secrecy::SecretString;

use crate::api::AppState;
use crate::api::auth::Person;
use crate::api::call::{Call, Early, Effect};
use crate::api::extract::Fields;
use crate::api::handout::{read_new_password, read_password};
use crate::api::me::{check_password, hold};
use crate::api::problem::Refusal;
use crate::api::types::{ChangePassword, Problem};

fn read(mut fields: Fields) -> Result<(SecretString, SecretString), Refusal> {
    let current = read_password(&mut fields, "current_password");
    let new = read_new_password(&mut fields, "new_password");
    fields.finish()?;
    current.zip(new).ok_or_else(Refusal::internal)
}

/// Change one's own password
///
/// Ends all other sessions.
#[utoipa::path(
    post,
    path = "/api/gateway/me/password",
    operation_id = "change_password",
    tag = "session",
    security(("session" = [])),
    request_body = ChangePassword,
    responses(
        (status = 204, description = "Changed"),
        (status = 403, description = "The current password is wrong, or a program calls", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields are wrong", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many attempts; see retry-after", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Attempts cannot be counted now", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn change_password(
    State(state): State<AppState>,
    person: Person,
    mut call: Call,
) -> Result<Response, Early> {
    let (current, new) = read(std::mem::take(&mut call.body))?;
    // A repetition comes when the password is another one.
    call.again(&state, &person.caller.principal()).await?;
    check_password(&state, &call, &person, current).await?;
    let hash = state.verifier().hash(new).await.map_err(|error| Refusal::internal().because(&error))?;
    let mut change = call.begin(&state, &person.caller).await?;
    hold(&mut change, &person).await?;
    change.set_password(person.user.id, &hash).await?;
    change.end_sessions(person.user.id, Some(person.session)).await?;
    let effect = Effect::new(StatusCode::NO_CONTENT, format!("user:{}", person.user.id), &())?;
    call.finish(&state, &person.caller, change, effect).await
}
