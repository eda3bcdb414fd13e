//! The record of step attempts: written before the outside is touched, ended once afterwards.

use serde_json::Value;

use crate::domain::failure::Failure;
use crate::domain::ids::OperationId;
use crate::domain::operation::{Action, StepKind};
use crate::domain::seal::Sealed;
use crate::store::claims::Claim;
use crate::store::{Store, StoreError};

/// A started attempt.
#[derive(Clone, Copy, Debug)]
pub struct StepAttemptId(i64);

/// A step that begins.
#[derive(Debug)]
pub struct StepStart {
    /// The step.
    pub step: StepKind,
    /// What is to be done for its object.
    pub action: Action,
    /// Why nothing will be done for it: then it ends with its beginning.
    pub skipped: Option<Value>,
}

/// What a step found out that the tenant's row is to hold from its end on.
#[derive(Debug, Default)]
pub struct Learned {
    /// The sealed password of the login that the tenant has, and its sealed verifier.
    pub credentials: Option<(Sealed, Sealed)>,
    /// The version that the tenant's database is at.
    pub migration_version: Option<i64>,
}

/// An attempt that went well.
#[derive(Debug)]
pub struct StepDone {
    /// The attempt.
    pub attempt: StepAttemptId,
    /// Whether the outside was changed, or something removed.
    pub changed: bool,
    /// What was made, or why there was nothing to do.
    pub result: Value,
    /// What goes into the tenant's row with it.
    pub learned: Learned,
}

impl StepDone {
    const fn state(&self) -> &'static str {
        if self.changed { "succeeded" } else { "skipped" }
    }
}

impl Store {
    /// Records in one write that the step before is done, that some after it are not needed, and that the last of these is about to
    /// touch the outside, unless that is not needed either. Gives the attempt of the last; `None` where none begins.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`]: do not touch anything. What was done before is recorded where only a newer wish came, which
    /// hinders no end of a step by itself.
    pub async fn record_steps(
        &self,
        claim: &Claim,
        operation: OperationId,
        done: Option<&StepDone>,
        starts: &[StepStart],
    ) -> Result<Option<StepAttemptId>, StoreError> {
        let steps: Vec<_> = starts.iter().map(|start| start.step.as_str().to_owned()).collect();
        let actions: Vec<_> = starts.iter().map(|start| start.action.as_str().to_owned()).collect();
        let skipped: Vec<_> = starts.iter().map(|start| start.skipped.clone()).collect();
        let credentials = done.and_then(|done| done.learned.credentials.as_ref());
        let recorded = sqlx::query!(
            // The tenant before its attempt, as whoever claims locks them.
            r#"WITH learned AS (
                UPDATE gateway.tenant t
                   SET password_sealed = coalesce($11, t.password_sealed), verifier_sealed = coalesce($12, t.verifier_sealed),
                       migration_version = coalesce($13, t.migration_version)
                  FROM gateway.step_attempt a
                 WHERE t.id = $1 AND t.lease_token = $2 AND ($11::text IS NOT NULL OR $13::bigint IS NOT NULL)
                   AND a.id = $8 AND a.state = 'started' AND a.lease_token = $2
                RETURNING t.id
             ), done AS (
                UPDATE gateway.step_attempt a SET state = $9, ended_at = clock_timestamp(), result = $10
                  FROM gateway.tenant t
                 WHERE a.id = $8 AND a.state = 'started' AND t.id = $1 AND t.lease_token = $2 AND a.lease_token = $2
                   AND ($11::text IS NULL AND $13::bigint IS NULL OR EXISTS (SELECT FROM learned))
                RETURNING a.id
             ), begun AS (
                INSERT INTO gateway.step_attempt (operation_id, tenant_id, step, action, attempt, worker, lease_token, fence,
                                                  state, result, started_at, ended_at)
                SELECT $4, t.id, s.step, s.action, t.attempt, t.lease_worker, t.lease_token, t.fence,
                       CASE WHEN s.skipped IS NULL THEN 'started' ELSE 'skipped' END, s.skipped, c.at, CASE WHEN s.skipped IS NOT NULL THEN c.at END
                  FROM gateway.tenant t CROSS JOIN (SELECT clock_timestamp() AS at) c
                 CROSS JOIN unnest($5::text[], $6::text[], $7::jsonb[]) WITH ORDINALITY s(step, action, skipped, place)
                 WHERE t.id = $1 AND t.lease_token = $2 AND t.generation = $3 AND ($8::bigint IS NULL OR EXISTS (SELECT FROM done))
                 ORDER BY s.place
                RETURNING id
             )
             SELECT EXISTS (SELECT FROM done) AS "ended!", max(id) AS last FROM begun"#,
            claim.tenant_id.as_uuid(),
            claim.token.as_uuid(),
            claim.generation.as_i64(),
            operation.as_uuid(),
            &steps,
            &actions,
            &skipped as _,
            done.map(|done| done.attempt.0),
            done.map(StepDone::state),
            done.map(|done| &done.result),
            credentials.map(|(password, _)| password.as_str()),
            credentials.map(|(_, verifier)| verifier.as_str()),
            done.and_then(|done| done.learned.migration_version)
        )
        .fetch_one(&self.pool)
        .await?;
        let is_recorded = (done.is_none() || recorded.ended) && (starts.is_empty() || recorded.last.is_some());
        if is_recorded { Ok(recorded.last.map(StepAttemptId)) } else { Err(StoreError::LeaseLost) }
    }

    /// Records that an attempt failed. A newer wish does not hinder it; a lost lease does.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`].
    pub async fn fail_step(&self, claim: &Claim, attempt: StepAttemptId, failure: &Failure) -> Result<(), StoreError> {
        let done = sqlx::query!(
            "UPDATE gateway.step_attempt a
                SET state = 'failed', ended_at = clock_timestamp(), error_code = $4, error_message = $5, retryable = $6
               FROM gateway.tenant t
              WHERE a.id = $3 AND a.state = 'started' AND t.id = $1 AND t.lease_token = $2 AND a.lease_token = $2",
            claim.tenant_id.as_uuid(),
            claim.token.as_uuid(),
            attempt.0,
            failure.code,
            failure.message.as_str(),
            failure.is_retryable()
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
