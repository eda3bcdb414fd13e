//! `/api/gateway/public/signup`: what strangers may call; one file per verb.
//!
//! A signup is followed by a token that is given once and kept as a SHA-256. What is answered says nothing of whether
//! somebody with an address is known, and nothing of how the engine works.

mod budget;
pub(super) mod create;
pub(super) mod events;
pub(super) mod get;
pub(super) mod key;
mod pace;
mod progress;
pub(super) mod prove;
pub(super) mod resend;
mod room;
mod streams;
mod sweep;

use std::time::Duration;

use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::api::AppState;
use crate::api::extract::Fields;
use crate::api::letter::Letter;
use crate::api::problem::Refusal;
use crate::config::{Settings, SignupSettings};
use crate::domain::email::Email;
use crate::store::signup_moves::SignupTerms;
use crate::store::signups::SignupRecord;

pub(super) use budget::SignupLimiter;
pub(super) use pace::SignupPace;
pub(super) use progress::{is_final, shown};
pub(super) use room::Room;
pub(super) use streams::SignupStreams;
pub use sweep::sweep;

/// A signup waits so long for the proof of its address.
const PROOF_LASTS: Duration = Duration::from_secs(24 * 3600);
/// Characters of a token: 256 bits in base64.
const TOKEN_LEN: usize = 43;

/// Refuses where nobody may sign up.
fn open_to_strangers(state: &AppState) -> Result<&SignupSettings, Refusal> {
    let settings = &state.settings.signup;
    if settings.enabled {
        return Ok(settings);
    }
    Err(Refusal::new(StatusCode::NOT_FOUND, "signup_off", "No signup", "nobody can sign up here"))
}

/// What tenants of signups have in common, and how long signups wait.
pub(super) fn terms(settings: &Settings) -> SignupTerms {
    let need = room::need(settings);
    let settings = &settings.signup;
    SignupTerms {
        rules: settings.rules,
        tier: settings.tier,
        labels: settings.labels.clone(),
        need,
        waiting: settings.waiting,
        proof_lasts: PROOF_LASTS,
        approval_lasts: settings.keep,
    }
}

/// A token, and what is kept of it.
fn make_token() -> (String, [u8; 32]) {
    let token = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
    let hash = Sha256::digest(token.as_bytes()).into();
    (token, hash)
}

/// What is kept of a token; `None` for what cannot be one, which costs no query.
fn hash_of(token: &str) -> Option<[u8; 32]> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let fits = token.len() == TOKEN_LEN && token.bytes().all(is_plain);
    fits.then(|| Sha256::digest(token.as_bytes()).into())
}

/// The token in a body.
fn read_token(mut fields: Fields) -> Result<String, Refusal> {
    let token = fields.required_text("token");
    if token.as_ref().is_some_and(|token| hash_of(token).is_none()) {
        fields.refuse("token", "token", "must be 43 letters, digits, hyphens and underscores");
    }
    fields.finish()?;
    token.ok_or_else(Refusal::internal)
}

/// Where a signup can be followed.
fn place_of(token: &str) -> String {
    format!("/api/gateway/public/signup/{token}")
}

/// The letter whose link proves an address. The token stands in the fragment, which browsers keep to themselves.
///
/// Nothing else that a stranger wrote is in it: anybody can have it sent to anybody.
fn proof_letter(state: &AppState, to: Email, key: &str, token: &str) -> Letter {
    let mut url = state.settings.signup.proof_url.clone().unwrap_or_else(|| {
        let console = &state.settings.http.console_url;
        console.join("signup").unwrap_or_else(|_| console.clone())
    });
    url.set_fragment(Some(token));
    let text = format!(
        "Somebody asked for the workspace {key} with this address.\n\n\
         If it was you, follow this link within 24 hours:\n\n{url}\n\n\
         If it was not, do nothing: without the link nothing is made.\n"
    );
    Letter { to, subject: "Confirm your address".to_owned(), text }
}

/// What the audit log tells of a signup: not whom to reach and how, as its rows are never erased.
#[derive(serde::Serialize)]
pub(super) struct Told<'a> {
    state: &'static str,
    key: &'a str,
    company_name: &'a str,
    mail_domain: Option<&'a str>,
    tenant_id: Option<uuid::Uuid>,
    reason: Option<&'a str>,
}

impl<'a> Told<'a> {
    pub(super) fn of(record: &'a SignupRecord) -> Self {
        Self {
            state: record.state.as_str(),
            key: &record.key,
            company_name: &record.company_name,
            mail_domain: record.email.as_deref().and_then(|email| email.rsplit_once('@')).map(|(_, domain)| domain),
            tenant_id: record.tenant.as_ref().map(|tenant| tenant.id.as_uuid()),
            reason: record.reason.as_deref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_token_is_one_and_other_texts_are_not() {
        let (token, hash) = make_token();
        assert_eq!(hash_of(&token), Some(hash));
        for bad in ["", "x", &token[1..], &format!("{token}x"), &token.replace(&token[..1], "="), &"ä".repeat(43)] {
            assert_eq!(hash_of(bad), None, "{bad}");
        }
    }
}
