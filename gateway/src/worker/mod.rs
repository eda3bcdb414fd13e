//! The worker: claims due tenants and drives each through its operation.
//!
//! A notification wakes it, polling is the fallback; the notification is armed before the table is read, so that none
//! falls between an empty read and the wait. A tenant that hangs or fails holds one of the worker's places and nothing
//! else; its steps are bounded by their timeout. Repairs and further attempts go behind first attempts at what people
//! asked for, and never hold more than half of the places.

mod batches;
mod lease;
pub mod members;
pub mod pools;
pub mod pulse;
mod settle;
pub mod stock;
mod wake;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::WorkerSettings;
use crate::domain::lease::Lease;
use crate::domain::tenant::Tenant;
use crate::provision::run::{Run, World};
use crate::provision::runner::{Ended, walk};
use crate::store::StoreError;
use crate::store::claimer::{Claimer, Places};
use crate::store::claims::Claim;
use crate::worker::pulse::Pulse;

/// Time a stopping worker gives its runs to end by themselves before it gives their tenants back.
pub const GRACE: Duration = Duration::from_secs(4);

/// A worker; [`Worker::run`] drives it.
#[derive(Debug)]
pub struct Worker {
    world: Arc<World>,
    settings: WorkerSettings,
    name: String,
}

impl Worker {
    /// A worker of this name, which stands in the records of what it does.
    #[must_use]
    pub const fn new(world: Arc<World>, settings: WorkerSettings, name: String) -> Self {
        Self { world, settings, name }
    }

    /// Works until `stop`, then lets runs end for [`GRACE`] and gives back what is left. Each look shows in the pulse.
    pub async fn run(&self, mut pulse: Pulse, stop: CancellationToken) {
        let tasks = TaskTracker::new();
        let wake = Arc::new(Notify::new());
        let turn = Arc::new(Notify::new());
        let give_back = CancellationToken::new();
        tasks.spawn(wake::listen(self.world.store.clone(), [wake.clone(), turn.clone()], stop.clone()));
        tasks.spawn(batches::open(self.world.store.clone(), turn.clone(), self.settings.poll, stop.clone()));
        let places = Lanes::new(self.settings.concurrency as usize);
        tracing::info!(worker.id = %self.name, concurrency = self.settings.concurrency, "worker started");
        let mut claimer = self.world.store.claimer(&self.name);
        let mut outage = false;
        while !stop.is_cancelled() {
            let woken = wake.notified();
            tokio::pin!(woken);
            woken.as_mut().enable();
            let mut full = false;
            let looked = async {
                let claimed = self.claim(&mut claimer, &places).await?;
                full = claimed.len() == self.settings.batch_size as usize;
                for (claim, lease, tenant, place) in claimed {
                    let run = Run::new(self.world.clone(), claim, lease, tenant);
                    tasks.spawn(work(run, self.settings, give_back.clone(), place, [wake.clone(), turn.clone()]));
                }
                // Not before, as somebody waits for what was claimed. A purge that begins makes its row due, which wakes this
                // worker.
                self.in_time(self.world.store.begin_purges(self.settings.batch_size)).await
            };
            let trouble = looked.await.err();
            pulse.beat(trouble.is_none());
            tell_of_outage(&mut outage, trouble);
            if full {
                continue;
            }
            tokio::select! {
                () = woken => {}
                () = tokio::time::sleep(self.settings.poll.mul_f64(0.9 + 0.2 * rand::random::<f64>())) => {}
                () = stop.cancelled() => {}
            }
        }
        drop(claimer);
        tasks.close();
        if tokio::time::timeout(GRACE, tasks.wait()).await.is_err() {
            give_back.cancel();
            tasks.wait().await;
        }
        tracing::info!(worker.id = %self.name, "worker stopped");
    }

    /// Claims as many as there are places for.
    async fn claim(
        &self,
        claimer: &mut Claimer,
        lanes: &Lanes,
    ) -> Result<Vec<(Claim, Arc<Lease>, Tenant, Place)>, StoreError> {
        let mut free = Vec::new();
        while free.len() < self.settings.batch_size as usize
            && let Ok(place) = lanes.all.clone().try_acquire_owned()
        {
            free.push(place);
        }
        if free.is_empty() {
            return Ok(Vec::new());
        }
        let narrow = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let places = Places { all: narrow(free.len()), behind: narrow(lanes.behind.available_permits()) };
        let asked = Instant::now();
        let claimed = self.in_time(claimer.claim(places, self.settings.lease)).await?;
        let placed = claimed.into_iter().zip(free).map(|((claim, tenant), all)| {
            let behind = tenant.goes_behind().then(|| lanes.behind.clone().try_acquire_owned().ok()).flatten();
            let lease = Lease::new(tenant.id, claim.fence, asked, self.settings.lease);
            (claim, Arc::new(lease), tenant, Place { _all: all, _behind: behind })
        });
        Ok(placed.collect())
    }

    /// A connection that swallows the question must not stop the worker.
    async fn in_time<T>(&self, work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        let silent =
            |elapsed: tokio::time::error::Elapsed| Err(StoreError::Unavailable(sqlx::Error::Io(elapsed.into())));
        tokio::time::timeout(self.settings.lease, work).await.unwrap_or_else(silent)
    }
}

/// Trouble with the control database is told once per outage.
fn tell_of_outage(outage: &mut bool, trouble: Option<StoreError>) {
    let before = std::mem::replace(outage, trouble.is_some());
    match trouble {
        Some(error) if !before => {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            tracing::warn!(%error, cause, "cannot claim tenants; trying on");
        }
        None if before => tracing::info!("the control database answers again"),
        Some(_) | None => {}
    }
}

/// The worker's places, and how many of them may be held by work that goes behind.
struct Lanes {
    all: Arc<Semaphore>,
    behind: Arc<Semaphore>,
}

impl Lanes {
    fn new(places: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(places)), behind: Arc::new(Semaphore::new(places.div_ceil(2))) }
    }
}

/// A place in the worker, free again when this is dropped.
struct Place {
    _all: OwnedSemaphorePermit,
    _behind: Option<OwnedSemaphorePermit>,
}

/// One claimed tenant, from walk to settlement.
async fn work(
    run: Run,
    settings: WorkerSettings,
    give_back: CancellationToken,
    place: Place,
    [wake, turn]: [Arc<Notify>; 2],
) {
    let (world, claim, lease, tenant) = (run.world.clone(), run.claim, run.lease.clone(), run.tenant.clone());
    let ended = if tenant.attempt > settings.max_attempts {
        settle::attempts_spent(&world.store, &tenant).await
    } else {
        tokio::select! {
            ended = walk(run, settings.step_timeout) => Some(ended),
            () = lease::keep(&lease, settings.lease, || world.store.heartbeat(&claim, settings.lease)) => Some(Ended::LeaseLost),
            () = give_back.cancelled() => None,
        }
    };
    let settled = async {
        match ended {
            Some(ended) => settle::settle(&world.store, &claim, &tenant, ended, settings).await,
            None => settle::release(&world.store, &claim, &tenant).await,
        }
    };
    if tokio::time::timeout(settings.lease, settled).await.is_err() {
        tracing::warn!(tenant.id = %tenant.id, "the control database does not answer; the lease will expire and the work be done again");
    }
    drop(place);
    // Not before: a tenant that somebody waits for needs the processors.
    world.credentials.refill();
    // A place is free: there may be due rows that did not fit.
    wake.notify_one();
    // A batch may have waited for this end.
    turn.notify_one();
}
