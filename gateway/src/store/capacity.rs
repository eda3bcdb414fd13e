//! What is used up and what is left, in the control database's own numbers and in those that a worker measured.

use ipnet::{IpNet, Ipv4Net};
use jiff::Timestamp;
use jiff_sqlx::Timestamp as SqlTimestamp;

use crate::domain::ids::{PoolId, ServerId};
use crate::domain::subnet::TENANT_PREFIX;
use crate::store::{Store, StoreError};

/// Subnets of a block, counted in those of a tenant: a managed pool's counts as more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubnetCount {
    /// Those that tenants and managed pools have.
    pub used: i64,
    /// Those that rest after one.
    pub quarantined: i64,
}

/// What a worker measured on a database server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerMeasure {
    /// Connections it takes at most.
    pub max_connections: i64,
    /// Those of them that no tenant gets.
    pub reserved_connections: i64,
    /// Tenants' databases, retired ones too.
    pub databases: i64,
    /// Their size on disk; `None` where that is not known.
    pub databases_bytes: Option<i64>,
}

impl ServerMeasure {
    /// As its columns hold it; `None` where nothing was measured.
    pub(super) fn of_columns(
        max_connections: Option<i64>,
        reserved_connections: Option<i64>,
        databases: Option<i64>,
        databases_bytes: Option<i64>,
    ) -> Option<Self> {
        let ((max_connections, reserved_connections), databases) =
            max_connections.zip(reserved_connections).zip(databases)?;
        Some(Self { max_connections, reserved_connections, databases, databases_bytes })
    }
}

/// A database server and its tenants.
#[derive(Clone, Debug)]
pub struct ServerUse {
    /// Its id.
    pub id: ServerId,
    /// Its name.
    pub name: String,
    /// Its state.
    pub state: String,
    /// Tenants on it whose roles exist.
    pub tenants: i64,
    /// Connections that their apps may hold together.
    pub promised: i64,
    /// What a worker measured, and when first so; `None` before.
    pub measured: Option<(ServerMeasure, Timestamp)>,
}

/// A shared pool and its tenants.
#[derive(Clone, Debug)]
pub struct PoolUse {
    /// Its id.
    pub id: PoolId,
    /// Its name.
    pub name: String,
    /// Tenants in it that are not deleted.
    pub tenants: i64,
}

/// Work on tenants.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QueueUse {
    /// Due, and nobody has it: first attempts at what people asked for.
    pub due: i64,
    /// Due, and nobody has it: repairs and further attempts.
    pub behind: i64,
    /// Due later.
    pub later: i64,
    /// A worker has it.
    pub claimed: i64,
    /// Waits because the tenant is paused.
    pub paused: i64,
    /// How long the oldest of what is due has waited, in seconds; `None` when nothing is.
    pub oldest_seconds: Option<f64>,
}

/// A worker that has something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerUse {
    /// Its name.
    pub name: String,
    /// Tenants it has a lease on.
    pub tenants: i64,
    /// Jobs on the fleet it has a lease on.
    pub jobs: i64,
}

impl Store {
    /// How many subnets of a block are used.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn subnet_count(&self, block: Ipv4Net) -> Result<SubnetCount, StoreError> {
        let row = sqlx::query!(
            r#"
            SELECT coalesce(sum(size) FILTER (WHERE tenant_id IS NOT NULL OR pool_id IS NOT NULL), 0)::bigint AS "used!",
                   coalesce(sum(size) FILTER (WHERE tenant_id IS NULL AND pool_id IS NULL AND usable_from > now()), 0)::bigint AS "quarantined!"
              FROM (SELECT s.*, 1 << greatest($2 - masklen(s.subnet), 0) AS size FROM gateway.subnet s WHERE s.subnet <<= $1) sized
            "#,
            IpNet::V4(block) as IpNet,
            i32::from(TENANT_PREFIX)
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(SubnetCount { used: row.used, quarantined: row.quarantined })
    }

    /// Every database server, by name. `connection_limit` is what an app may hold where its plan does not say.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn server_use(&self, connection_limit: i32) -> Result<Vec<ServerUse>, StoreError> {
        let rows = sqlx::query!(
            r#"
            SELECT s.id AS "id!", s.name AS "name!", s.state AS "state!", n.tenants AS "tenants!", n.promised AS "promised!",
                   m.max_connections AS "max_connections?", m.reserved_connections AS "reserved_connections?",
                   m.databases AS "databases?", m.databases_bytes AS "databases_bytes?", m.measured_at AS "measured_at?: SqlTimestamp"
              FROM gateway.database_server s
             CROSS JOIN LATERAL (
                   SELECT count(*) AS tenants, coalesce(sum(coalesce(p.connection_limit, $1)), 0)::bigint AS promised
                     FROM gateway.tenant t JOIN gateway.plan p ON p.name = t.plan
                    WHERE t.server_id = s.id AND t.status <> 'deleted' AND t.verifier_sealed IS NOT NULL) n
              LEFT JOIN gateway.server_measure m ON m.server_id = s.id
             WHERE s.removed_at IS NULL ORDER BY s.name
            "#,
            connection_limit
        )
        .fetch_all(&self.pool)
        .await?;
        let servers = rows.into_iter().map(|row| ServerUse {
            id: ServerId::from_uuid(row.id),
            measured: ServerMeasure::of_columns(
                row.max_connections,
                row.reserved_connections,
                row.databases,
                row.databases_bytes,
            )
            .zip(row.measured_at.map(SqlTimestamp::to_jiff)),
            name: row.name,
            state: row.state,
            tenants: row.tenants,
            promised: row.promised,
        });
        Ok(servers.collect())
    }

    /// Every shared pool, by name.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn pool_use(&self) -> Result<Vec<PoolUse>, StoreError> {
        let rows = sqlx::query!(
            r#"
            SELECT p.id, p.name,
                   (SELECT count(*) FROM gateway.tenant t WHERE t.pool_id = p.id AND t.status <> 'deleted') AS "tenants!"
              FROM gateway.shared_pool p ORDER BY p.name
            "#
        )
        .fetch_all(&self.pool)
        .await?;
        let pool = |id, name, tenants| PoolUse { id: PoolId::from_uuid(id), name, tenants };
        Ok(rows.into_iter().map(|row| pool(row.id, row.name, row.tenants)).collect())
    }

    /// The work on tenants that is open.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn queue_use(&self) -> Result<QueueUse, StoreError> {
        let row = sqlx::query!(
            r#"
            SELECT count(*) FILTER (WHERE ready AND NOT behind) AS "due!", count(*) FILTER (WHERE ready AND behind) AS "behind!",
                   count(*) FILTER (WHERE NOT paused AND NOT claimed AND due_at > now()) AS "later!",
                   count(*) FILTER (WHERE claimed) AS "claimed!", count(*) FILTER (WHERE paused AND NOT claimed) AS "paused!",
                   extract(epoch FROM now() - min(due_at) FILTER (WHERE ready))::float8 AS oldest_seconds
              FROM (SELECT t.due_at, t.paused, t.repair OR t.attempt > 0 AS behind, coalesce(t.lease_expires_at >= now(), false) AS claimed,
                           NOT t.paused AND NOT coalesce(t.lease_expires_at >= now(), false) AND t.due_at <= now() AS ready
                      FROM gateway.tenant t WHERE t.due_at IS NOT NULL) queue
            "#
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(QueueUse {
            due: row.due,
            behind: row.behind,
            later: row.later,
            claimed: row.claimed,
            paused: row.paused,
            oldest_seconds: row.oldest_seconds,
        })
    }

    /// The workers that hold a lease, by name.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn worker_use(&self) -> Result<Vec<WorkerUse>, StoreError> {
        let rows = sqlx::query!(
            r#"
            SELECT name AS "name!", sum(tenants)::bigint AS "tenants!", sum(jobs)::bigint AS "jobs!" FROM (
                SELECT lease_worker AS name, 1 AS tenants, 0 AS jobs FROM gateway.tenant WHERE lease_expires_at >= now()
                UNION ALL
                SELECT worker, 0, 1 FROM gateway.job WHERE state = 'running' AND lease_expires_at >= now()) held
             WHERE name IS NOT NULL GROUP BY name ORDER BY name
            "#
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|row| WorkerUse { name: row.name, tenants: row.tenants, jobs: row.jobs }).collect())
    }
}
