//! What the records say about the past, for an auditor: each in one query over the whole fleet.

use jiff::Timestamp;
use jiff_sqlx::Timestamp as SqlTimestamp;

use crate::domain::ids::TenantId;
use crate::store::{Store, StoreError};

/// A recorded change of status, in the words of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The state it left; `None` for the first.
    pub from: Option<String>,
    /// The state it came to.
    pub to: String,
}

/// Everything that ever happened to one tenant's status, as one moment saw it together with the status itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// The tenant.
    pub tenant_id: TenantId,
    /// Its key.
    pub key: String,
    /// The state it is in.
    pub status: String,
    /// Its moves, oldest first.
    pub moves: Vec<Move>,
}

/// An effect that was recorded as succeeded after a younger claim had begun to work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LateEffect {
    /// The tenant.
    pub tenant_id: TenantId,
    /// Its key.
    pub key: String,
    /// The attempt's number.
    pub attempt_id: i64,
    /// The step.
    pub step: String,
    /// The fence it worked under.
    pub fence: i64,
    /// When it ended.
    pub ended_at: Timestamp,
    /// When the first attempt under a higher fence started.
    pub younger_started_at: Timestamp,
}

/// How a deleted tenant's end is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purge {
    /// The tenant.
    pub tenant_id: TenantId,
    /// Its key.
    pub key: String,
    /// When purging was allowed to begin.
    pub purge_at: Option<Timestamp>,
    /// When the purge that succeeded last began.
    pub started_at: Option<Timestamp>,
    /// When the deletion that succeeded last ended.
    pub deprovisioned_at: Option<Timestamp>,
}

impl Store {
    /// The history of every tenant, deleted ones too.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn histories(&self) -> Result<Vec<History>, StoreError> {
        let rows = sqlx::query!(
            r#"
            SELECT t.id AS "id!", t.key AS "key!", t.status AS "status!",
                   coalesce(array_agg(coalesce(m.from_status, '') ORDER BY m.id) FILTER (WHERE m.id IS NOT NULL), '{}') AS "left!: Vec<String>",
                   coalesce(array_agg(m.to_status ORDER BY m.id) FILTER (WHERE m.id IS NOT NULL), '{}') AS "reached!: Vec<String>"
              FROM gateway.tenant t LEFT JOIN gateway.tenant_transition m ON m.tenant_id = t.id
             GROUP BY t.id
            "#
        )
        .fetch_all(&self.pool)
        .await?;
        let history = |id, key, status, left: Vec<String>, reached: Vec<String>| History {
            tenant_id: TenantId::from_uuid(id),
            key,
            status,
            moves: left
                .into_iter()
                .zip(reached)
                .map(|(from, to)| Move { from: Some(from).filter(|word| !word.is_empty()), to })
                .collect(),
        };
        Ok(rows.into_iter().map(|row| history(row.id, row.key, row.status, row.left, row.reached)).collect())
    }

    /// Effects that succeeded under a claim after a younger claim on the same tenant had begun.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn late_effects(&self) -> Result<Vec<LateEffect>, StoreError> {
        let rows = sqlx::query!(
            r#"
            WITH seen AS (
                SELECT id, tenant_id, step, fence, state, ended_at,
                       min(started_at) OVER (PARTITION BY tenant_id ORDER BY fence RANGE BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
                           AS younger_started_at
                  FROM gateway.step_attempt WHERE fence IS NOT NULL
            )
            SELECT s.id AS "id!", s.tenant_id AS "tenant_id!", t.key AS "key!", s.step AS "step!", s.fence AS "fence!",
                   s.ended_at AS "ended_at!: SqlTimestamp", s.younger_started_at AS "younger_started_at!: SqlTimestamp"
              FROM seen s JOIN gateway.tenant t ON t.id = s.tenant_id
             WHERE s.state = 'succeeded' AND s.ended_at > s.younger_started_at ORDER BY s.id
            "#
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| LateEffect {
                tenant_id: TenantId::from_uuid(row.tenant_id),
                key: row.key,
                attempt_id: row.id,
                step: row.step,
                fence: row.fence,
                ended_at: row.ended_at.to_jiff(),
                younger_started_at: row.younger_started_at.to_jiff(),
            })
            .collect())
    }

    /// The end of every deleted tenant.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn purges(&self) -> Result<Vec<Purge>, StoreError> {
        let rows = sqlx::query!(
            r#"
            SELECT t.id AS "id!", t.key AS "key!", t.purge_at AS "purge_at?: SqlTimestamp",
                   max(o.started_at) FILTER (WHERE o.kind = 'purge') AS "started_at?: SqlTimestamp",
                   max(o.ended_at) FILTER (WHERE o.kind = 'deprovision') AS "deprovisioned_at?: SqlTimestamp"
              FROM gateway.tenant t LEFT JOIN gateway.operation o ON o.tenant_id = t.id AND o.state = 'succeeded'
             WHERE t.status = 'deleted' GROUP BY t.id
            "#
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| Purge {
                tenant_id: TenantId::from_uuid(row.id),
                key: row.key,
                purge_at: row.purge_at.map(SqlTimestamp::to_jiff),
                started_at: row.started_at.map(SqlTimestamp::to_jiff),
                deprovisioned_at: row.deprovisioned_at.map(SqlTimestamp::to_jiff),
            })
            .collect())
    }
}
