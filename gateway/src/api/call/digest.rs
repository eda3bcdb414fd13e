//! Digests of what calls carry. Bodies may hold passwords, so a digest is made with a key that the control database does not
//! hold in the clear: who reads a copy of it can try no passwords on what is kept.
//!
//! The key is drawn once and sealed like every other secret, so digests stay the same when `GATEWAY_SECRET_KEYS` change.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use tokio::sync::OnceCell;

use crate::api::AppState;
use crate::api::problem::Refusal;

/// What the key is sealed for; `store::sealed` says the same.
const PLACE: &str = "installation/digest-key";

/// The key of a process, read when the first digest is asked for.
#[derive(Default)]
pub(in crate::api) struct Digests(OnceCell<SecretString>);

impl std::fmt::Debug for Digests {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Digests").finish_non_exhaustive()
    }
}

impl Digests {
    /// HMAC-SHA-256 of two parts that no other two share.
    ///
    /// # Errors
    /// Where the key cannot be read: 503 while the control database does not answer, 500 when it does not open.
    pub(super) async fn digest(&self, state: &AppState, head: &str, rest: &[u8]) -> Result<[u8; 32], Refusal> {
        let key = self.0.get_or_try_init(|| read_or_draw(state)).await?;
        let mac = Hmac::<Sha256>::new_from_slice(key.expose_secret().as_bytes());
        let mut mac = mac.map_err(|error| Refusal::internal().because(&error))?;
        mac.update(&(head.len() as u64).to_be_bytes());
        mac.update(head.as_bytes());
        mac.update(rest);
        Ok(mac.finalize().into_bytes().into())
    }
}

async fn read_or_draw(state: &AppState) -> Result<SecretString, Refusal> {
    let ring = &state.settings.key_ring;
    let kept = match state.store.digest_key().await? {
        Some(kept) => kept,
        None => {
            let drawn = SecretString::from(URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()));
            let drawn = ring.seal(PLACE, &drawn).map_err(|error| Refusal::internal().because(&error))?;
            state.store.put_digest_key(&drawn).await?
        }
    };
    ring.open(PLACE, &kept).map_err(|error| Refusal::internal().because(&error))
}
