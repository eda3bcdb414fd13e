//! Secrets of the stack: made once, kept in files only their owner may read.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::dev::error::DevError;
use crate::dev::layout::{Layout, write_private};

/// All secrets of one data directory.
#[derive(Clone, Debug)]
pub(super) struct Secrets {
    /// PostgreSQL's administrator.
    pub postgres: SecretString,
    /// Redis user `gateway`, which writes routes.
    pub redis_gateway: SecretString,
    /// Redis user `limits`, which counts attempts.
    pub redis_limits: SecretString,
    /// Redis user `traefik`, which may read routes.
    pub redis_traefik: SecretString,
    /// Redis user `operator`, which may do everything.
    pub redis_operator: SecretString,
    /// Key ring in the form of `GATEWAY_SECRET_KEYS`.
    pub key_ring: SecretString,
    /// API key of the operator: everything.
    pub operator_key: SecretString,
    /// API key of the demo app: it may reveal credentials of tenants.
    pub demo_key: SecretString,
}

fn random_bytes() -> Zeroizing<[u8; 32]> {
    let mut bytes = Zeroizing::new([0; 32]);
    // ThreadRng is cryptographically secure and seeded by the system.
    rand::Rng::fill_bytes(&mut rand::rng(), bytes.as_mut_slice());
    bytes
}

/// 256 bits as text that needs no quoting in URLs, shells and configuration files.
fn password() -> String {
    URL_SAFE_NO_PAD.encode(random_bytes().as_slice())
}

fn keep(layout: &Layout, name: &str, make: impl FnOnce() -> String) -> Result<SecretString, DevError> {
    let path = layout.secrets().join(name);
    match fs::read_to_string(&path) {
        Ok(text) if !text.trim().is_empty() => return Ok(text.trim().to_owned().into()),
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(DevError::file("read", &path)(error)),
    }
    let secret = SecretString::from(make());
    write_private(&path, secret.expose_secret().as_bytes())?;
    Ok(secret)
}

/// Reads the secrets and makes those that are missing.
///
/// # Errors
/// When a file cannot be read or written.
pub(super) fn load(layout: &Layout) -> Result<Secrets, DevError> {
    Ok(Secrets {
        postgres: keep(layout, "postgres_password", password)?,
        redis_gateway: keep(layout, "redis_gateway_password", password)?,
        redis_limits: keep(layout, "redis_limits_password", password)?,
        redis_operator: keep(layout, "redis_operator_password", password)?,
        redis_traefik: keep(layout, "redis_traefik_password", password)?,
        key_ring: keep(layout, "secret_keys", || format!("dev1:{}", STANDARD.encode(random_bytes().as_slice())))?,
        operator_key: keep(layout, "api_key", || format!("gwk_{}", password()))?,
        demo_key: keep(layout, "demo_api_key", || format!("gwk_{}", password()))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_kept_and_differ() {
        let directory = tempfile::tempdir().unwrap();
        let layout = Layout::new(directory.path()).unwrap();
        layout.create().unwrap();
        let first = load(&layout).unwrap();
        let second = load(&layout).unwrap();
        assert_eq!(first.operator_key.expose_secret(), second.operator_key.expose_secret());
        assert_ne!(first.operator_key.expose_secret(), first.demo_key.expose_secret());
        assert!(first.operator_key.expose_secret().len() >= 32);
        assert!(first.key_ring.expose_secret().starts_with("dev1:"));
        assert!(!format!("{first:?}").contains(first.postgres.expose_secret()));
    }
}
