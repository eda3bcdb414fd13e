//! Links that let people in: made in a change, and sent by mail or shown to who asked for them.

use std::time::Duration;

use secrecy::SecretString;

use crate::api::AppState;
use crate::api::auth::password::{MAX_PASSWORD, MAX_PASSWORD_CHARS, MIN_PASSWORD};
use crate::api::auth::token;
use crate::api::extract::Fields;
use crate::api::letter::Letter;
use crate::api::problem::Refusal;
use crate::api::types::Link;
use crate::domain::email::Email;
use crate::domain::person::LinkKind;
use crate::store::change::Change;
use crate::store::users::UserRecord;

/// How long an invite can be accepted: over a week-end and a holiday.
const INVITE: Duration = Duration::from_secs(7 * 24 * 3600);
/// How long a password can be set: as long as people take to look at their mail.
const RESET: Duration = Duration::from_secs(3600);
/// Longest token that is looked at, in bytes.
const MAX_TOKEN: usize = 400;

const fn lifetime(kind: LinkKind) -> Duration {
    match kind {
        LinkKind::Invite => INVITE,
        LinkKind::Reset => RESET,
    }
}

/// Makes a link to an account. It goes to its person by mail; where there is no mail server, or no mail can be written to the
/// address, it stands in the answer.
///
/// # Errors
/// That of the store; an internal one where the letter cannot be sealed.
pub(super) async fn hand_out(
    state: &AppState,
    change: &mut Change,
    user: &UserRecord,
    kind: LinkKind,
) -> Result<Link, Refusal> {
    let (token, hash) = token::make();
    let expires_at = change.create_link(user.id, kind, &hash, lifetime(kind)).await?;
    let console = &state.settings.http.console_url;
    let mut url = console.join(kind.as_str()).map_err(|error| Refusal::internal().because(&error))?;
    // A browser keeps the fragment to itself, so the token reaches no log.
    url.set_fragment(Some(&token));
    let to = Email::parse(&user.email).ok().filter(|_| state.settings.mail.is_some());
    let Some(to) = to else { return Ok(Link { sent: false, url: Some(url.into()), expires_at }) };
    let (subject, text) = match kind {
        LinkKind::Invite => (
            "You are invited to the gateway",
            format!(
                "You are invited to the gateway at {console}\n\nChoose a password to accept, within 7 days:\n\n{url}\n\n\
                 Who did not expect this can pass over it.\n"
            ),
        ),
        LinkKind::Reset => (
            "Set another password for the gateway",
            format!(
                "Somebody asked to set another password for {to} at {console}\n\nSet it here, within an hour:\n\n{url}\n\n\
                 Who did not ask for this can pass over it: nothing has changed.\n"
            ),
        ),
    };
    Letter { to, subject: subject.to_owned(), text }.queue(state, change).await?;
    Ok(Link { sent: true, url: None, expires_at })
}

/// The token of a link; `None` where it is missing, or wrong and noted. What is no token leads nowhere.
pub(super) fn read_token(fields: &mut Fields) -> Option<String> {
    let token = fields.required_text("token")?;
    if token.len() > MAX_TOKEN {
        fields.refuse("token", "length", format!("may have {MAX_TOKEN} bytes at most"));
    }
    Some(token)
}

/// A password that is to be compared; `None` where it is missing, or wrong and noted.
pub(super) fn read_password(fields: &mut Fields, name: &str) -> Option<SecretString> {
    let password = fields.required_text(name)?;
    if password.len() > MAX_PASSWORD {
        fields.refuse(name, "length", format!("may have {MAX_PASSWORD} bytes at most"));
    }
    Some(SecretString::from(password))
}

/// A password that is to be set; `None` where it is missing, or wrong and noted.
pub(super) fn read_new_password(fields: &mut Fields, name: &str) -> Option<SecretString> {
    let password = fields.required_text(name)?;
    if !(MIN_PASSWORD..=MAX_PASSWORD_CHARS).contains(&password.chars().count()) {
        let message = format!("must have {MIN_PASSWORD} to {MAX_PASSWORD_CHARS} characters");
        fields.refuse(name, "length", message);
    }
    Some(SecretString::from(password))
}
