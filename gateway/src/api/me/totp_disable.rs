//! `POST /api/gateway/me/totp/disable` and `POST /api/gateway/me/totp/recovery-codes`: both ask once more who calls.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use secrecy::SecretString;

use crate::api::AppState;
use crate::api::auth::{Person, totp};
use crate::api::call::{Call, Early, Effect};
use crate::api::extract::Fields;
use crate::api::handout::read_password;
use crate::api::me::{check_code, check_password, hold, read_required_code, wrong_code};
use crate::api::problem::Refusal;
use crate::api::types::{DisableTotp, Problem, RecoveryCodes};
use crate::store::change::Change;

fn read(mut fields: Fields) -> Result<(SecretString, String), Refusal> {
    let password = read_password(&mut fields, "password");
    let code = read_required_code(&mut fields);
    fields.finish()?;
    password.zip(code).ok_or_else(Refusal::internal)
}

/// Begins a change once password and code are right; the code is used up in it.
async fn begin(state: &AppState, person: &Person, call: &mut Call) -> Result<Change, Early> {
    let (password, code) = read(std::mem::take(&mut call.body))?;
    // A repetition comes when the code is used up.
    call.again(state, &person.caller.principal()).await?;
    check_password(state, call, person, password).await?;
    let factor = check_code(state, person, &code).await?;
    let mut change = call.begin(state, &person.caller).await?;
    hold(&mut change, person).await?;
    if !factor.spend(&mut change, person.user.id).await? {
        return Err(wrong_code(StatusCode::FORBIDDEN).into());
    }
    Ok(change)
}

/// Take the second factor off one's own account
#[utoipa::path(
    post,
    path = "/api/gateway/me/totp/disable",
    operation_id = "disable_totp",
    tag = "session",
    security(("session" = [])),
    request_body = DisableTotp,
    responses(
        (status = 204, description = "The password is enough from now on"),
        (status = 403, description = "Password or code is wrong, or a program calls", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "There is no second factor", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields are wrong", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many attempts; see retry-after", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Attempts cannot be counted now", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn disable_totp(
    State(state): State<AppState>,
    person: Person,
    mut call: Call,
) -> Result<Response, Early> {
    let mut change = begin(&state, &person, &mut call).await?;
    let user = person.user.id;
    change.disable_totp(user).await?;
    let effect = Effect::new(StatusCode::NO_CONTENT, format!("user:{user}"), &())?;
    let answer = call.finish(&state, &person.caller, change, effect).await?;
    state.limiter().succeed_code(user).await;
    Ok(answer)
}

/// Exchange one's recovery codes
///
/// The answer holds ten others, this once; those before no longer work.
#[utoipa::path(
    post,
    path = "/api/gateway/me/totp/recovery-codes",
    operation_id = "renew_recovery_codes",
    tag = "session",
    security(("session" = [])),
    request_body = DisableTotp,
    responses(
        (status = 200, description = "The codes", body = RecoveryCodes),
        (status = 403, description = "Password or code is wrong, or a program calls", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "There is no second factor", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields are wrong", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many attempts; see retry-after", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Attempts cannot be counted now", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn renew_recovery_codes(
    State(state): State<AppState>,
    person: Person,
    mut call: Call,
) -> Result<Response, Early> {
    let mut change = begin(&state, &person, &mut call).await?;
    let user = person.user.id;
    let (recovery_codes, hashes) = totp::make_recovery_codes(user);
    change.set_recovery_codes(user, &hashes).await?;
    let effect = Effect::new(StatusCode::OK, format!("user:{user}"), &RecoveryCodes { recovery_codes })?;
    let answer = call.finish(&state, &person.caller, change, effect).await?;
    state.limiter().succeed_code(user).await;
    Ok(answer)
}
