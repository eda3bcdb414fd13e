//! `POST /api/gateway/session`

use std::time::Instant;

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::header::{RETRY_AFTER, SET_COOKIE, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use secrecy::SecretString;

use crate::api::AppState;
use crate::api::auth::password::MAX_PASSWORD;
use crate::api::auth::peer::Peer;
use crate::api::auth::{ActorNote, Caller, session};
use crate::api::extract::{Fields, JsonFields};
use crate::api::problem::{CHALLENGE, Refusal};
use crate::api::types::{Login, Me, Problem};

/// Who tries to log in, and the connection it comes over.
pub(in crate::api) struct Attempt {
    peer: Peer,
    note: ActorNote,
}

impl FromRequestParts<AppState> for Attempt {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Refusal> {
        let note = parts.extensions.get::<ActorNote>().cloned().unwrap_or_default();
        Ok(Self { peer: Peer::of(parts, &state.settings.http.trusted_proxies), note })
    }
}

fn read(mut fields: Fields) -> Result<(String, SecretString), Refusal> {
    let email = fields.required_text("email").map(|text| text.trim().to_lowercase());
    let password = fields.required_text("password").map(SecretString::from);
    if let Some(email) = &email
        && (email.is_empty() || email.len() > 254 || email.chars().any(char::is_control))
    {
        fields.refuse("email", "length", "must be an address of at most 254 characters");
    }
    if let Some(password) = &password
        && secrecy::ExposeSecret::expose_secret(password).len() > MAX_PASSWORD
    {
        fields.refuse("password", "length", format!("may have {MAX_PASSWORD} bytes at most"));
    }
    fields.finish()?;
    Ok((email.unwrap_or_default(), password.unwrap_or_default()))
}

fn too_many(wait: std::time::Duration) -> Refusal {
    let seconds = wait.as_secs() + 1;
    let detail = format!("too many attempts for this account from this address; try again in {seconds} seconds");
    Refusal::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", "Too many attempts", detail)
        .with_header(RETRY_AFTER, HeaderValue::from(seconds))
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
    )
)]
pub(in crate::api) async fn create_session(
    State(state): State<AppState>,
    attempt: Attempt,
    JsonFields(fields): JsonFields,
) -> Result<Response, Refusal> {
    let (email, password) = read(fields)?;
    let peer = attempt.peer;
    state.limiter().begin(&email, peer.address, Instant::now()).map_err(too_many)?;
    let user = state.store.user_by_email(&email).await?;
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let matches = state.verifier().verify(password, hash).await.map_err(|error| Refusal::internal().because(&error))?;
    let Some(user) = user.filter(|_| matches) else {
        let detail = "there is no such account, or the password is wrong";
        let refusal = Refusal::new(StatusCode::UNAUTHORIZED, "login_failed", "Login failed", detail);
        return Err(refusal.with_header(WWW_AUTHENTICATE, CHALLENGE));
    };
    state.limiter().succeed(&email, peer.address);
    let (token, token_hash) = session::make_token();
    state.store.create_session(&token_hash, user.id, session::LIFETIME).await?;
    let caller = Caller::user(user).ok_or_else(Refusal::internal)?;
    let _ = attempt.note.0.set(caller.actor());
    Ok(([(SET_COOKIE, session::cookie(token, peer.is_https))], Json(caller.me())).into_response())
}
