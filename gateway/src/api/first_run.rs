//! The first owner and the first API key, made when there is nobody yet. Both are shown once.

use rand::distr::{Alphanumeric, SampleString};
use secrecy::SecretString;
use tokio::task::spawn_blocking;

use crate::api::auth::password::{self, PasswordError};
use crate::api::auth::{EVERYTHING, api_key};
use crate::store::{Store, StoreError};

/// The first owner's address, unless another is asked for.
pub const DEFAULT_OWNER: &str = "owner@localhost";
/// Name of the first API key.
const FIRST_KEY: &str = "first";
/// 24 letters and digits hold 142 bits.
const PASSWORD_LEN: usize = 24;

/// What was made. A part that existed already is `None`: its secret is known to nobody.
#[derive(Debug, Default)]
pub struct FirstAccess {
    /// Address and password of the first owner.
    pub owner: Option<(String, SecretString)>,
    /// The first API key, which may do everything.
    pub api_key: Option<SecretString>,
}

/// The first access could not be made.
#[derive(Debug, thiserror::Error)]
pub enum FirstRunError {
    /// The control database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The password could not be hashed.
    #[error(transparent)]
    Password(#[from] PasswordError),
}

/// Makes the first owner where there is no user, and the first API key where there is no key.
///
/// # Errors
/// See [`FirstRunError`]; what was made before stays.
pub async fn ensure(store: &Store, email: &str) -> Result<FirstAccess, FirstRunError> {
    let mut made = FirstAccess { owner: ensure_owner(store, email).await?, api_key: None };
    let key = api_key::make();
    if store.create_first_api_key(&key.id, FIRST_KEY, &key.hash, &[EVERYTHING.to_owned()]).await? {
        made.api_key = Some(key.key);
    }
    Ok(made)
}

/// Makes the first owner where there is no user; address and password when it did.
///
/// # Errors
/// See [`FirstRunError`].
pub async fn ensure_owner(store: &Store, email: &str) -> Result<Option<(String, SecretString)>, FirstRunError> {
    if store.has_users().await? {
        return Ok(None);
    }
    let password = SecretString::from(Alphanumeric.sample_string(&mut rand::rng(), PASSWORD_LEN));
    let hash = hash(password.clone()).await?;
    let made = store.create_first_owner(email, &hash).await?;
    Ok(made.then(|| (email.to_owned(), password)))
}

/// Hashes a password without blocking the runtime.
///
/// # Errors
/// [`PasswordError`].
pub async fn hash(password: SecretString) -> Result<String, PasswordError> {
    spawn_blocking(move || password::hash(&password)).await.map_err(PasswordError::new)?
}
