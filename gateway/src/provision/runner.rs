//! Walks an operation's plan: record, act, record. Stops at the first failure and at a lost lease.

use std::time::Duration;

use crate::domain::failure::Failure;
use crate::domain::operation::{Action, OperationKind, StepKind};
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
    Done(OperationKind),
    /// A step failed.
    Failed(StepKind, Failure),
    /// Another worker owns the row, or a newer wish came. Nothing may be touched any more.
    LeaseLost,
}

/// Walks the plan of the claimed operation. `step_timeout` bounds each step.
pub async fn walk(mut run: Run, step_timeout: Duration) -> Ended {
    let kind = run.tenant.kind;
    for (step, action) in pipeline::plan(kind) {
        match act(&mut run, step, action, step_timeout).await {
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
    Ended::Done(kind)
}

/// One step: its attempt is recorded before anything outside is touched and ended with what came of it.
async fn act(run: &mut Run, step: StepKind, action: Action, step_timeout: Duration) -> Result<(), StepError> {
    let store = run.world.store.clone();
    let attempt = store.start_step(&run.claim, run.tenant.operation_id, step, action).await?;
    failpoint::hit(step, Point::BeforeEffect).await;
    let started = std::time::Instant::now();
    let result = match tokio::time::timeout(step_timeout, perform(run, step, action)).await {
        Ok(result) => result,
        Err(_elapsed) => {
            let text = format!("the step did not end within {} s", step_timeout.as_secs());
            Err(StepError::Failed(Failure::retryable("step_timeout", text)))
        }
    };
    failpoint::hit(step, Point::AfterEffect).await;
    let milliseconds = started.elapsed().as_secs_f64() * 1000.0;
    let end = match &result {
        Ok(Effect::Changed(value)) => StepEnd::Succeeded(value.clone()),
        Ok(Effect::Unchanged(value)) => StepEnd::Skipped(value.clone()),
        Err(StepError::Failed(failure)) => StepEnd::Failed(failure),
        Err(StepError::LeaseLost) => return Err(StepError::LeaseLost),
    };
    store.end_step(&run.claim, attempt, &end).await?;
    failpoint::hit(step, Point::AfterRecord).await;
    match result {
        Ok(effect) => {
            let changed = matches!(effect, Effect::Changed(_));
            tracing::debug!(%step, %action, changed, duration_ms = milliseconds, "step done");
            Ok(())
        }
        Err(stop) => Err(stop),
    }
}

async fn perform(run: &mut Run, step: StepKind, action: Action) -> Result<Effect, StepError> {
    match action {
        Action::Ensure => match steps::observe(run, step).await? {
            Observed::NotNeeded(reason) => Ok(Effect::nothing(reason)),
            Observed::AsDesired(value) => Ok(Effect::Unchanged(value)),
            Observed::Wanting => Ok(steps::ensure(run, step).await?),
        },
        Action::Remove => Ok(steps::remove(run, step).await?),
    }
}
