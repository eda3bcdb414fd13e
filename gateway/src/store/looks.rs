//! What the last look for drift found, as people see it until the next one.

use jiff::Timestamp;
use jiff_sqlx::Timestamp as SqlTimestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::domain::drift::{DriftKind, DriftRepair};
use crate::domain::ids::{Generation, TenantId};
use crate::domain::status::Status;
use crate::store::{Store, StoreError};

/// How old the row of a look may get while nothing changes, in seconds. A look in between writes nothing.
const RENEWED: f64 = 900.0;

/// Drift as a look found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundDrift {
    /// The tenant.
    pub tenant_id: TenantId,
    /// What kind of thing.
    pub kind: DriftKind,
    /// One sentence that names the object.
    pub what: String,
    /// How the row wants it, where that can be said.
    pub wanted: Option<String>,
    /// How it was.
    pub observed: Option<String>,
    /// What was done about it.
    pub repair: DriftRepair,
    /// The wish the world was compared with.
    pub generation: Generation,
}

/// Drift that stands in the list.
#[derive(Clone, Debug)]
pub struct DriftRecord {
    /// What was found; repaired where the tenant was made true since.
    pub found: FoundDrift,
    /// The tenant's key.
    pub tenant_key: String,
    /// The tenant's state.
    pub tenant_status: Status,
    /// When a look first found it.
    pub first_seen_at: Timestamp,
}

/// How a look at the whole fleet ended.
#[derive(Clone, Debug, PartialEq)]
pub struct NewLook {
    /// Tenants looked at.
    pub tenants: i64,
    /// Docker networks with our mark; `None` where unknown, or without Docker Engine.
    pub networks: Option<i64>,
    /// Docker containers with our mark; likewise.
    pub containers: Option<i64>,
    /// Code and sentence where the guard stopped the repairs.
    pub refused: Option<(String, String)>,
    /// Sources that could not be read, as a list of objects.
    pub unknown: Value,
}

/// The last look.
#[derive(Clone, Debug)]
pub struct LookRecord {
    /// How it ended.
    pub look: NewLook,
    /// When something last changed, or was found unchanged after a quarter of an hour.
    pub looked_at: Timestamp,
    /// Since when looks end like this.
    pub since: Timestamp,
    /// Orphans in their list.
    pub orphans: i64,
}

/// Which drift to list.
#[derive(Clone, Debug, Default)]
pub struct DriftFilter {
    /// Only this tenant's.
    pub tenant: Option<TenantId>,
    /// Only this kind.
    pub kind: Option<DriftKind>,
    /// Only those after this key, kind and sentence.
    pub after: Option<(String, DriftKind, String)>,
    /// At most so many.
    pub limit: u32,
}

/// One value of each, for a statement about all of them.
fn column<T>(drift: &[FoundDrift], value: impl Fn(&FoundDrift) -> T) -> Vec<T> {
    drift.iter().map(value).collect()
}

fn unknown(column: &'static str, id: Uuid) -> StoreError {
    StoreError::Inconsistent { table: "drift", column, row: id.to_string() }
}

impl Store {
    /// A page of drift, by tenant's key, kind and sentence.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn list_drift(&self, filter: &DriftFilter) -> Result<Vec<DriftRecord>, StoreError> {
        let after = filter.after.as_ref();
        let rows = sqlx::query!(
            r#"
            SELECT d.tenant_id, t.key AS "key!", t.status AS "status!", d.kind, d.what, d.wanted, d.observed, d.generation,
                   CASE WHEN d.repair = 'asked' AND t.observed_generation > d.generation AND t.observed_generation = t.generation
                        THEN 'repaired' ELSE d.repair END AS "repair!", d.first_seen_at AS "first_seen_at!: SqlTimestamp"
              FROM gateway.drift d JOIN gateway.tenant t ON t.id = d.tenant_id
             WHERE t.status <> 'deleted' AND ($1::uuid IS NULL OR d.tenant_id = $1) AND ($2::text IS NULL OR d.kind = $2)
               AND ($3::text IS NULL OR (t.key, d.kind, d.what) > ($3, $4::text, $5::text))
             ORDER BY t.key, d.kind, d.what LIMIT $6
            "#,
            filter.tenant.map(TenantId::as_uuid),
            filter.kind.map(DriftKind::as_str),
            after.map(|(key, _, _)| key.as_str()),
            after.map(|(_, kind, _)| kind.as_str()),
            after.map(|(_, _, what)| what.as_str()),
            i64::from(filter.limit)
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                let found = FoundDrift {
                    tenant_id: TenantId::from_uuid(row.tenant_id),
                    kind: DriftKind::parse(&row.kind).ok_or_else(|| unknown("kind", row.tenant_id))?,
                    what: row.what,
                    wanted: row.wanted,
                    observed: row.observed,
                    repair: DriftRepair::parse(&row.repair).ok_or_else(|| unknown("repair", row.tenant_id))?,
                    generation: Generation::from_i64(row.generation),
                };
                Ok(DriftRecord {
                    found,
                    tenant_key: row.key,
                    tenant_status: Status::parse(&row.status).ok_or_else(|| unknown("status", row.tenant_id))?,
                    first_seen_at: row.first_seen_at.to_jiff(),
                })
            })
            .collect()
    }

    /// All drift that stands in the list.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn known_drift(&self) -> Result<Vec<FoundDrift>, StoreError> {
        let rows =
            sqlx::query!("SELECT tenant_id, kind, what, wanted, observed, repair, generation FROM gateway.drift")
                .fetch_all(&self.pool)
                .await?;
        rows.into_iter()
            .map(|row| {
                Ok(FoundDrift {
                    tenant_id: TenantId::from_uuid(row.tenant_id),
                    kind: DriftKind::parse(&row.kind).ok_or_else(|| unknown("kind", row.tenant_id))?,
                    what: row.what,
                    wanted: row.wanted,
                    observed: row.observed,
                    repair: DriftRepair::parse(&row.repair).ok_or_else(|| unknown("repair", row.tenant_id))?,
                    generation: Generation::from_i64(row.generation),
                })
            })
            .collect()
    }

    /// Takes drift from the list and puts other there; what stands there already keeps the time it was first seen.
    ///
    /// # Errors
    /// [`StoreError`] of the statements; all or nothing was written.
    pub async fn put_drift(&self, gone: &[FoundDrift], found: &[FoundDrift]) -> Result<(), StoreError> {
        if gone.is_empty() && found.is_empty() {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        sqlx::query!(
            "DELETE FROM gateway.drift d USING unnest($1::uuid[], $2::text[], $3::text[]) AS g (tenant_id, kind, what)
              WHERE d.tenant_id = g.tenant_id AND d.kind = g.kind AND d.what = g.what",
            &column(gone, |one| one.tenant_id.as_uuid()),
            &column(gone, |one| one.kind.as_str().to_owned()),
            &column(gone, |one| one.what.clone())
        )
        .execute(&mut *tx)
        .await?;
        // A statement may not touch a row twice, so of what is named twice the last counts.
        sqlx::query!(
            "INSERT INTO gateway.drift (tenant_id, kind, what, wanted, observed, repair, generation)
             SELECT DISTINCT ON (f.tenant_id, f.kind, f.what) f.tenant_id, f.kind, f.what, f.wanted, f.observed, f.repair, f.generation
               FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[]) WITH ORDINALITY
                    AS f (tenant_id, kind, what, wanted, observed, repair, generation, place)
              ORDER BY f.tenant_id, f.kind, f.what, f.place DESC
             ON CONFLICT (tenant_id, kind, what) DO UPDATE
                SET wanted = excluded.wanted, observed = excluded.observed, repair = excluded.repair, generation = excluded.generation",
            &column(found, |one| one.tenant_id.as_uuid()),
            &column(found, |one| one.kind.as_str().to_owned()),
            &column(found, |one| one.what.clone()),
            &column(found, |one| one.wanted.clone()) as &[Option<String>],
            &column(found, |one| one.observed.clone()) as &[Option<String>],
            &column(found, |one| one.repair.as_str().to_owned()),
            &column(found, |one| one.generation.as_i64())
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// The last look at the whole fleet; `None` when there was none.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn last_look(&self) -> Result<Option<LookRecord>, StoreError> {
        let row = sqlx::query!(
            r#"
            SELECT looked_at AS "looked_at!: SqlTimestamp", since AS "since!: SqlTimestamp", tenants, networks, containers,
                   refused_code, refused_message, unknown,
                   (SELECT count(*) FROM gateway.orphan) AS "orphans!"
              FROM gateway.look
            "#
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| LookRecord {
            look: NewLook {
                tenants: row.tenants,
                networks: row.networks,
                containers: row.containers,
                refused: row.refused_code.zip(row.refused_message),
                unknown: row.unknown,
            },
            looked_at: row.looked_at.to_jiff(),
            since: row.since.to_jiff(),
            orphans: row.orphans,
        }))
    }

    /// Writes how a look ended, unless that stands there and is not old.
    ///
    /// # Errors
    /// [`StoreError`] of the statements.
    pub async fn put_look(&self, look: &NewLook) -> Result<(), StoreError> {
        let known = self.last_look().await?;
        let now = Timestamp::now();
        let is_recent = |known: &LookRecord| now.duration_since(known.looked_at).as_secs_f64() < RENEWED;
        if known.as_ref().is_some_and(|known| known.look == *look && is_recent(known)) {
            return Ok(());
        }
        let (code, message) = look.refused.clone().unzip();
        sqlx::query!(
            "INSERT INTO gateway.look AS l (tenants, networks, containers, refused_code, refused_message, unknown)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (only_row) DO UPDATE
                SET looked_at = now(), tenants = excluded.tenants, networks = excluded.networks, containers = excluded.containers,
                    refused_code = excluded.refused_code, refused_message = excluded.refused_message, unknown = excluded.unknown,
                    since = CASE WHEN (l.refused_code, l.unknown) IS DISTINCT FROM (excluded.refused_code, excluded.unknown)
                                 THEN now() ELSE l.since END",
            look.tenants,
            look.networks,
            look.containers,
            code,
            message,
            look.unknown
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
