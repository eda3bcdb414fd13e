//! Removes what has ended and whose time is over, a few at a time.

use std::time::Duration;

use tokio::time::Instant;

use crate::config::RetentionSettings;
use crate::store::{Store, StoreError};

/// Between two looks.
const EVERY: Duration = Duration::from_secs(60);
/// Rows removed in one transaction. One that removes events holds back the numbering of others for some milliseconds.
const AT_ONCE: u32 = 500;
/// Batches removed in one transaction, with up to a thousand tenants each.
const BATCHES_AT_ONCE: i64 = 5;
/// Transactions of one look at one kind. The rest waits for the next look, so that other work gets its turn.
const TURNS: u32 = 100;

/// What is removed.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Events,
    Jobs,
    Batches,
    /// Sessions and links that are over, and answers that are not given again.
    Stale,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Events, Self::Jobs, Self::Batches, Self::Stale];

    const fn name(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Jobs => "jobs",
            Self::Batches => "batches",
            Self::Stale => "sessions, links and answers",
        }
    }

    /// Removes some. Says how many, and whether there may be more.
    async fn remove(self, store: &Store, settings: RetentionSettings) -> Result<(u64, bool), StoreError> {
        let (removed, most) = match self {
            Self::Events => (u64::from(store.remove_events(settings.events, AT_ONCE).await?), u64::from(AT_ONCE)),
            Self::Jobs => (store.remove_jobs(settings.jobs, i64::from(AT_ONCE)).await?, u64::from(AT_ONCE)),
            Self::Batches => {
                (store.remove_batches(settings.jobs, BATCHES_AT_ONCE).await?, BATCHES_AT_ONCE.unsigned_abs())
            }
            Self::Stale => (store.remove_stale(i64::from(AT_ONCE)).await?, u64::from(AT_ONCE)),
        };
        Ok((removed, removed >= most))
    }
}

/// When to look for what is old.
#[derive(Debug)]
pub(super) struct Retention {
    settings: RetentionSettings,
    next: Instant,
}

impl Retention {
    /// Looks from now on.
    pub(super) fn of(settings: RetentionSettings) -> Self {
        Self { settings, next: Instant::now() }
    }

    /// Removes what is old, where it is time to look. Several workers may; they take turns.
    pub(super) async fn keep(&mut self, store: &Store) {
        if Instant::now() < self.next {
            return;
        }
        self.next = Instant::now() + EVERY;
        for kind in Kind::ALL {
            if let Err(error) = self.remove(kind, store).await {
                tracing::debug!(%error, kind = kind.name(), "cannot remove what is old; trying on");
            }
        }
    }

    async fn remove(&self, kind: Kind, store: &Store) -> Result<(), StoreError> {
        let mut removed = 0;
        for _ in 0..TURNS {
            let (count, is_more) = kind.remove(store, self.settings).await?;
            removed += count;
            if !is_more {
                break;
            }
        }
        if removed > 0 {
            tracing::info!(removed, kind = kind.name(), "removed what was old");
        }
        Ok(())
    }
}
