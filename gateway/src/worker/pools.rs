//! Claims managed pools that are due and makes them true, beside the tenants and on none of their places.
//!
//! A notification wakes it, polling is the fallback. A pool that hangs or fails holds one of a few places of its own.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use crate::config::WorkerSettings;
use crate::domain::failure::{Failure, Verdict};
use crate::domain::ids::PoolId;
use crate::domain::lease::Lease;
use crate::domain::retry;
use crate::provision::outcome::StepError;
use crate::provision::pools::{Converged, PoolRun, converge};
use crate::provision::run::World;
use crate::store::managed_pools::{ManagedPool, PoolClaim};
use crate::store::{Store, StoreError};
use crate::worker::lease;

/// Pools worked on at once by one worker.
pub const MOST_POOLS: u32 = 4;
/// Shortest time between two looks that nothing called for.
const SHORTEST_POLL: Duration = Duration::from_secs(2);
/// Pause before the connection for notifications is tried again.
const PAUSE: Duration = Duration::from_secs(1);
/// Longest wait after a failure: a pool that does not serve is looked after often.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// Longest wait for a part that is away.
const LONGEST_WAIT_FOR_PART: Duration = Duration::from_secs(10);

/// Works on managed pools; [`Pools::run`] drives it.
#[derive(Debug)]
pub struct Pools {
    world: Arc<World>,
    settings: WorkerSettings,
    traefik_api: Option<Url>,
    worker: String,
}

impl Pools {
    /// Work done under this worker's name.
    #[must_use]
    pub const fn new(world: Arc<World>, settings: WorkerSettings, traefik_api: Option<Url>, worker: String) -> Self {
        Self { world, settings, traefik_api, worker }
    }

    /// Works until `stop`; what is under way then is given back, and another worker goes on with it.
    pub async fn run(&self, stop: CancellationToken) {
        let tasks = TaskTracker::new();
        let wake = Arc::new(Notify::new());
        let places = Arc::new(Semaphore::new(MOST_POOLS as usize));
        tasks.spawn(listen(self.world.store.clone(), wake.clone(), stop.clone()));
        while !stop.is_cancelled() {
            let woken = wake.notified();
            tokio::pin!(woken);
            woken.as_mut().enable();
            while !stop.is_cancelled()
                && let Ok(place) = places.clone().try_acquire_owned()
                && let Some((run, lease)) = self.claim().await
            {
                let (settings, stop, wake) = (self.settings, stop.clone(), wake.clone());
                tasks.spawn(async move {
                    work(run, lease, settings, stop).await;
                    drop(place);
                    wake.notify_one();
                });
            }
            tokio::select! {
                () = woken => {}
                () = tokio::time::sleep(self.settings.poll.max(SHORTEST_POLL).mul_f64(0.9 + 0.2 * rand::random::<f64>())) => {}
                () = stop.cancelled() => {}
            }
        }
        tasks.close();
        tasks.wait().await;
    }

    async fn claim(&self) -> Option<(PoolRun, Arc<Lease<PoolId>>)> {
        let asked = Instant::now();
        // A connection that swallows the question must not stop the worker.
        let claimed =
            tokio::time::timeout(self.settings.lease, self.world.store.claim_pool(&self.worker, self.settings.lease));
        match claimed.await {
            Ok(Ok(claimed)) => claimed.map(|(claim, pool)| {
                let lease = Arc::new(Lease::new(claim.pool_id, claim.fence, asked, self.settings.lease));
                let run = PoolRun {
                    world: self.world.clone(),
                    traefik_api: self.traefik_api.clone(),
                    claim,
                    lease: lease.clone(),
                    pool,
                    patience: self.settings.step_timeout,
                    published: false,
                };
                (run, lease)
            }),
            Ok(Err(error @ StoreError::Inconsistent { .. })) => {
                tracing::error!(%error, "a pool that was claimed cannot be read");
                None
            }
            // The claims of tenants tell of an outage.
            Ok(Err(error)) => {
                tracing::debug!(%error, "cannot claim pools; trying on");
                None
            }
            Err(_elapsed) => None,
        }
    }
}

/// Wakes whenever a pool became due, until `stop`.
async fn listen(store: Store, wake: Arc<Notify>, stop: CancellationToken) {
    let forever = async {
        loop {
            match store.pool_changes().await {
                Ok(mut changes) => {
                    // Something may have become due while nobody listened.
                    wake.notify_one();
                    while changes.changed().await.is_ok() {
                        wake.notify_one();
                    }
                }
                Err(error) => tracing::debug!(%error, "cannot listen for pools; polling goes on"),
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::select! {
        () = forever => {}
        () = stop.cancelled() => {}
    }
}

/// One claimed pool, from the first look to what its row says.
async fn work(mut run: PoolRun, lease: Arc<Lease<PoolId>>, settings: WorkerSettings, stop: CancellationToken) {
    let (world, claim, pool) = (run.world.clone(), run.claim, run.pool.clone());
    let ended = tokio::select! {
        ended = Box::pin(converge(&mut run)) => ended,
        () = lease::keep(&lease, settings.lease, || world.store.renew_pool(&claim, settings.lease)) => Err(StepError::LeaseLost),
        () = stop.cancelled() => Err(StepError::LeaseLost),
    };
    if tokio::time::timeout(settings.lease, settle(&world.store, &claim, &pool, ended, &settings)).await.is_err() {
        tracing::warn!(pool.id = %claim.pool_id, "the control database does not answer; the lease will expire and the work be done again");
    }
}

/// What becomes of a failure: another attempt after a pause, or none before somebody asks for it.
fn after_failure(failure: &Failure, attempt: u32, base: Duration, jitter: f64) -> Option<Duration> {
    let delay = retry::delay(base, attempt, jitter);
    match failure.verdict {
        Verdict::Permanent => None,
        Verdict::Retryable | Verdict::NoRoom => Some(delay.min(LONGEST_WAIT)),
        Verdict::Unavailable => Some(delay.min(LONGEST_WAIT_FOR_PART)),
    }
}

async fn settle(
    store: &Store,
    claim: &PoolClaim,
    pool: &ManagedPool,
    ended: Result<Converged, StepError>,
    settings: &WorkerSettings,
) {
    let written = match ended {
        Ok(Converged::Gone) => {
            tracing::info!(pool.id = %claim.pool_id, pool.name = pool.name, "the pool is removed");
            return;
        }
        Ok(Converged::True) => {
            let written = store.settle_pool(claim).await;
            if written.is_ok() {
                tracing::info!(pool.id = %claim.pool_id, pool.name = pool.name, revision = claim.revision, "the pool is as wanted");
            }
            written
        }
        Err(StepError::Failed(failure)) => {
            let delay = after_failure(&failure, pool.attempt, settings.retry_base, rand::random());
            let written = store.fail_pool(claim, &failure, delay).await;
            if written.is_ok() {
                tell(claim, pool, &failure, delay);
            }
            written
        }
        Err(StepError::LeaseLost) => Err(StoreError::LeaseLost),
    };
    match written {
        Ok(()) => {}
        // A newer wish may have come to a pool that is still ours, or the worker stops.
        Err(StoreError::LeaseLost) => {
            if let Err(error) = store.release_pool(claim).await {
                tracing::warn!(pool.id = %claim.pool_id, %error, "the pool cannot be given back; its lease will expire");
            }
        }
        Err(error) => {
            tracing::warn!(pool.id = %claim.pool_id, %error, "the result cannot be written; the lease will expire and the work be done again");
        }
    }
}

/// Trouble that lasts is told once.
fn tell(claim: &PoolClaim, pool: &ManagedPool, failure: &Failure, delay: Option<Duration>) {
    let (id, name, cause) = (claim.pool_id, &pool.name, failure.cause_chain());
    match delay {
        None => {
            tracing::error!(pool.id = %id, pool.name = name, code = failure.code, message = %failure, cause, "the pool needs somebody");
        }
        Some(_) if pool.error_code.as_deref() == Some(failure.code) => {
            tracing::debug!(pool.id = %id, pool.name = name, code = failure.code, cause, "the pool fails again");
        }
        Some(_) => {
            tracing::warn!(pool.id = %id, pool.name = name, code = failure.code, message = %failure, cause, "the pool failed; will retry");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_heal_is_tried_again_soon_and_what_does_not_waits_for_somebody() {
        let base = Duration::from_secs(2);
        let after = |failure: Failure, attempt| after_failure(&failure, attempt, base, 1.0);
        assert_eq!(after(Failure::retryable("x", "x"), 1), Some(base));
        assert_eq!(after(Failure::retryable("x", "x"), 30), Some(LONGEST_WAIT));
        assert_eq!(after(Failure::unavailable("x", "x"), 30), Some(LONGEST_WAIT_FOR_PART));
        assert_eq!(after(Failure::permanent("x", "x"), 1), None);
    }
}
