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
    /// Name of the database server, or `docker`, or `redis`.
    pub place: String,
    pub name: String,
    /// The tenant its mark names.
    pub tenant_id: Option<TenantId>,
    pub detail: Value,
    pub first_seen_at: Timestamp,
    pub condemned_at: Option<Timestamp>,
    pub condemned_by: Option<String>,
}

/// Which orphans to list.
#[derive(Clone, Debug, Default)]
pub struct OrphanFilter {
    /// Only those after this one, by kind, place and name.
    pub after: Option<(OrphanKind, String, String)>,
    /// At most so many.
    pub limit: u32,
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
                let kind = OrphanKind::parse(&row.kind).ok_or_else(|| StoreError::Inconsistent {
                    table: "orphan",
                    column: "kind",
                    row: row.name.clone(),
                })?;
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
}
