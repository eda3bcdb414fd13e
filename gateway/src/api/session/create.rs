//! `POST /api/gateway/session`

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{SET_COOKIE, WWW_AUTHENTICATE};
use axum::response::Response;
use secrecy::SecretString;

use crate::api::AppState;
use crate::api::auth::Caller;
use crate::api::auth::totp::{self, Factor};
use crate::api::call::{Call, Early, Effect};
use crate::api::extract::Fields;
use crate::api::handout::read_password;
use crate::api::me::{read_code, wrong_code};
use crate::api::problem::{CHALLENGE, Refusal};
use crate::api::session::Login;
use crate::api::types::{self, Me, Problem};
use crate::store::access::UserAccess;

struct Asked {
    email: String,
    password: SecretString,
    code: Option<String>,
}

fn read(mut fields: Fields) -> Result<Asked, Refusal> {
    let email = fields.required_text("email").map(|text| text.trim().to_lowercase());
    let password = read_password(&mut fields, "password");
    let code = read_code(&mut fields);
    if let Some(email) = &email
        && (email.is_empty() || email.len() > 254)
    {
        fields.refuse("email", "length", "must be an address of at most 254 characters");
    }
    if email.as_ref().is_some_and(|email| email.chars().any(char::is_control)) {
        fields.refuse("email", "character", "must not hold control characters");
    }
    fields.finish()?;
    Ok(Asked { email: email.unwrap_or_default(), password: password.unwrap_or_default(), code })
}

fn failed() -> Refusal {
    let detail = "there is no such account, or the password is wrong";
    let refusal = Refusal::new(StatusCode::UNAUTHORIZED, "login_failed", "Login failed", detail);
    refusal.with_header(WWW_AUTHENTICATE, CHALLENGE)
}

/// Reads the code for the second factor of somebody whose password is right; `None` where there is no second factor.
async fn second(state: &AppState, user: &UserAccess, code: Option<&str>) -> Result<Option<Factor>, Refusal> {
    let Some(sealed) = &user.totp else { return Ok(None) };
    let Some(code) = code else {
        let detail =
            "this account has a second factor; send what the authenticator app shows, or a recovery code, as code";
        let refusal = Refusal::new(StatusCode::UNAUTHORIZED, "totp_required", "Code required", detail);
        return Err(refusal.with_header(WWW_AUTHENTICATE, CHALLENGE));
    };
    state.limiter().begin_code(user.id).await?;
    let factor = totp::read(&state.settings.key_ring, user.id, sealed, code);
    factor.map_err(|error| Refusal::internal().because(&error))?.ok_or_else(no_code).map(Some)
}

fn no_code() -> Refusal {
    wrong_code(StatusCode::UNAUTHORIZED).with_header(WWW_AUTHENTICATE, CHALLENGE)
}

/// Log in
///
/// Starts a session that ends after 12 hours, or after 2 hours without use. The answer sets its cookie; the session of the
/// cookie before it ends. Where the account has a second factor, a code is asked for once the password is right
/// (totp_required).
#[utoipa::path(
    post,
    path = "/api/gateway/session",
    operation_id = "create_session",
    tag = "session",
    security(()),
    request_body = types::Login,
    responses(
        (status = 200, description = "Logged in", body = Me, headers(("set-cookie" = String, description = "The session"))),
        (status = 401, description = "No such account, or the password or code is wrong or missing", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields are wrong", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many attempts; see retry-after", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Attempts cannot be counted now, so nobody can log in", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn create_session(State(state): State<AppState>, mut call: Call) -> Result<Response, Early> {
    let Asked { email, password, code } = read(std::mem::take(&mut call.body))?;
    call.without_dry_run()?;
    // What a login answers is its cookie, which is kept nowhere: a repetition is another login.
    call.only_once();
    let peer = call.peer();
    state.limiter().begin(&email, peer.address).await?;
    call.note_attempt(&email);
    let user = state.store.user_by_email(&email).await?;
    let hash = user.as_ref().and_then(|user| user.password_hash.clone());
    let matches = state.verifier().verify(password, hash).await.map_err(|error| Refusal::internal().because(&error))?;
    let user = user.filter(|_| matches).ok_or_else(failed)?;
    let factor = second(&state, &user, code.as_deref()).await?;
    let caller = Caller::user(&user);
    let mut change = call.begin(&state, &caller).await?;
    let password_hash = user.password_hash.as_deref().unwrap_or_default();
    let login = Login { user: user.id, password_hash, has_second: factor.is_some() };
    // The account before its recovery codes, as all who change accounts do.
    let cookie = login.start(&call, &mut change).await?.ok_or_else(failed)?;
    if let Some(factor) = factor
        && !factor.spend(&mut change, user.id).await?
    {
        return Err(no_code().into());
    }
    let effect = Effect::new(StatusCode::OK, format!("user:{}", user.id), &caller.clone().me())?;
    let mut response = call.finish(&state, &caller, change, effect).await?;
    state.limiter().succeed(&email, peer.address).await;
    if factor.is_some() {
        state.limiter().succeed_code(user.id).await;
    }
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}
