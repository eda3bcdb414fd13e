//! Counts requests in memory, for somebody else to write down. A request costs one short lock that it seldom shares.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use uuid::Uuid;

use crate::domain::series::Tally;

/// Parts that are locked apart, so that requests on different threads meet seldom.
const PARTS: usize = 32;

/// Requests by tenant; `None` stands for hosts that nobody has.
pub type Counted = HashMap<Option<Uuid>, Tally>;

/// What the tenant port of a process was asked since somebody last looked. Its size is bounded by the number of tenants.
#[derive(Debug)]
pub struct Traffic(Vec<Mutex<Counted>>);

impl Default for Traffic {
    fn default() -> Self {
        Self((0..PARTS).map(|_| Mutex::default()).collect())
    }
}

fn open(part: &Mutex<Counted>) -> MutexGuard<'_, Counted> {
    // Counts are whole after each statement, so a thread that died in between left none half-way.
    part.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The part of the thread that asks.
fn part_of_thread() -> usize {
    thread_local! {
        static PART: usize = {
            let mut hasher = DefaultHasher::new();
            std::thread::current().id().hash(&mut hasher);
            usize::try_from(hasher.finish() % PARTS as u64).unwrap_or_default()
        };
    }
    PART.with(|part| *part)
}

impl Traffic {
    /// Counts a request: how long it took until the head of its answer, and whether that was an error of the server.
    pub fn count(&self, tenant: Option<Uuid>, took: Duration, is_error: bool) {
        if let Some(part) = self.0.get(part_of_thread()) {
            open(part).entry(tenant).or_default().count(took, is_error);
        }
    }

    /// Takes all that was counted; counting begins anew.
    #[must_use]
    pub fn take(&self) -> Counted {
        let mut all = Counted::new();
        for part in &self.0 {
            for (tenant, tally) in std::mem::take(&mut *open(part)) {
                all.entry(tenant).or_default().add(&tally);
            }
        }
        all
    }

    /// Puts back what was taken and could not be written down; it is taken again the next time.
    pub fn put_back(&self, counted: Counted) {
        if let Some(part) = self.0.first() {
            let mut part = open(part);
            for (tenant, tally) in counted {
                part.entry(tenant).or_default().add(&tally);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn nothing_is_lost_between_threads_and_looks() {
        let traffic = Arc::new(Traffic::default());
        let acme = Uuid::from_u128(1);
        let threads: Vec<_> = (0..4)
            .map(|n| {
                let traffic = Arc::clone(&traffic);
                std::thread::spawn(move || {
                    for place in 0..1_000 {
                        let tenant = (place % 2 == 0).then_some(acme);
                        traffic.count(tenant, Duration::from_millis(n), place % 10 == 0);
                    }
                })
            })
            .collect();
        let mut seen = Tally::default();
        for thread in threads {
            let early = traffic.take();
            seen.add(&early.get(&Some(acme)).copied().unwrap_or_default());
            let mut early = early;
            early.remove(&Some(acme));
            traffic.put_back(early);
            thread.join().unwrap();
        }
        let rest = traffic.take();
        seen.add(&rest.get(&Some(acme)).copied().unwrap_or_default());
        assert_eq!((seen.requests, seen.errors, rest[&None].requests), (2_000, 400, 2_000));
        assert!(traffic.take().is_empty());
    }
}
