//! Objects outside that no tenant owns, as the reconciler wrote them down.

use jiff::Timestamp;
use jiff_sqlx::Timestamp as SqlTimestamp;
use serde_json::Value;

use crate::domain::ids::TenantId;
use crate::domain::orphan::OrphanKind;
use crate::store::{Store, StoreError};

/// An orphan.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the migration says what the columns are")]
pub struct OrphanRecord {
    pub kind: OrphanKind,
    /// `database-server/` and the server's name, or `docker`, or `redis`.
    pub place: String,
    pub name: String,
    /// The tenant its mark names.
    pub tenant_id: Option<TenantId>,
    pub detail: Value,
    pub first_seen_at: Timestamp,
    pub condemned_at: Option<Timestamp>,
    pub condemned_by: Option<String>,
}

/// An orphan that is in the list, and since when.
#[derive(Clone, Debug, PartialEq)]
pub struct KnownOrphan {
    /// What it is.
    pub kind: OrphanKind,
    /// Where it is.
    pub place: String,
    /// Its name there.
    pub name: String,
    /// Seconds since it was first seen, by the database's clock.
    pub seen_seconds: f64,
}

/// An orphan to be listed.
#[derive(Clone, Debug)]
pub struct NewOrphan<'a> {
    /// What it is.
    pub kind: OrphanKind,
    /// Where it is.
    pub place: &'a str,
    /// Its name there.
    pub name: &'a str,
    /// The tenant it was made for, where it says so.
    pub tenant_id: Option<TenantId>,
    /// What else is known.
    pub detail: &'a Value,
}

/// Which orphans to list.
#[derive(Clone, Debug, Default)]
pub struct OrphanFilter {
    /// Only those after this one, by kind, place and name.
    pub after: Option<(OrphanKind, String, String)>,
    /// At most so many.
    pub limit: u32,
}

fn parse_kind(word: &str, name: &str) -> Result<OrphanKind, StoreError> {
    let unknown = || StoreError::Inconsistent { table: "orphan", column: "kind", row: name.to_owned() };
    OrphanKind::parse(word).ok_or_else(unknown)
}

impl Store {
    /// A page of orphans, by kind, place and name.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn list_orphans(&self, filter: &OrphanFilter) -> Result<Vec<OrphanRecord>, StoreError> {
        let after = filter.after.as_ref();
        let rows = sqlx::query!(
            r#"
            SELECT kind, place, name, tenant_id, detail, first_seen_at AS "first_seen_at!: SqlTimestamp",
                   condemned_at AS "condemned_at?: SqlTimestamp", condemned_by
              FROM gateway.orphan
             WHERE $1::text IS NULL OR (kind, place, name) > ($1, $2::text, $3::text)
             ORDER BY kind, place, name LIMIT $4
            "#,
            after.map(|(kind, _, _)| kind.as_str()),
            after.map(|(_, place, _)| place.as_str()),
            after.map(|(_, _, name)| name.as_str()),
            i64::from(filter.limit)
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                let kind = parse_kind(&row.kind, &row.name)?;
                Ok(OrphanRecord {
                    kind,
                    place: row.place,
                    name: row.name,
                    tenant_id: row.tenant_id.map(TenantId::from_uuid),
                    detail: row.detail,
                    first_seen_at: row.first_seen_at.to_jiff(),
                    condemned_at: row.condemned_at.map(SqlTimestamp::to_jiff),
                    condemned_by: row.condemned_by,
                })
            })
            .collect()
    }

    /// The whole list, as far as it decides what may be removed.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn known_orphans(&self) -> Result<Vec<KnownOrphan>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT kind, place, name, extract(epoch FROM now() - first_seen_at)::float8 AS "seen_seconds!" FROM gateway.orphan"#
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                let kind = parse_kind(&row.kind, &row.name)?;
                Ok(KnownOrphan { kind, place: row.place, name: row.name, seen_seconds: row.seen_seconds })
            })
            .collect()
    }

    /// Adds orphans to the list; those that stand there keep the time they were first seen.
    ///
    /// # Errors
    /// [`StoreError`] of the statements; all or nothing was added.
    pub async fn add_orphans(&self, orphans: &[NewOrphan<'_>]) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for orphan in orphans {
            sqlx::query!(
                "INSERT INTO gateway.orphan (kind, place, name, tenant_id, detail) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
                orphan.kind.as_str(),
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
    pub async fn condemn_orphan(&self, kind: OrphanKind, place: &str, name: &str, by: &str) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE gateway.orphan SET condemned_at = now(), condemned_by = $4 WHERE kind = $1 AND place = $2 AND name = $3",
            kind.as_str(),
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
    pub async fn forget_orphan(&self, kind: OrphanKind, place: &str, name: &str) -> Result<(), StoreError> {
        sqlx::query!(
            "DELETE FROM gateway.orphan WHERE kind = $1 AND place = $2 AND name = $3",
            kind.as_str(),
            place,
            name
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
