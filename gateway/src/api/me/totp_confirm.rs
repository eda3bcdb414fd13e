//! `POST /api/gateway/me/totp/confirm`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::Person;
use crate::api::auth::totp::{self, Factor};
use crate::api::call::{Call, Early, Effect};
use crate::api::me::{read_required_code, wrong_code};
use crate::api::problem::Refusal;
use crate::api::types::{Problem, RecoveryCodes, TotpCode};

fn not_begun() -> Refusal {
    let detail = "no authenticator app waits for its first code; begin with one first";
    Refusal::new(StatusCode::CONFLICT, "totp_not_begun", "Not begun", detail)
}

/// Confirm an authenticator app with its first code
///
/// From then on the login asks for a code. The answer holds ten recovery codes, this once. Ends all other sessions: they
/// began without a code.
#[utoipa::path(
    post,
    path = "/api/gateway/me/totp/confirm",
    operation_id = "confirm_totp",
    tag = "session",
    security(("session" = [])),
    request_body = TotpCode,
    responses(
        (status = 200, description = "The login asks for a code from now on", body = RecoveryCodes),
        (status = 403, description = "The code is wrong, or a program calls", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "No app waits for its first code", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields are wrong", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many attempts; see retry-after", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Attempts cannot be counted now", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn confirm_totp(
    State(state): State<AppState>,
    person: Person,
    mut call: Call,
) -> Result<Response, Early> {
    let mut fields = std::mem::take(&mut call.body);
    let code = read_required_code(&mut fields);
    fields.finish()?;
    let code = code.ok_or_else(Refusal::internal)?;
    call.again(&state, &person.caller.principal()).await?;
    let user = person.user.id;
    let sealed = state.store.totp_enrolment(user).await?.ok_or_else(not_begun)?;
    state.limiter().begin_code(user).await?;
    let factor = totp::read(&state.settings.key_ring, user, &sealed, &code);
    let factor = factor.map_err(|error| Refusal::internal().because(&error))?;
    let Some(Factor::Step(step)) = factor else { return Err(wrong_code(StatusCode::FORBIDDEN).into()) };
    let (recovery_codes, hashes) = totp::make_recovery_codes(user);
    let mut change = call.begin(&state, &person.caller).await?;
    if !change.confirm_totp(user, &sealed, step).await? {
        return Err(not_begun().into());
    }
    change.set_recovery_codes(user, &hashes).await?;
    change.end_sessions(user, Some(person.session)).await?;
    let effect = Effect::new(StatusCode::OK, format!("user:{user}"), &RecoveryCodes { recovery_codes })?;
    let answer = call.finish(&state, &person.caller, change, effect).await?;
    state.limiter().succeed_code(user).await;
    Ok(answer)
}
