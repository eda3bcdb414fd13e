//! What the reconciler writes to tenants: rows made due for a repair.

use uuid::Uuid;

use crate::domain::ids::{Generation, TenantId};
use crate::store::{Store, StoreError};

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
    /// Makes tenants due for a repair that nobody waits for; those with work meanwhile are left out. Gives the others.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn request_repairs(&self, repairs: &[Repair]) -> Result<Vec<TenantId>, StoreError> {
        let ids: Vec<Uuid> = repairs.iter().map(|repair| repair.tenant_id.as_uuid()).collect();
        let generations: Vec<i64> = repairs.iter().map(|repair| repair.generation.as_i64()).collect();
        let reasons: Vec<String> = repairs.iter().map(|repair| repair.reason.clone()).collect();
        let mut tx = self.begin().await?;
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
