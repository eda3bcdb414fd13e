//! Work on the whole fleet, in a worker's process: looks for drift at the start, by the clock and on request, looks at the
//! database servers every minute, audits and collects orphans on request, and removes old events by the clock.
//!
//! One at a time in a worker, beside its tenants and on none of their places. A job is claimed under a lease like a
//! tenant; one whose worker died is done again from the beginning, which is harmless as each of them only looks, asks, or
//! removes what it has looked at afresh.

pub mod inspecting;
pub mod loading;
mod measure;
mod perform;
pub mod reseal;
mod retention;
pub mod restoring;
pub mod sampling;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::config::{ReconcileSettings, RetentionSettings};
use crate::domain::job::JobRequest;
use crate::jobs::measure::Measuring;
use crate::jobs::retention::Retention;
use crate::provision::run::World;
use crate::reconcile::{self, Manner, Report, Trouble};
use crate::store::jobs::{Job, JobClaim, JobEnd};
use crate::store::{Store, StoreError};

/// How long a job stays a worker's without a sign of life.
const LEASE: Duration = Duration::from_secs(30);
/// Longest time for a pass; one over ten thousand tenants takes a tenth of it.
const LONGEST_PASS: Duration = Duration::from_secs(120);
/// Pause before the connection for notifications is tried again.
const PAUSE: Duration = Duration::from_secs(1);

/// Does the jobs of the fleet; [`Jobs::run`] drives it.
#[derive(Debug)]
pub struct Jobs {
    world: Arc<World>,
    settings: ReconcileSettings,
    traefik_api: Option<Url>,
    poll: Duration,
    worker: String,
    /// What was last told about a pass that repaired nothing, so that trouble that lasts is told once.
    told: Option<Trouble>,
    measuring: Measuring,
    retention: Retention,
}

impl Jobs {
    /// Jobs done under this worker's name. `poll` is how often to look for requests that no notification told of.
    #[must_use]
    pub fn new(
        world: Arc<World>,
        settings: ReconcileSettings,
        retention: RetentionSettings,
        traefik_api: Option<Url>,
        poll: Duration,
        worker: String,
    ) -> Self {
        let (retention, measuring) = (Retention::of(retention), Measuring::default());
        Self { world, settings, traefik_api, poll, worker, told: None, retention, measuring }
    }

    /// Works until `stop`. A job that is under way then is left; another worker takes it when its lease is over.
    pub async fn run(mut self, stop: CancellationToken) {
        tokio::select! {
            () = self.work() => {}
            () = stop.cancelled() => {}
        }
    }

    async fn work(&mut self) {
        let is_timed = !self.settings.every.is_zero();
        let mut next_pass = Instant::now();
        let mut next_look = Instant::now();
        let mut requests = Requests::default();
        loop {
            if is_timed && Instant::now() >= next_pass {
                self.reconcile().await;
                // Workers that started together do not come back together.
                next_pass = Instant::now() + self.settings.every.mul_f64(0.9 + 0.2 * rand::random::<f64>());
            }
            // Also where drift is not looked for: whether a server is reached is asked by those who place tenants.
            if Instant::now() >= next_look {
                self.measure().await;
                next_look = Instant::now() + measure::EVERY.mul_f64(0.9 + 0.2 * rand::random::<f64>());
            }
            // What is left is removed at the next look.
            let _ = tokio::time::timeout(LONGEST_PASS, self.retention.keep(&self.world.store)).await;
            self.do_requested().await;
            let until_pass = if is_timed { next_pass.min(next_look) } else { next_look };
            tokio::select! {
                () = tokio::time::sleep_until(until_pass) => {}
                () = tokio::time::sleep(self.poll.max(PAUSE)) => {}
                () = requests.wait(&self.world.store) => {}
            }
        }
    }

    /// A pass by the clock.
    async fn reconcile(&mut self) {
        let manner = Manner::repairing(self.settings.budget);
        // A control database that takes the question and says nothing must not hold the right to reconcile for ever.
        let pass = Box::pin(reconcile::pass(&self.world, &manner));
        match tokio::time::timeout(LONGEST_PASS, pass).await {
            Err(_elapsed) => {
                tracing::warn!(
                    seconds = LONGEST_PASS.as_secs(),
                    "looking for drift took too long; the next look is by the clock"
                );
            }
            Ok(Ok(None)) => {}
            Ok(Ok(Some(report))) => self.tell(&report),
            Ok(Err(failure)) => {
                let cause = failure.cause_chain();
                tracing::warn!(code = failure.code, message = %failure, cause, "could not look for drift; the next look is by the clock");
            }
        }
    }

    fn tell(&mut self, report: &Report) {
        let trouble = report.unknown.first().or(report.refused.as_ref());
        if self.told.as_ref() != trouble {
            match (trouble, &report.refused) {
                (None, _) => tracing::info!("drift is repaired again"),
                (Some(trouble), _) if trouble.source.is_some() => {
                    tracing::warn!(
                        source = trouble.source,
                        code = trouble.code,
                        message = trouble.message,
                        "not everything could be read; what depends on it is not repaired"
                    );
                }
                (Some(trouble), _) => {
                    tracing::error!(code = trouble.code, message = trouble.message, "drift is not repaired");
                }
            }
            self.told = trouble.cloned();
        }
        let repaired = report.drift.iter().filter(|drift| drift.repaired).count();
        tracing::debug!(
            tenants = report.tenants,
            drift = report.drift.len(),
            repaired,
            orphans = report.orphans.len(),
            "looked for drift"
        );
    }

    async fn do_requested(&mut self) {
        loop {
            // A connection that swallows the question must not end the jobs for good.
            match tokio::time::timeout(LEASE, self.world.store.claim_job(&self.worker, LEASE)).await {
                Ok(Ok(Some(job))) => self.do_one(job).await,
                Ok(Ok(None)) | Err(_) => return,
                Ok(Err(error)) => {
                    tracing::debug!(%error, "cannot claim jobs; trying on");
                    return;
                }
            }
        }
    }

    async fn do_one(&mut self, job: Job) {
        let done = tokio::select! {
            done = Box::pin(perform::perform(self, &job)) => done,
            () = keep(&self.world.store, &job.claim) => {
                tracing::info!(job.id = %job.id, "the job is somebody else's now");
                return;
            }
        };
        let end = match &done {
            Ok(result) => JobEnd::Result(result),
            Err(why) => JobEnd::Error(why),
        };
        match tokio::time::timeout(LEASE, self.world.store.end_job(&job.claim, &end)).await {
            Ok(Ok(())) => {
                tracing::info!(job.id = %job.id, requested_by = job.requested_by, error = done.as_ref().err(), "job done");
            }
            Ok(Err(StoreError::LeaseLost)) => {}
            Ok(Err(error)) => {
                tracing::warn!(job.id = %job.id, %error, "the job's result cannot be written; it will be done again");
            }
            Err(_elapsed) => {
                tracing::warn!(job.id = %job.id, "the control database does not answer; the job will be done again");
            }
        }
        if matches!(&job.request, Ok(JobRequest::Reconcile { dry_run: false, .. })) {
            self.measure().await;
        }
    }

    /// Looks at the database servers. What gives no answer in time is looked at again by the clock.
    async fn measure(&mut self) {
        if tokio::time::timeout(LONGEST_PASS, self.measuring.measure(&self.world)).await.is_err() {
            tracing::debug!("a look at database servers took too long");
        }
    }
}

/// Renews a job's lease; returns only when it is lost, or nothing was said about it for its whole length.
async fn keep(store: &Store, claim: &JobClaim) {
    loop {
        tokio::time::sleep(LEASE / 3).await;
        if let Err(_) | Ok(Err(StoreError::LeaseLost)) =
            tokio::time::timeout(LEASE, store.renew_job(claim, LEASE)).await
        {
            return;
        }
    }
}

/// Hears of requested jobs, and comes back after a loss of connection.
#[derive(Debug, Default)]
struct Requests(Option<crate::store::notify::Changes>);

impl Requests {
    /// Returns when a job may have been requested.
    async fn wait(&mut self, store: &Store) {
        if self.0.is_none() {
            match store.job_requests().await {
                // One may have come before.
                Ok(requests) => {
                    self.0 = Some(requests);
                    return;
                }
                Err(error) => {
                    tracing::debug!(%error, "cannot listen for requested jobs; polling goes on");
                    return std::future::pending().await;
                }
            }
        }
        if let Some(requests) = &mut self.0
            && requests.changed().await.is_err()
        {
            self.0 = None;
            tokio::time::sleep(PAUSE).await;
        }
    }
}
