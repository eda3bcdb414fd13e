//! Tenants as people see them: create, read and edit.

use std::collections::BTreeMap;

use ipnet::IpNet;
use jiff::Timestamp;
use jiff_sqlx::Timestamp as SqlTimestamp;
use sqlx::PgExecutor;
use sqlx::types::Json;
use uuid::Uuid;

use crate::domain::ids::{PoolId, TenantId};
use crate::domain::labels::LabelsPatch;
use crate::domain::names;
use crate::domain::operation::{OperationKind, OperationState};
use crate::domain::plan::{PlanName, PlanNetwork};
use crate::domain::reach::Reach;
use crate::domain::status::Status;
use crate::domain::tenant::{CompanyName, NewTenant, Tier};
use crate::domain::version::Version;
use crate::store::change::Change;
use crate::store::places::require_room;
use crate::store::{Store, StoreError};

/// What went wrong last.
#[derive(Clone, Debug)]
pub struct RecordedError {
    /// The step it happened in.
    pub step: String,
    /// Stable code.
    pub code: String,
    /// One sentence.
    pub message: String,
}

/// A tenant's row with its latest operation; no secrets.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns' comments in the migration say what they are")]
pub struct TenantRecord {
    pub id: TenantId,
    pub key: String,
    pub company_name: String,
    pub labels: BTreeMap<String, String>,
    pub notes: String,
    /// What its entity tag is made of.
    pub version: Version,
    pub tier: Tier,
    pub plan: String,
    pub status: Status,
    pub paused: bool,
    pub host: Option<String>,
    pub pool_id: Option<Uuid>,
    pub server: Option<String>,
    /// Name of the database, once it is allocated.
    pub database: Option<String>,
    /// What network it is to have, by its plan and tier.
    pub network: PlanNetwork,
    /// Docker's name of that network, once it is made.
    pub network_name: Option<String>,
    pub subnet: Option<IpNet>,
    /// It has a router of its own whatever the routing mode.
    pub route_pinned: bool,
    pub migration_version: Option<i64>,
    pub container_image: Option<String>,
    pub generation: i64,
    pub observed_generation: i64,
    pub attempt: i32,
    pub due_at: Option<Timestamp>,
    /// When the data of a deleted tenant goes for good.
    pub purge_at: Option<Timestamp>,
    /// Why the present work is wanted; `None` where somebody asked for it.
    pub reason: Option<String>,
    pub error: Option<RecordedError>,
    /// The latest operation.
    pub operation: Option<(Uuid, OperationKind, OperationState)>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub deleted_at: Option<Timestamp>,
}

/// A tenant named by id, or by key among those not deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TenantRef {
    /// By id; finds tombstones too.
    Id(TenantId),
    /// By key.
    Key(String),
}

impl TenantRef {
    /// Reads a path segment: a UUID is an id, anything else a key.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Uuid::try_parse(text).map_or_else(|_| Self::Key(text.to_owned()), |id| Self::Id(TenantId::from_uuid(id)))
    }

    /// The id it is named by.
    pub(super) fn id(&self) -> Option<Uuid> {
        self.parts().0
    }

    /// The key it is named by.
    pub(super) fn key(&self) -> Option<String> {
        self.parts().1.map(str::to_owned)
    }

    fn parts(&self) -> (Option<Uuid>, Option<&str>) {
        match self {
            Self::Id(id) => (Some(id.as_uuid()), None),
            Self::Key(key) => (None, Some(key)),
        }
    }
}

/// What to change of a tenant's row; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct TenantEdit {
    /// The customer's name.
    pub company_name: Option<CompanyName>,
    /// Free text for people.
    pub notes: Option<String>,
    /// Labels to set and to remove.
    pub labels: LabelsPatch,
    /// Another plan, which is a wish.
    pub plan: Option<PlanName>,
    /// A router of its own whatever the routing mode, or no longer; another value is a wish.
    pub route_pinned: Option<bool>,
}

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: Uuid,
    key: String,
    company_name: String,
    labels: Json<BTreeMap<String, String>>,
    notes: String,
    revision: i64,
    tier: String,
    plan: String,
    status: String,
    paused: bool,
    host: Option<String>,
    pool_id: Option<Uuid>,
    server: Option<String>,
    allocated: Option<bool>,
    network: String,
    has_network: Option<bool>,
    pool_has_network: Option<bool>,
    subnet: Option<IpNet>,
    route_pinned: bool,
    migration_version: Option<i64>,
    container_image: Option<String>,
    generation: i64,
    observed_generation: i64,
    attempt: i32,
    due_at: Option<SqlTimestamp>,
    purge_at: Option<SqlTimestamp>,
    reason: Option<String>,
    error_step: Option<String>,
    error_code: Option<String>,
    error_message: Option<String>,
    operation_id: Option<Uuid>,
    operation_kind: Option<String>,
    operation_state: Option<String>,
    created_at: SqlTimestamp,
    updated_at: SqlTimestamp,
    deleted_at: Option<SqlTimestamp>,
}

impl TryFrom<Row> for TenantRecord {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let unknown = |column| StoreError::Inconsistent { table: "tenant", column, row: row.id.to_string() };
        let id = TenantId::from_uuid(row.id);
        let tier = Tier::parse(&row.tier).ok_or_else(|| unknown("tier"))?;
        let network = PlanNetwork::parse(&row.network).ok_or_else(|| unknown("plan"))?.of(tier);
        let network_name = match (network, row.pool_id) {
            (PlanNetwork::PerTenant, _) => row.has_network.unwrap_or(false).then(|| names::network(id)),
            (PlanNetwork::PerPool, Some(pool)) => {
                row.pool_has_network.unwrap_or(false).then(|| names::pool_network(PoolId::from_uuid(pool)))
            }
            (PlanNetwork::PerPool, None) | (PlanNetwork::None, _) => None,
        };
        let operation = match (row.operation_id, &row.operation_kind, &row.operation_state) {
            (Some(id), Some(kind), Some(state)) => Some((
                id,
                OperationKind::parse(kind).ok_or_else(|| unknown("operation kind"))?,
                OperationState::parse(state).ok_or_else(|| unknown("operation state"))?,
            )),
            _ => None,
        };
        let error = match (row.error_step, row.error_code, row.error_message) {
            (Some(step), Some(code), Some(message)) => Some(RecordedError { step, code, message }),
            _ => None,
        };
        Ok(Self {
            id,
            tier,
            status: Status::parse(&row.status).ok_or_else(|| unknown("status"))?,
            key: row.key,
            company_name: row.company_name,
            plan: row.plan,
            labels: row.labels.0,
            notes: row.notes,
            version: Version { generation: row.generation, revision: row.revision },
            paused: row.paused,
            host: row.host,
            pool_id: row.pool_id,
            server: row.server,
            database: row.allocated.unwrap_or(false).then(|| names::database(id)),
            network,
            network_name,
            subnet: row.subnet,
            route_pinned: row.route_pinned,
            migration_version: row.migration_version,
            container_image: row.container_image,
            generation: row.generation,
            observed_generation: row.observed_generation,
            attempt: row.attempt,
            due_at: row.due_at.map(SqlTimestamp::to_jiff),
            purge_at: row.purge_at.map(SqlTimestamp::to_jiff),
            reason: row.reason,
            error,
            operation,
            created_at: row.created_at.to_jiff(),
            updated_at: row.updated_at.to_jiff(),
            deleted_at: row.deleted_at.map(SqlTimestamp::to_jiff),
        })
    }
}

pub(super) type Transaction<'a> = sqlx::Transaction<'a, sqlx::Postgres>;

pub(super) async fn set_actor(tx: &mut Transaction<'_>, actor: &str) -> Result<(), StoreError> {
    sqlx::query!("SELECT set_config('gateway.actor', $1, true) AS actor", actor).fetch_one(&mut **tx).await?;
    Ok(())
}

impl Store {
    /// Writes a pending tenant and gives it as written; triggers open its operation and wake the workers.
    ///
    /// # Errors
    /// [`StoreError::KeyTaken`], [`StoreError::HostTaken`], [`StoreError::NoSuchPool`]; nothing was written then.
    pub async fn create_tenant(&self, new: &NewTenant, actor: &str) -> Result<TenantRecord, StoreError> {
        let mut tx = self.begin().await?;
        set_actor(&mut tx, actor).await?;
        let tenant = insert(&mut tx, new).await?;
        tx.commit().await?;
        Ok(tenant)
    }

    /// One tenant; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn tenant(&self, which: &TenantRef) -> Result<Option<TenantRecord>, StoreError> {
        self.tenant_within(which, &Reach::EVERYTHING).await
    }

    /// One tenant that is seen; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn tenant_within(&self, which: &TenantRef, reach: &Reach) -> Result<Option<TenantRecord>, StoreError> {
        find(&self.pool, which, reach).await
    }
}

pub(super) async fn insert(tx: &mut Transaction<'_>, new: &NewTenant) -> Result<TenantRecord, StoreError> {
    if let Some(pool) = new.pool_id {
        require_room(tx, pool).await?;
    }
    let id = sqlx::query_scalar!(
        "INSERT INTO gateway.tenant (key, company_name, tier, host, pool_id, plan) VALUES ($1, $2, $3, $4, $5, coalesce($6, 'default')) RETURNING id",
        new.key.as_str(),
        new.company_name.as_str(),
        new.tier.as_str(),
        new.host.as_ref().map(super::super::domain::host::Host::as_str),
        new.pool_id.map(PoolId::as_uuid),
        new.plan.as_ref().map(PlanName::as_str)
    )
    .fetch_one(&mut **tx)
    .await?;
    as_left(tx, id).await
}

impl Change {
    /// Writes a pending tenant and gives it as written; triggers open its operation and wake the workers.
    ///
    /// # Errors
    /// [`StoreError::KeyTaken`], [`StoreError::HostTaken`], [`StoreError::NoSuchPool`], [`StoreError::NoSuchPlan`],
    /// [`StoreError::PlanUnfit`], [`StoreError::PoolClosed`], [`StoreError::PoolFull`].
    pub async fn create_tenant(&mut self, new: &NewTenant) -> Result<TenantRecord, StoreError> {
        insert(&mut self.tx, new).await
    }

    /// Changes what needs no work, the plan and whether its route is pinned, and gives the tenant as it was and as it is. `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError::Outdated`], [`StoreError::Labels`], [`StoreError::NoSuchPlan`], [`StoreError::PlanUnfit`];
    /// [`StoreError::Unfit`] for a tombstone.
    pub async fn edit_tenant(
        &mut self,
        which: &TenantRef,
        edit: &TenantEdit,
    ) -> Result<Option<(TenantRecord, TenantRecord)>, StoreError> {
        if let Some(plan) = &edit.plan {
            // The plan before the tenant, as who edits a plan locks them.
            sqlx::query!("SELECT name FROM gateway.plan WHERE name = $1 FOR KEY SHARE", plan.as_str())
                .fetch_optional(&mut *self.tx)
                .await?;
        }
        let Some(before) = self.lock(which).await? else { return Ok(None) };
        if before.status == Status::Deleted {
            return Err(StoreError::Unfit { from: before.status, wish: "edited" });
        }
        let mut labels = before.labels.clone();
        edit.labels.apply(&mut labels)?;
        sqlx::query!(
            "UPDATE gateway.tenant SET company_name = coalesce($2, company_name), notes = coalesce($3, notes), labels = $4, plan = coalesce($5, plan), route_pinned = coalesce($6, route_pinned) WHERE id = $1",
            before.id.as_uuid(),
            edit.company_name.as_ref().map(CompanyName::as_str),
            edit.notes,
            Json(&labels) as Json<&BTreeMap<String, String>>,
            edit.plan.as_ref().map(PlanName::as_str),
            edit.route_pinned
        )
        .execute(&mut *self.tx)
        .await?;
        let after = as_left(&mut self.tx, before.id.as_uuid()).await?;
        Ok(Some((before, after)))
    }
}

pub(super) async fn lock_tenant(
    tx: &mut Transaction<'_>,
    which: &TenantRef,
) -> Result<Option<(Uuid, Status)>, StoreError> {
    let (id, key) = which.parts();
    let row = sqlx::query!(
        "SELECT id, status FROM gateway.tenant
          WHERE ($1::uuid IS NULL OR id = $1) AND ($2::text IS NULL OR (key = $2 AND status <> 'deleted')) FOR UPDATE",
        id,
        key
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let status = Status::parse(&row.status).ok_or(StoreError::Inconsistent {
        table: "tenant",
        column: "status",
        row: row.id.to_string(),
    })?;
    Ok(Some((row.id, status)))
}

/// The id is looked up first, so that one plan serves ids and keys alike and is made once for each connection. With a
/// condition for either, the server plans every call anew, which takes it longer than the call.
async fn find(
    executor: impl PgExecutor<'_>,
    which: &TenantRef,
    reach: &Reach,
) -> Result<Option<TenantRecord>, StoreError> {
    let (id, key) = which.parts();
    let row = sqlx::query_as!(
        Row,
        r#"
            SELECT t.id AS "id!", t.key AS "key!", t.company_name AS "company_name!",
                   t.labels AS "labels!: Json<BTreeMap<String, String>>", t.notes AS "notes!", t.revision AS "revision!", t.tier AS "tier!", t.plan AS "plan!", t.status AS "status!",
                   t.paused AS "paused!", t.host AS "host?", t.pool_id AS "pool_id?", d.name AS "server?",
                   t.password_sealed IS NOT NULL AS allocated, l.network AS "network!", t.network_id IS NOT NULL AS has_network,
                   m.network_id IS NOT NULL AS pool_has_network, s.subnet AS "subnet?: IpNet", t.route_pinned AS "route_pinned!",
                   t.migration_version AS "migration_version?", t.container_image AS "container_image?",
                   t.generation AS "generation!", t.observed_generation AS "observed_generation!", t.attempt AS "attempt!",
                   t.due_at AS "due_at?: SqlTimestamp", t.purge_at AS "purge_at?: SqlTimestamp", t.reason AS "reason?",
                   t.error_step AS "error_step?", t.error_code AS "error_code?", t.error_message AS "error_message?", o.id AS "operation_id?", o.kind AS "operation_kind?",
                   o.state AS "operation_state?", t.created_at AS "created_at!: SqlTimestamp",
                   t.updated_at AS "updated_at!: SqlTimestamp", t.deleted_at AS "deleted_at?: SqlTimestamp"
              FROM gateway.tenant t
              JOIN gateway.plan l ON l.name = t.plan
              LEFT JOIN gateway.managed_pool m ON m.pool_id = t.pool_id
              LEFT JOIN gateway.database_server d ON d.id = t.server_id
              LEFT JOIN gateway.subnet s ON s.tenant_id = t.id
              LEFT JOIN LATERAL (SELECT id, kind, state FROM gateway.operation
                                  WHERE tenant_id = t.id ORDER BY created_at DESC, id DESC LIMIT 1) o ON true
             WHERE t.id = coalesce($1::uuid, (SELECT k.id FROM gateway.tenant k WHERE k.key = $2 AND k.status <> 'deleted'))
               AND ($3::uuid[] IS NULL OR t.id = ANY ($3)) AND ($4::uuid[] IS NULL OR t.pool_id = ANY ($4))
            "#,
        id,
        key,
        reach.tenants() as Option<&[Uuid]>,
        reach.pools() as Option<&[Uuid]>
    )
    .fetch_optional(executor)
    .await?;
    row.map(TenantRecord::try_from).transpose()
}

/// The row as this transaction leaves it, with the operation its wish opened: a worker may take it right after the commit.
pub(super) async fn as_left(tx: &mut Transaction<'_>, id: Uuid) -> Result<TenantRecord, StoreError> {
    let found = find(&mut **tx, &TenantRef::Id(TenantId::from_uuid(id)), &Reach::EVERYTHING).await?;
    found.ok_or_else(|| StoreError::Inconsistent { table: "tenant", column: "id", row: id.to_string() })
}
