//! How far Traefik is with the changes of its tree, as a worker found it.

use std::time::Duration;

use jiff::Timestamp;
use jiff_sqlx::Timestamp as SqlTimestamp;

use crate::store::{Store, StoreError};

/// How old a look may be that anything is concluded from. Workers look every few seconds.
const FRESH: Duration = Duration::from_secs(30);

/// What the last look found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TreeLoad {
    /// When it was.
    pub looked_at: Timestamp,
    /// Changes that were written; `None` where that is not known.
    pub written: Option<i64>,
    /// Changes that Traefik had loaded, 0 where it does not say; `None` where it did not answer.
    pub loaded: Option<i64>,
    /// Since when one of them waits to be loaded, and for how many seconds. `None` where all are loaded or that is not known.
    pub waiting: Option<(Timestamp, f64)>,
}

impl TreeLoad {
    /// For how many seconds a change has waited to be loaded; `None` where that is not known.
    #[must_use]
    pub fn waited(&self) -> Option<f64> {
        (self.written.is_some() && self.loaded.is_some()).then(|| self.waiting.map_or(0.0, |(_, seconds)| seconds))
    }
}

impl Store {
    /// Whether it is time for somebody to look: nobody has set out to in the last `pause`. Who asks is the one who does.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn may_look_at_load(&self, pause: Duration) -> Result<bool, StoreError> {
        let taken = sqlx::query!(
            "INSERT INTO gateway.tree_load AS l DEFAULT VALUES
             ON CONFLICT (only_row) DO UPDATE SET looked_at = now() WHERE l.looked_at <= now() - make_interval(secs => $1)",
            pause.as_secs_f64()
        );
        Ok(taken.execute(&self.pool).await?.rows_affected() == 1)
    }

    /// Writes what a look found, where it differs. Of the changes that Traefik has not loaded the last one is waited for, until it
    /// is loaded: so a Traefik that goes on is not taken for one that stands still. Where one of the two counts is not known
    /// nothing is concluded, and the wait goes on.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn put_load(&self, written: Option<i64>, loaded: Option<i64>) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE gateway.tree_load
                SET written = $1, loaded = $2,
                    awaited = CASE WHEN $1 IS NULL OR $2 IS NULL OR $2 < $1 AND $2 < awaited THEN awaited WHEN $2 < $1 THEN $1 END,
                    waiting_since = CASE WHEN $1 IS NULL OR $2 IS NULL OR $2 < $1 AND $2 < awaited THEN waiting_since
                                         WHEN $2 < $1 THEN now() END
              WHERE (written, loaded) IS DISTINCT FROM ($1::bigint, $2::bigint)",
            written,
            loaded
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// What the last look found; `None` where no worker has looked for half a minute.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn tree_load(&self) -> Result<Option<TreeLoad>, StoreError> {
        let row = sqlx::query!(
            r#"
            SELECT looked_at AS "looked_at!: SqlTimestamp", written, loaded, waiting_since AS "waiting_since: SqlTimestamp",
                   extract(epoch FROM now() - waiting_since)::float8 AS waited
              FROM gateway.tree_load WHERE looked_at > now() - make_interval(secs => $1)
            "#,
            FRESH.as_secs_f64()
        );
        Ok(row.fetch_optional(&self.pool).await?.map(|row| {
            let is_behind = row.loaded.zip(row.written).is_some_and(|(loaded, written)| loaded < written);
            TreeLoad {
                looked_at: row.looked_at.to_jiff(),
                written: row.written,
                loaded: row.loaded,
                waiting: row.waiting_since.map(SqlTimestamp::to_jiff).zip(row.waited).filter(|_| is_behind),
            }
        }))
    }
}
