//! When Traefik is told of changes: at once where it has shown what it was told before, and else once for all that wait.
//!
//! Each notification has Traefik read the whole tree, which takes it the longer the more there is: milliseconds at ten tenants,
//! seconds at ten thousand. So a process that has just told it waits for as long as Traefik took to show a change the last
//! time, and then tells it of everything written meanwhile. A notification is not kept: one that was never sent, as by a worker
//! that died after a change, is sent by whoever waits in vain.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use fred::interfaces::PubsubInterface;
use tokio::sync::{Mutex, MutexGuard};

use crate::domain::failure::Failure;
use crate::infra::routes::{RouteTree, classify};

/// Longest time that changes are held back for.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// Shortest time after which a notification that shows no effect counts as lost. Traefik needs about four seconds to read ten
/// thousand routers.
const LOST_AFTER: Duration = Duration::from_secs(5);

/// When this process has told Traefik, and how long Traefik takes.
#[derive(Debug, Default)]
pub(super) struct Notices {
    /// When it was told last. Held by the one who is about to.
    told: Mutex<Option<Instant>>,
    /// Microseconds from a notification to its effect, the last time it was seen.
    took: AtomicU64,
}

/// Who tells Traefik of a change.
#[derive(Debug)]
pub(super) enum Turn<'a> {
    /// The change itself, as its last command. Without a guard where nobody waits for others.
    WithChange(Option<MutexGuard<'a, Option<Instant>>>, Instant),
    /// Somebody, for all changes made until then.
    Later,
}

impl Notices {
    fn pause(&self) -> Duration {
        Duration::from_micros(self.took.load(Ordering::Relaxed))
    }

    /// Who is to tell Traefik of a change that is about to be made.
    pub(super) fn turn(&self) -> Turn<'_> {
        let (pause, now) = (self.pause(), Instant::now());
        match self.told.try_lock() {
            Ok(told) if told.is_none_or(|at| at.elapsed() >= pause) => Turn::WithChange(Some(told), now),
            // Nobody measures where nothing is proved, and then nobody would tell again of what was lost in between.
            Err(_) if pause.is_zero() => Turn::WithChange(None, now),
            _ => Turn::Later,
        }
    }
}

impl RouteTree {
    /// The channel that a change is to name, or nothing where Traefik is told later.
    pub(super) fn channel_of(&self, turn: &Turn<'_>) -> String {
        match turn {
            Turn::WithChange(..) => self.channel.clone(),
            Turn::Later => String::new(),
        }
    }

    /// To be called after a change was made: returns when Traefik has been told of it.
    pub(super) async fn tell_of_change(&self, turn: Turn<'_>) -> Result<(), Failure> {
        let changed = Instant::now();
        match turn {
            Turn::WithChange(Some(mut told), at) => *told = Some(at),
            Turn::WithChange(None, _) => {}
            Turn::Later => {
                let mut told = self.notices.told.lock().await;
                if let Some(at) = *told {
                    if at >= changed {
                        return Ok(());
                    }
                    tokio::time::sleep(self.notices.pause().saturating_sub(at.elapsed())).await;
                }
                self.publish(&mut told).await?;
            }
        }
        Ok(())
    }

    /// Has Traefik read the tree.
    ///
    /// # Errors
    /// A classified failure.
    pub async fn tell(&self) -> Result<(), Failure> {
        self.publish(&mut *self.notices.told.lock().await).await
    }

    /// For one who has waited since `since` for Traefik to show a change: has it read the tree once more where so much time has
    /// passed that the notification must be lost. However many wait, it is told once in that time. Says whether it was told.
    ///
    /// # Errors
    /// A classified failure.
    pub async fn tell_again(&self, since: Instant) -> Result<bool, Failure> {
        let patience = LOST_AFTER.max(self.notices.pause() * 2);
        if since.elapsed() < patience {
            return Ok(false);
        }
        // Whoever holds it is about to tell.
        let Ok(mut told) = self.notices.told.try_lock() else { return Ok(false) };
        if told.is_some_and(|at| at.elapsed() < patience) {
            return Ok(false);
        }
        self.publish(&mut told).await?;
        Ok(true)
    }

    /// Takes note that Traefik shows a change that it was told of `took` ago.
    pub fn note_shown(&self, took: Duration) {
        let micros = u64::try_from(took.min(LONGEST_PAUSE).as_micros()).unwrap_or(u64::MAX);
        self.notices.took.store(micros, Ordering::Relaxed);
    }

    async fn publish(&self, told: &mut Option<Instant>) -> Result<(), Failure> {
        let at = Instant::now();
        let sent = self.client.publish::<(), _, _>(self.channel.as_str(), "set").await;
        sent.map_err(|e| classify("tell Traefik of a change", e))?;
        *told = Some(at);
        Ok(())
    }
}
