//! `/api/gateway/me`: the caller, and what people do about their own account.

pub(super) mod get;
pub(super) mod password;
pub(super) mod totp_confirm;
pub(super) mod totp_disable;
pub(super) mod totp_enrol;

use axum::http::StatusCode;
use secrecy::SecretString;

use crate::api::AppState;
use crate::api::auth::Person;
use crate::api::auth::totp::{self, Factor};
use crate::api::call::Call;
use crate::api::extract::Fields;
use crate::api::problem::Refusal;
use crate::store::change::Change;

/// Longest code that is read, in bytes.
const MAX_CODE: usize = 256;

fn wrong_password() -> Refusal {
    let detail = "this is not the password of the account";
    Refusal::new(StatusCode::FORBIDDEN, "wrong_password", "Wrong password", detail)
}

/// A code that does not fit, or was used before.
pub(super) fn wrong_code(status: StatusCode) -> Refusal {
    let detail = "this code is wrong, or was used before; wait for the app to show another one";
    Refusal::new(status, "wrong_code", "Wrong code", detail)
}

/// A code; `None` where it is missing, or wrong and noted.
pub(super) fn read_code(fields: &mut Fields) -> Option<String> {
    let code = fields.text("code")?;
    if code.len() > MAX_CODE {
        fields.refuse("code", "length", format!("may have {MAX_CODE} bytes at most"));
    }
    Some(code)
}

fn read_required_code(fields: &mut Fields) -> Option<String> {
    if !fields.is_given("code") || fields.is_null("code") {
        let _ = fields.text("code");
        fields.refuse("code", "required", "is required");
        return None;
    }
    read_code(fields)
}

/// Compares the password of the caller, which counts as an attempt to log in.
async fn check_password(state: &AppState, call: &Call, person: &Person, password: SecretString) -> Result<(), Refusal> {
    let address = call.peer().address;
    state.limiter().begin(&person.user.email, address).await?;
    let hash = person.user.password_hash.clone();
    let matches = state.verifier().verify(password, hash).await.map_err(|e| Refusal::internal().because(&e))?;
    if !matches {
        return Err(wrong_password());
    }
    state.limiter().succeed(&person.user.email, address).await;
    Ok(())
}

/// Lets the change go on only while the password that was compared is still that of the account.
async fn hold(change: &mut Change, person: &Person) -> Result<(), Refusal> {
    let hash = person.user.password_hash.as_deref().unwrap_or_default();
    if change.hold_password(person.user.id, hash, person.user.totp.is_some()).await? {
        Ok(())
    } else {
        Err(wrong_password())
    }
}

/// Reads a code for the second factor of the caller, which counts as an attempt.
async fn check_code(state: &AppState, person: &Person, code: &str) -> Result<Factor, Refusal> {
    let Some(sealed) = &person.user.totp else {
        let detail = "there is no second factor on this account";
        return Err(Refusal::new(StatusCode::CONFLICT, "totp_disabled", "No second factor", detail));
    };
    state.limiter().begin_code(person.user.id).await?;
    let factor = totp::read(&state.settings.key_ring, person.user.id, sealed, code);
    factor.map_err(|error| Refusal::internal().because(&error))?.ok_or_else(|| wrong_code(StatusCode::FORBIDDEN))
}
