//! `POST /api/gateway/public/signup/prove`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::api::AppState;
use crate::api::call::{Call, Early, Effect};
use crate::api::problem::Refusal;
use crate::api::signup::{Told, hash_of, open_to_strangers, place_of, read_token, shown, terms};
use crate::api::types::{Problem, SignupStatus, SignupToken};
use crate::store::signups::SignupFilter;

fn no_such_proof() -> Refusal {
    let detail = "this link was used before, is too old, or never was one";
    Refusal::new(StatusCode::NOT_FOUND, "proof_not_found", "No such link", detail)
}

/// Prove the address of a signup
///
/// With the token in the link of the letter, which works once. The signup goes on, and the token asks for its state from
/// then on.
#[utoipa::path(
    post,
    path = "/api/gateway/public/signup/prove",
    operation_id = "prove_signup",
    tag = "signup",
    security(()),
    request_body = SignupToken,
    responses(
        (status = 202, description = "Proved", body = SignupStatus, headers(("location" = String, description = "Where to follow it; a secret"))),
        (status = 404, description = "The link was used, is too old, or never was one; or nobody can sign up here", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields are wrong", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many attempts; see retry-after", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Attempts cannot be counted now", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn prove_signup(State(state): State<AppState>, mut call: Call) -> Result<Response, Early> {
    open_to_strangers(&state)?;
    let token = read_token(std::mem::take(&mut call.body))?;
    let hash = hash_of(&token).ok_or_else(no_such_proof)?;
    state.limiter().begin_link(call.peer().address).await?;
    let waiting = state.store.signup(&SignupFilter::of_proof(hash)).await?;
    // A repetition is answered as before, though nothing waits for the token any more.
    let actor = waiting.map_or_else(|| "signup:unknown".to_owned(), |signup| format!("signup:{}", signup.id));
    let stranger = call.stranger(actor);
    let mut change = call.begin(&state, &stranger).await?;
    let (before, after) = change.prove_signup(hash, &terms(&state.settings)).await?.ok_or_else(no_such_proof)?;
    let status = shown(&after, &state.settings, None);
    let effect = Effect::new(StatusCode::ACCEPTED, format!("signup:{}", after.id), &status)?;
    let effect = effect.changing(Some(&Told::of(&before)), Some(&Told::of(&after)))?.at_secret(place_of(&token));
    call.finish(&state, &stranger, change, effect).await
}
