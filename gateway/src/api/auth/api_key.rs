//! API keys: `gwk_<id>_<secret>_<check>`.
//!
//! The secret carries 256 random bits, so one SHA-256 is enough at rest. The prefix and the check let scanners find
//! leaked keys, and let a mistyped one be refused without a look at the database.

use std::net::IpAddr;

use axum::http::HeaderValue;
use rand::distr::{Alphanumeric, SampleString};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::api::AppState;
use crate::api::auth::Caller;
use crate::api::problem::Refusal;
use crate::config::StaticKey;
use crate::domain::reach::Reach;
use crate::store::api_keys::ApiKeyAccess;

const PREFIX: &str = "gwk";
const ID_LEN: usize = 12;
/// 43 of 62 letters and digits hold 256 bits.
const SECRET_LEN: usize = 43;
const CHECK_LEN: usize = 6;
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A key that was just made; the only moment at which it is known.
#[derive(Debug)]
pub struct NewApiKey {
    /// Names its row.
    pub id: String,
    /// The whole key.
    pub key: SecretString,
    /// SHA-256 of the whole key.
    pub hash: [u8; 32],
}

/// A key from the settings, by the hash of its secret.
#[derive(Clone, Debug)]
pub struct KnownKey {
    name: String,
    hash: [u8; 32],
    scopes: Vec<String>,
}

impl KnownKey {
    /// Hashes the secret of a key from the settings.
    #[must_use]
    pub fn of_setting(key: &StaticKey) -> Self {
        Self { name: key.name.clone(), hash: hash(key.secret.expose_secret()), scopes: key.scopes.clone() }
    }
}

fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// CRC-32 (IEEE 802.3) of `text` as six digits of base 62.
fn check(text: &str) -> String {
    let mut crc = u32::MAX;
    for byte in text.bytes() {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    let mut rest = !crc;
    let mut digits = [b'0'; CHECK_LEN];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[(rest % 62) as usize];
        rest /= 62;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

/// Makes a key from a cryptographic source.
#[must_use]
pub fn make() -> NewApiKey {
    make_for(Alphanumeric.sample_string(&mut rand::rng(), ID_LEN))
}

/// Makes another secret for the key with this id.
#[must_use]
pub fn make_for(id: String) -> NewApiKey {
    let mut source = rand::rng();
    let body = format!("{PREFIX}_{id}_{}", Alphanumeric.sample_string(&mut source, SECRET_LEN));
    let key = format!("{body}_{}", check(&body));
    NewApiKey { id, hash: hash(&key), key: SecretString::from(key) }
}

/// Tells the caller with this key from all others.
#[must_use]
pub fn principal_of(id: &str) -> String {
    format!("key/{id}")
}

/// The id in a key of the right form and with the right check.
fn id_of(key: &str) -> Option<&str> {
    let (body, found) = key.rsplit_once('_')?;
    let mut parts = body.split('_');
    let (prefix, id, secret, None) = (parts.next()?, parts.next()?, parts.next()?, parts.next()) else { return None };
    let whole = prefix == PREFIX && id.len() == ID_LEN && secret.len() == SECRET_LEN && found == check(body);
    (whole && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')).then_some(id)
}

/// The caller an Authorization header names. A call comes from somewhere: unknown keys are counted by the network, and the
/// key is marked as used once its secret was right. A look whether it still goes on does neither.
pub(super) async fn caller(state: &AppState, header: &HeaderValue, from: Option<IpAddr>) -> Result<Caller, Refusal> {
    let unknown = || Refusal::unauthenticated("the API key is not known, or revoked");
    let text = header.to_str().map_err(|_| unknown())?;
    let key = match text.split_once(' ') {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => key.trim(),
        _ => return Err(Refusal::unauthenticated("the authorization header must be: Bearer <API key>")),
    };
    let hash = hash(key);
    // All are compared, so that the time taken says nothing about which one nearly matched.
    let mut known = None;
    for candidate in state.known_keys() {
        if bool::from(candidate.hash.ct_eq(&hash)) {
            let (principal, name) = (format!("setting/{}", candidate.name), candidate.name.clone());
            known = Some(Caller::key(principal, name, candidate.scopes.clone(), Reach::EVERYTHING, None));
        }
    }
    if let Some(caller) = known {
        return Ok(caller);
    }
    let checks = state.key_checks().of(hash, from);
    // A mistyped key is told by its check, without a look at the database.
    let Some(id) = id_of(key) else { return Err(checks.fail(unknown()).await) };
    if let Some(caller) = checks.known() {
        return Ok(caller);
    }
    let asked = checks.begin().await?;
    let access = state.store.api_key_access(id).await?;
    let is_one =
        |access: &ApiKeyAccess| access.hashes.iter().fold(false, |found, known| found | bool::from(known.ct_eq(&hash)));
    let Some(access) = access.filter(is_one) else { return Err(checks.fail(unknown()).await) };
    if access.is_mark_old && from.is_some() {
        state.store.mark_api_key(id).await?;
    }
    let caller = Caller::key(principal_of(id), access.name, access.scopes, access.reach, access.expires_at);
    checks.succeed(asked, &caller);
    Ok(caller)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_those_of_crc32() {
        // The check value of CRC-32/ISO-HDLC in every catalogue is 0xCBF43926.
        let mut value: u32 = 0;
        for digit in check("123456789").bytes() {
            let place = BASE62.iter().position(|known| *known == digit).unwrap();
            value = value * 62 + u32::try_from(place).unwrap();
        }
        assert_eq!(value, 0xCBF4_3926);
    }

    #[test]
    fn a_made_key_is_whole_and_a_mistyped_one_is_not() {
        let made = make();
        let text = made.key.expose_secret();
        assert_eq!(id_of(text), Some(&*made.id));
        assert_eq!(text.len(), 4 + 12 + 1 + 43 + 1 + 6);
        for place in 0..text.len() {
            let mut wrong: Vec<u8> = text.bytes().collect();
            wrong[place] = if wrong[place] == b'x' { b'y' } else { b'x' };
            assert_eq!(id_of(std::str::from_utf8(&wrong).unwrap()), None, "place {place}");
        }
        assert_ne!(make().hash, made.hash);
    }
}
