//! Counts API keys that are not known, by network, so that somebody who tries many costs the control database little.
//!
//! A key cannot be guessed: it carries 256 random bits. So where Redis does not answer, keys are checked uncounted, and
//! programs go on. A key that was right a short time ago in this process is not held up by others of its network that are
//! wrong.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::api::auth::limiter::{network, too_many};
use crate::api::problem::Refusal;
use crate::infra::limits::{Limit, Limits};

/// For all keys from one network, /24 or /64.
const NETWORK: Limit = Limit { name: "key-network", burst: 1000, interval: Duration::from_millis(50) };
/// Longest wait for Redis: whether a key is right does not hang on it.
const PATIENCE: Duration = Duration::from_millis(250);
/// How long a key that was right is not held up.
const TRUST: Duration = Duration::from_secs(600);
/// Keys remembered at most; the memory for them is bounded by it.
const MOST: usize = 10_000;

/// Counts keys that are not known.
#[derive(Clone, Debug)]
pub struct KeyChecks {
    limits: Limits,
    right: Arc<Mutex<HashMap<[u8; 32], Instant>>>,
}

impl KeyChecks {
    /// Counts there.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, right: Arc::default() }
    }

    /// The check of a key, by its hash, that comes from an address; uncounted where that is not told.
    #[must_use]
    pub const fn of(&self, hash: [u8; 32], from: Option<IpAddr>) -> KeyCheck<'_> {
        KeyCheck { checks: self, hash, from }
    }
}

/// The check of one key.
#[derive(Debug)]
pub struct KeyCheck<'a> {
    checks: &'a KeyChecks,
    hash: [u8; 32],
    from: Option<IpAddr>,
}

impl KeyCheck<'_> {
    fn right(&self) -> MutexGuard<'_, HashMap<[u8; 32], Instant>> {
        self.checks.right.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the key be looked up, or not.
    ///
    /// # Errors
    /// 429 with how long to wait.
    pub async fn begin(&self) -> Result<(), Refusal> {
        let was_right = self.right().get(&self.hash).is_some_and(|at| at.elapsed() < TRUST);
        let Some(address) = self.from.filter(|_| !was_right) else { return Ok(()) };
        match tokio::time::timeout(PATIENCE, self.checks.limits.look(NETWORK, &network(address))).await {
            Ok(Ok(Some(wait))) => Err(too_many(wait)),
            Ok(Ok(None)) => Ok(()),
            Ok(Err(failure)) => {
                tracing::debug!(code = failure.code, "an API key is checked uncounted");
                Ok(())
            }
            Err(_elapsed) => {
                tracing::debug!("an API key is checked uncounted: no answer in time");
                Ok(())
            }
        }
    }

    /// Notes that the key was right.
    pub fn succeed(&self) {
        let mut right = self.right();
        if right.len() >= MOST {
            right.retain(|_, at| at.elapsed() < TRUST);
        }
        if right.len() < MOST || right.contains_key(&self.hash) {
            right.insert(self.hash, Instant::now());
        }
    }

    /// Counts the key as not known and gives the answer: `unknown`, or 429 where there were too many.
    pub async fn fail(&self, unknown: Refusal) -> Refusal {
        self.right().remove(&self.hash);
        let Some(address) = self.from else { return unknown };
        match tokio::time::timeout(PATIENCE, self.checks.limits.take(&[(NETWORK, &network(address))])).await {
            Ok(Ok(Some(wait))) => too_many(wait),
            Ok(Ok(None)) => unknown,
            Ok(Err(failure)) => {
                tracing::debug!(code = failure.code, "a wrong API key is not counted");
                unknown
            }
            Err(_elapsed) => {
                tracing::debug!("a wrong API key is not counted: no answer in time");
                unknown
            }
        }
    }
}
