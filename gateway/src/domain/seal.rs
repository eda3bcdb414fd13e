//! Secrets at rest: AES-256-GCM-SIV with a ring of keys.
//!
//! The first key seals, all open. Each sealed text names its key and is bound to the place it was made for, so a
//! text moved to another row or column does not open. For what has no row to keep a secret in, a secret can be made of its
//! name, anew by whoever holds the key.

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// What the key that makes secrets is made for, so that it is another than the one that seals.
const DERIVED: &[u8] = b"gateway derived secrets v1";

/// Envelope `v1.<key id>.<nonce>.<ciphertext>`, the last two in unpadded URL-safe base64. Safe to store and log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed(String);

impl Sealed {
    /// Wraps an envelope read from the control database.
    #[must_use]
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The envelope, for storing.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Keys that seal and open; `Debug` shows their ids only.
#[derive(Clone)]
pub struct KeyRing {
    keys: Vec<Key>,
}

#[derive(Clone)]
struct Key {
    id: String,
    cipher: Aes256GcmSiv,
    derives: Hmac<Sha256>,
}

/// Why a ring could not be read or an envelope not opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The setting holds no key.
    #[error("holds no key; one entry is id:base64 of 32 bytes")]
    Empty,
    /// An entry is not `id:base64`.
    #[error("entry {0} is not id:base64 of 32 bytes, with an id of 1 to 16 letters and digits")]
    Entry(usize),
    /// Two entries share an id.
    #[error("names the key id {0} twice")]
    Duplicate(String),
    /// The text is not an envelope of ours.
    #[error("the stored text is not a sealed secret")]
    Envelope,
    /// The key that sealed it is not in the ring.
    #[error("the key {0} that sealed it is not among GATEWAY_SECRET_KEYS")]
    UnknownKey(String),
    /// Wrong key under a known id, another place, or damage.
    #[error("the sealed secret does not open: wrong key, other row, or damaged")]
    Refused,
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.keys.iter().map(|key| &key.id)).finish()
    }
}

impl KeyRing {
    /// Parses `id:base64,id:base64`; the first entry seals.
    ///
    /// # Errors
    /// Names the entry by its position (from 1), never its content.
    pub fn parse(setting: &str) -> Result<Self, SealError> {
        let mut keys: Vec<Key> = Vec::new();
        for (index, entry) in setting.split(',').map(str::trim).filter(|e| !e.is_empty()).enumerate() {
            let wrong = || SealError::Entry(index + 1);
            let (id, encoded) = entry.split_once(':').ok_or_else(wrong)?;
            if id.is_empty() || id.len() > 16 || !id.bytes().all(|b| b.is_ascii_alphanumeric()) {
                return Err(wrong());
            }
            let bytes = Zeroizing::new(STANDARD.decode(encoded).map_err(|_| wrong())?);
            let cipher = Aes256GcmSiv::new_from_slice(&bytes).map_err(|_| wrong())?;
            if keys.iter().any(|known| known.id == id) {
                return Err(SealError::Duplicate(id.to_owned()));
            }
            let own = <Hmac<Sha256> as KeyInit>::new_from_slice(&bytes).map_err(|_| wrong())?;
            let own = Zeroizing::new(<[u8; 32]>::from(own.chain_update(DERIVED).finalize().into_bytes()));
            let derives = <Hmac<Sha256> as KeyInit>::new_from_slice(&*own).map_err(|_| wrong())?;
            keys.push(Key { id: id.to_owned(), cipher, derives });
        }
        if keys.is_empty() { Err(SealError::Empty) } else { Ok(Self { keys }) }
    }

    /// Id of the key that seals.
    #[must_use]
    pub fn sealing_key(&self) -> &str {
        self.keys.first().map_or("", |key| &key.id)
    }

    /// Whether the ring has the key of this id.
    #[must_use]
    pub fn holds(&self, id: &str) -> bool {
        self.keys.iter().any(|key| key.id == id)
    }

    /// Seals `plain` for `place`, such as `tenant/password/<id>`.
    ///
    /// # Errors
    /// [`SealError::Empty`] cannot happen for a parsed ring; [`SealError::Refused`] when the cipher fails.
    pub fn seal(&self, place: &str, plain: &SecretString) -> Result<Sealed, SealError> {
        let Key { id, cipher, .. } = self.keys.first().ok_or(SealError::Empty)?;
        let nonce: [u8; 12] = rand::random();
        let payload = Payload { msg: plain.expose_secret().as_bytes(), aad: place.as_bytes() };
        let text = cipher.encrypt(&Nonce::from(nonce), payload).map_err(|_| SealError::Refused)?;
        Ok(Sealed(format!("v1.{id}.{}.{}", URL_SAFE_NO_PAD.encode(nonce), URL_SAFE_NO_PAD.encode(text))))
    }

    /// Opens an envelope that was sealed for the same place.
    ///
    /// # Errors
    /// See [`SealError`]; none tells anything about the content.
    pub fn open(&self, place: &str, sealed: &Sealed) -> Result<SecretString, SealError> {
        let mut parts = sealed.0.split('.');
        let (Some("v1"), Some(id), Some(nonce), Some(text), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(SealError::Envelope);
        };
        let known = self.keys.iter().find(|known| known.id == id);
        let Key { cipher, .. } = known.ok_or_else(|| SealError::UnknownKey(id.to_owned()))?;
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| SealError::Envelope);
        let nonce: [u8; 12] = decode(nonce)?.try_into().map_err(|_| SealError::Envelope)?;
        let payload = Payload { msg: &decode(text)?, aad: place.as_bytes() };
        let plain = Zeroizing::new(cipher.decrypt(&Nonce::from(nonce), payload).map_err(|_| SealError::Refused)?);
        let text = std::str::from_utf8(&plain).map_err(|_| SealError::Refused)?;
        Ok(SecretString::from(text.to_owned()))
    }

    /// The secret of a place under the key of this id: 256 bits as text, the same each time, which nobody can tell without the
    /// key. `None` where the ring does not hold it.
    #[must_use]
    pub fn derive(&self, id: &str, place: &str) -> Option<SecretString> {
        let key = self.keys.iter().find(|known| known.id == id)?;
        let secret = Zeroizing::new(<[u8; 32]>::from(key.derives.clone().chain_update(place).finalize().into_bytes()));
        Some(SecretString::from(URL_SAFE_NO_PAD.encode(*secret)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> String {
        STANDARD.encode([byte; 32])
    }

    #[test]
    fn first_key_seals_and_all_open() {
        let old = KeyRing::parse(&format!("a:{}", key(1))).unwrap();
        let both = KeyRing::parse(&format!("b:{}, a:{}", key(2), key(1))).unwrap();
        let secret = SecretString::from("hunter2".to_owned());
        let by_old = old.seal("tenant/password/1", &secret).unwrap();
        assert_eq!(both.open("tenant/password/1", &by_old).unwrap().expose_secret(), "hunter2");
        let by_new = both.seal("tenant/password/1", &secret).unwrap();
        assert!(by_new.as_str().starts_with("v1.b."));
        assert_eq!(old.open("tenant/password/1", &by_new).unwrap_err(), SealError::UnknownKey("b".into()));
    }

    #[test]
    fn a_text_does_not_open_elsewhere_or_damaged_or_with_another_key() {
        let ring = KeyRing::parse(&format!("a:{}", key(1))).unwrap();
        let sealed = ring.seal("tenant/password/1", &SecretString::from("x".to_owned())).unwrap();
        assert_eq!(ring.open("tenant/password/2", &sealed).unwrap_err(), SealError::Refused);
        let other = KeyRing::parse(&format!("a:{}", key(3))).unwrap();
        assert_eq!(other.open("tenant/password/1", &sealed).unwrap_err(), SealError::Refused);
        assert_eq!(ring.open("p", &Sealed::from_stored("v1.a.b".into())).unwrap_err(), SealError::Envelope);
    }

    #[test]
    fn a_secret_is_that_of_one_place_and_one_key() {
        let both = KeyRing::parse(&format!("b:{}, a:{}", key(2), key(1))).unwrap();
        let of = |ring: &KeyRing, id: &str, place: &str| {
            ring.derive(id, place).map(|secret| secret.expose_secret().to_owned())
        };
        let one = of(&both, "a", "spare/1").unwrap();
        assert_eq!(one.len(), 43);
        let old = KeyRing::parse(&format!("a:{}", key(1))).unwrap();
        assert_eq!(of(&old, "a", "spare/1").as_ref(), Some(&one));
        assert_ne!(of(&both, "a", "spare/2").as_ref(), Some(&one));
        assert_ne!(of(&both, "b", "spare/1").as_ref(), Some(&one));
        assert_eq!(of(&old, "b", "spare/1"), None);
    }

    #[test]
    fn a_bad_setting_is_refused_without_showing_it() {
        for (bad, why) in [
            (String::new(), SealError::Empty),
            ("nokey".into(), SealError::Entry(1)),
            (format!("a:{},b:short", key(1)), SealError::Entry(2)),
            (format!("a:{},a:{}", key(1), key(2)), SealError::Duplicate("a".into())),
        ] {
            assert_eq!(KeyRing::parse(&bad).unwrap_err(), why);
        }
        let ring = KeyRing::parse(&format!("a:{}", key(1))).unwrap();
        assert_eq!(format!("{ring:?}"), r#"["a"]"#);
    }
}
