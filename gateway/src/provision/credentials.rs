//! Passwords of tenants' logins with what PostgreSQL keeps of them, made before anybody asks: a verifier takes thousands of
//! rounds of hashing, which nobody who waits for a tenant has to see.

use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::failure::Failure;
use crate::infra::credentials::Credentials;

/// How many are kept.
const READY: usize = 4;

/// Credentials that nobody has yet. They are in this process's memory only.
#[derive(Clone, Debug, Default)]
pub struct CredentialStock(Arc<Mutex<Vec<Credentials>>>);

impl CredentialStock {
    /// Credentials that nobody else gets.
    ///
    /// # Errors
    /// `stopping`, while the process ends.
    pub async fn take(&self) -> Result<Credentials, Failure> {
        let ready = self.ready().pop();
        if let Some(credentials) = ready {
            return Ok(credentials);
        }
        let made = tokio::task::spawn_blocking(Credentials::draw).await;
        made.map_err(|e| Failure::unavailable("stopping", "the worker is stopping").because(e))
    }

    /// Has what is missing made beside everything else.
    pub fn refill(&self) {
        let stock = self.clone();
        tokio::task::spawn_blocking(move || stock.fill());
    }

    /// Takes milliseconds for each.
    fn fill(&self) {
        while self.ready().len() < READY {
            let made = Credentials::draw();
            let mut ready = self.ready();
            if ready.len() < READY {
                ready.push(made);
            }
        }
    }

    fn ready(&self) -> std::sync::MutexGuard<'_, Vec<Credentials>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[tokio::test]
    async fn nobody_gets_what_another_has() {
        let stock = CredentialStock::default();
        let mut seen = std::collections::BTreeSet::new();
        for round in 0..3 * READY {
            // Some are ready, some are not.
            if round % (2 * READY) == 0 {
                stock.fill();
            }
            let Credentials { password, verifier } = stock.take().await.unwrap();
            assert!(verifier.expose_secret().starts_with("SCRAM-SHA-256$4096:"));
            assert!(seen.insert(password.expose_secret().to_owned()));
        }
    }

    #[test]
    fn no_more_are_kept_than_are_wanted() {
        let stock = CredentialStock::default();
        stock.fill();
        stock.fill();
        assert_eq!(stock.ready().len(), READY);
    }
}
