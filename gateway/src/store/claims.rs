//! The lease on a tenant: confirm, renew, release. Every statement after the claim carries its token.
//!
//! A fresh token per claim, rather than the worker's name, is what makes a stalled worker harmless: when it wakes after
//! losing and even re-winning the row, its old token matches nothing. Expiry is on database time only.

use std::time::Duration;

use crate::domain::ids::{Fence, Generation, LeaseToken, TenantId};
use crate::store::{Store, StoreError};

/// The right to work on one tenant for one wish.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// The tenant.
    pub tenant_id: TenantId,
    /// Matches only while nobody else has claimed since.
    pub token: LeaseToken,
    /// Matches only while nobody has wished anything new since.
    pub generation: Generation,
    /// What receivers outside compare.
    pub fence: Fence,
}

impl Store {
    /// Begins the end of deleted tenants that were withdrawn and whose grace is over, at most `most`; a trigger opens the operation that removes
    /// their data. Says how many.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn begin_purges(&self, most: u32) -> Result<u64, StoreError> {
        let begun = sqlx::query!(
            "UPDATE gateway.tenant
                SET status = 'purging', reason = CASE WHEN reason IS NULL THEN 'the grace is over' ELSE 'the purge was asked for' END
              WHERE id IN (SELECT id FROM gateway.tenant
                            WHERE status = 'deleting' AND purge_at <= now() AND due_at IS NULL AND lease_token IS NULL AND NOT paused
                              AND observed_generation = generation
                            ORDER BY purge_at LIMIT $1 FOR UPDATE SKIP LOCKED)",
            i64::from(most)
        )
        .execute(&self.pool)
        .await?;
        Ok(begun.rows_affected())
    }

    /// Whether the claim still stands, by the control database's own clock and for the present wish.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`]: touch nothing.
    pub async fn confirm(&self, claim: &Claim) -> Result<(), StoreError> {
        let held = sqlx::query_scalar!(
            r#"SELECT lease_expires_at > now() AS "held!" FROM gateway.tenant WHERE id = $1 AND lease_token = $2 AND generation = $3"#,
            claim.tenant_id.as_uuid(),
            claim.token.as_uuid(),
            claim.generation.as_i64()
        )
        .fetch_optional(&self.pool)
        .await?;
        if held == Some(true) { Ok(()) } else { Err(StoreError::LeaseLost) }
    }

    /// Lifts the fence above one that a receiver has seen, which it can only have from commits the control database lost.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`]: the receiver is right, and somebody else has the tenant.
    pub async fn raise_fence(&self, claim: &Claim, above: Fence) -> Result<Fence, StoreError> {
        let raised = sqlx::query_scalar!(
            "UPDATE gateway.tenant SET fence = greatest(fence, $3) + 1 WHERE id = $1 AND lease_token = $2 RETURNING fence",
            claim.tenant_id.as_uuid(),
            claim.token.as_uuid(),
            above.as_i64()
        )
        .fetch_optional(&self.pool)
        .await?;
        raised.map(Fence::from_i64).ok_or(StoreError::LeaseLost)
    }

    /// Renews the lease. A newer wish does not end it: the run ends at its next step, not in the middle of one.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`], or the statement's error, in which case the lease may still be held.
    pub async fn heartbeat(&self, claim: &Claim, lease: Duration) -> Result<(), StoreError> {
        let done = sqlx::query!(
            "UPDATE gateway.tenant SET lease_expires_at = now() + make_interval(secs => $3) WHERE id = $1 AND lease_token = $2",
            claim.tenant_id.as_uuid(),
            claim.token.as_uuid(),
            lease.as_secs_f64()
        )
        .execute(&self.pool)
        .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::LeaseLost) }
    }

    /// Gives the row back unworked, without counting the attempt; it is as due as before. Nothing happens when the lease is
    /// lost.
    ///
    /// # Errors
    /// The statement's error.
    pub async fn release(&self, claim: &Claim) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE gateway.tenant
                SET status = CASE status WHEN 'provisioning' THEN 'pending' ELSE status END,
                    attempt = greatest(attempt - 1, 0),
                    lease_token = NULL, lease_worker = NULL, lease_expires_at = NULL
              WHERE id = $1 AND lease_token = $2",
            claim.tenant_id.as_uuid(),
            claim.token.as_uuid()
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
