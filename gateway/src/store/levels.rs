//! What a worker reads off the fleet by the clock.

use std::time::Duration;

use jiff::Timestamp;
use jiff_sqlx::Timestamp as SqlTimestamp;

use crate::domain::series::Metric;
use crate::store::{Store, StoreError};

/// A level that stays is written again after this time, which shows that somebody still looks.
pub const WRITTEN_AGAIN: Duration = Duration::from_secs(3600);

/// A level at a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Level {
    /// Of what.
    pub metric: Metric,
    /// Which of it, such as a state or the name of a server.
    pub name: String,
    /// How much.
    pub value: f64,
}

impl Store {
    /// Writes those levels that differ from what stands there, or stand there for [`WRITTEN_AGAIN`]. Says how many.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn put_levels(&self, at: Timestamp, levels: &[Level]) -> Result<u64, StoreError> {
        let metrics: Vec<String> = levels.iter().map(|level| level.metric.as_str().to_owned()).collect();
        let names: Vec<String> = levels.iter().map(|level| level.name.clone()).collect();
        let values: Vec<f64> = levels.iter().map(|level| level.value).collect();
        let written = sqlx::query!(
            "INSERT INTO gateway.level (metric, name, at, value)
             SELECT n.metric, n.name, $1, n.value FROM unnest($2::text[], $3::text[], $4::float8[]) AS n (metric, name, value)
               LEFT JOIN LATERAL (SELECT l.at, l.value FROM gateway.level l WHERE l.metric = n.metric AND l.name = n.name
                                   ORDER BY l.at DESC LIMIT 1) was ON true
              WHERE was.at IS NULL OR was.value <> n.value OR was.at <= $1::timestamptz - make_interval(secs => $5)
             ON CONFLICT (metric, name, at) DO UPDATE SET value = excluded.value",
            SqlTimestamp::from(at) as SqlTimestamp,
            &metrics,
            &names,
            &values,
            WRITTEN_AGAIN.as_secs_f64()
        );
        Ok(written.execute(&self.pool).await?.rows_affected())
    }

    /// The levels of a metric from one moment up to another, in order by name and time.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn list_levels(
        &self,
        metric: Metric,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<(String, Timestamp, f64)>, StoreError> {
        let rows = sqlx::query!(
            r#"
            SELECT name, at AS "at!: SqlTimestamp", value FROM gateway.level
             WHERE metric = $1 AND at >= $2 AND at < $3 ORDER BY name, at
            "#,
            metric.as_str(),
            SqlTimestamp::from(from) as SqlTimestamp,
            SqlTimestamp::from(to) as SqlTimestamp
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|row| (row.name, row.at.to_jiff(), row.value)).collect())
    }

    /// Leaves of levels that are older than `age` the last of each hour.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn thin_levels(&self, age: Duration) -> Result<(), StoreError> {
        sqlx::query!(
            "DELETE FROM gateway.level l
              WHERE l.at < now() - make_interval(secs => $1)
                AND EXISTS (SELECT FROM gateway.level later
                             WHERE later.metric = l.metric AND later.name = l.name AND later.at > l.at
                               AND later.at < date_bin('1 hour', l.at, 'epoch') + interval '1 hour')",
            age.as_secs_f64()
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Tenants that are not deleted, by status.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn tenants_by_status(&self) -> Result<Vec<(String, i64)>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT status, count(*) AS "count!" FROM gateway.tenant WHERE status <> 'deleted' GROUP BY status ORDER BY status"#
        );
        Ok(rows.fetch_all(&self.pool).await?.into_iter().map(|row| (row.status, row.count)).collect())
    }

    /// How long it took until new tenants were active, in seconds: of those that became so in each `step` seconds from `from`
    /// on, half of them at most, and 95 of 100 at most. Spans in which none did are left out.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn list_provision_latency(
        &self,
        from: Timestamp,
        to: Timestamp,
        step: i64,
    ) -> Result<Vec<(Timestamp, f64, f64)>, StoreError> {
        let rows = sqlx::query!(
            r#"
            SELECT date_bin(make_interval(secs => $3), ended_at, $1) AS "at!: SqlTimestamp",
                   percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM ended_at - created_at)::float8) AS "half!",
                   percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM ended_at - created_at)::float8) AS "most!"
              FROM gateway.operation
             WHERE ended_at >= $1 AND ended_at < $2 AND kind = 'provision' AND state = 'succeeded'
             GROUP BY 1 ORDER BY 1
            "#,
            SqlTimestamp::from(from) as SqlTimestamp,
            SqlTimestamp::from(to) as SqlTimestamp,
            step as f64
        );
        let rows = rows.fetch_all(&self.pool).await?;
        Ok(rows.into_iter().map(|row| (row.at.to_jiff(), row.half, row.most)).collect())
    }
}
