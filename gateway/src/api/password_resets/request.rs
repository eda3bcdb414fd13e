//! `POST /api/gateway/password-resets`

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use tokio::time::Instant;

use crate::api::AppState;
use crate::api::auth::Caller;
use crate::api::call::{Call, Early, Effect};
use crate::api::extract::read_email;
use crate::api::handout::hand_out;
use crate::api::problem::Refusal;
use crate::api::types::{Problem, RequestReset};
use crate::domain::email::Email;
use crate::domain::person::{LinkKind, UserState};
use crate::store::users::UserRef;

/// Every answer takes this long: a letter is written well within it, so the time says nothing about the account.
const PACE: Duration = Duration::from_millis(300);

/// Ask for a letter to set another password
///
/// The answer is the same whether or not there is such an account. The link in the letter works for an hour. Where the
/// gateway sends no mail, nothing happens: an owner can make the link then.
#[utoipa::path(
    post,
    path = "/api/gateway/password-resets",
    operation_id = "request_password_reset",
    tag = "session",
    security(()),
    request_body = RequestReset,
    responses(
        (status = 202, description = "If there is such an account, its person gets a letter"),
        (status = 422, description = "Fields are wrong", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many attempts; see retry-after", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Attempts cannot be counted now", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn request_password_reset(
    State(state): State<AppState>,
    mut call: Call,
) -> Result<StatusCode, Refusal> {
    let began = Instant::now();
    let mut fields = std::mem::take(&mut call.body);
    let email = read_email(&mut fields, "email");
    fields.finish()?;
    std::mem::take(&mut call.query).finish()?;
    let email = email.ok_or_else(Refusal::internal)?;
    state.limiter().begin_letter(email.as_str(), call.peer().address).await?;
    let sent = send(&state, call, &email).await;
    tokio::time::sleep_until(began + PACE).await;
    sent.map(|()| StatusCode::ACCEPTED)
}

async fn send(state: &AppState, mut call: Call, email: &Email) -> Result<(), Refusal> {
    let which = UserRef::Email(email.as_str().to_owned());
    let user = state.store.user_by_email(email.as_str()).await?;
    let Some(user) = user.filter(|user| user.password_hash.is_some() && state.settings.mail.is_some()) else {
        return Ok(());
    };
    // Neither a repeated nor a dry call is answered otherwise than one about an account that is not there.
    call.only_once();
    let caller = Caller::stranger(&user);
    let written = async {
        let mut change = call.begin(state, &caller).await?;
        let locked = change.lock_user(&which).await?;
        let Some(record) = locked.filter(|record| record.state == UserState::Active) else { return Ok(()) };
        hand_out(state, &mut change, &record, LinkKind::Reset).await?;
        let effect = Effect::new(StatusCode::ACCEPTED, format!("user:{}", record.id), &())?;
        call.finish(state, &caller, change, effect).await.map(|_| ())
    };
    match written.await {
        Ok(()) | Err(Early::Again(_)) => Ok(()),
        Err(Early::Refused(refusal)) => Err(refusal),
    }
}
