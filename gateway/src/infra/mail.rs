//! Sending mail through the operator's mail server.

use std::time::Duration;

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use secrecy::ExposeSecret;
use uuid::Uuid;

use crate::config::MailSettings;
use crate::domain::email::Email;
use crate::domain::failure::Failure;

/// Longest wait for an answer of the mail server; shorter than the first wait between two attempts.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Sends through one mail server; cloning shares its connections.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailer").field("from", &self.from).finish_non_exhaustive()
    }
}

/// A mail of plain text.
#[derive(Clone, Copy, Debug)]
pub struct Mail<'a> {
    /// Part of its Message-ID, so that one that arrives twice can be told.
    pub id: Uuid,
    /// To whom.
    pub to: &'a Email,
    /// One line.
    pub subject: &'a str,
    /// Lines of text.
    pub text: &'a str,
}

impl Mailer {
    /// Prepares sending; connects with the first mail.
    ///
    /// # Errors
    /// A permanent failure when the URL is not one of a mail server.
    pub fn new(settings: &MailSettings) -> Result<Self, Failure> {
        let builder =
            AsyncSmtpTransport::<Tokio1Executor>::from_url(settings.smtp_url.expose_secret()).map_err(|error| {
                Failure::permanent("smtp_url", "smtp_url is not the URL of a mail server").because(error)
            })?;
        Ok(Self { transport: builder.timeout(Some(TIMEOUT)).build(), from: settings.from.clone() })
    }

    /// Hands a mail to the mail server.
    ///
    /// # Errors
    /// Permanent when the server refused it for good, else retryable.
    pub async fn send(&self, mail: &Mail<'_>) -> Result<(), Failure> {
        let message = self.compose(mail)?;
        self.transport.send(message).await.map(drop).map_err(classify)
    }

    /// Connects, logs in where the URL names a user, and sends nothing.
    ///
    /// # Errors
    /// As [`Mailer::send`].
    pub async fn reach(&self) -> Result<(), Failure> {
        let silent = || Failure::retryable("mail_unreachable", "the mail server ended the connection");
        let is_connected = self.transport.test_connection().await.map_err(classify)?;
        is_connected.then_some(()).ok_or_else(silent)
    }

    fn compose(&self, mail: &Mail<'_>) -> Result<Message, Failure> {
        let wrong =
            |error: lettre::error::Error| Failure::permanent("mail_form", "the mail cannot be written").because(error);
        let to: Address =
            mail.to.as_str().parse().map_err(|error| {
                Failure::permanent("mail_address", "the address cannot be written to").because(error)
            })?;
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(mail.subject)
            .message_id(Some(format!("<{}@{}>", mail.id, self.from.email.domain())))
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text.to_owned())
            .map_err(wrong)
    }
}

/// Answers to a login of ours (RFC 4954, section 6): they say nothing about the mail, and an operator can mend them.
const LOGIN: [u16; 4] = [530, 534, 535, 538];

fn classify(error: smtp::Error) -> Failure {
    let is_login = error.status().is_some_and(|code| LOGIN.contains(&u16::from(code)));
    if error.is_permanent() && !is_login {
        Failure::permanent("mail_refused", "the mail server refused the mail").because(error)
    } else {
        Failure::retryable("mail_unreachable", "the mail server could not take the mail now").because(error)
    }
}
