//! Walks an operation's plan: record, act, record. Stops at the first failure and at a lost lease.

use std::time::Duration;

use crate::domain::failure::Failure;
use crate::domain::operation::{Action, StepKind};
use crate::provision::breaker::{Dependency, Part};
use crate::provision::failpoint::{self, Point};
use crate::provision::outcome::{Effect, Observed, StepError};
use crate::provision::pipeline;
use crate::provision::run::Run;
use crate::provision::steps;
use crate::store::steps::StepEnd;

/// How a walk ended.
#[derive(Debug)]
pub enum Ended {
    /// Every step is as desired.
    Done,
    /// A step failed.
    Failed(StepKind, Failure),
    /// Another worker owns the row, or a newer wish came. Nothing may be touched any more.
    LeaseLost,
}

/// Walks the plan of the claimed operation. `step_timeout` bounds each step.
pub async fn walk(mut run: Run, step_timeout: Duration) -> Ended {
    let plan = pipeline::plan(run.tenant.kind, run.tenant.tier);
    let last_on_server = plan.iter().rposition(|(step, _)| Dependency::of(*step) == Some(Dependency::DatabaseServer));
    for (place, (step, action)) in plan.into_iter().enumerate() {
        match act(&mut run, step, action, step_timeout).await {
            // An app that is slow to become healthy must not hold a session on the database server meanwhile.
            Ok(()) if Some(place) == last_on_server => run.leave_server().await,
            Ok(()) => {}
            Err(StepError::LeaseLost) => {
                run.close().await;
                return Ended::LeaseLost;
            }
            Err(StepError::Failed(failure)) => {
                run.close().await;
                return Ended::Failed(step, failure);
            }
        }
    }
    run.close().await;
    Ended::Done
}

/// One step: its attempt is recorded before anything outside is touched and ended with what came of it.
async fn act(run: &mut Run, step: StepKind, action: Action, step_timeout: Duration) -> Result<(), StepError> {
    let (store, kind) = (run.world.store.clone(), run.tenant.kind);
    let attempt = store.start_step(&run.claim, run.tenant.operation_id, step, action).await?;
    failpoint::hit(kind, step, Point::BeforeEffect).await;
    let started = std::time::Instant::now();
    let result = match tokio::time::timeout(step_timeout, guarded(run, step, action)).await {
        Ok(result) => result,
        Err(_elapsed) => {
            let text = format!("the step did not end within {} s", step_timeout.as_secs());
            Err(StepError::Failed(Failure::retryable("step_timeout", text)))
        }
    };
    failpoint::hit(kind, step, Point::AfterEffect).await;
    let milliseconds = started.elapsed().as_secs_f64() * 1000.0;
    let end = match &result {
        Ok(Effect::Changed(value)) => StepEnd::Succeeded(value.clone()),
        Ok(Effect::Unchanged(value)) => StepEnd::Skipped(value.clone()),
        Err(StepError::Failed(failure)) => StepEnd::Failed(failure),
        Err(StepError::LeaseLost) => return Err(StepError::LeaseLost),
    };
    store.end_step(&run.claim, attempt, &end).await?;
    failpoint::hit(kind, step, Point::AfterRecord).await;
    match result {
        Ok(effect) => {
            let changed = matches!(effect, Effect::Changed(_));
            tracing::debug!(%step, %action, changed, duration_ms = milliseconds, "step done");
            Ok(())
        }
        Err(StepError::Failed(failure)) => Err(raise_fence(run, failure).await),
        Err(StepError::LeaseLost) => Err(StepError::LeaseLost),
    }
}

/// A receiver that saw a newer claim is right, unless the control database says that ours stands: then it lost commits,
/// and the next attempt has to come with a higher number.
async fn raise_fence(run: &Run, failure: Failure) -> StepError {
    let Some(seen) = failure.fenced_by else { return StepError::Failed(failure) };
    match run.world.store.raise_fence(&run.claim, seen).await {
        Ok(fence) => {
            tracing::warn!(tenant.id = %run.id(), %seen, %fence, "a receiver was ahead of the control database; raised the fence");
            run.lease.raise(fence);
            StepError::Failed(failure)
        }
        Err(error) => error.into(),
    }
}

/// Does the step unless the part it depends on is known to be down, and takes note of how that part behaved.
async fn guarded(run: &mut Run, step: StepKind, action: Action) -> Result<Effect, StepError> {
    if action == Action::Ensure
        && let Some(reason) = steps::not_needed(run, step)
    {
        return Ok(Effect::nothing(reason));
    }
    let world = run.world.clone();
    let held;
    let breaker = match Dependency::of(step) {
        None => return perform(run, step, action).await,
        // Nothing of the tenant is on any server, as the step will say.
        Some(Dependency::DatabaseServer) if run.tenant.allocation.is_none() => {
            return perform(run, step, action).await;
        }
        Some(Dependency::DatabaseServer) => {
            held = run.server().await?;
            &held.breaker
        }
        Some(Dependency::Part(part)) => world.breakers.of(part),
    };
    let fresh = breaker.admit()?;
    let result = match (&world.engine, Dependency::of(step)) {
        (Some(engine), Some(Dependency::Part(Part::Engine))) => {
            let there = if fresh { Ok(()) } else { engine.ping().await };
            match there {
                Ok(()) => {
                    // Docker Engine compares no fence, so the claim is compared here, at the last moment.
                    world.store.confirm(&run.claim).await?;
                    perform(run, step, action).await
                }
                Err(failure) => Err(failure.into()),
            }
        }
        _ => perform(run, step, action).await,
    };
    match &result {
        Ok(_) => breaker.note(None),
        Err(StepError::Failed(failure)) => breaker.note(Some(failure)),
        Err(StepError::LeaseLost) => {}
    }
    result
}

async fn perform(run: &mut Run, step: StepKind, action: Action) -> Result<Effect, StepError> {
    match action {
        Action::Ensure => match steps::observe(run, step).await? {
            Observed::AsDesired(value) => Ok(Effect::Unchanged(value)),
            Observed::Wanting => steps::ensure(run, step).await,
        },
        Action::Retire => steps::retire(run, step).await,
        Action::Remove => steps::remove(run, step).await,
    }
}
