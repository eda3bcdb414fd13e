//! How a run ends in the control database: tenant, lease and operation in one statement that carries the claim.

use std::time::Duration;

use crate::domain::failure::Failure;
use crate::domain::operation::StepKind;
use crate::store::claims::Claim;
use crate::store::{Store, StoreError};

/// How a run ended, as far as the row is concerned.
#[derive(Debug)]
pub enum Settlement<'a> {
    /// The wish is true. `grace` is how long the data of a tenant that was being deleted is kept from now on.
    Done {
        /// The setting.
        grace: Duration,
    },
    /// Try again after the delay.
    Retry {
        /// Where it failed.
        step: StepKind,
        /// How.
        failure: &'a Failure,
        /// Until the next attempt.
        delay: Duration,
        /// Attempts that count as spent.
        attempt: u32,
    },
    /// Somebody has to act.
    Failed(StepKind, &'a Failure),
}

impl Store {
    /// Writes how the run ended, ends the lease and the operation, all at once.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] when the row is no longer ours or a newer wish came; nothing was changed then.
    pub async fn settle(&self, claim: &Claim, settlement: &Settlement<'_>) -> Result<(), StoreError> {
        match settlement {
            Settlement::Done { grace } => self.settle_done(claim, *grace).await,
            Settlement::Retry { step, failure, delay, attempt } => {
                self.settle_failure(claim, *step, failure, Some((*delay, *attempt))).await
            }
            Settlement::Failed(step, failure) => self.settle_failure(claim, *step, failure, None).await,
        }
    }

    async fn settle_done(&self, claim: &Claim, grace: Duration) -> Result<(), StoreError> {
        let settled = sqlx::query_scalar!(
            r#"
            WITH settled AS (
                UPDATE gateway.tenant
                   SET status = CASE status WHEN 'provisioning' THEN 'active' WHEN 'purging' THEN 'deleted' ELSE status END,
                       observed_generation = generation, attempt = 0, due_at = NULL, repair = false,
                       -- Where its time was set before it was withdrawn, somebody asked for the purge that follows.
                       reason = CASE WHEN status = 'deleting' AND purge_at IS NOT NULL THEN reason END,
                       lease_token = NULL, lease_worker = NULL, lease_expires_at = NULL,
                       error_step = NULL, error_code = NULL, error_message = NULL,
                       purge_at = CASE status WHEN 'deleting' THEN coalesce(purge_at, now() + make_interval(secs => $4)) ELSE purge_at END,
                       deleted_at = CASE status WHEN 'purging' THEN now() END
                 WHERE id = $1 AND lease_token = $2 AND generation = $3 RETURNING id
            ), ended AS (
                UPDATE gateway.operation o
                   SET state = 'succeeded', ended_at = clock_timestamp(), error_step = NULL, error_code = NULL, error_message = NULL
                  FROM settled WHERE o.tenant_id = settled.id AND o.ended_at IS NULL AND o.state = 'running'
            )
            SELECT count(*) AS "count!" FROM settled
            "#,
            claim.tenant_id.as_uuid(),
            claim.token.as_uuid(),
            claim.generation.as_i64(),
            grace.as_secs_f64()
        )
        .fetch_one(&self.pool)
        .await?;
        if settled == 1 { Ok(()) } else { Err(StoreError::LeaseLost) }
    }

    async fn settle_failure(
        &self,
        claim: &Claim,
        step: StepKind,
        failure: &Failure,
        again: Option<(Duration, u32)>,
    ) -> Result<(), StoreError> {
        let settled = sqlx::query_scalar!(
            r#"
            WITH settled AS (
                UPDATE gateway.tenant
                   SET status = CASE WHEN status <> 'provisioning' THEN status WHEN $4::float8 IS NULL THEN 'error' ELSE 'pending' END,
                       due_at = now() + make_interval(secs => $4::float8), attempt = coalesce($8, attempt),
                       reason = CASE WHEN $4::float8 IS NOT NULL THEN reason END, repair = repair AND $4::float8 IS NOT NULL,
                       lease_token = NULL, lease_worker = NULL, lease_expires_at = NULL,
                       error_step = $5, error_code = $6, error_message = $7
                 WHERE id = $1 AND lease_token = $2 AND generation = $3 RETURNING id
            ), ended AS (
                UPDATE gateway.operation o
                   SET state = CASE WHEN $4::float8 IS NULL THEN 'failed' ELSE 'pending' END,
                       ended_at = CASE WHEN $4::float8 IS NULL THEN clock_timestamp() END,
                       error_step = $5, error_code = $6, error_message = $7
                  FROM settled WHERE o.tenant_id = settled.id AND o.ended_at IS NULL AND o.state = 'running'
            )
            SELECT count(*) AS "count!" FROM settled
            "#,
            claim.tenant_id.as_uuid(),
            claim.token.as_uuid(),
            claim.generation.as_i64(),
            again.map(|(delay, _)| delay.as_secs_f64()),
            step.as_str(),
            failure.code,
            failure.message,
            again.and_then(|(_, attempt)| i32::try_from(attempt).ok())
        )
        .fetch_one(&self.pool)
        .await?;
        if settled == 1 { Ok(()) } else { Err(StoreError::LeaseLost) }
    }
}
