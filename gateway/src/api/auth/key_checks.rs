//! Counts API keys that are not known, by network, so that somebody who tries many costs the control database little.
//!
//! A process goes by what it read of a key for a moment, so that a program that makes many calls does not have its key read at
//! each of them. One that is revoked works no more in the process that revoked it, and nowhere after that moment.
//!
//! A key cannot be guessed: it carries 256 random bits. So where Redis does not answer, keys are checked uncounted, and
//! programs go on. A key that was right a short time ago in this process is not held up by others of its network that are
//! wrong.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::api::auth::Caller;
use crate::api::auth::limiter::{network, too_many};
use crate::api::problem::Refusal;
use crate::infra::limits::{Limit, Limits};

/// For all keys from one network, /24 or /64.
const NETWORK: Limit = Limit { name: "key-network", burst: 1000, interval: Duration::from_millis(50) };
/// Longest wait for Redis: whether a key is right does not hang on it.
const PATIENCE: Duration = Duration::from_millis(250);
/// How long a key that was right is not held up.
const TRUST: Duration = Duration::from_secs(600);
/// How long a process goes by what it read of a key.
const FRESH: Duration = Duration::from_millis(250);
/// Keys remembered at most; the memory for them is bounded by it.
const MOST: usize = 10_000;

/// Counts keys that are not known, and remembers for a moment those that are.
#[derive(Clone, Debug)]
pub struct KeyChecks {
    limits: Limits,
    memory: Arc<Mutex<Memory>>,
}

/// The keys that were right, by their hashes.
#[derive(Debug, Default)]
struct Memory {
    right: HashMap<[u8; 32], Right>,
    /// How often keys were forgotten: what was read before one was may be about it.
    forgotten: u64,
}

#[derive(Debug)]
struct Right {
    /// When it was read, or a little earlier.
    at: Instant,
    caller: Caller,
}

impl Memory {
    fn known(&self, hash: &[u8; 32]) -> Option<Caller> {
        let right = self.right.get(hash).filter(|right| right.at.elapsed() < FRESH)?;
        right.caller.may_now(Timestamp::now()).then(|| right.caller.clone())
    }

    fn keep(&mut self, hash: [u8; 32], right: Right, began: u64) {
        if self.forgotten != began {
            return;
        }
        if self.right.len() >= MOST {
            self.right.retain(|_, right| right.at.elapsed() < TRUST);
        }
        if self.right.len() < MOST || self.right.contains_key(&hash) {
            self.right.insert(hash, right);
        }
    }

    fn forget(&mut self, principal: &str) {
        self.forgotten += 1;
        self.right.retain(|_, right| right.caller.principal != principal);
    }
}

/// When a look at a key began, and how often keys had been forgotten by then.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Asked {
    at: Instant,
    forgotten: u64,
}

impl KeyChecks {
    /// Counts there.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, memory: Arc::default() }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets what was read of a key: it was changed.
    pub fn forget(&self, principal: &str) {
        self.memory().forget(principal);
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
    /// Whose key it is, where that was read a moment ago. A look whether a long answer still goes on reads anew.
    #[must_use]
    pub fn known(&self) -> Option<Caller> {
        self.from.and_then(|_| self.checks.memory().known(&self.hash))
    }

    /// Lets the key be looked up, or not.
    ///
    /// # Errors
    /// 429 with how long to wait.
    pub async fn begin(&self) -> Result<Asked, Refusal> {
        let (was_right, forgotten) = {
            let memory = self.checks.memory();
            (memory.right.get(&self.hash).is_some_and(|right| right.at.elapsed() < TRUST), memory.forgotten)
        };
        if let Some(address) = self.from.filter(|_| !was_right) {
            match tokio::time::timeout(PATIENCE, self.checks.limits.look(NETWORK, &network(address))).await {
                Ok(Ok(Some(wait))) => return Err(too_many(wait)),
                Ok(Ok(None)) => {}
                Ok(Err(failure)) => tracing::debug!(code = failure.code, "an API key is checked uncounted"),
                Err(_elapsed) => tracing::debug!("an API key is checked uncounted: no answer in time"),
            }
        }
        Ok(Asked { at: Instant::now(), forgotten })
    }

    /// Notes that the key was right, and whose it is.
    pub fn succeed(&self, asked: Asked, caller: &Caller) {
        let right = Right { at: asked.at, caller: caller.clone() };
        self.checks.memory().keep(self.hash, right, asked.forgotten);
    }

    /// Counts the key as not known and gives the answer: `unknown`, or 429 where there were too many.
    pub async fn fail(&self, unknown: Refusal) -> Refusal {
        self.checks.memory().right.remove(&self.hash);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::auth::api_key::principal_of;
    use crate::domain::reach::Reach;

    fn caller(name: &str, ends_at: Option<Timestamp>) -> Caller {
        Caller::key(principal_of(name), name.to_owned(), Vec::new(), Reach::EVERYTHING, ends_at)
    }

    fn right(age: Duration, ends_at: Option<Timestamp>) -> Right {
        Right { at: Instant::now().checked_sub(age).unwrap(), caller: caller("a", ends_at) }
    }

    #[test]
    fn a_key_is_known_for_a_moment_and_no_longer_than_it_lasts() {
        let mut memory = Memory::default();
        let known = |memory: &Memory, byte| memory.known(&[byte; 32]).map(|caller| caller.principal());
        memory.keep([1; 32], right(Duration::ZERO, None), 0);
        memory.keep([2; 32], right(FRESH, None), 0);
        memory.keep([3; 32], right(Duration::ZERO, Timestamp::from_second(1).ok()), 0);
        assert_eq!(known(&memory, 1).as_deref(), Some("key/a"));
        assert_eq!((known(&memory, 2), known(&memory, 3), known(&memory, 4)), (None, None, None));
    }

    #[test]
    fn what_was_read_before_a_key_was_forgotten_is_not_kept() {
        let mut memory = Memory::default();
        memory.keep([1; 32], right(Duration::ZERO, None), 0);
        memory.forget("key/b");
        assert!(memory.known(&[1; 32]).is_some(), "another key's");
        memory.forget("key/a");
        assert!(memory.known(&[1; 32]).is_none());
        memory.keep([1; 32], right(Duration::ZERO, None), 1);
        assert!(memory.known(&[1; 32]).is_none(), "it was asked for before the second was forgotten");
        memory.keep([1; 32], right(Duration::ZERO, None), 2);
        assert!(memory.known(&[1; 32]).is_some());
    }
}
