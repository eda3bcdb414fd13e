//! `POST /api/gateway/session`

use axum::extract::State;
use axum::http::header::{SET_COOKIE, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use secrecy::SecretString;

use crate::api::AppState;
use crate::api::auth::password::MAX_PASSWORD;
use crate::api::auth::{Caller, session};
use crate::api::call::{Call, Early, Effect};
use crate::api::extract::Fields;
use crate::api::problem::{CHALLENGE, Refusal};
use crate::api::types::{Login, Me, Problem};

fn read(mut fields: Fields) -> Result<(String, SecretString), Refusal> {
    let email = fields.required_text("email").map(|text| text.trim().to_lowercase());
    let password = fields.required_text("password").map(SecretString::from);
    if let Some(email) = &email
        && (email.is_empty() || email.len() > 254)
    {
        fields.refuse("email", "length", "must be an address of at most 254 characters");
    }
    if email.as_ref().is_some_and(|email| email.chars().any(char::is_control)) {
        fields.refuse("email", "character", "must not hold control characters");
    }
    if let Some(password) = &password
        && secrecy::ExposeSecret::expose_secret(password).len() > MAX_PASSWORD
    {
        fields.refuse("password", "length", format!("may have {MAX_PASSWORD} bytes at most"));
    }
    fields.finish()?;
    Ok((email.unwrap_or_default(), password.unwrap_or_default()))
}

/// Log in
///
/// Starts a session that ends after 12 hours, or after 2 hours without use. The answer sets its cookie.
#[utoipa::path(
    post,
    path = "/api/gateway/session",
    operation_id = "create_session",
    tag = "session",
    security(()),
    request_body = Login,
    responses(
        (status = 200, description = "Logged in", body = Me, headers(("set-cookie" = String, description = "The session"))),
        (status = 401, description = "No such account, or the password is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields are wrong", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many attempts; see retry-after", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Attempts cannot be counted now, so nobody can log in", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn create_session(State(state): State<AppState>, mut call: Call) -> Result<Response, Early> {
    let (email, password) = read(std::mem::take(&mut call.body))?;
    let peer = call.peer();
    state.limiter().begin(&email, peer.address).await?;
    call.note_attempt(&email);
    let user = state.store.user_by_email(&email).await?;
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let matches = state.verifier().verify(password, hash).await.map_err(|error| Refusal::internal().because(&error))?;
    let Some(user) = user.filter(|_| matches) else {
        let detail = "there is no such account, or the password is wrong";
        let refusal = Refusal::new(StatusCode::UNAUTHORIZED, "login_failed", "Login failed", detail);
        return Err(refusal.with_header(WWW_AUTHENTICATE, CHALLENGE).into());
    };
    state.limiter().succeed(&email, peer.address).await;
    let (token, token_hash) = session::make_token();
    let id = user.id;
    let caller = Caller::user(user).ok_or_else(Refusal::internal)?;
    let mut change = call.begin(&state, &caller).await?;
    change.create_session(&token_hash, id, session::LIFETIME).await?;
    let effect = Effect::new(StatusCode::OK, format!("user:{id}"), &caller.clone().me())?;
    let mut response = call.finish(&state, &caller, change, effect).await?;
    let cookie = HeaderValue::try_from(session::cookie(token, peer.is_https));
    response.headers_mut().insert(SET_COOKIE, cookie.map_err(|error| Refusal::internal().because(&error))?);
    Ok(response)
}
