//! Removing what has ended, oldest first and a number at a time; several workers may.

use std::time::Duration;

use crate::store::{Store, StoreError};

impl Store {
    /// Removes jobs that ended longer ago than `age`, at most `most`. The last of each kind that ended stays: it is what
    /// people look for. Says how many went.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn remove_jobs(&self, age: Duration, most: i64) -> Result<u64, StoreError> {
        let removed = sqlx::query!(
            "DELETE FROM gateway.job WHERE id IN (
                 SELECT j.id FROM gateway.job j
                  WHERE j.ended_at < now() - make_interval(secs => $1)
                    AND EXISTS (SELECT FROM gateway.job later WHERE later.kind = j.kind AND later.ended_at > j.ended_at)
                  ORDER BY j.ended_at LIMIT $2 FOR UPDATE OF j SKIP LOCKED)",
            age.as_secs_f64(),
            most
        );
        Ok(removed.execute(&self.pool).await?.rows_affected())
    }

    /// Removes batches that ended longer ago than `age` with the list of their tenants, at most `most`. What they did stays
    /// in the history of the tenants. Says how many went.
    ///
    /// # Errors
    /// [`StoreError`] of a statement; nothing was removed then.
    pub async fn remove_batches(&self, age: Duration, most: i64) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let old = sqlx::query_scalar!(
            "SELECT id FROM gateway.batch WHERE ended_at < now() - make_interval(secs => $1)
              ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED",
            age.as_secs_f64(),
            most
        )
        .fetch_all(&mut *tx)
        .await?;
        sqlx::query!("DELETE FROM gateway.batch_tenant WHERE batch_id = ANY ($1)", &old).execute(&mut *tx).await?;
        let removed = sqlx::query!("DELETE FROM gateway.batch WHERE id = ANY ($1)", &old).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(removed.rows_affected())
    }

    /// Removes sessions that are over, links that have been over for 30 days, and remembered answers that are not given any
    /// more, at most `most` of each. Says how many went.
    ///
    /// # Errors
    /// [`StoreError`] of a statement.
    pub async fn remove_stale(&self, most: i64) -> Result<u64, StoreError> {
        let sessions = sqlx::query!(
            "DELETE FROM gateway.session WHERE token_hash IN (
                 SELECT token_hash FROM gateway.session WHERE expires_at < now() ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)",
            most
        );
        let sessions = sessions.execute(&self.pool).await?.rows_affected();
        let links = sqlx::query!(
            "DELETE FROM gateway.user_link WHERE token_hash IN (
                 SELECT token_hash FROM gateway.user_link WHERE expires_at < now() - interval '30 days'
                  ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)",
            most
        );
        let links = links.execute(&self.pool).await?.rows_affected();
        let answers = sqlx::query!(
            "DELETE FROM gateway.answer WHERE (principal, key) IN (
                 SELECT principal, key FROM gateway.answer WHERE created_at < now() - interval '1 day'
                  ORDER BY created_at LIMIT $1 FOR UPDATE SKIP LOCKED)",
            most
        );
        Ok(sessions + links + answers.execute(&self.pool).await?.rows_affected())
    }
}
