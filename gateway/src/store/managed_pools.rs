//! The work on pools whose containers the gateway runs: who may do it, from what, and how it ended. A pool's row is claimed
//! under a lease as a tenant's is, and every write of a worker carries its [`PoolClaim`].

use std::collections::BTreeMap;
use std::time::Duration;

use ipnet::{IpNet, Ipv4Net};
use uuid::Uuid;

use crate::domain::failure::Failure;
use crate::domain::ids::{Fence, LeaseToken, PoolId};
use crate::domain::pool::{Image, ManagedSpec, PoolState, VariableName};
use crate::domain::seal::Sealed;
use crate::store::pool_members::{PoolMember, held};
use crate::store::subnets::{Holder, give_subnet_back, take_subnet};
use crate::store::{Store, StoreError};

/// The right to work on a pool for one wish.
#[derive(Clone, Copy, Debug)]
pub struct PoolClaim {
    /// The pool.
    pub pool_id: PoolId,
    /// Matches only while nobody else has claimed since.
    pub token: LeaseToken,
    /// Matches only while nobody has wished anything new since.
    pub revision: i64,
    /// What the labels of Docker's objects carry.
    pub fence: Fence,
}

/// A managed pool as it was claimed.
#[derive(Clone, Debug)]
pub struct ManagedPool {
    /// Its name.
    pub name: String,
    /// Whether it serves.
    pub state: PoolState,
    /// What its containers are made from.
    pub spec: ManagedSpec,
    /// Their environment, sealed.
    pub environment: BTreeMap<VariableName, Sealed>,
    /// Raised when all of them are to be replaced.
    pub restarts: i64,
    /// Claims spent on the present wish.
    pub attempt: u32,
    /// The engine's id of its network.
    pub network_id: Option<String>,
    /// Its subnet.
    pub subnet: Option<Ipv4Net>,
    /// Why the last attempt failed.
    pub error_code: Option<String>,
}

/// What stands of a managed pool, for those who compare it with the engine.
#[derive(Clone, Debug, PartialEq)]
pub struct ManagedRow {
    /// The pool.
    pub pool_id: PoolId,
    /// Its name.
    pub name: String,
    /// Whether it serves.
    pub state: PoolState,
    /// How many containers it is to have.
    pub replicas: u8,
    /// Engine id of its network, as recorded.
    pub network_id: Option<String>,
    /// Its subnet.
    pub subnet: Option<Ipv4Net>,
    /// The newest wish.
    pub revision: i64,
    /// Whether the newest wish was made true and nobody works on it.
    pub is_settled: bool,
    /// Its members.
    pub members: Vec<PoolMember>,
}

fn unknown(column: &'static str, pool: Uuid) -> StoreError {
    StoreError::Inconsistent { table: "managed_pool", column, row: pool.to_string() }
}

fn ipv4(subnet: Option<IpNet>) -> Option<Ipv4Net> {
    match subnet {
        Some(IpNet::V4(net)) => Some(net),
        _ => None,
    }
}

impl Store {
    /// Claims the managed pool that is due longest and nobody has, for `lease`. `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError`] of a statement.
    pub async fn claim_pool(
        &self,
        worker: &str,
        lease: Duration,
    ) -> Result<Option<(PoolClaim, ManagedPool)>, StoreError> {
        let row = sqlx::query!(
            r#"
            UPDATE gateway.managed_pool
               SET attempt = attempt + 1, fence = greatest(fence + 1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint),
                   lease_token = gen_random_uuid(), lease_worker = $1, lease_expires_at = now() + make_interval(secs => $2)
             WHERE pool_id = (SELECT pool_id FROM gateway.managed_pool
                               WHERE due_at <= now() AND (lease_expires_at IS NULL OR lease_expires_at < now())
                               ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING pool_id, image, port, replicas, memory_mib, cpus, pids, restarts, attempt, network_id, error_code,
                      lease_token AS "lease_token!", revision, fence
            "#,
            worker,
            lease.as_secs_f64()
        )
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        // Read after the claim: by the same statement they could be older than the revision that was claimed, and that would
        // be settled for a wish that was never made true. What is newer ends the claim.
        let beside = sqlx::query!(
            r#"SELECT p.name AS "name!", p.state AS "state!", s.subnet AS "subnet?: IpNet"
                 FROM gateway.shared_pool p LEFT JOIN gateway.subnet s ON s.pool_id = p.id WHERE p.id = $1"#,
            row.pool_id
        )
        .fetch_one(&self.pool)
        .await?;
        let variables =
            sqlx::query!("SELECT name, value_sealed FROM gateway.pool_environment WHERE pool_id = $1", row.pool_id)
                .fetch_all(&self.pool)
                .await?;
        let environment = variables.into_iter().map(|one| {
            let name = VariableName::parse(&one.name).ok_or_else(|| unknown("environment", row.pool_id))?;
            Ok((name, Sealed::from_stored(one.value_sealed)))
        });
        let narrow = |column, value: i32| u8::try_from(value).map_err(|_| unknown(column, row.pool_id));
        let port = row.port.map(|port| u16::try_from(port).map_err(|_| unknown("port", row.pool_id)));
        let claim = PoolClaim {
            pool_id: PoolId::from_uuid(row.pool_id),
            token: LeaseToken::from_uuid(row.lease_token),
            revision: row.revision,
            fence: Fence::from_i64(row.fence),
        };
        let pool = ManagedPool {
            state: PoolState::parse(&beside.state).ok_or_else(|| unknown("state", row.pool_id))?,
            spec: ManagedSpec {
                image: Image::parse(&row.image).ok_or_else(|| unknown("image", row.pool_id))?,
                port: port.transpose()?,
                replicas: narrow("replicas", row.replicas)?,
                memory_mib: row.memory_mib,
                cpus: row.cpus,
                pids: row.pids,
            },
            environment: environment.collect::<Result<_, StoreError>>()?,
            restarts: row.restarts,
            attempt: row.attempt.unsigned_abs(),
            network_id: row.network_id,
            subnet: ipv4(beside.subnet),
            error_code: row.error_code,
            name: beside.name,
        };
        Ok(Some((claim, pool)))
    }

    /// Whether the claim still stands, by the control database's own clock and for the present wish.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`]: touch nothing.
    pub async fn confirm_pool(&self, claim: &PoolClaim) -> Result<(), StoreError> {
        let is_held = sqlx::query_scalar!(
            r#"SELECT lease_expires_at > now() AS "held!" FROM gateway.managed_pool
                WHERE pool_id = $1 AND lease_token = $2 AND revision = $3"#,
            claim.pool_id.as_uuid(),
            claim.token.as_uuid(),
            claim.revision
        )
        .fetch_optional(&self.pool)
        .await?;
        if is_held == Some(true) { Ok(()) } else { Err(StoreError::LeaseLost) }
    }

    /// Renews the lease. A newer wish does not end it: the work ends where it next looks.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`], or the statement's error, in which case the lease may still be held.
    pub async fn renew_pool(&self, claim: &PoolClaim, lease: Duration) -> Result<(), StoreError> {
        let done = sqlx::query!(
            "UPDATE gateway.managed_pool SET lease_expires_at = now() + make_interval(secs => $3)
              WHERE pool_id = $1 AND lease_token = $2",
            claim.pool_id.as_uuid(),
            claim.token.as_uuid(),
            lease.as_secs_f64()
        )
        .execute(&self.pool)
        .await?;
        held(done.rows_affected())
    }

    /// Gives the pool back unfinished, without counting the attempt; it is as due as before. Nothing happens when the lease
    /// is lost.
    ///
    /// # Errors
    /// The statement's error.
    pub async fn release_pool(&self, claim: &PoolClaim) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE gateway.managed_pool
                SET attempt = greatest(attempt - 1, 0), lease_token = NULL, lease_worker = NULL, lease_expires_at = NULL
              WHERE pool_id = $1 AND lease_token = $2",
            claim.pool_id.as_uuid(),
            claim.token.as_uuid()
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The wish is true.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`]: a newer wish came, or somebody else has the pool.
    pub async fn settle_pool(&self, claim: &PoolClaim) -> Result<(), StoreError> {
        let done = sqlx::query!(
            "UPDATE gateway.managed_pool
                SET observed_revision = revision, attempt = 0, due_at = NULL, reason = NULL, error_code = NULL, error_message = NULL,
                    lease_token = NULL, lease_worker = NULL, lease_expires_at = NULL
              WHERE pool_id = $1 AND lease_token = $2 AND revision = $3",
            claim.pool_id.as_uuid(),
            claim.token.as_uuid(),
            claim.revision
        )
        .execute(&self.pool)
        .await?;
        held(done.rows_affected())
    }

    /// The attempt failed; the next one is due after `delay`, or when somebody asks for it.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`]: a newer wish came, or somebody else has the pool.
    pub async fn fail_pool(
        &self,
        claim: &PoolClaim,
        failure: &Failure,
        delay: Option<Duration>,
    ) -> Result<(), StoreError> {
        let done = sqlx::query!(
            "UPDATE gateway.managed_pool
                SET due_at = now() + make_interval(secs => $4), error_code = $5, error_message = $6,
                    lease_token = NULL, lease_worker = NULL, lease_expires_at = NULL
              WHERE pool_id = $1 AND lease_token = $2 AND revision = $3",
            claim.pool_id.as_uuid(),
            claim.token.as_uuid(),
            claim.revision,
            delay.map(|delay| delay.as_secs_f64()),
            failure.code,
            failure.message
        )
        .execute(&self.pool)
        .await?;
        held(done.rows_affected())
    }

    /// Keeps the engine's id of the pool's network.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`].
    pub async fn record_pool_network(&self, claim: &PoolClaim, id: Option<&str>) -> Result<(), StoreError> {
        let done = sqlx::query!(
            "UPDATE gateway.managed_pool SET network_id = $4 WHERE pool_id = $1 AND lease_token = $2 AND revision = $3",
            claim.pool_id.as_uuid(),
            claim.token.as_uuid(),
            claim.revision,
            id
        )
        .execute(&self.pool)
        .await?;
        held(done.rows_affected())
    }

    /// The pool's subnet, taken from `block` where it has none. With `instead_of`, another one: something else on the host
    /// holds the present one, which is not handed out again before that time is over.
    ///
    /// # Errors
    /// [`StoreError::NoSubnetLeft`] or [`StoreError::LeaseLost`].
    pub async fn pool_subnet(
        &self,
        claim: &PoolClaim,
        block: Ipv4Net,
        instead_of: Option<Duration>,
    ) -> Result<Ipv4Net, StoreError> {
        let mut tx = self.begin().await?;
        let is_held = sqlx::query_scalar!(
            "SELECT pool_id FROM gateway.managed_pool WHERE pool_id = $1 AND lease_token = $2 AND revision = $3 FOR UPDATE",
            claim.pool_id.as_uuid(),
            claim.token.as_uuid(),
            claim.revision
        );
        is_held.fetch_optional(&mut *tx).await?.ok_or(StoreError::LeaseLost)?;
        let holder = Holder::Pool(claim.pool_id);
        if let Some(quarantine) = instead_of {
            give_subnet_back(&mut tx, holder, quarantine).await?;
        }
        let subnet = take_subnet(&mut tx, holder, block).await?;
        tx.commit().await?;
        Ok(subnet)
    }

    /// Removes a pool whose containers and network are gone; its subnet rests for `quarantine`.
    ///
    /// # Errors
    /// [`StoreError::PoolInUse`] where a tenant was put into it meanwhile; [`StoreError::LeaseLost`].
    pub async fn remove_pool(&self, claim: &PoolClaim, quarantine: Duration) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        give_subnet_back(&mut tx, Holder::Pool(claim.pool_id), quarantine).await?;
        let done = sqlx::query!(
            "DELETE FROM gateway.shared_pool p USING gateway.managed_pool g
              WHERE p.id = $1 AND g.pool_id = p.id AND g.lease_token = $2 AND g.revision = $3 AND p.state = 'deleting'",
            claim.pool_id.as_uuid(),
            claim.token.as_uuid(),
            claim.revision
        );
        match done.execute(&mut *tx).await.map_err(StoreError::from) {
            Ok(done) => held(done.rows_affected())?,
            // The row of a tenant refers to it.
            Err(StoreError::NoSuchPool) => return Err(StoreError::PoolInUse),
            Err(error) => return Err(error),
        }
        tx.commit().await?;
        Ok(())
    }

    /// What stands of every managed pool, by name.
    ///
    /// # Errors
    /// [`StoreError`] of a query.
    pub async fn managed_rows(&self) -> Result<Vec<ManagedRow>, StoreError> {
        let rows = sqlx::query!(
            r#"
            SELECT p.id AS "id!", p.name AS "name!", p.state AS "state!", g.replicas AS "replicas!", g.network_id AS "network_id?",
                   g.revision AS "revision!", s.subnet AS "subnet?: IpNet",
                   g.observed_revision = g.revision AND g.due_at IS NULL AND g.lease_token IS NULL AS "settled!"
              FROM gateway.managed_pool g JOIN gateway.shared_pool p ON p.id = g.pool_id
              LEFT JOIN gateway.subnet s ON s.pool_id = g.pool_id
             ORDER BY p.name
            "#
        )
        .fetch_all(&self.pool)
        .await?;
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let mut members = self.members_of(&ids).await?;
        let mut pools = Vec::with_capacity(rows.len());
        for row in rows {
            let pool_id = PoolId::from_uuid(row.id);
            pools.push(ManagedRow {
                pool_id,
                state: PoolState::parse(&row.state).ok_or_else(|| unknown("state", row.id))?,
                replicas: u8::try_from(row.replicas).map_err(|_| unknown("replicas", row.id))?,
                name: row.name,
                network_id: row.network_id,
                subnet: ipv4(row.subnet),
                revision: row.revision,
                is_settled: row.settled,
                members: members.remove(&pool_id).unwrap_or_default(),
            });
        }
        Ok(pools)
    }

    /// Makes managed pools due for a repair, each with the revision it was looked at for and the reason; those that were
    /// wished otherwise since or that somebody works on are left out. Gives the others.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn request_pool_repairs(&self, repairs: &[(PoolId, i64, String)]) -> Result<Vec<PoolId>, StoreError> {
        let ids: Vec<Uuid> = repairs.iter().map(|(id, _, _)| id.as_uuid()).collect();
        let revisions: Vec<i64> = repairs.iter().map(|(_, revision, _)| *revision).collect();
        let reasons: Vec<String> = repairs.iter().map(|(_, _, reason)| reason.clone()).collect();
        let due = sqlx::query_scalar!(
            "UPDATE gateway.managed_pool g SET due_at = now(), reason = w.reason
               FROM unnest($1::uuid[], $2::bigint[], $3::text[]) AS w (id, revision, reason)
              WHERE g.pool_id = w.id AND g.revision = w.revision AND g.due_at IS NULL AND g.lease_token IS NULL
             RETURNING g.pool_id",
            &ids,
            &revisions,
            &reasons
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(due.into_iter().map(PoolId::from_uuid).collect())
    }
}
