//! Requests by tenant and span of time. Several processes add to the same rows, and nothing is counted twice.

use std::time::Duration;

use jiff::Timestamp;
use jiff_sqlx::Timestamp as SqlTimestamp;
use uuid::Uuid;

use crate::domain::ids::TenantId;
use crate::domain::series::{CLASSES, Tally};
use crate::store::{Store, StoreError};

/// Stands for all tenants together.
const ALL: Uuid = Uuid::nil();
/// Rows written in one statement.
const AT_ONCE: usize = 5_000;

/// What was asked in a span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrafficRecord {
    /// When the span began.
    pub at: Timestamp,
    /// What was asked.
    pub tally: Tally,
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn tally(requests: i64, errors: i64, durations: &[i64]) -> Tally {
    let count = |number: i64| u64::try_from(number).unwrap_or_default();
    let mut classes = [0; CLASSES];
    for (class, number) in classes.iter_mut().zip(durations) {
        *class = count(*number);
    }
    Tally { requests: count(requests), errors: count(errors), durations: classes }
}

impl Store {
    /// Adds what was counted in the span that begins at `at`, all tenants together included: `None` stands for what no tenant
    /// was asked. Either all of it is written or nothing.
    ///
    /// # Errors
    /// [`StoreError`] of a statement.
    pub async fn add_traffic(
        &self,
        at: Timestamp,
        span: Duration,
        counted: &[(Option<TenantId>, Tally)],
    ) -> Result<(), StoreError> {
        let mut all = Tally::default();
        for (_, tally) in counted {
            all.add(tally);
        }
        let mut rows: Vec<(Uuid, &Tally)> =
            counted.iter().filter_map(|(id, tally)| id.map(|id| (id.as_uuid(), tally))).collect();
        rows.push((ALL, &all));
        rows.retain(|(_, tally)| tally.requests > 0);
        // Two processes that write the same rows take them in one order.
        rows.sort_unstable_by_key(|(id, _)| *id);
        if rows.is_empty() {
            return Ok(());
        }
        let seconds = i32::try_from(span.as_secs()).unwrap_or(i32::MAX);
        let mut tx = self.begin().await?;
        for part in rows.chunks(AT_ONCE) {
            let ids: Vec<Uuid> = part.iter().map(|(id, _)| *id).collect();
            let requests: Vec<i64> = part.iter().map(|(_, tally)| whole(tally.requests)).collect();
            let errors: Vec<i64> = part.iter().map(|(_, tally)| whole(tally.errors)).collect();
            let durations: Vec<i64> =
                part.iter().flat_map(|(_, tally)| tally.durations.into_iter().map(whole)).collect();
            sqlx::query!(
                "INSERT INTO gateway.traffic AS t (tenant_id, at, seconds, requests, errors, durations)
                 SELECT n.id, $1, $2, n.requests, n.errors, ($6::bigint[])[((n.place - 1) * $7 + 1)::integer : (n.place * $7)::integer]
                   FROM unnest($3::uuid[], $4::bigint[], $5::bigint[]) WITH ORDINALITY AS n (id, requests, errors, place)
                  ORDER BY n.place
                 ON CONFLICT (tenant_id, at, seconds) DO UPDATE
                    SET requests = t.requests + excluded.requests, errors = t.errors + excluded.errors,
                        durations = gateway.add_counts(t.durations, excluded.durations)",
                SqlTimestamp::from(at) as SqlTimestamp,
                seconds,
                &ids,
                &requests,
                &errors,
                &durations,
                i64::try_from(CLASSES).unwrap_or_default()
            )
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// What a tenant, or all of them, was asked between two moments, in order. Spans without a request are left out.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn list_traffic(
        &self,
        tenant: Option<TenantId>,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<TrafficRecord>, StoreError> {
        let rows = sqlx::query!(
            r#"
            SELECT at AS "at!: SqlTimestamp", requests, errors, durations FROM gateway.traffic
             WHERE tenant_id = $1 AND at >= $2 AND at < $3 ORDER BY at
            "#,
            tenant.map_or(ALL, TenantId::as_uuid),
            SqlTimestamp::from(from) as SqlTimestamp,
            SqlTimestamp::from(to) as SqlTimestamp
        )
        .fetch_all(&self.pool)
        .await?;
        let record = |at: SqlTimestamp, tally| TrafficRecord { at: at.to_jiff(), tally };
        Ok(rows.into_iter().map(|row| record(row.at, tally(row.requests, row.errors, &row.durations))).collect())
    }

    /// The ids of tenants that are not deleted, by their keys.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn tenants_by_key(&self, keys: &[String]) -> Result<Vec<(String, TenantId)>, StoreError> {
        let rows = sqlx::query!("SELECT key, id FROM gateway.tenant WHERE key = ANY($1) AND status <> 'deleted'", keys);
        let rows = rows.fetch_all(&self.pool).await?;
        Ok(rows.into_iter().map(|row| (row.key, TenantId::from_uuid(row.id))).collect())
    }

    /// Joins shorter spans that lie before `age` ago to spans of this length: those of the oldest span at or after `from` that
    /// holds any. Gives when that one ends; `None` where there was none. No request is lost and none is counted twice.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn join_traffic(
        &self,
        span: Duration,
        from: Timestamp,
        age: Duration,
    ) -> Result<Option<Timestamp>, StoreError> {
        let ends = sqlx::query_scalar!(
            r#"
            WITH oldest AS (
                SELECT date_bin(make_interval(secs => $1), at, 'epoch') AS begins FROM gateway.traffic
                 WHERE seconds < $1::integer AND at >= $2
                   AND at < date_bin(make_interval(secs => $1), now() - make_interval(secs => $3), 'epoch')
                 ORDER BY at LIMIT 1),
            taken AS (
                DELETE FROM gateway.traffic t USING oldest
                 WHERE t.at >= oldest.begins AND t.at < oldest.begins + make_interval(secs => $1) AND t.seconds < $1::integer
                RETURNING t.tenant_id, oldest.begins, t.requests, t.errors, t.durations),
            summed AS (
                SELECT tenant_id, begins, sum(requests)::bigint AS requests, sum(errors)::bigint AS errors
                  FROM taken GROUP BY tenant_id, begins),
            classes AS (
                SELECT tenant_id, array_agg(count ORDER BY place) AS durations
                  FROM (SELECT taken.tenant_id, class.place, sum(class.count)::bigint AS count
                          FROM taken, unnest(taken.durations) WITH ORDINALITY AS class (count, place)
                         GROUP BY taken.tenant_id, class.place) each_class
                 GROUP BY tenant_id)
            INSERT INTO gateway.traffic AS t (tenant_id, at, seconds, requests, errors, durations)
            SELECT s.tenant_id, s.begins, $1::integer, s.requests, s.errors, c.durations
              FROM summed s JOIN classes c ON c.tenant_id = s.tenant_id ORDER BY s.tenant_id
            ON CONFLICT (tenant_id, at, seconds) DO UPDATE
               SET requests = t.requests + excluded.requests, errors = t.errors + excluded.errors,
                   durations = gateway.add_counts(t.durations, excluded.durations)
            RETURNING at + make_interval(secs => $1) AS "ends!: SqlTimestamp"
            "#,
            span.as_secs_f64(),
            SqlTimestamp::from(from) as SqlTimestamp,
            age.as_secs_f64()
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(ends.into_iter().next().map(SqlTimestamp::to_jiff))
    }

    /// Removes at most `most` spans and levels that are older than `age`. Says how many.
    ///
    /// # Errors
    /// [`StoreError`] of a statement.
    pub async fn remove_series(&self, age: Duration, most: u32) -> Result<u64, StoreError> {
        let spans = sqlx::query!(
            "DELETE FROM gateway.traffic WHERE ctid IN (
                 SELECT ctid FROM gateway.traffic WHERE at < now() - make_interval(secs => $1) ORDER BY at LIMIT $2)",
            age.as_secs_f64(),
            i64::from(most)
        );
        let spans = spans.execute(&self.pool).await?.rows_affected();
        let levels = sqlx::query!(
            "DELETE FROM gateway.level WHERE ctid IN (
                 SELECT ctid FROM gateway.level WHERE at < now() - make_interval(secs => $1) ORDER BY at LIMIT $2)",
            age.as_secs_f64(),
            i64::from(most)
        );
        Ok(spans + levels.execute(&self.pool).await?.rows_affected())
    }
}
