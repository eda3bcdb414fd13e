//! The password of a tenant's login with what PostgreSQL keeps of it, drawn at random or made for a spare.
//!
//! PostgreSQL hashes for milliseconds whenever it is told a verifier, to see that it is not that of an empty password. So the
//! login of a spare has its password beforehand. It is made of the spare's name with a key of the ring: whoever takes the spare
//! makes it again, and it is kept nowhere before.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};

use crate::domain::failure::Failure;
use crate::domain::seal::KeyRing;
use crate::domain::stock::{SpareName, StockMark};

/// A password and its verifier.
#[derive(Debug)]
pub struct Credentials {
    /// 256 bits as text.
    pub password: SecretString,
    /// Its SCRAM verifier.
    pub verifier: SecretString,
}

impl Credentials {
    /// New ones that nobody else has. Hashes for milliseconds.
    #[must_use]
    pub fn draw() -> Self {
        Self::of(SecretString::from(URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())))
    }

    fn of(password: SecretString) -> Self {
        let verifier = postgres_protocol::password::scram_sha_256(password.expose_secret().as_bytes());
        Self { password, verifier: SecretString::from(verifier) }
    }

    /// Those of a spare, and the mark of its login by which they are known again.
    ///
    /// # Errors
    /// `stopping`, while the process ends; `secret_refused`, permanent, without a key.
    pub(super) async fn of_spare(
        ring: &KeyRing,
        spare: SpareName,
        mark: &StockMark,
    ) -> Result<(Self, StockMark), Failure> {
        let key = ring.sealing_key();
        let no_key = || Failure::permanent("secret_refused", "there is no key to make a spare's password with");
        let password = ring.derive(key, &place(spare)).ok_or_else(no_key)?;
        let made = tokio::task::spawn_blocking(|| Self::of(password)).await;
        let made = made.map_err(|e| Failure::unavailable("stopping", "the worker is stopping").because(e))?;
        let proof = prove(ring, key, spare, &made.verifier).ok_or_else(no_key)?;
        Ok((made, mark.with_password(key, proof.expose_secret())))
    }

    /// Those that a spare's login has; `None` where that cannot be told: it was made by an older release, its key has left the
    /// ring, or somebody gave it another password.
    pub(super) fn of_found(
        ring: &KeyRing,
        spare: SpareName,
        mark: &StockMark,
        comment: &str,
        verifier: SecretString,
    ) -> Option<Self> {
        let (key, proof) = mark.password_of(comment)?;
        let expected = prove(ring, key, spare, &verifier)?;
        let password = ring.derive(key, &place(spare))?;
        (expected.expose_secret() == proof).then_some(Self { password, verifier })
    }
}

fn place(spare: SpareName) -> String {
    format!("spare/password/{}", spare.database())
}

/// What only a holder of the key can say of this verifier on this spare.
fn prove(ring: &KeyRing, key: &str, spare: SpareName, verifier: &SecretString) -> Option<SecretString> {
    ring.derive(key, &format!("spare/proof/{}/{}", spare.database(), verifier.expose_secret()))
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;
    use uuid::Uuid;

    use super::*;
    use crate::domain::ids::InstallationId;
    use crate::domain::stock::TemplateName;

    fn ring(keys: &[(&str, u8)]) -> KeyRing {
        let entries: Vec<String> =
            keys.iter().map(|(id, byte)| format!("{id}:{}", STANDARD.encode([*byte; 32]))).collect();
        KeyRing::parse(&entries.join(",")).unwrap()
    }

    #[tokio::test]
    async fn only_what_was_made_with_a_key_of_the_ring_is_known_again() {
        let installation = InstallationId::from_uuid(Uuid::new_v4());
        let plain = StockMark::of_spare(installation, &TemplateName::of([7; 16]));
        let (spare, other) = (SpareName::of(Uuid::new_v4()), SpareName::of(Uuid::new_v4()));
        let old = ring(&[("a", 1)]);
        let (made, mark) = Credentials::of_spare(&old, spare, &plain).await.unwrap();
        let known = |ring: &KeyRing, spare, comment: &str, verifier: &SecretString| {
            let found = Credentials::of_found(ring, spare, &plain, comment, verifier.clone());
            found.map(|found| found.password.expose_secret().to_owned())
        };
        let password = Some(made.password.expose_secret().to_owned());
        assert_eq!(known(&old, spare, mark.as_str(), &made.verifier), password);
        // After a change of keys, as long as the old one is held.
        assert_eq!(known(&ring(&[("b", 2), ("a", 1)]), spare, mark.as_str(), &made.verifier), password);
        for (ring, spare, comment, verifier) in [
            (ring(&[("b", 2)]), spare, mark.as_str(), &made.verifier),
            (ring(&[("a", 2)]), spare, mark.as_str(), &made.verifier),
            (old.clone(), other, mark.as_str(), &made.verifier),
            (old.clone(), spare, plain.as_str(), &made.verifier),
            (old, spare, mark.as_str(), &Credentials::draw().verifier),
        ] {
            assert_eq!(known(&ring, spare, comment, verifier), None, "{comment}");
        }
    }
}
