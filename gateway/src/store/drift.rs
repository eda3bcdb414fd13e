//! What the reconciler writes to tenants: rows made due for a repair.

use sqlx::Connection;
use sqlx::pool::PoolConnection;
use sqlx::postgres::Postgres;
use uuid::Uuid;

use crate::domain::ids::{Generation, TenantId};
use crate::store::{Store, StoreError};

/// Held by whoever reconciles or collects; any number that nobody else uses in the control database.
const RECONCILE_LOCK: i64 = 0x6761_7465_7761_7903;

/// The right to reconcile, of which there is one per control database. Dropping it gives it back.
#[derive(Debug)]
pub struct ReconcileLock {
    connection: Option<PoolConnection<Postgres>>,
}

impl ReconcileLock {
    /// Gives the right back. Dropping ends the connection instead, which does the same.
    pub async fn release(mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        let unlocked =
            sqlx::query_scalar!("SELECT pg_advisory_unlock($1)", RECONCILE_LOCK).fetch_one(&mut *connection).await;
        if unlocked.is_err() {
            let _ = connection.detach().close().await;
        }
    }
}

impl Drop for ReconcileLock {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            // Back in the pool it would keep the lock.
            drop(connection.detach());
        }
    }
}

/// A tenant to be made due, and why.
#[derive(Clone, Debug)]
pub struct Repair {
    /// The tenant.
    pub tenant_id: TenantId,
    /// The wish it was looked at for; a newer one makes the finding void.
    pub generation: Generation,
    /// What was found.
    pub reason: String,
}

impl Store {
    /// The right to reconcile, or `None` while somebody else has it.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn try_reconcile(&self) -> Result<Option<ReconcileLock>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let got = sqlx::query_scalar!(r#"SELECT pg_try_advisory_lock($1) AS "got!""#, RECONCILE_LOCK)
            .fetch_one(&mut *connection)
            .await?;
        Ok(got.then_some(ReconcileLock { connection: Some(connection) }))
    }

    /// Makes tenants due for a repair that nobody waits for; those with work meanwhile are left out. Gives the others.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn request_repairs(&self, repairs: &[Repair]) -> Result<Vec<TenantId>, StoreError> {
        let ids: Vec<Uuid> = repairs.iter().map(|repair| repair.tenant_id.as_uuid()).collect();
        let generations: Vec<i64> = repairs.iter().map(|repair| repair.generation.as_i64()).collect();
        let reasons: Vec<String> = repairs.iter().map(|repair| repair.reason.clone()).collect();
        let mut tx = self.pool.begin().await?;
        // By id, as all who lock several tenants: in the order in which they were found, two could wait for each other.
        sqlx::query!(
            "SELECT id FROM gateway.tenant WHERE id = ANY ($1) AND due_at IS NULL AND lease_token IS NULL AND NOT paused
              ORDER BY id FOR NO KEY UPDATE",
            &ids
        )
        .fetch_all(&mut *tx)
        .await?;
        let due = sqlx::query_scalar!(
            "UPDATE gateway.tenant t SET due_at = now(), repair = true, reason = w.reason
               FROM unnest($1::uuid[], $2::bigint[], $3::text[]) AS w (id, generation, reason)
              WHERE t.id = w.id AND t.generation = w.generation AND t.due_at IS NULL AND t.lease_token IS NULL AND NOT t.paused
             RETURNING t.id",
            &ids,
            &generations,
            &reasons
        )
        .fetch_all(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(due.into_iter().map(TenantId::from_uuid).collect())
    }
}
