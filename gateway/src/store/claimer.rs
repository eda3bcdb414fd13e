//! Claiming: which due tenants a worker takes, and what it is told of them.

use std::time::{Duration, Instant};

use jiff_sqlx::Timestamp as SqlTimestamp;
use sqlx::pool::PoolConnection;
use sqlx::types::ipnet::IpNet;
use sqlx::{PgConnection, Postgres};
use uuid::Uuid;

use crate::domain::host::Host;
use crate::domain::ids::{Fence, Generation, LeaseToken, OperationId, PoolId, ServerId, TenantId};
use crate::domain::key::TenantKey;
use crate::domain::operation::OperationKind;
use crate::domain::plan::{PlanLimits, PlanNetwork};
use crate::domain::seal::Sealed;
use crate::domain::status::Status;
use crate::domain::tenant::{Allocation, Tenant, Tier};
use crate::store::claims::Claim;
use crate::store::{RESTED, Store, StoreError};

/// How many rows to claim.
#[derive(Clone, Copy, Debug)]
pub struct Places {
    /// At most so many in all.
    pub all: u32,
    /// At most so many of them for repairs and further attempts, which go behind first attempts at what people asked for.
    pub behind: u32,
}

struct ClaimedRow {
    id: Uuid,
    key: String,
    company_name: String,
    tier: String,
    status: String,
    host: Option<String>,
    pool_id: Option<Uuid>,
    server_id: Option<Uuid>,
    password_sealed: Option<String>,
    verifier_sealed: Option<String>,
    migration_version: Option<i64>,
    network_id: Option<String>,
    container_id: Option<String>,
    generation: i64,
    fence: i64,
    repair: bool,
    credentials_current: bool,
    attempt: i32,
    lease_token: Option<Uuid>,
    created_at: SqlTimestamp,
    operation_id: Uuid,
    kind: String,
    subnet: Option<IpNet>,
    connection_limit: Option<i32>,
    statement_timeout_seconds: i32,
    idle_in_transaction_timeout_seconds: i32,
    memory_mib: Option<i32>,
    cpus: Option<f64>,
    pids: Option<i32>,
    network: String,
}

fn unknown(column: &'static str, id: Uuid) -> StoreError {
    StoreError::Inconsistent { table: "tenant", column, row: id.to_string() }
}

impl ClaimedRow {
    fn into_claimed(self) -> Result<(Claim, Tenant), StoreError> {
        let id = self.id;
        let host = self.host.map(|h| Host::parse(&h).map_err(|_| unknown("host", id))).transpose()?;
        let pool_id = self.pool_id.map(PoolId::from_uuid);
        let subnet = match self.subnet {
            None => None,
            Some(IpNet::V4(net)) => Some(net),
            Some(IpNet::V6(_)) => return Err(unknown("subnet", id)),
        };
        let allocation = match (&host, self.server_id, self.password_sealed, self.verifier_sealed) {
            (Some(host), Some(server), Some(password), Some(verifier)) => Some(Allocation {
                host: host.clone(),
                server_id: ServerId::from_uuid(server),
                pool_id,
                password: Sealed::from_stored(password),
                verifier: Sealed::from_stored(verifier),
                subnet,
            }),
            _ => None,
        };
        let limits = PlanLimits {
            connections: self.connection_limit,
            statement_timeout_seconds: self.statement_timeout_seconds,
            idle_in_transaction_timeout_seconds: self.idle_in_transaction_timeout_seconds,
            memory_mib: self.memory_mib,
            cpus: self.cpus,
            pids: self.pids,
        };
        let tier = Tier::parse(&self.tier).ok_or_else(|| unknown("tier", id))?;
        let network = PlanNetwork::parse(&self.network).ok_or_else(|| unknown("plan", id))?;
        let generation = Generation::from_i64(self.generation);
        let token = LeaseToken::from_uuid(self.lease_token.ok_or_else(|| unknown("lease_token", id))?);
        let tenant = Tenant {
            id: TenantId::from_uuid(id),
            key: TenantKey::parse(&self.key).map_err(|_| unknown("key", id))?,
            company_name: self.company_name,
            tier,
            status: Status::parse(&self.status).ok_or_else(|| unknown("status", id))?,
            host,
            pool_id,
            allocation,
            limits,
            network: network.of(tier),
            migration_version: self.migration_version,
            network_id: self.network_id,
            container_id: self.container_id,
            generation,
            attempt: u32::try_from(self.attempt).map_err(|_| unknown("attempt", id))?,
            operation_id: OperationId::from_uuid(self.operation_id),
            kind: OperationKind::parse(&self.kind).ok_or_else(|| unknown("kind", id))?,
            repair: self.repair,
            credentials_current: self.credentials_current,
            created_at: self.created_at.to_jiff(),
        };
        Ok((Claim { tenant_id: tenant.id, token, generation, fence: Fence::from_i64(self.fence) }, tenant))
    }
}

/// Claims for one worker. Between claims that follow each other closely it keeps its connection: the pool asks each one
/// that comes back whether it is well, which is a round trip more.
#[derive(Debug)]
pub struct Claimer {
    store: Store,
    worker: String,
    kept: Option<(PoolConnection<Postgres>, Instant)>,
}

impl Store {
    /// A claimer for the worker of this name.
    #[must_use]
    pub fn claimer(&self, worker: &str) -> Claimer {
        Claimer { store: self.clone(), worker: worker.to_owned(), kept: None }
    }
}

impl Claimer {
    /// Claims due tenants for `lease` and commits before anything is done with them: first attempts at what people
    /// asked for, then repairs and further attempts. What their last worker had begun and not ended is marked as
    /// abandoned. A row that cannot be understood is left out, ends in error and is named in the log.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn claim(&mut self, places: Places, lease: Duration) -> Result<Vec<(Claim, Tenant)>, StoreError> {
        let mut connection = match self.kept.take() {
            Some((connection, used)) if used.elapsed() < RESTED => connection,
            rested => {
                drop(rested);
                self.store.pool.acquire().await?
            }
        };
        // Not kept when it fails, or when the caller no longer waits.
        let rows = self.claim_on(&mut connection, places, lease).await?;
        self.kept = Some((connection, Instant::now()));
        let mut claimed = Vec::with_capacity(rows.len());
        for row in rows {
            let (id, token) = (row.id, row.lease_token);
            match row.into_claimed() {
                Ok(one) => claimed.push(one),
                Err(error) => {
                    tracing::error!(tenant.id = %id, %error, "a claimed tenant cannot be understood");
                    if let Err(error) = self.give_up(id, token, &error).await {
                        tracing::warn!(tenant.id = %id, %error, "its operation cannot be ended; the lease will expire");
                    }
                }
            }
        }
        Ok(claimed)
    }

    async fn claim_on(
        &self,
        connection: &mut PgConnection,
        places: Places,
        lease: Duration,
    ) -> Result<Vec<ClaimedRow>, StoreError> {
        // What it does, and why not in one statement, stands with the function in migrations/0021_plan_networks.sql.
        let rows = sqlx::query_as!(
            ClaimedRow,
            r#"
            SELECT id AS "id!", key AS "key!", company_name AS "company_name!", tier AS "tier!", status AS "status!",
                   host AS "host?", pool_id AS "pool_id?", server_id AS "server_id?", password_sealed AS "password_sealed?",
                   verifier_sealed AS "verifier_sealed?", migration_version AS "migration_version?",
                   network_id AS "network_id?", container_id AS "container_id?", generation AS "generation!",
                   fence AS "fence!", repair AS "repair!", credentials_current AS "credentials_current!",
                   attempt AS "attempt!", lease_token AS "lease_token?", created_at AS "created_at!: SqlTimestamp",
                   operation_id AS "operation_id!", kind AS "kind!", subnet AS "subnet?: IpNet",
                   connection_limit AS "connection_limit?", statement_timeout_seconds AS "statement_timeout_seconds!",
                   idle_in_transaction_timeout_seconds AS "idle_in_transaction_timeout_seconds!",
                   memory_mib AS "memory_mib?", cpus AS "cpus?", pids AS "pids?", network AS "network!"
              FROM gateway.claim($1, make_interval(secs => $2), $3, $4)
            "#,
            self.worker,
            lease.as_secs_f64(),
            i32::try_from(places.all).unwrap_or(i32::MAX),
            i32::try_from(places.behind).unwrap_or(i32::MAX)
        )
        .fetch_all(connection)
        .await?;
        Ok(rows)
    }

    /// Ends the operation of a row that no run can be made from, so that it is not claimed over and over.
    async fn give_up(&self, id: Uuid, token: Option<Uuid>, error: &StoreError) -> Result<(), StoreError> {
        sqlx::query!(
            "WITH given_up AS (
                UPDATE gateway.tenant
                   SET status = CASE status WHEN 'provisioning' THEN 'error' ELSE status END, due_at = NULL,
                       reason = NULL, repair = false, lease_token = NULL, lease_worker = NULL, lease_expires_at = NULL,
                       error_step = 'allocate', error_code = 'row_unreadable', error_message = $2
                 WHERE id = $1 AND lease_token = $3 RETURNING id
             )
             UPDATE gateway.operation o
                SET state = 'failed', ended_at = clock_timestamp(), error_code = 'row_unreadable', error_message = $2
               FROM given_up WHERE o.tenant_id = given_up.id AND o.ended_at IS NULL AND o.state = 'running'",
            id,
            error.to_string(),
            token
        )
        .execute(&self.store.pool)
        .await?;
        Ok(())
    }
}
