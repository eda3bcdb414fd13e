//! `POST /api/gateway/me/totp`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use secrecy::ExposeSecret;

use crate::api::AppState;
use crate::api::auth::{Person, totp};
use crate::api::call::{Call, Early, Effect};
use crate::api::handout::read_password;
use crate::api::me::{check_password, hold};
use crate::api::problem::Refusal;
use crate::api::types::{EnrolTotp, NewTotp, Problem};

fn enabled() -> Refusal {
    let detail = "this account has a second factor; disable it first";
    Refusal::new(StatusCode::CONFLICT, "totp_enabled", "Second factor present", detail)
}

/// Begin with an authenticator app
///
/// The answer holds its secret, this once. Codes are asked for only after one of them has been confirmed; until then this
/// may be done again.
#[utoipa::path(
    post,
    path = "/api/gateway/me/totp",
    operation_id = "enrol_totp",
    tag = "session",
    security(("session" = [])),
    request_body = EnrolTotp,
    responses(
        (status = 200, description = "What the app needs", body = NewTotp),
        (status = 403, description = "The password is wrong, or a program calls", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "There is a second factor", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields are wrong", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many attempts; see retry-after", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Attempts cannot be counted now", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn enrol_totp(
    State(state): State<AppState>,
    person: Person,
    mut call: Call,
) -> Result<Response, Early> {
    let mut fields = std::mem::take(&mut call.body);
    let password = read_password(&mut fields, "password");
    fields.finish()?;
    call.again(&state, &person.caller.principal()).await?;
    check_password(&state, &call, &person, password.ok_or_else(Refusal::internal)?).await?;
    let user = &person.user;
    let made = totp::make(&state.settings.key_ring, user.id, &user.email);
    let made = made.map_err(|error| Refusal::internal().because(&error))?;
    let mut change = call.begin(&state, &person.caller).await?;
    hold(&mut change, &person).await?;
    if !change.enrol_totp(user.id, &made.sealed).await? {
        return Err(enabled().into());
    }
    let answer =
        NewTotp { secret: made.text.expose_secret().to_owned(), otpauth_url: made.url.expose_secret().to_owned() };
    let effect = Effect::new(StatusCode::OK, format!("user:{}", user.id), &answer)?;
    call.finish(&state, &person.caller, change, effect).await
}
