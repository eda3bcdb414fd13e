//! `POST /api/gateway/public/signup/resend`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::api::AppState;
use crate::api::call::{Call, Early, Effect};
use crate::api::signup::get::find;
use crate::api::signup::{Told, make_token, open_to_strangers, proof_letter, read_token, shown};
use crate::api::types::{Problem, SignupStatus, SignupToken};
use crate::domain::email::Email;
use crate::domain::signup::SignupState;
use crate::store::StoreError;

/// Send the letter of a signup again
///
/// By the token of the answer that began it. The link before no longer works. Letters count towards the hourly budget of
/// their address.
#[utoipa::path(
    post,
    path = "/api/gateway/public/signup/resend",
    operation_id = "resend_signup_letter",
    tag = "signup",
    security(()),
    request_body = SignupToken,
    responses(
        (status = 202, description = "A letter is in line", body = SignupStatus),
        (status = 404, description = "No such signup; or nobody can sign up here", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It waits for no proof", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields are wrong", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many letters; see retry-after", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Letters cannot be counted now", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn resend_signup_letter(
    State(state): State<AppState>,
    mut call: Call,
) -> Result<Response, Early> {
    let settings = open_to_strangers(&state)?;
    let token = read_token(std::mem::take(&mut call.body))?;
    state.limiter().begin_link(call.peer().address).await?;
    let record = find(&state, &token).await?;
    let email = record.email.as_deref().and_then(|email| Email::parse(email).ok());
    let stranger = call.stranger(format!("signup:{}", record.id));
    let once = call.once(&stranger);
    if let (SignupState::WaitingProof, Some(email)) = (record.state, &email) {
        state.signup_limiter().send_again(&settings.budgets, email.as_str(), once.as_deref()).await?;
    }
    let (proof, hash) = make_token();
    let mut change = call.begin(&state, &stranger).await?;
    let Some(email) = email.filter(|_| record.state == SignupState::WaitingProof) else {
        return Err(StoreError::SignupNotWaiting(record.state).into());
    };
    if !change.renew_proof(record.id, hash).await? {
        // It was proved, or it expired, between the look and the change.
        return Err(StoreError::SignupNotWaiting(SignupState::Expired).into());
    }
    proof_letter(&state, email, &record.key, &proof).queue(&state, &mut change).await?;
    let status = shown(&record, &state.settings, None);
    let effect = Effect::new(StatusCode::ACCEPTED, format!("signup:{}", record.id), &status)?;
    let told = Told::of(&record);
    call.finish(&state, &stranger, change, effect.changing(Some(&told), Some(&told))?).await
}
