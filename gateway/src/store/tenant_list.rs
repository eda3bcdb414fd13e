//! Lists of tenants: which, and in which order.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff_sqlx::Timestamp as SqlTimestamp;
use sqlx::types::Json;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use crate::domain::ids::TenantId;
use crate::domain::reach::Reach;
use crate::domain::status::Status;
use crate::domain::tenant::Tier;
use crate::store::change::Change;
use crate::store::tenants::{Row, TenantRecord};
use crate::store::{Store, StoreError};

/// The columns of [`Row`].
const COLUMNS: &str = "
    SELECT t.id, t.key, t.company_name, t.labels, t.notes, t.revision, t.tier, t.plan, t.status, t.paused, t.host, t.pool_id,
           d.name AS server, t.password_sealed IS NOT NULL AS allocated, l.network, t.network_id IS NOT NULL AS has_network,
           m.network_id IS NOT NULL AS pool_has_network, s.subnet, t.route_pinned, t.migration_version, t.container_image,
           t.generation, t.observed_generation, t.attempt, t.due_at, t.purge_at, t.reason, t.error_step, t.error_code,
           t.error_message, o.id AS operation_id, o.kind AS operation_kind, o.state AS operation_state, t.created_at,
           t.updated_at, t.deleted_at
      FROM gateway.tenant t
      JOIN gateway.plan l ON l.name = t.plan
      LEFT JOIN gateway.managed_pool m ON m.pool_id = t.pool_id
      LEFT JOIN gateway.database_server d ON d.id = t.server_id
      LEFT JOIN gateway.subnet s ON s.tenant_id = t.id
      LEFT JOIN LATERAL (SELECT id, kind, state FROM gateway.operation
                          WHERE tenant_id = t.id ORDER BY created_at DESC, id DESC LIMIT 1) o ON true
     WHERE true";

/// What a list is ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TenantOrder {
    /// When they were created.
    #[default]
    Created,
    /// When their rows last changed.
    Updated,
    /// Their keys.
    Key,
    /// Their customers' names.
    Company,
}

impl TenantOrder {
    /// Every order.
    pub const ALL: [Self; 4] = [Self::Created, Self::Updated, Self::Key, Self::Company];

    /// The field it goes by.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created_at",
            Self::Updated => "updated_at",
            Self::Key => "key",
            Self::Company => "company_name",
        }
    }

    const fn column(self) -> &'static str {
        match self {
            Self::Created => "t.created_at",
            Self::Updated => "t.updated_at",
            Self::Key => "t.key",
            Self::Company => "t.company_name",
        }
    }
}

/// A value of the column that a list is ordered by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderValue {
    /// Of a time.
    Time(Timestamp),
    /// Of a text.
    Text(String),
}

/// A place in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantPlace {
    /// The order it is a place in.
    pub order: TenantOrder,
    /// The value there.
    pub value: OrderValue,
    /// The tenant there.
    pub id: Uuid,
}

impl TenantPlace {
    /// Where a tenant stands.
    #[must_use]
    pub fn of(order: TenantOrder, record: &TenantRecord) -> Self {
        let value = match order {
            TenantOrder::Created => OrderValue::Time(record.created_at),
            TenantOrder::Updated => OrderValue::Time(record.updated_at),
            TenantOrder::Key => OrderValue::Text(record.key.clone()),
            TenantOrder::Company => OrderValue::Text(record.company_name.clone()),
        };
        Self { order, value, id: record.id.as_uuid() }
    }
}

/// Which tenants to list.
#[derive(Clone, Debug, Default)]
pub struct TenantFilter {
    /// Only those in one of these states; where it is empty, all but tombstones.
    pub status: Vec<Status>,
    /// Only those served so.
    pub tier: Option<Tier>,
    /// Only those in this shared pool.
    pub pool: Option<Uuid>,
    /// Only those with this plan.
    pub plan: Option<String>,
    /// Only those on this database server, by its name.
    pub server: Option<String>,
    /// Only those whose rows changed at this time or later.
    pub updated_since: Option<Timestamp>,
    /// Part of key, company name or host.
    pub search: Option<String>,
    /// Only those with all of these labels.
    pub labels: BTreeMap<String, String>,
    /// Only those the caller sees.
    pub reach: Reach,
    /// What the list is ordered by.
    pub order: TenantOrder,
    /// From the lowest on, instead of from the highest.
    pub ascending: bool,
    /// Only those after this place, which is one of this order.
    pub after: Option<TenantPlace>,
    /// At most so many.
    pub limit: u32,
}

impl TenantFilter {
    fn push_conditions(&self, query: &mut QueryBuilder<Postgres>) {
        if self.status.is_empty() {
            query.push(" AND t.status <> 'deleted'");
        } else {
            let words: Vec<String> = self.status.iter().map(|status| status.as_str().to_owned()).collect();
            query.push(" AND t.status = ANY (").push_bind(words).push(")");
        }
        if let Some(tier) = self.tier {
            query.push(" AND t.tier = ").push_bind(tier.as_str());
        }
        if let Some(pool) = self.pool {
            query.push(" AND t.pool_id = ").push_bind(pool);
        }
        if let Some(plan) = &self.plan {
            query.push(" AND t.plan = ").push_bind(plan.clone());
        }
        if let Some(server) = &self.server {
            query.push(
                " AND t.server_id = (SELECT id FROM gateway.database_server WHERE removed_at IS NULL AND name = ",
            );
            query.push_bind(server.clone()).push(")");
        }
        if let Some(since) = self.updated_since {
            query.push(" AND t.updated_at >= ").push_bind(SqlTimestamp::from(since));
        }
        if let Some(text) = &self.search {
            let escaped = text.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_");
            let pattern = format!("%{escaped}%");
            query.push(" AND (t.key ILIKE ").push_bind(pattern.clone());
            query.push(" OR t.company_name ILIKE ").push_bind(pattern.clone());
            query.push(" OR t.host ILIKE ").push_bind(pattern).push(")");
        }
        if !self.labels.is_empty() {
            query.push(" AND t.labels @> ").push_bind(Json(self.labels.clone()));
        }
        if let Some(tenants) = self.reach.tenants() {
            query.push(" AND t.id = ANY (").push_bind(tenants.to_vec()).push(")");
        }
        if let Some(pools) = self.reach.pools() {
            query.push(" AND t.pool_id = ANY (").push_bind(pools.to_vec()).push(")");
        }
    }
}

impl Change {
    /// The ids of tenants that match, oldest first and `limit` at most, and how many match in all. Order and place of the
    /// filter do not count.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn matching_tenants(&mut self, filter: &TenantFilter) -> Result<(Vec<TenantId>, i64), StoreError> {
        let mut query = QueryBuilder::new("SELECT t.id, count(*) OVER () FROM gateway.tenant t WHERE true");
        filter.push_conditions(&mut query);
        query.push(" ORDER BY t.created_at, t.id LIMIT ").push_bind(i64::from(filter.limit));
        let rows: Vec<(Uuid, i64)> = query.build_query_as().fetch_all(&mut *self.tx).await?;
        let count = rows.first().map_or(0, |(_, count)| *count);
        Ok((rows.into_iter().map(|(id, _)| TenantId::from_uuid(id)).collect(), count))
    }
}

impl Store {
    /// A page of tenants; those of equal value in the order of their ids.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn list_tenants(&self, filter: &TenantFilter) -> Result<Vec<TenantRecord>, StoreError> {
        let column = filter.order.column();
        let mut query = QueryBuilder::new(COLUMNS);
        filter.push_conditions(&mut query);
        if let Some(after) = &filter.after {
            query.push(" AND (").push(column).push(", t.id) ").push(if filter.ascending { "> (" } else { "< (" });
            match &after.value {
                OrderValue::Time(at) => query.push_bind(SqlTimestamp::from(*at)),
                OrderValue::Text(text) => query.push_bind(text.clone()),
            };
            query.push(", ").push_bind(after.id).push(")");
        }
        let direction = if filter.ascending { "ASC" } else { "DESC" };
        // A limit that the planner does not know makes it plan every call anew.
        query.push(format!(" ORDER BY {column} {direction}, t.id {direction} LIMIT {}", filter.limit));
        let rows: Vec<Row> = query.build_query_as().fetch_all(&self.pool).await?;
        rows.into_iter().map(TenantRecord::try_from).collect()
    }
}
