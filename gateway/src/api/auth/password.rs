//! Passwords: Argon2id with 19 MiB, two passes, one lane, as OWASP's cheat sheet asks for at least.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// Hashes computed at once: each takes 19 MiB and a core.
const AT_ONCE: usize = 2;
/// Longest password, in bytes.
pub const MAX_PASSWORD: usize = 1024;
/// Shortest password somebody may choose, in characters.
pub const MIN_PASSWORD: usize = 12;
/// Longest password somebody may choose, in characters: none of them takes more than [`MAX_PASSWORD`].
pub const MAX_PASSWORD_CHARS: usize = MAX_PASSWORD / 4;

/// A hash could not be computed or read.
#[derive(Debug, thiserror::Error)]
#[error("the password could not be hashed")]
pub struct PasswordError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl PasswordError {
    pub(in crate::api) fn new(cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self(Box::new(cause))
    }
}

/// The PHC text to store for a password. Blocks for some tens of milliseconds.
///
/// # Errors
/// [`PasswordError`] when there is no randomness or no memory.
pub fn hash(password: &SecretString) -> Result<String, PasswordError> {
    let hash = Argon2::default().hash_password(password.expose_secret().as_bytes()).map_err(PasswordError::new)?;
    Ok(hash.to_string())
}

fn is_of(password: &SecretString, hash: &str) -> Result<bool, PasswordError> {
    let hash = PasswordHash::new(hash).map_err(PasswordError::new)?;
    Ok(Argon2::default().verify_password(password.expose_secret().as_bytes(), &hash).is_ok())
}

/// Compares passwords with stored hashes and makes such hashes, a few at a time.
#[derive(Clone, Debug)]
pub struct Verifier {
    places: Arc<Semaphore>,
    nobody: Arc<str>,
}

impl Verifier {
    /// A verifier with a hash to compare with where there is no user.
    ///
    /// # Errors
    /// [`PasswordError`] as [`hash`].
    pub fn new() -> Result<Self, PasswordError> {
        let nobody = hash(&SecretString::from(rand::random::<u128>().to_string()))?;
        Ok(Self { places: Arc::new(Semaphore::new(AT_ONCE)), nobody: nobody.into() })
    }

    /// The PHC text to store for a password.
    ///
    /// # Errors
    /// [`PasswordError`] as [`hash`].
    pub async fn hash(&self, password: SecretString) -> Result<String, PasswordError> {
        let place = self.places.clone().acquire_owned().await.map_err(PasswordError::new)?;
        let hashed = spawn_blocking(move || {
            let _place = place;
            hash(&password)
        });
        hashed.await.map_err(PasswordError::new)?
    }

    /// Whether the password belongs to the hash. Without a hash it takes as long and says no.
    ///
    /// # Errors
    /// [`PasswordError`] when the stored hash cannot be read.
    pub async fn verify(&self, password: SecretString, hash: Option<String>) -> Result<bool, PasswordError> {
        let place = self.places.clone().acquire_owned().await.map_err(PasswordError::new)?;
        let nobody = Arc::clone(&self.nobody);
        let compared = spawn_blocking(move || {
            let _place = place;
            match hash {
                Some(hash) => is_of(&password, &hash),
                None => is_of(&password, &nobody).map(|_| false),
            }
        });
        compared.await.map_err(PasswordError::new)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_of_a_known_user_counts() {
        let right = SecretString::from("correct horse battery".to_owned());
        let stored = hash(&right).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        let verifier = Verifier::new().unwrap();
        assert!(verifier.verify(right.clone(), Some(stored.clone())).await.unwrap());
        assert!(!verifier.verify(SecretString::from("other".to_owned()), Some(stored)).await.unwrap());
        assert!(!verifier.verify(right.clone(), None).await.unwrap());
        assert!(verifier.verify(right, Some("nonsense".into())).await.is_err());
    }
}
