//! `POST /api/gateway/invites/accept`

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::Response;
use secrecy::SecretString;

use crate::api::AppState;
use crate::api::auth::{Caller, principal_of_link, token};
use crate::api::call::{Call, Early, Effect};
use crate::api::extract::Fields;
use crate::api::handout::{read_new_password, read_token};
use crate::api::invites::no_such_invite;
use crate::api::problem::Refusal;
use crate::api::session::Login;
use crate::api::types::{AcceptInvite, Me, Problem};
use crate::api::users::{read_name, shown};
use crate::domain::person::LinkKind;
use crate::store::access::UserAccess;

struct Accepted {
    token: String,
    password: SecretString,
    name: Option<String>,
}

fn read(mut fields: Fields) -> Result<Accepted, Refusal> {
    let token = read_token(&mut fields);
    let password = read_new_password(&mut fields, "password");
    // Null leaves the name that the inviter gave.
    let name = if fields.is_null("name") { fields.text("name") } else { read_name(&mut fields) };
    fields.finish()?;
    let (token, password) = token.zip(password).ok_or_else(Refusal::internal)?;
    Ok(Accepted { token, password, name })
}

/// Accept an invite
///
/// Sets the first password and logs the guest in: the answer sets the cookie of a session. The link works once. Repeated under one
/// Idempotency-Key it is answered alike, without the cookie.
#[utoipa::path(
    post,
    path = "/api/gateway/invites/accept",
    operation_id = "accept_invite",
    tag = "session",
    security(()),
    request_body = AcceptInvite,
    responses(
        (status = 200, description = "Accepted and logged in", body = Me, headers(("set-cookie" = String, description = "The session"))),
        (status = 404, description = "The invite is not known, was used, or is over", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields are wrong", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many attempts; see retry-after", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Attempts cannot be counted now", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn accept_invite(State(state): State<AppState>, mut call: Call) -> Result<Response, Early> {
    let accepted = read(std::mem::take(&mut call.body))?;
    call.without_dry_run()?;
    state.limiter().begin_link(call.peer().address).await?;
    let hash = token::hash(&accepted.token);
    call.again(&state, &principal_of_link(&hash)).await?;
    // Looked at first: a password is hashed only for an invite that there is.
    let found = state.store.user_by_link(LinkKind::Invite, &hash).await?;
    let (user, _) = found.ok_or_else(no_such_invite)?;
    let password_hash = state.verifier().hash(accepted.password).await.map_err(|e| Refusal::internal().because(&e))?;
    let access = UserAccess {
        id: user.id,
        email: user.email,
        role: user.role,
        password_hash: Some(password_hash.clone()),
        totp: None,
    };
    let caller = Caller::with_link(&access, &hash);
    let mut change = call.begin(&state, &caller).await?;
    let followed = change.follow_link(LinkKind::Invite, &hash, &password_hash, accepted.name.as_deref()).await?;
    let (before, after) = followed.ok_or_else(no_such_invite)?;
    let cookie =
        Login { user: after.id, password_hash: &password_hash, has_second: false }.start(&call, &mut change).await?;
    let cookie = cookie.ok_or_else(no_such_invite)?;
    // As the row says it by now: the role may have been changed since the look.
    let me = Caller::user(&UserAccess { role: after.role, ..access }).me();
    let effect = Effect::new(StatusCode::OK, format!("user:{}", after.id), &me)?;
    let effect = effect.changing(Some(&shown(before)), Some(&shown(after)))?;
    let mut response = call.finish(&state, &caller, change, effect).await?;
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}
