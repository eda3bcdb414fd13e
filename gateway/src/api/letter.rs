//! Mail to people, put in line in the change that it tells of, and sent from there.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::api::AppState;
use crate::api::problem::Refusal;
use crate::domain::email::Email;
use crate::domain::failure::{Failure, Verdict};
use crate::domain::seal::KeyRing;
use crate::infra::mail::{Mail, Mailer};
use crate::store::change::Change;
use crate::store::mails::{DueMail, MAX_ATTEMPTS, place_of};
use crate::store::{Store, StoreError};

/// Time between two looks for mail that is due.
const POLL: Duration = Duration::from_secs(1);
/// Mails taken at once: one that waited behind another would be due again before its attempt.
const BATCH: i64 = 1;

/// A mail to one person. It may hold a link that lets them in, so it is never logged.
pub(super) struct Letter {
    /// To whom.
    pub(super) to: Email,
    /// One line.
    pub(super) subject: String,
    /// Lines of text.
    pub(super) text: String,
}

impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Letter").field("subject", &self.subject).finish_non_exhaustive()
    }
}

#[derive(Serialize, Deserialize)]
struct Content {
    to: String,
    subject: String,
    text: String,
}

impl Letter {
    /// Puts it in line; it is sent when the change is for good. Ask `settings.mail` first whether there is a mail server.
    ///
    /// # Errors
    /// An internal refusal when it cannot be sealed; that of the store.
    pub(super) async fn queue(&self, state: &AppState, change: &mut Change) -> Result<(), Refusal> {
        let id = Uuid::new_v4();
        let content = Content { to: self.to.to_string(), subject: self.subject.clone(), text: self.text.clone() };
        let text = serde_json::to_string(&content).map_err(|error| Refusal::internal().because(&error))?;
        let sealed = state.settings.key_ring.seal(&place_of(id), &SecretString::from(text));
        let sealed = sealed.map_err(|error| Refusal::internal().because(&error))?;
        Ok(change.queue_mail(id, &sealed).await?)
    }
}

/// Sends what is in line until it is told to stop. Several processes may do so at once: each mail is tried by one.
///
/// A mail whose process dies between sending and forgetting is sent again, with the same Message-ID.
pub async fn deliver(store: Store, key_ring: KeyRing, mailer: Mailer, stop: CancellationToken) {
    let mut is_away = false;
    loop {
        let taken = store.take_due_mails(BATCH).await;
        match &taken {
            Ok(mails) => {
                is_away = false;
                for mail in mails {
                    if let Err(error) = attempt(&store, &key_ring, &mailer, mail).await {
                        tracing::warn!(error = &error as &dyn std::error::Error, "a mail that was tried stays in line");
                    }
                }
            }
            Err(error) if !is_away => {
                is_away = true;
                tracing::warn!(error = error as &dyn std::error::Error, "mail cannot be looked for");
            }
            Err(_) => {}
        }
        let is_more = taken.is_ok_and(|mails| !mails.is_empty());
        let pause = if is_more { Duration::ZERO } else { POLL };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

async fn attempt(store: &Store, key_ring: &KeyRing, mailer: &Mailer, due: &DueMail) -> Result<(), StoreError> {
    match send(key_ring, mailer, due).await {
        Ok(()) => store.delete_mail(due.id).await,
        Err(failure) if failure.verdict == Verdict::Permanent || due.attempt >= MAX_ATTEMPTS => {
            tracing::error!(mail = %due.id, attempt = due.attempt, code = failure.code, cause = failure.cause_chain(), "a mail is given up");
            store.delete_mail(due.id).await
        }
        Err(failure) => {
            tracing::warn!(mail = %due.id, attempt = due.attempt, code = failure.code, cause = failure.cause_chain(), "a mail is tried again later");
            Ok(())
        }
    }
}

async fn send(key_ring: &KeyRing, mailer: &Mailer, due: &DueMail) -> Result<(), Failure> {
    let unreadable = |error| Failure::permanent("mail_unreadable", "the mail in line cannot be read").because(error);
    let text = key_ring.open(&place_of(due.id), &due.content).map_err(unreadable)?;
    let content: Content = serde_json::from_str(text.expose_secret())
        .map_err(|error| Failure::permanent("mail_unreadable", "the mail in line cannot be read").because(error))?;
    let to = Email::parse(&content.to)
        .map_err(|error| Failure::permanent("mail_address", "the address cannot be written to").because(error))?;
    mailer.send(&Mail { id: due.id, to: &to, subject: &content.subject, text: &content.text }).await
}
