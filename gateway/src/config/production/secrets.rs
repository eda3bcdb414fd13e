//! Secrets that somebody typed, copied from an example or left out.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};

use crate::config::read::Reader;

/// Different bytes of a key: fewer than this never happen where 32 are drawn at random.
const LEAST_BYTES: usize = 16;
/// Different characters of an API key's secret: the same, of 32 hexadecimal digits.
const LEAST_CHARACTERS: usize = 8;
/// Shortest password.
const LEAST_PASSWORD: usize = 8;
/// What passwords are called in examples and by default.
const EXAMPLES: [&str; 12] = [
    "password",
    "passwort",
    "postgres",
    "postgresql",
    "gateway1",
    "changeme",
    "change-me",
    "change_me",
    "changeit",
    "secretpassword",
    "mysecretpassword",
    "12345678",
];

pub(super) fn check(r: &mut Reader) {
    sealing_keys(r);
    api_keys(r);
}

/// Whether a key was not drawn at random: text, a run of numbers, or much of the same. What seals now has to be good; what
/// only opens is on its way out.
fn sealing_keys(r: &mut Reader) {
    let text = SecretString::from(r.text("secret_keys"));
    let entries = text.expose_secret().split(',').map(str::trim).filter(|entry| !entry.is_empty());
    for (index, entry) in entries.enumerate() {
        let key = entry.split_once(':').and_then(|(_, encoded)| STANDARD.decode(encoded).ok()).map(Zeroizing::new);
        if !key.is_some_and(|key| is_made_up(&key)) {
            continue;
        }
        if index == 0 {
            r.refuse(
                "secret_keys",
                "begins with a key that was not drawn at random, which production refuses: \
                 `head -c 32 /dev/urandom | base64` draws one",
            );
        } else {
            let position = index + 1;
            r.warn("secret_keys", format!("entry {position} was not drawn at random; seal anew and take it out"));
        }
    }
}

fn is_made_up(key: &[u8]) -> bool {
    let is_text = key.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ');
    let steps: BTreeSet<u8> =
        key.windows(2).filter_map(|pair| <[u8; 2]>::try_from(pair).ok()).map(|[a, b]| b.wrapping_sub(a)).collect();
    is_text || steps.len() < 2 || key.iter().collect::<BTreeSet<_>>().len() < LEAST_BYTES
}

fn api_keys(r: &mut Reader) {
    let text = SecretString::from(r.text("api_keys"));
    let entries = text.expose_secret().split(';').map(str::trim).filter(|entry| !entry.is_empty());
    for (index, entry) in entries.enumerate() {
        let secret = entry.split(':').nth(1).unwrap_or_default();
        if secret.chars().collect::<BTreeSet<_>>().len() < LEAST_CHARACTERS {
            let position = index + 1;
            r.refuse("api_keys", format!("entry {position} has a secret that is easily guessed; draw one at random"));
        }
    }
}

/// Whether a password is its user's name, one of examples, or short.
pub(super) fn is_guessable(user: &str, password: &str) -> bool {
    let folded = password.to_ascii_lowercase();
    let is_placeholder = folded.starts_with('<') && folded.ends_with('>');
    let is_varied = password.chars().collect::<BTreeSet<_>>().len() > 3;
    password.chars().count() < LEAST_PASSWORD
        || is_placeholder
        || !is_varied
        || folded == user.to_ascii_lowercase()
        || EXAMPLES.contains(&folded.as_str())
}
