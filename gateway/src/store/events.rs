//! What happened, in the order in which it is told.

use std::time::Duration;

use jiff::Timestamp;
use jiff_sqlx::Timestamp as SqlTimestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::domain::event::EventKind;
use crate::domain::ids::{OperationId, TenantId};
use crate::domain::reach::Reach;
use crate::store::{Store, StoreError};

/// Events that are numbered at once.
const AT_ONCE: i32 = 1_000;

/// An event.
#[derive(Clone, Debug)]
pub struct EventRecord {
    /// Its place in the order of all events.
    pub number: i64,
    /// When it was written.
    pub at: Timestamp,
    /// What happened.
    pub kind: EventKind,
    /// To which tenant; `None` for what is about all of them.
    pub tenant: Option<EventTenant>,
    /// The operation it is about, or that the tenant had then.
    pub operation: Option<OperationId>,
    /// Who did it.
    pub actor: String,
    /// A few words on what changed, without secrets.
    pub data: Value,
}

/// The tenant of an event.
#[derive(Clone, Debug)]
pub struct EventTenant {
    /// Its id.
    pub id: TenantId,
    /// Its key.
    pub key: String,
    /// The shared pool it is in at the time of reading, which decides who sees the event.
    pub pool: Option<Uuid>,
}

/// Which events to read.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// Only those with a higher number.
    pub after: i64,
    /// Only these kinds; `None` for all.
    pub kinds: Option<Vec<EventKind>>,
    /// Only those about this tenant.
    pub tenant: Option<TenantId>,
    /// Only those about tenants that are seen. What is about none is seen by who sees all.
    pub reach: Reach,
    /// At most so many.
    pub limit: u32,
}

/// How far the order reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventHead {
    /// The highest number.
    pub last: i64,
    /// Events up to this number are removed.
    pub removed: i64,
}

/// Some events, oldest first.
#[derive(Clone, Debug)]
pub struct EventPage {
    /// Read in one look with the events: all up to `last` that fit are among them, unless the limit cut them off.
    pub head: EventHead,
    /// The events.
    pub events: Vec<EventRecord>,
}

impl Store {
    /// Puts what was committed before this in order, so that it can be read.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn number_events(&self) -> Result<(), StoreError> {
        loop {
            let numbered = sqlx::query_scalar!(r#"SELECT gateway.number_events($1) AS "numbered!""#, AT_ONCE);
            if numbered.fetch_one(&self.pool).await? < AT_ONCE {
                return Ok(());
            }
        }
    }

    /// How far the order reaches.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn event_head(&self) -> Result<EventHead, StoreError> {
        let head = sqlx::query_as!(EventHead, "SELECT last, removed FROM gateway.event_head");
        Ok(head.fetch_one(&self.pool).await?)
    }

    /// Events in their order. The head is one row, which the planner is told by its limit.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn list_events(&self, filter: &EventFilter) -> Result<EventPage, StoreError> {
        let kinds = filter.kinds.as_ref().map(|kinds| kinds.iter().map(|kind| kind.as_str().to_owned()).collect());
        let rows = sqlx::query!(
            r#"
            SELECT h.last AS "last!", h.removed AS "removed!", e.number AS "number?", e.at AS "at?: SqlTimestamp", e.kind AS "kind?",
                   e.tenant_id AS "tenant_id?", e.key AS "key?", e.pool_id AS "pool_id?", e.operation_id AS "operation_id?",
                   e.actor AS "actor?", e.data AS "data?"
              FROM (SELECT last, removed FROM gateway.event_head LIMIT 1) h LEFT JOIN LATERAL (
                SELECT e.number, e.at, e.kind, e.tenant_id, t.key, t.pool_id, e.operation_id, e.actor, e.data
                  FROM gateway.event e LEFT JOIN gateway.tenant t ON t.id = e.tenant_id
                 WHERE e.number > $1 AND e.number <= h.last
                   AND ($2::text[] IS NULL OR e.kind = ANY ($2)) AND ($3::uuid IS NULL OR e.tenant_id = $3)
                   AND ($4::uuid[] IS NULL OR t.id = ANY ($4)) AND ($5::uuid[] IS NULL OR t.pool_id = ANY ($5))
                 ORDER BY e.number LIMIT $6) e ON true
             ORDER BY e.number
            "#,
            filter.after,
            kinds as Option<Vec<String>>,
            filter.tenant.map(TenantId::as_uuid),
            filter.reach.tenants() as Option<&[Uuid]>,
            filter.reach.pools() as Option<&[Uuid]>,
            i64::from(filter.limit)
        )
        .fetch_all(&self.pool)
        .await?;
        let mut page = EventPage { head: EventHead { last: 0, removed: 0 }, events: Vec::with_capacity(rows.len()) };
        for row in rows {
            page.head = EventHead { last: row.last, removed: row.removed };
            let (Some(number), Some(at), Some(word), Some(actor)) = (row.number, row.at, row.kind, row.actor) else {
                continue;
            };
            let unknown = || StoreError::Inconsistent { table: "event", column: "kind", row: number.to_string() };
            let tenant = match (row.tenant_id, row.key) {
                (Some(id), Some(key)) => Some(EventTenant { id: TenantId::from_uuid(id), key, pool: row.pool_id }),
                _ => None,
            };
            page.events.push(EventRecord {
                number,
                at: at.to_jiff(),
                kind: EventKind::parse(&word).ok_or_else(unknown)?,
                tenant,
                operation: row.operation_id.map(OperationId::from_uuid),
                actor,
                data: row.data.unwrap_or_default(),
            });
        }
        Ok(page)
    }

    /// Removes from the beginning at most `most` events that are older than `age`. Gives how many.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn remove_events(&self, age: Duration, most: u32) -> Result<u32, StoreError> {
        let removed = sqlx::query_scalar!(
            r#"SELECT gateway.remove_events(make_interval(secs => $1), $2) AS "removed!""#,
            age.as_secs_f64(),
            i32::try_from(most).unwrap_or(i32::MAX)
        );
        Ok(u32::try_from(removed.fetch_one(&self.pool).await?).unwrap_or_default())
    }
}
