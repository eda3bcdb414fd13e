//! The record of step attempts: written before the outside is touched, ended once afterwards.

use serde_json::Value;

use crate::domain::failure::Failure;
use crate::domain::ids::OperationId;
use crate::domain::operation::{Action, StepKind};
use crate::store::claims::Claim;
use crate::store::{Store, StoreError};

/// A started attempt.
#[derive(Clone, Copy, Debug)]
pub struct StepAttemptId(i64);

/// How an attempt ended.
#[derive(Debug)]
pub enum StepEnd<'a> {
    /// The outside was changed, or removed.
    Succeeded(Value),
    /// Nothing to do; the value says why.
    Skipped(Value),
    /// It failed.
    Failed(&'a Failure),
}

impl Store {
    /// Records that a step is about to touch the outside.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`]: do not touch anything.
    pub async fn start_step(
        &self,
        claim: &Claim,
        operation: OperationId,
        step: StepKind,
        action: Action,
    ) -> Result<StepAttemptId, StoreError> {
        let id = sqlx::query_scalar!(
            "INSERT INTO gateway.step_attempt (operation_id, tenant_id, step, action, attempt, worker, lease_token, fence)
             SELECT $4, t.id, $5, $6, t.attempt, t.lease_worker, t.lease_token, t.fence FROM gateway.tenant t
              WHERE t.id = $1 AND t.lease_token = $2 AND t.generation = $3
             RETURNING id",
            claim.tenant_id.as_uuid(),
            claim.token.as_uuid(),
            claim.generation.as_i64(),
            operation.as_uuid(),
            step.as_str(),
            action.as_str()
        )
        .fetch_optional(&self.pool)
        .await?;
        id.map(StepAttemptId).ok_or(StoreError::LeaseLost)
    }

    /// Records how the attempt ended. A newer wish does not hinder it; a lost lease does.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`].
    pub async fn end_step(&self, claim: &Claim, attempt: StepAttemptId, end: &StepEnd<'_>) -> Result<(), StoreError> {
        let (state, result, failure) = match end {
            StepEnd::Succeeded(result) => ("succeeded", Some(result), None),
            StepEnd::Skipped(result) => ("skipped", Some(result), None),
            StepEnd::Failed(failure) => ("failed", None, Some(failure)),
        };
        let done = sqlx::query!(
            "UPDATE gateway.step_attempt a
                SET state = $4, ended_at = clock_timestamp(), result = $5, error_code = $6, error_message = $7, retryable = $8
               FROM gateway.tenant t
              WHERE a.id = $3 AND a.state = 'started' AND t.id = $1 AND t.lease_token = $2 AND a.lease_token = $2",
            claim.tenant_id.as_uuid(),
            claim.token.as_uuid(),
            attempt.0,
            state,
            result,
            failure.map(|f| f.code),
            failure.map(|f| f.message.as_str()),
            failure.map(|f| f.is_retryable())
        )
        .execute(&self.pool)
        .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::LeaseLost) }
    }

    /// The step an operation was at when its last worker fell silent.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn unended_step(&self, operation: OperationId) -> Result<Option<StepKind>, StoreError> {
        let word = sqlx::query_scalar!(
            "SELECT step FROM gateway.step_attempt WHERE operation_id = $1 AND state IN ('started', 'abandoned') ORDER BY id DESC LIMIT 1",
            operation.as_uuid()
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(word.as_deref().and_then(StepKind::parse))
    }
}
