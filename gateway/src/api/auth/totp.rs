//! Second factors: codes of an authenticator app (RFC 6238: SHA-1, 6 digits, 30 seconds, one step to either side), and
//! recovery codes.

use jiff::Timestamp;
use rand::Rng;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use totp_rs::{Builder, Secret, Totp};

use crate::domain::ids::UserId;
use crate::domain::seal::{KeyRing, SealError, Sealed};
use crate::store::StoreError;
use crate::store::change::Change;

/// What apps call the service.
const ISSUER: &str = "Gateway";
/// Bytes of a secret, as many as an SHA-1 has.
const SECRET_LEN: usize = 20;
/// Recovery codes of an account.
const CODES: usize = 10;
/// Without letters and digits that look alike. 16 of 32 hold 80 bits.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz123456789";
const CODE_LEN: usize = 16;

/// A second factor could not be made or read.
#[derive(Debug, thiserror::Error)]
pub enum TotpError {
    /// The stored secret does not open.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The secret or the address does not fit.
    #[error("the secret of the authenticator app is not one: {0}")]
    Secret(String),
    /// The clock is before 1970.
    #[error("the clock is before 1970")]
    Clock,
}

/// A secret that was just made.
pub struct NewSecret {
    /// In base 32, for typing.
    pub text: SecretString,
    /// As an `otpauth` URL, for a QR code.
    pub url: SecretString,
    /// For storing.
    pub sealed: Sealed,
}

/// A code that fits, still to be used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Factor {
    /// Of the app, for this step.
    Step(i64),
    /// Perhaps a recovery code, with this hash.
    Recovery([u8; 32]),
}

fn place(user: UserId) -> String {
    format!("user/totp/{user}")
}

fn generator(secret: Secret, email: &str) -> Result<Totp, TotpError> {
    // Colons divide issuer and account in the URL.
    let account = email.replace(':', "_");
    let built = Builder::new().with_secret(secret).with_account_name(account).with_issuer(Some(ISSUER)).build();
    built.map_err(|error| TotpError::Secret(error.to_string()))
}

/// Makes a secret for an account.
///
/// # Errors
/// [`TotpError`].
pub fn make(ring: &KeyRing, user: UserId, email: &str) -> Result<NewSecret, TotpError> {
    let secret = Secret::new(Box::new(rand::random::<[u8; SECRET_LEN]>()));
    let text = SecretString::from(secret.to_base32());
    let url = generator(secret, email)?.to_url().map_err(|error| TotpError::Secret(error.to_string()))?;
    let sealed = ring.seal(&place(user), &text)?;
    Ok(NewSecret { text, url: SecretString::from(url), sealed })
}

/// The step of the app's code that `code` is at a time, if it is one.
fn step_of(ring: &KeyRing, user: UserId, sealed: &Sealed, code: &str, at: Timestamp) -> Result<Option<i64>, TotpError> {
    let text = ring.open(&place(user), sealed)?;
    let secret = Secret::try_from_base32(text.expose_secret()).map_err(|error| TotpError::Secret(error.to_string()))?;
    let seconds = u64::try_from(at.as_second()).map_err(|_| TotpError::Clock)?;
    let step = generator(secret, "account")?.check(code, seconds);
    step.map(|step| i64::try_from(step).map_err(|_| TotpError::Clock)).transpose()
}

/// Reads a code: six digits are the app's, `None` where they are wrong; anything else may be a recovery code. Spaces and
/// hyphens, which people type between groups, and the case of letters do not count.
///
/// # Errors
/// [`TotpError`] when the stored secret cannot be read.
pub fn read(ring: &KeyRing, user: UserId, sealed: &Sealed, code: &str) -> Result<Option<Factor>, TotpError> {
    let code = plain(code);
    if code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(step_of(ring, user, sealed, &code, Timestamp::now())?.map(Factor::Step));
    }
    Ok((code.len() == CODE_LEN).then(|| Factor::Recovery(hash(user, &code))))
}

fn plain(code: &str) -> String {
    code.chars().filter(|c| !c.is_whitespace() && *c != '-').flat_map(char::to_lowercase).collect()
}

fn hash(user: UserId, code: &str) -> [u8; 32] {
    Sha256::digest(format!("{user} {code}").as_bytes()).into()
}

impl Factor {
    /// Uses it up. Says whether it did: each works once.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn spend(self, change: &mut Change, user: UserId) -> Result<bool, StoreError> {
        match self {
            Self::Step(step) => change.use_totp(user, step).await,
            Self::Recovery(hash) => change.use_recovery_code(user, &hash).await,
        }
    }
}

/// Ten recovery codes, and what to store of them.
#[must_use]
pub fn make_recovery_codes(user: UserId) -> (Vec<String>, Vec<Vec<u8>>) {
    let mut source = rand::rng();
    let mut one =
        || -> String { (0..CODE_LEN).map(|_| char::from(ALPHABET[(source.next_u32() % 32) as usize])).collect() };
    let codes: Vec<String> = (0..CODES).map(|_| one()).collect();
    let hashes = codes.iter().map(|code| hash(user, code).to_vec()).collect();
    let grouped = |code: &String| [&code[..4], &code[4..8], &code[8..12], &code[12..]].join("-");
    (codes.iter().map(grouped).collect(), hashes)
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use uuid::Uuid;

    use super::*;

    fn ring() -> KeyRing {
        KeyRing::parse(&format!("a:{}", STANDARD.encode([1; 32]))).unwrap()
    }

    #[test]
    fn codes_are_those_of_the_standard_and_fit_one_step_to_either_side() {
        // Appendix B of RFC 6238, of which six digits are asked for.
        let (ring, user) = (ring(), UserId::from_uuid(Uuid::nil()));
        let text = Secret::new(Box::new(*b"12345678901234567890")).to_base32();
        let sealed = ring.seal(&place(user), &SecretString::from(text)).unwrap();
        for (at, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")]
        {
            let step = at / 30;
            for shift in [-2, -1, 0, 1, 2] {
                let at = Timestamp::from_second((step + shift) * 30).unwrap();
                let fits = (shift.abs() <= 1).then_some(step);
                assert_eq!(step_of(&ring, user, &sealed, code, at).ok().flatten(), fits, "{code} at {at}");
            }
        }
        assert!(step_of(&ring, UserId::from_uuid(Uuid::max()), &sealed, "287082", Timestamp::UNIX_EPOCH).is_err());
    }

    #[test]
    fn recovery_codes_are_read_as_people_type_them_and_belong_to_their_account() {
        let (ring, user) = (ring(), UserId::from_uuid(Uuid::nil()));
        let secret = make(&ring, user, "a:b@c.de").unwrap();
        assert!(secret.url.expose_secret().starts_with("otpauth://totp/Gateway:a_b%40c.de?secret="));
        let (codes, hashes) = make_recovery_codes(user);
        assert_eq!((codes.len(), hashes.len(), codes[0].len()), (10, 10, 19));
        let typed = codes[0].to_uppercase().replace('-', " ");
        let Some(Factor::Recovery(hash)) = read(&ring, user, &secret.sealed, &typed).unwrap() else {
            panic!("{typed}")
        };
        assert_eq!(hash.as_slice(), hashes[0]);
        let other = UserId::from_uuid(Uuid::max());
        assert_ne!(read(&ring, other, &secret.sealed, &typed).unwrap(), Some(Factor::Recovery(hash)));
        for wrong in ["", "12345", "1234567", "not-a-code"] {
            assert_eq!(read(&ring, user, &secret.sealed, wrong).unwrap(), None, "{wrong}");
        }
    }
}
