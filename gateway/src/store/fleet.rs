//! Every tenant at once, as far as the outside has to agree with the rows: one query, whatever the size of the fleet. Every
//! pool beside them.

use ipnet::Ipv4Net;
use jiff::Timestamp;
use jiff_sqlx::Timestamp as SqlTimestamp;
use sqlx::types::ipnet::IpNet;
use uuid::Uuid;

use crate::domain::host::Host;
use crate::domain::ids::{Generation, OperationId, ServerId, TenantId};
use crate::domain::key::TenantKey;
use crate::domain::operation::OperationKind;
use crate::domain::plan::{PlanLimits, PlanNetwork};
use crate::domain::seal::Sealed;
use crate::domain::status::Status;
use crate::domain::tenant::Tier;
use crate::store::managed_pools::ManagedRow;
use crate::store::places::SharedPool;
use crate::store::tenants::TenantRef;
use crate::store::{Store, StoreError};

/// A tenant that is not deleted: what is desired of it, and how far the work is.
#[derive(Clone, Debug, PartialEq)]
pub struct TenantRow {
    /// Its identity.
    pub id: TenantId,
    /// What people call it.
    pub key: TenantKey,
    /// The customer's name; part of a container's environment.
    pub company_name: String,
    /// How it is served.
    pub tier: Tier,
    /// Its state.
    pub status: Status,
    /// Whether the worker leaves it alone.
    pub paused: bool,
    /// The host asked for or allocated.
    pub host: Option<Host>,
    /// The shared pool asked for or allocated.
    pub pool: Option<SharedPool>,
    /// What its plan allows.
    pub limits: PlanLimits,
    /// What network its plan gives it, by its tier.
    pub network: PlanNetwork,
    /// The database server it was placed on.
    pub server_id: Option<ServerId>,
    /// Its own subnet.
    pub subnet: Option<Ipv4Net>,
    /// Engine id of its network, as recorded.
    pub network_id: Option<String>,
    /// Engine id of its container, as recorded.
    pub container_id: Option<String>,
    /// Highest migration applied, as recorded.
    pub migration_version: Option<i64>,
    /// Password of the app's login role; `None` before allocation and after removal.
    pub password: Option<Sealed>,
    /// SCRAM verifier of that password; together with it.
    pub verifier: Option<Sealed>,
    /// The credentials wished for, counted from 1.
    pub credentials: i32,
    /// The credentials last made.
    pub credentials_made: i32,
    /// The newest wish.
    pub generation: Generation,
    /// The wish last made true; 0 when none ever was.
    pub observed_generation: Generation,
    /// Raised by every claim; receivers refuse lower ones.
    pub fence: i64,
    /// When work may begin; `None` when there is nothing to do.
    pub due_at: Option<Timestamp>,
    /// Whether a worker holds an unexpired lease, by the database's clock.
    pub lease_held: bool,
    /// The open operation.
    pub operation: Option<(OperationId, OperationKind)>,
    /// Whether the present work is a repair.
    pub repair: bool,
    /// When the retired database may be purged; `None` before it is retired.
    pub purge_at: Option<Timestamp>,
    /// Set where the wildcard router leads to it: what answers to its host carry.
    pub route_revision: Option<String>,
    /// Whether it gets a router of its own whatever the routing mode.
    pub route_pinned: bool,
    /// Last change of the row, heartbeats included.
    pub updated_at: Timestamp,
}

impl TenantRow {
    /// Whether names and secrets are fixed, so that something may stand outside.
    #[must_use]
    pub const fn is_allocated(&self) -> bool {
        self.host.is_some() && self.server_id.is_some() && self.password.is_some() && self.verifier.is_some()
    }

    /// Whether work is under way or about to be: what stands outside may then differ from the row.
    #[must_use]
    pub const fn is_settling(&self) -> bool {
        self.operation.is_some() || self.lease_held
    }
}

/// A deleted tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tombstone {
    /// Its identity, never used again.
    pub id: TenantId,
    /// Its key; a younger tenant may have the same.
    pub key: String,
    /// The host it answered on; a younger tenant may have the same.
    pub host: Option<Host>,
    /// Its last fence.
    pub fence: i64,
    /// When purging was allowed to begin.
    pub purge_at: Option<Timestamp>,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
}

/// Every row, by what could be made of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fleet {
    /// Rows that are not deleted.
    pub tenants: Vec<TenantRow>,
    /// Deleted ones.
    pub tombstones: Vec<Tombstone>,
    /// Those that hold a value this program never writes.
    pub unreadable: Vec<UnreadableRow>,
    /// Every shared pool, used or not.
    pub pools: Vec<SharedPool>,
    /// What stands of those whose containers the gateway runs.
    pub managed: Vec<ManagedRow>,
}

/// A row that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableRow {
    /// The tenant.
    pub id: TenantId,
    /// Its key as stored.
    pub key: String,
    /// The column that hinders it.
    pub column: &'static str,
}

struct FleetRow {
    id: Uuid,
    key: String,
    company_name: String,
    tier: String,
    status: String,
    paused: bool,
    host: Option<String>,
    pool_id: Option<Uuid>,
    pool_name: Option<String>,
    pool_state: Option<String>,
    pool_url: Option<String>,
    pool_further_urls: Option<Vec<String>>,
    connection_limit: Option<i32>,
    statement_timeout_seconds: i32,
    idle_in_transaction_timeout_seconds: i32,
    memory_mib: Option<i32>,
    cpus: Option<f64>,
    pids: Option<i32>,
    network: String,
    server_id: Option<Uuid>,
    subnet: Option<IpNet>,
    network_id: Option<String>,
    container_id: Option<String>,
    migration_version: Option<i64>,
    password_sealed: Option<String>,
    verifier_sealed: Option<String>,
    credentials: i32,
    credentials_made: i32,
    generation: i64,
    observed_generation: i64,
    fence: i64,
    due_at: Option<SqlTimestamp>,
    lease_held: bool,
    operation_id: Option<Uuid>,
    operation_kind: Option<String>,
    repair: bool,
    purge_at: Option<SqlTimestamp>,
    route_revision: Option<String>,
    route_pinned: bool,
    updated_at: SqlTimestamp,
    deleted_at: Option<SqlTimestamp>,
}

/// A row that is deleted, or not.
enum Read {
    Live(Box<TenantRow>),
    Deleted(Tombstone),
}

impl FleetRow {
    /// Says which column cannot be understood.
    fn read(self) -> Result<Read, &'static str> {
        let status = Status::parse(&self.status).ok_or("status")?;
        let host = self.host.map(|text| Host::parse(&text).map_err(|_| "host")).transpose()?;
        let purge_at = self.purge_at.map(SqlTimestamp::to_jiff);
        let id = TenantId::from_uuid(self.id);
        if status == Status::Deleted {
            let deleted_at = self.deleted_at.map(SqlTimestamp::to_jiff);
            return Ok(Read::Deleted(Tombstone { id, key: self.key, host, fence: self.fence, purge_at, deleted_at }));
        }
        let pool = match (self.pool_id, self.pool_name, self.pool_state, self.pool_further_urls) {
            (Some(id), Some(name), Some(state), Some(further)) => {
                Some(SharedPool::read(id, name, &state, self.pool_url, further).map_err(|_| "pool_id")?)
            }
            _ => None,
        };
        let operation = match (self.operation_id, self.operation_kind) {
            (Some(id), Some(kind)) => {
                Some((OperationId::from_uuid(id), OperationKind::parse(&kind).ok_or("operation.kind")?))
            }
            _ => None,
        };
        let subnet = match self.subnet {
            None => None,
            Some(IpNet::V4(net)) => Some(net),
            Some(IpNet::V6(_)) => return Err("subnet"),
        };
        let tier = Tier::parse(&self.tier).ok_or("tier")?;
        Ok(Read::Live(Box::new(TenantRow {
            id,
            key: TenantKey::parse(&self.key).map_err(|_| "key")?,
            company_name: self.company_name,
            tier,
            status,
            paused: self.paused,
            host,
            pool,
            limits: PlanLimits {
                connections: self.connection_limit,
                statement_timeout_seconds: self.statement_timeout_seconds,
                idle_in_transaction_timeout_seconds: self.idle_in_transaction_timeout_seconds,
                memory_mib: self.memory_mib,
                cpus: self.cpus,
                pids: self.pids,
            },
            network: PlanNetwork::parse(&self.network).ok_or("plan.network")?.of(tier),
            server_id: self.server_id.map(ServerId::from_uuid),
            subnet,
            network_id: self.network_id,
            container_id: self.container_id,
            migration_version: self.migration_version,
            password: self.password_sealed.map(Sealed::from_stored),
            verifier: self.verifier_sealed.map(Sealed::from_stored),
            credentials: self.credentials,
            credentials_made: self.credentials_made,
            generation: Generation::from_i64(self.generation),
            observed_generation: Generation::from_i64(self.observed_generation),
            fence: self.fence,
            due_at: self.due_at.map(SqlTimestamp::to_jiff),
            lease_held: self.lease_held,
            operation,
            repair: self.repair,
            purge_at,
            route_revision: self.route_revision,
            route_pinned: self.route_pinned,
            updated_at: self.updated_at.to_jiff(),
        })))
    }
}

/// A page of tenants that are not deleted.
#[derive(Clone, Debug, Default)]
pub struct RowPage {
    /// Those that can be understood, by key.
    pub rows: Vec<TenantRow>,
    /// Where the next page begins: the last key of this one, understood or not; `None` at the end.
    pub next: Option<String>,
}

/// Which tenants that are not deleted to look at.
#[derive(Clone, Debug, Default)]
pub struct RowFilter {
    /// Only this one.
    pub tenant: Option<TenantRef>,
    /// Only those whose key comes after this one.
    pub after: Option<String>,
    /// At most so many.
    pub limit: u32,
}

/// Asks for [`FleetRow`]s; what is given comes after the joins.
macro_rules! fleet_rows {
    ($rest:literal $(, $value:expr)*) => {
        sqlx::query_as!(
            FleetRow,
            r#"
            SELECT t.id AS "id!", t.key AS "key!", t.company_name AS "company_name!", t.tier AS "tier!", t.status AS "status!",
                   t.paused AS "paused!", t.host AS "host?",
                   p.id AS "pool_id?", p.name AS "pool_name?", p.state AS "pool_state?", p.backend_url AS "pool_url?",
                   p.further_urls AS "pool_further_urls?", t.server_id AS "server_id?",
                   l.connection_limit AS "connection_limit?", l.statement_timeout_seconds AS "statement_timeout_seconds!",
                   l.idle_in_transaction_timeout_seconds AS "idle_in_transaction_timeout_seconds!",
                   l.memory_mib AS "memory_mib?", l.cpus AS "cpus?", l.pids AS "pids?", l.network AS "network!",
                   s.subnet AS "subnet?: IpNet", t.network_id AS "network_id?", t.container_id AS "container_id?",
                   t.migration_version AS "migration_version?", t.password_sealed AS "password_sealed?",
                   t.verifier_sealed AS "verifier_sealed?", t.credentials AS "credentials!",
                   t.credentials_made AS "credentials_made!", t.generation AS "generation!",
                   t.observed_generation AS "observed_generation!", t.fence AS "fence!", t.due_at AS "due_at?: SqlTimestamp",
                   coalesce(t.lease_expires_at >= now(), false) AS "lease_held!",
                   o.id AS "operation_id?", o.kind AS "operation_kind?", t.repair AS "repair!",
                   t.purge_at AS "purge_at?: SqlTimestamp", t.route_revision AS "route_revision?",
                   t.route_pinned AS "route_pinned!", t.updated_at AS "updated_at!: SqlTimestamp",
                   t.deleted_at AS "deleted_at?: SqlTimestamp"
              FROM gateway.tenant t
              JOIN gateway.plan l ON l.name = t.plan
              LEFT JOIN gateway.shared_pool p ON p.id = t.pool_id
              LEFT JOIN gateway.subnet s ON s.tenant_id = t.id
              LEFT JOIN gateway.operation o ON o.tenant_id = t.id AND o.ended_at IS NULL
            "# + $rest
            $(, $value)*
        )
    };
}

impl Store {
    /// A page of rows that are not deleted, by key. A row that cannot be understood is left out.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn tenant_rows(&self, filter: &RowFilter) -> Result<RowPage, StoreError> {
        let (id, key) = match &filter.tenant {
            None => (None, None),
            Some(TenantRef::Id(id)) => (Some(id.as_uuid()), None),
            Some(TenantRef::Key(key)) => (None, Some(key.as_str())),
        };
        let rows = fleet_rows!(
            r#" WHERE t.status <> 'deleted' AND ($1::uuid IS NULL OR t.id = $1) AND ($2::text IS NULL OR t.key = $2)
                  AND ($3::text IS NULL OR t.key > $3)
                ORDER BY t.key LIMIT $4"#,
            id,
            key,
            filter.after,
            i64::from(filter.limit)
        )
        .fetch_all(&self.pool)
        .await?;
        let is_full = rows.len() == filter.limit as usize;
        let next = rows.last().filter(|_| is_full).map(|row| row.key.clone());
        let live = rows.into_iter().filter_map(|row| match row.read() {
            Ok(Read::Live(tenant)) => Some(*tenant),
            Ok(Read::Deleted(_)) | Err(_) => None,
        });
        Ok(RowPage { rows: live.collect(), next })
    }

    /// All rows of tenants, as one moment saw them, and then all pools. A tenant's row that cannot be understood is named and
    /// hinders no other.
    ///
    /// # Errors
    /// [`StoreError`] of a query.
    pub async fn fleet(&self) -> Result<Fleet, StoreError> {
        let rows = fleet_rows!("").fetch_all(&self.pool).await?;
        let mut fleet =
            Fleet { pools: self.shared_pools().await?, managed: self.managed_rows().await?, ..Fleet::default() };
        for row in rows {
            let (id, key) = (TenantId::from_uuid(row.id), row.key.clone());
            match row.read() {
                Ok(Read::Live(tenant)) => fleet.tenants.push(*tenant),
                Ok(Read::Deleted(tombstone)) => fleet.tombstones.push(tombstone),
                Err(column) => fleet.unreadable.push(UnreadableRow { id, key, column }),
            }
        }
        Ok(fleet)
    }
}
