//! The mail server.

use crate::doctor::Look;
use crate::doctor::report::{Check, Finding};
use crate::infra::mail::Mailer;

/// Connects and logs in; sends nothing.
pub(super) async fn look(look: &Look<'_>) -> Finding {
    let check = Check::Mail;
    let Some(settings) = &look.settings.mail else {
        let found =
            "smtp_url is not set: links for invited people and forgotten passwords are shown to who asks for them";
        return if look.is_production {
            Finding::warning(check, found, "set smtp_url, mail_from and console_url")
        } else {
            Finding::skipped(check, found)
        };
    };
    let reached = async { Mailer::new(settings)?.reach().await };
    match reached.await {
        Ok(()) => Finding::ok(check, "the mail server takes the login"),
        Err(failure) => {
            let advice = "correct smtp_url; then `gatewayctl mail test` sends one";
            Finding::failed(check, &failure, advice)
        }
    }
}
