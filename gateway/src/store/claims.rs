//! The lease on a tenant: claim, renew, confirm, release. Every statement after the claim carries its token.
//!
//! A fresh token per claim, rather than the worker's name, is what makes a stalled worker harmless: when it wakes after
//! losing and even re-winning the row, its old token matches nothing. Expiry is on database time only.

use std::time::Duration;

use jiff_sqlx::Timestamp as SqlTimestamp;
use sqlx::types::ipnet::IpNet;
use uuid::Uuid;

use crate::domain::host::Host;
use crate::domain::ids::{Fence, Generation, LeaseToken, OperationId, PoolId, ServerId, TenantId};
use crate::domain::key::TenantKey;
use crate::domain::operation::OperationKind;
use crate::domain::seal::Sealed;
use crate::domain::status::Status;
use crate::domain::tenant::{Allocation, Tenant, Tier};
use crate::store::{Store, StoreError};

/// The right to work on one tenant for one wish.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// The tenant.
    pub tenant_id: TenantId,
    /// Matches only while nobody else has claimed since.
    pub token: LeaseToken,
    /// Matches only while nobody has wished anything new since.
    pub generation: Generation,
    /// What receivers outside compare.
    pub fence: Fence,
}

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
        let generation = Generation::from_i64(self.generation);
        let token = LeaseToken::from_uuid(self.lease_token.ok_or_else(|| unknown("lease_token", id))?);
        let tenant = Tenant {
            id: TenantId::from_uuid(id),
            key: TenantKey::parse(&self.key).map_err(|_| unknown("key", id))?,
            company_name: self.company_name,
            tier: Tier::parse(&self.tier).ok_or_else(|| unknown("tier", id))?,
            status: Status::parse(&self.status).ok_or_else(|| unknown("status", id))?,
            host,
            pool_id,
            allocation,
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

impl Store {
    /// Claims due tenants for `lease` and commits before anything is done with them: first attempts at what people
    /// asked for, then repairs and further attempts. What their last worker had begun and not ended is marked as abandoned. A row that cannot be understood is
    /// left out, ends in error and is named in the log.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn claim(
        &self,
        worker: &str,
        places: Places,
        lease: Duration,
    ) -> Result<Vec<(Claim, Tenant)>, StoreError> {
        // What it does, and why not in one statement, stands with the function in migrations/0004_engine.sql.
        let rows = sqlx::query_as!(
            ClaimedRow,
            r#"
            SELECT id AS "id!", key AS "key!", company_name AS "company_name!", tier AS "tier!", status AS "status!",
                   host AS "host?", pool_id AS "pool_id?", server_id AS "server_id?", password_sealed AS "password_sealed?",
                   verifier_sealed AS "verifier_sealed?", migration_version AS "migration_version?",
                   network_id AS "network_id?", container_id AS "container_id?", generation AS "generation!",
                   fence AS "fence!", repair AS "repair!", credentials_current AS "credentials_current!",
                   attempt AS "attempt!", lease_token AS "lease_token?", created_at AS "created_at!: SqlTimestamp",
                   operation_id AS "operation_id!", kind AS "kind!", subnet AS "subnet?: IpNet"
              FROM gateway.claim($1, make_interval(secs => $2), $3, $4)
            "#,
            worker,
            lease.as_secs_f64(),
            i32::try_from(places.all).unwrap_or(i32::MAX),
            i32::try_from(places.behind).unwrap_or(i32::MAX)
        )
        .fetch_all(&self.pool)
        .await?;
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

    /// Begins the end of deleted tenants that were withdrawn and whose grace is over, at most `most`; a trigger opens the operation that removes
    /// their data. Says how many.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn begin_purges(&self, most: u32) -> Result<u64, StoreError> {
        let begun = sqlx::query!(
            "UPDATE gateway.tenant SET status = 'purging', reason = 'the grace is over'
              WHERE id IN (SELECT id FROM gateway.tenant
                            WHERE status = 'deleting' AND purge_at <= now() AND due_at IS NULL AND lease_token IS NULL AND NOT paused
                              AND observed_generation = generation
                            ORDER BY purge_at LIMIT $1 FOR UPDATE SKIP LOCKED)",
            i64::from(most)
        )
        .execute(&self.pool)
        .await?;
        Ok(begun.rows_affected())
    }

    /// Whether the claim still stands, by the control database's own clock and for the present wish.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`]: touch nothing.
    pub async fn confirm(&self, claim: &Claim) -> Result<(), StoreError> {
        let held = sqlx::query_scalar!(
            r#"SELECT lease_expires_at > now() AS "held!" FROM gateway.tenant WHERE id = $1 AND lease_token = $2 AND generation = $3"#,
            claim.tenant_id.as_uuid(),
            claim.token.as_uuid(),
            claim.generation.as_i64()
        )
        .fetch_optional(&self.pool)
        .await?;
        if held == Some(true) { Ok(()) } else { Err(StoreError::LeaseLost) }
    }

    /// Lifts the fence above one that a receiver has seen, which it can only have from commits the control database lost.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`]: the receiver is right, and somebody else has the tenant.
    pub async fn raise_fence(&self, claim: &Claim, above: Fence) -> Result<Fence, StoreError> {
        let raised = sqlx::query_scalar!(
            "UPDATE gateway.tenant SET fence = greatest(fence, $3) + 1 WHERE id = $1 AND lease_token = $2 RETURNING fence",
            claim.tenant_id.as_uuid(),
            claim.token.as_uuid(),
            above.as_i64()
        )
        .fetch_optional(&self.pool)
        .await?;
        raised.map(Fence::from_i64).ok_or(StoreError::LeaseLost)
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
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Renews the lease. A newer wish does not end it: the run ends at its next step, not in the middle of one.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`], or the statement's error, in which case the lease may still be held.
    pub async fn heartbeat(&self, claim: &Claim, lease: Duration) -> Result<(), StoreError> {
        let done = sqlx::query!(
            "UPDATE gateway.tenant SET lease_expires_at = now() + make_interval(secs => $3) WHERE id = $1 AND lease_token = $2",
            claim.tenant_id.as_uuid(),
            claim.token.as_uuid(),
            lease.as_secs_f64()
        )
        .execute(&self.pool)
        .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::LeaseLost) }
    }

    /// Gives the row back unworked, without counting the attempt; it is as due as before. Nothing happens when the lease is
    /// lost.
    ///
    /// # Errors
    /// The statement's error.
    pub async fn release(&self, claim: &Claim) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE gateway.tenant
                SET status = CASE status WHEN 'provisioning' THEN 'pending' ELSE status END,
                    attempt = greatest(attempt - 1, 0),
                    lease_token = NULL, lease_worker = NULL, lease_expires_at = NULL
              WHERE id = $1 AND lease_token = $2",
            claim.tenant_id.as_uuid(),
            claim.token.as_uuid()
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
