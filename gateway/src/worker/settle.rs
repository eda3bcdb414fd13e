//! From how a walk ended to what the row says: a pure decision, then one write.

use std::time::Duration;

use crate::config::WorkerSettings;
use crate::domain::failure::{Failure, Verdict};
use crate::domain::operation::StepKind;
use crate::domain::retry;
use crate::domain::tenant::Tenant;
use crate::provision::pipeline;
use crate::provision::runner::Ended;
use crate::store::claims::Claim;
use crate::store::settle::Settlement;
use crate::store::{Store, StoreError};

/// A tenant whose claims were all used up by workers that died: no further walk is made. Names the step they died in.
pub(super) async fn attempts_spent(store: &Store, tenant: &Tenant) -> Option<Ended> {
    let first = pipeline::plan(tenant.kind, tenant.tier).first().map_or(StepKind::Allocate, |(step, _)| *step);
    // Without the record the first step stands in: the tenant must leave the queue all the same.
    let step = store.unended_step(tenant.operation_id).await.ok().flatten().unwrap_or(first);
    let text = format!("{} attempts ended without a result, as if the worker had died in them", tenant.attempt - 1);
    Some(Ended::Failed(step, Failure::permanent("attempts_spent", text)))
}

/// Longest wait for a part that is away: its return helps every tenant, so it is looked for often.
const LONGEST_WAIT_FOR_PART: Duration = Duration::from_secs(10);

/// Longest wait for room: it comes when somebody makes it, which nothing tells of.
const LONGEST_WAIT_FOR_ROOM: Duration = Duration::from_secs(30);

/// What becomes of a failure: another attempt after a pause, or the end.
pub(super) fn after_failure<'a>(
    step: StepKind,
    failure: &'a Failure,
    attempt: u32,
    settings: &WorkerSettings,
    jitter: f64,
) -> Settlement<'a> {
    let delay = retry::delay(settings.retry_base, attempt, jitter);
    // Not counted; but a tenant that was tried stays behind those that were not.
    let uncounted = attempt.saturating_sub(1).max(1).min(settings.max_attempts.saturating_sub(1));
    match failure.verdict {
        Verdict::Unavailable => {
            Settlement::Retry { step, failure, delay: delay.min(LONGEST_WAIT_FOR_PART), attempt: uncounted }
        }
        Verdict::NoRoom => {
            Settlement::Retry { step, failure, delay: delay.min(LONGEST_WAIT_FOR_ROOM), attempt: uncounted }
        }
        Verdict::Retryable if attempt < settings.max_attempts => Settlement::Retry { step, failure, delay, attempt },
        Verdict::Retryable | Verdict::Permanent => Settlement::Failed(step, failure),
    }
}

/// Writes how the walk ended. A lost lease is said and nothing is touched, except that a row which is still ours, because
/// only a newer wish came, is given back at once.
pub(super) async fn settle(store: &Store, claim: &Claim, tenant: &Tenant, ended: Ended, settings: WorkerSettings) {
    let result = match &ended {
        Ended::LeaseLost => {
            tracing::info!(tenant.id = %tenant.id, tenant.key = %tenant.key, "the tenant is somebody else's now, or wanted otherwise");
            return release(store, claim, tenant).await;
        }
        Ended::Done => {
            let result = store.settle(claim, &Settlement::Done { grace: settings.delete_grace }).await;
            if result.is_ok() {
                log_done(tenant);
            }
            result
        }
        Ended::Failed(step, failure) => {
            let settlement = after_failure(*step, failure, tenant.attempt, &settings, rand::random());
            log_failure(tenant, *step, failure, &settlement);
            store.settle(claim, &settlement).await
        }
    };
    match result {
        Ok(()) => {}
        Err(StoreError::LeaseLost) => {
            tracing::info!(tenant.id = %tenant.id, tenant.key = %tenant.key, "a newer wish came before the result was written");
            release(store, claim, tenant).await;
        }
        Err(error) => {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            tracing::warn!(tenant.id = %tenant.id, %error, cause, "the result cannot be written; the lease will expire and the work be done again");
        }
    }
}

/// Gives the row back. Nothing happens when it is not ours any more.
pub(super) async fn release(store: &Store, claim: &Claim, tenant: &Tenant) {
    if let Err(error) = store.release(claim).await {
        tracing::warn!(tenant.id = %tenant.id, %error, "the tenant cannot be given back; its lease will expire");
    }
}

fn log_done(tenant: &Tenant) {
    tracing::info!(
        tenant.id = %tenant.id, tenant.key = %tenant.key, operation.kind = %tenant.kind, attempt = tenant.attempt,
        generation = tenant.generation.as_i64(), "operation done"
    );
}

fn log_failure(tenant: &Tenant, step: StepKind, failure: &Failure, settlement: &Settlement<'_>) {
    let cause = failure.cause_chain();
    match settlement {
        // Told once: it may take days.
        Settlement::Retry { .. } if failure.verdict == Verdict::NoRoom && tenant.attempt > 1 => tracing::debug!(
            tenant.id = %tenant.id, tenant.key = %tenant.key, %step, code = failure.code, "the tenant still waits for room"
        ),
        Settlement::Retry { delay, .. } => tracing::warn!(
            tenant.id = %tenant.id, tenant.key = %tenant.key, %step, attempt = tenant.attempt, code = failure.code,
            message = %failure, cause, retry_in_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX), "step failed; will retry"
        ),
        Settlement::Failed(..) | Settlement::Done { .. } => tracing::error!(
            tenant.id = %tenant.id, tenant.key = %tenant.key, %step, attempt = tenant.attempt, code = failure.code,
            message = %failure, cause, "step failed; the tenant needs somebody"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: WorkerSettings = WorkerSettings {
        poll: Duration::from_secs(1),
        batch_size: 1,
        max_attempts: 3,
        concurrency: 1,
        lease: Duration::from_secs(30),
        retry_base: Duration::from_secs(2),
        step_timeout: Duration::from_secs(1),
        delete_grace: Duration::ZERO,
        member_look: Duration::ZERO,
    };

    #[test]
    fn retries_what_may_heal_until_the_attempts_are_spent() {
        let passing = Failure::retryable("x", "x");
        let lasting = Failure::permanent("x", "x");
        let decide = |failure, attempt| after_failure(StepKind::Route, failure, attempt, &SETTINGS, 1.0);
        let waits = |settlement: &Settlement<'_>, seconds, spent| matches!(settlement, Settlement::Retry { delay, attempt, .. } if *delay == Duration::from_secs(seconds) && *attempt == spent);
        assert!(waits(&decide(&passing, 1), 2, 1));
        assert!(waits(&decide(&passing, 2), 4, 2));
        let away = Failure::unavailable("x", "x");
        assert!(waits(&decide(&away, 3), 8, 2), "an outage spends no attempt");
        assert!(waits(&decide(&away, 1), 2, 1), "and leaves the tenant behind those never tried");
        assert!(waits(&decide(&away, 9), 10, 2), "and is looked at often");
        let full = Failure::no_room("x", "x");
        assert!(waits(&decide(&full, 9), 30, 2), "room is waited for as long as it takes");
        assert!(matches!(decide(&passing, 3), Settlement::Failed(..)));
        assert!(matches!(decide(&lasting, 1), Settlement::Failed(..)));
    }
}
