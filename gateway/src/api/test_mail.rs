//! `POST /api/gateway/mail/test`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::{FleetWrite, Permit};
use crate::api::call::{Call, Early, Effect};
use crate::api::extract::{Fields, read_email};
use crate::api::letter::Letter;
use crate::api::problem::Refusal;
use crate::api::types::{Problem, QueuedMail, TestMail};
use crate::domain::email::Email;

fn read(mut fields: Fields) -> Result<Email, Refusal> {
    let to = read_email(&mut fields, "to");
    fields.finish()?;
    to.ok_or_else(Refusal::internal)
}

fn no_mail_server() -> Refusal {
    let detail = "no mail is sent: smtp_url is not set";
    Refusal::new(StatusCode::CONFLICT, "no_mail_server", "No mail server", detail)
}

/// Send a mail to see that mail arrives
///
/// The mail server is asked after the answer. What it refuses is in the log.
#[utoipa::path(
    post,
    path = "/api/gateway/mail/test",
    operation_id = "send_test_mail",
    tag = "system",
    security(("api_key" = ["fleet:write"]), ("session" = ["fleet:write"])),
    request_body = TestMail,
    responses(
        (status = 202, description = "In line", body = QueuedMail),
        (status = 409, description = "There is no mail server", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn send_test_mail(
    State(state): State<AppState>,
    permit: Permit<FleetWrite>,
    mut call: Call,
) -> Result<Response, Early> {
    let to = read(std::mem::take(&mut call.body))?;
    let settings = state.settings.mail.as_ref().ok_or_else(no_mail_server)?;
    let queued = QueuedMail { to: to.to_string(), from: settings.from.to_string() };
    let mut change = call.begin(&state, &permit.caller).await?;
    let console = &state.settings.http.console_url;
    let text = format!("This mail shows that the gateway's mail arrives.\n\nIts console is at {console}\n");
    Letter { to, subject: "Mail of the gateway arrives".to_owned(), text }.queue(&state, &mut change).await?;
    let effect = Effect::new(StatusCode::ACCEPTED, format!("mail:{}", queued.to), &queued)?;
    let effect = effect.changing(None::<&QueuedMail>, Some(&queued))?;
    call.finish(&state, &permit.caller, change, effect).await
}
