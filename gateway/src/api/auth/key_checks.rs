//! Counts API keys that are not known, by network, so that somebody who tries many costs the control database little.
//!
//! A key cannot be guessed: it carries 256 random bits. So where Redis does not answer, keys are checked uncounted, and
//! programs go on. A key that was right a short time ago in this process is not held up by others of its network that are
//! wrong.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
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

    /// Lets a key be looked up, or not.
    ///
    /// # Errors
    /// 429 with how long to wait.
    pub async fn begin(&self, hash: &[u8; 32], address: IpAddr) -> Result<(), Refusal> {
        let was_right = {
            let right = self.right.lock().unwrap_or_else(PoisonError::into_inner);
            right.get(hash).is_some_and(|at| at.elapsed() < TRUST)
        };
        if was_right {
            return Ok(());
        }
        match tokio::time::timeout(PATIENCE, self.limits.look(NETWORK, &network(address))).await {
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

    /// Notes that a key was right.
    pub fn succeed(&self, hash: [u8; 32]) {
        let mut right = self.right.lock().unwrap_or_else(PoisonError::into_inner);
        if right.len() >= MOST {
            right.retain(|_, at| at.elapsed() < TRUST);
        }
        if right.len() < MOST || right.contains_key(&hash) {
            right.insert(hash, Instant::now());
        }
    }

    /// Counts a key that is not known and gives the answer: `unknown`, or 429 where there were too many.
    pub async fn fail(&self, hash: &[u8; 32], address: IpAddr, unknown: Refusal) -> Refusal {
        self.right.lock().unwrap_or_else(PoisonError::into_inner).remove(hash);
        match tokio::time::timeout(PATIENCE, self.limits.take(&[(NETWORK, &network(address))])).await {
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
