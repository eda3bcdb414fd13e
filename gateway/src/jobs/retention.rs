//! Removes events whose time is over, a few at a time.

use std::time::Duration;

use tokio::time::Instant;

use crate::config::EventSettings;
use crate::store::Store;

/// Between two looks for old events.
const EVERY: Duration = Duration::from_secs(60);
/// Events removed in one transaction, which holds back the numbering of others for some milliseconds.
const AT_ONCE: u32 = 500;
/// Transactions of one look. The rest waits for the next, so that other work gets its turn.
const BATCHES: u32 = 100;

/// When to look for old events.
#[derive(Debug)]
pub(super) struct Retention {
    age: Duration,
    next: Instant,
}

impl Retention {
    /// Looks from now on.
    pub(super) fn of(settings: EventSettings) -> Self {
        Self { age: settings.retention, next: Instant::now() }
    }

    /// Removes what is old, where it is time to look. Several workers may; they take turns.
    pub(super) async fn keep(&mut self, store: &Store) {
        if Instant::now() < self.next {
            return;
        }
        self.next = Instant::now() + EVERY;
        let mut removed = 0;
        for _ in 0..BATCHES {
            match store.remove_events(self.age, AT_ONCE).await {
                Ok(count) => {
                    removed += count;
                    if count < AT_ONCE {
                        break;
                    }
                }
                Err(error) => {
                    tracing::debug!(%error, "cannot remove old events; trying on");
                    return;
                }
            }
        }
        if removed > 0 {
            tracing::info!(events = removed, "removed old events");
        }
    }
}
