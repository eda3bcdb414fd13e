//! Walks an operation's plan: record, act, record. Stops at the first failure and at a lost lease.

use std::time::Duration;

use crate::domain::failure::Failure;
use crate::domain::operation::{Action, StepKind};
use crate::provision::breaker::{Dependency, Part};
use crate::provision::failpoint::{self, Point};
use crate::provision::outcome::{Effect, Observed, StepError, because};
use crate::provision::pipeline;
use crate::provision::run::Run;
use crate::provision::steps;
use crate::store::StoreError;
use crate::store::steps::{StepDone, StepStart};

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

/// What the record does not say yet: a step that went well, and those after it that were not needed.
#[derive(Default)]
struct Unrecorded {
    done: Option<(StepKind, StepDone)>,
    skipped: Vec<StepStart>,
}

impl Unrecorded {
    /// Whose record is missing.
    fn steps(&self) -> Vec<StepKind> {
        let done = self.done.iter().map(|(step, _)| *step);
        done.chain(self.skipped.iter().map(|skipped| skipped.step)).collect()
    }
}

/// Walks the plan of the claimed operation. `step_timeout` bounds each step.
pub async fn walk(mut run: Run, step_timeout: Duration) -> Ended {
    let ended = follow(&mut run, step_timeout).await;
    run.close().await;
    match ended {
        Ok(()) => Ended::Done,
        Err((_, StepError::LeaseLost)) => Ended::LeaseLost,
        Err((step, StepError::Failed(failure))) => Ended::Failed(step, failure),
    }
}

async fn follow(run: &mut Run, step_timeout: Duration) -> Result<(), (StepKind, StepError)> {
    let plan = pipeline::plan(run.tenant.kind, run.tenant.tier);
    let last_on_server = plan.iter().rposition(|(step, _)| Dependency::of(*step) == Some(Dependency::DatabaseServer));
    let mut before = Unrecorded::default();
    for (place, (step, action)) in plan.into_iter().enumerate() {
        before = act(run, step, action, step_timeout, before).await.map_err(|error| (step, error))?;
        if Some(place) == last_on_server {
            // An app that is slow to become healthy must not hold a session on the database server meanwhile.
            run.leave_server().await;
        }
    }
    record_rest(run, before).await
}

/// Records what no later step did.
async fn record_rest(run: &Run, rest: Unrecorded) -> Result<(), (StepKind, StepError)> {
    let steps = rest.steps();
    let Some(last) = steps.last() else { return Ok(()) };
    let done = rest.done.as_ref().map(|(_, done)| done);
    let recorded = run.world.store.record_steps(&run.claim, run.tenant.operation_id, done, &rest.skipped).await;
    recorded.map_err(|error| (*last, error.into()))?;
    for step in steps {
        failpoint::hit(run.tenant.kind, step, Point::AfterRecord).await;
    }
    Ok(())
}

/// One step: its attempt is recorded before anything outside is touched, together with the end of the step before; what came of
/// it is recorded at once where it failed, else with the beginning of the next that is needed.
async fn act(
    run: &mut Run,
    step: StepKind,
    action: Action,
    step_timeout: Duration,
    mut before: Unrecorded,
) -> Result<Unrecorded, StepError> {
    let (store, kind) = (run.world.store.clone(), run.tenant.kind);
    let reason = if action == Action::Ensure { steps::not_needed(run, step) } else { None };
    let start = StepStart { step, action, skipped: reason.map(because) };
    if start.skipped.is_some() {
        before.skipped.push(start);
        failpoint::hit(kind, step, Point::BeforeEffect).await;
        failpoint::hit(kind, step, Point::AfterEffect).await;
        return Ok(before);
    }
    let recorded = before.steps();
    let Unrecorded { done, skipped: mut starts } = before;
    starts.push(start);
    let done = done.as_ref().map(|(_, done)| done);
    let attempt = store.record_steps(&run.claim, run.tenant.operation_id, done, &starts).await?;
    let attempt = attempt.ok_or(StoreError::LeaseLost)?;
    for step in recorded {
        failpoint::hit(kind, step, Point::AfterRecord).await;
    }
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
    let (changed, result) = match result {
        Ok(Effect::Changed(value)) => (true, value),
        Ok(Effect::Unchanged(value)) => (false, value),
        Err(StepError::Failed(failure)) => {
            store.fail_step(&run.claim, attempt, &failure).await?;
            failpoint::hit(kind, step, Point::AfterRecord).await;
            return Err(raise_fence(run, failure).await);
        }
        Err(StepError::LeaseLost) => return Err(StepError::LeaseLost),
    };
    let milliseconds = started.elapsed().as_secs_f64() * 1000.0;
    tracing::debug!(%step, %action, changed, duration_ms = milliseconds, "step done");
    let done = StepDone { attempt, changed, result, learned: std::mem::take(&mut run.learned) };
    Ok(Unrecorded { done: Some((step, done)), skipped: Vec::new() })
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
