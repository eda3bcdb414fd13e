//! What the reconciler writes: rows made due for a repair, and the list of orphans.

use jiff::Timestamp;
use jiff_sqlx::Timestamp as SqlTimestamp;
use serde_json::Value;
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

/// An orphan as it stands in the list.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedOrphan {
    /// Word of its kind.
    pub kind: String,
    /// Where it is.
    pub place: String,
    /// Its name there.
    pub name: String,
    /// The tenant it was made for, where it says so.
    pub tenant_id: Option<Uuid>,
    /// What else is known.
    pub detail: Value,
    /// Since when it is known.
    pub first_seen_at: Timestamp,
    /// Seconds since then, by the database's clock.
    pub seen_seconds: f64,
}

/// An orphan to be listed.
#[derive(Clone, Debug)]
pub struct NewOrphan<'a> {
    /// Word of its kind.
    pub kind: &'a str,
    /// Where it is.
    pub place: &'a str,
    /// Its name there.
    pub name: &'a str,
    /// The tenant it was made for, where it says so.
    pub tenant_id: Option<TenantId>,
    /// What else is known.
    pub detail: &'a Value,
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
        let due = sqlx::query_scalar!(
            "UPDATE gateway.tenant t SET due_at = now(), repair = true, reason = w.reason
               FROM unnest($1::uuid[], $2::bigint[], $3::text[]) AS w (id, generation, reason)
              WHERE t.id = w.id AND t.generation = w.generation AND t.due_at IS NULL AND t.lease_token IS NULL AND NOT t.paused
             RETURNING t.id",
            &ids,
            &generations,
            &reasons
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(due.into_iter().map(TenantId::from_uuid).collect())
    }

    /// The list of orphans.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn listed_orphans(&self) -> Result<Vec<ListedOrphan>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT kind, place, name, tenant_id, detail, first_seen_at AS "first_seen_at: SqlTimestamp",
                      extract(epoch FROM now() - first_seen_at)::float8 AS "seen_seconds!"
                 FROM gateway.orphan ORDER BY kind, place, name"#
        )
        .fetch_all(&self.pool)
        .await?;
        let listed = rows.into_iter().map(|row| ListedOrphan {
            kind: row.kind,
            place: row.place,
            name: row.name,
            tenant_id: row.tenant_id,
            detail: row.detail,
            first_seen_at: row.first_seen_at.to_jiff(),
            seen_seconds: row.seen_seconds,
        });
        Ok(listed.collect())
    }

    /// Adds orphans to the list; those that stand there keep the time they were first seen.
    ///
    /// # Errors
    /// [`StoreError`] of the statements; all or nothing was added.
    pub async fn add_orphans(&self, orphans: &[NewOrphan<'_>]) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        for orphan in orphans {
            sqlx::query!(
                "INSERT INTO gateway.orphan (kind, place, name, tenant_id, detail) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
                orphan.kind,
                orphan.place,
                orphan.name,
                orphan.tenant_id.map(TenantId::as_uuid),
                orphan.detail
            )
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Marks an orphan as about to be removed, by whom: written before the outside is touched.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn condemn_orphan(&self, kind: &str, place: &str, name: &str, by: &str) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE gateway.orphan SET condemned_at = now(), condemned_by = $4 WHERE kind = $1 AND place = $2 AND name = $3",
            kind,
            place,
            name,
            by
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Takes an orphan from the list: it is gone, or owned again.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn forget_orphan(&self, kind: &str, place: &str, name: &str) -> Result<(), StoreError> {
        sqlx::query!("DELETE FROM gateway.orphan WHERE kind = $1 AND place = $2 AND name = $3", kind, place, name)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}
