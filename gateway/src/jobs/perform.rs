//! What each kind of job does.

use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::Value;

use crate::domain::failure::{Failure, Verdict};
use crate::domain::job::JobRequest;
use crate::jobs::Jobs;
use crate::jobs::reseal::reseal;
use crate::reconcile::collect::{self, Collection};
use crate::reconcile::{self, Manner};
use crate::store::jobs::Job;
use crate::verify::{self, Scope};

/// Time between two tries to begin while another pass runs.
const TURN: Duration = Duration::from_millis(100);
/// How long a look for drift is tried again while a part is away.
const OUTAGE: Duration = Duration::from_secs(60);

/// Does a job to its end.
///
/// # Errors
/// One sentence that says why there is no result.
pub(super) async fn perform(jobs: &Jobs, job: &Job) -> Result<Value, String> {
    let world = &*jobs.world;
    match job.request.clone()? {
        JobRequest::Verify { tenants, quick } => {
            let scope = Scope { tenants: tenants.unwrap_or_default(), quick };
            let report = verify::audit(world, jobs.traefik_api.as_ref(), &scope).await;
            written(&report.map_err(|no_such| no_such.to_string())?)
        }
        JobRequest::Reconcile { dry_run, tenants, republish } => {
            let manner = Manner { dry_run, budget: jobs.settings.budget, tenants, republish };
            let began = Instant::now();
            loop {
                match Box::pin(reconcile::pass(world, &manner)).await {
                    Ok(Some(report)) => return written(&report),
                    Ok(None) => tokio::time::sleep(TURN).await,
                    // Somebody may have stopped a pool, which only this job tells Traefik before the next look by the clock.
                    Err(failure) if failure.verdict == Verdict::Unavailable && began.elapsed() < OUTAGE => {
                        tokio::time::sleep(TURN * 10).await;
                    }
                    Err(failure) => return Err(told(&failure)),
                }
            }
        }
        JobRequest::Reseal { dry_run } => {
            let resealed = reseal(&world.store, &world.key_ring, dry_run).await;
            written(&resealed.map_err(|error| {
                tracing::warn!(error = &error as &dyn std::error::Error, "a job failed");
                error.to_string()
            })?)
        }
        JobRequest::Collect { dry_run, quarantine, kinds } => {
            let collection = Collection {
                dry_run,
                quarantine_seconds: quarantine.unwrap_or(jobs.settings.quarantine).as_secs_f64(),
                kinds: kinds.unwrap_or_default(),
                requested_by: job.requested_by.clone(),
            };
            loop {
                if let Some(collected) = collect::collect(world, &collection).await.map_err(|failure| told(&failure))? {
                    return written(&collected);
                }
                tokio::time::sleep(TURN).await;
            }
        }
    }
}

fn told(failure: &Failure) -> String {
    tracing::warn!(code = failure.code, message = %failure, cause = failure.cause_chain(), "a job failed");
    failure.message.clone()
}

fn written(result: &impl Serialize) -> Result<Value, String> {
    serde_json::to_value(result).map_err(|error| format!("the result cannot be written: {error}"))
}
