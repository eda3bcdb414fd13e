//! What a tenant gets before anything outside is made: host, place, secrets, subnet; and what its steps found out.

use std::time::Duration;

use ipnet::{IpNet, Ipv4Net};

use crate::domain::host::Host;
use crate::domain::ids::{PoolId, ServerId};
use crate::domain::seal::Sealed;
use crate::domain::subnet::next_subnet;
use crate::store::claims::Claim;
use crate::store::places::{ServerChoice, choose_pool, choose_server};
use crate::store::{Store, StoreError};

/// Serialises subnet allocation over all workers; any number that nobody else uses in the control database.
const SUBNET_LOCK: i64 = 0x6761_7465_7761_7901;

/// Which shared pool serves a tenant.
#[derive(Clone, Copy, Debug)]
pub enum PoolChoice {
    /// None: it is dedicated.
    None,
    /// The one that its row names.
    Named(PoolId),
    /// An active one that has room.
    Any,
}

/// What was written.
#[derive(Clone, Debug)]
pub struct Allocated {
    /// The server it lives on.
    pub server_id: ServerId,
    /// `host:port` of that server for the tenant's app.
    pub address: String,
    /// The pool that serves it; `None` on the dedicated tier.
    pub pool_id: Option<PoolId>,
    /// Its subnet.
    pub subnet: Option<Ipv4Net>,
}

/// What the allocate step writes.
#[derive(Debug)]
pub struct NewAllocation<'a> {
    /// The host its route will answer on.
    pub host: &'a Host,
    /// The servers it may live on, where it is on none yet.
    pub servers: ServerChoice<'a>,
    /// The pool that will serve it.
    pub pool: PoolChoice,
    /// Sealed password of the login role.
    pub password: &'a Sealed,
    /// Sealed verifier of it.
    pub verifier: &'a Sealed,
    /// Block to take a subnet from; `None` where tenants get no network.
    pub block: Option<Ipv4Net>,
}

impl Store {
    /// Fixes what the steps work from. Secrets that are there already are kept, unless newer ones are wanted.
    ///
    /// # Errors
    /// [`StoreError::HostTaken`], [`StoreError::NoSubnetLeft`], [`StoreError::NoServerLeft`], [`StoreError::NoServerHeld`],
    /// [`StoreError::NoSuchPool`], [`StoreError::NoPoolLeft`], [`StoreError::LeaseLost`]; nothing is half done then.
    pub async fn allocate(&self, claim: &Claim, new: &NewAllocation<'_>) -> Result<Allocated, StoreError> {
        let mut tx = self.pool.begin().await?;
        // The tenant's row before the turn, as all who put tenants somewhere do.
        require_lease(&mut tx, claim).await?;
        let server_id = choose_server(&mut tx, claim.tenant_id.as_uuid(), &new.servers).await?;
        let chosen = match new.pool {
            PoolChoice::None => None,
            PoolChoice::Named(id) => Some(id),
            PoolChoice::Any => Some(choose_pool(&mut tx).await?),
        };
        let placed = sqlx::query!(
            r#"UPDATE gateway.tenant
                SET host = $4, server_id = $5, pool_id = coalesce(pool_id, $6), credentials_made = credentials,
                    password_sealed = CASE WHEN password_sealed IS NULL OR credentials_made < credentials THEN $7 ELSE password_sealed END,
                    verifier_sealed = CASE WHEN password_sealed IS NULL OR credentials_made < credentials THEN $8 ELSE verifier_sealed END
              WHERE id = $1 AND lease_token = $2 AND generation = $3
          RETURNING pool_id, (SELECT address FROM gateway.database_server WHERE id = $5) AS "address!""#,
            claim.tenant_id.as_uuid(),
            claim.token.as_uuid(),
            claim.generation.as_i64(),
            new.host.as_str(),
            server_id.as_uuid(),
            chosen.map(PoolId::as_uuid),
            new.password.as_str(),
            new.verifier.as_str()
        )
        .fetch_optional(&mut *tx)
        .await?;
        // Somebody may have moved it meanwhile, to where there was room as well.
        let placed = placed.ok_or(StoreError::LeaseLost)?;
        let pool_id = placed.pool_id.map(PoolId::from_uuid);
        let subnet = match new.block {
            Some(block) => Some(take_subnet(&mut tx, claim, block).await?),
            None => None,
        };
        tx.commit().await?;
        Ok(Allocated { server_id, address: placed.address, pool_id, subnet })
    }

    /// Gives the tenant another subnet, because something else on the host holds the present one. That one is not
    /// handed out again before `quarantine` is over.
    ///
    /// # Errors
    /// [`StoreError::NoSubnetLeft`] or [`StoreError::LeaseLost`].
    pub async fn replace_subnet(
        &self,
        claim: &Claim,
        block: Ipv4Net,
        quarantine: Duration,
    ) -> Result<Ipv4Net, StoreError> {
        let mut tx = self.pool.begin().await?;
        require_lease(&mut tx, claim).await?;
        give_back(&mut tx, claim, quarantine).await?;
        let subnet = take_subnet(&mut tx, claim, block).await?;
        tx.commit().await?;
        Ok(subnet)
    }

    /// Takes secrets and subnet back; the last thing before the tombstone.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`].
    pub async fn clear_allocation(&self, claim: &Claim, quarantine: Duration) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        let done = sqlx::query!(
            "UPDATE gateway.tenant
                SET password_sealed = NULL, verifier_sealed = NULL, network_id = NULL, container_id = NULL
              WHERE id = $1 AND lease_token = $2 AND generation = $3",
            claim.tenant_id.as_uuid(),
            claim.token.as_uuid(),
            claim.generation.as_i64()
        )
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() != 1 {
            return Err(StoreError::LeaseLost);
        }
        give_back(&mut tx, claim, quarantine).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Keeps the version the tenant's database is at.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`].
    pub async fn record_migration_version(&self, claim: &Claim, version: i64) -> Result<(), StoreError> {
        let done = sqlx::query!(
            "UPDATE gateway.tenant SET migration_version = $4 WHERE id = $1 AND lease_token = $2 AND generation = $3",
            claim.tenant_id.as_uuid(),
            claim.token.as_uuid(),
            claim.generation.as_i64(),
            version
        )
        .execute(&self.pool)
        .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::LeaseLost) }
    }

    /// Keeps the engine's id of the tenant's network.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`].
    pub async fn record_network(&self, claim: &Claim, id: Option<&str>) -> Result<(), StoreError> {
        let done = sqlx::query!(
            "UPDATE gateway.tenant SET network_id = $4 WHERE id = $1 AND lease_token = $2 AND generation = $3",
            claim.tenant_id.as_uuid(),
            claim.token.as_uuid(),
            claim.generation.as_i64(),
            id
        )
        .execute(&self.pool)
        .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::LeaseLost) }
    }

    /// Keeps the engine's ids of the tenant's container and of the image it runs.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`].
    pub async fn record_container(&self, claim: &Claim, container: Option<(&str, &str)>) -> Result<(), StoreError> {
        let done = sqlx::query!(
            "UPDATE gateway.tenant SET container_id = $4, container_image = $5
              WHERE id = $1 AND lease_token = $2 AND generation = $3",
            claim.tenant_id.as_uuid(),
            claim.token.as_uuid(),
            claim.generation.as_i64(),
            container.map(|(id, _)| id),
            container.map(|(_, image)| image)
        )
        .execute(&self.pool)
        .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::LeaseLost) }
    }
}

type Transaction<'a> = sqlx::Transaction<'a, sqlx::Postgres>;

async fn require_lease(tx: &mut Transaction<'_>, claim: &Claim) -> Result<(), StoreError> {
    let held = sqlx::query_scalar!(
        "SELECT id FROM gateway.tenant WHERE id = $1 AND lease_token = $2 AND generation = $3 FOR UPDATE",
        claim.tenant_id.as_uuid(),
        claim.token.as_uuid(),
        claim.generation.as_i64()
    )
    .fetch_optional(&mut **tx)
    .await?;
    held.map(|_| ()).ok_or(StoreError::LeaseLost)
}

async fn give_back(tx: &mut Transaction<'_>, claim: &Claim, quarantine: Duration) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE gateway.subnet SET tenant_id = NULL, usable_from = now() + make_interval(secs => $2) WHERE tenant_id = $1",
        claim.tenant_id.as_uuid(),
        quarantine.as_secs_f64()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The tenant's subnet, or a freed one whose quarantine is over, or the next one of the block.
async fn take_subnet(tx: &mut Transaction<'_>, claim: &Claim, block: Ipv4Net) -> Result<Ipv4Net, StoreError> {
    let tenant = claim.tenant_id.as_uuid();
    sqlx::query!("SELECT pg_advisory_xact_lock($1)", SUBNET_LOCK).execute(&mut **tx).await?;
    let mine =
        sqlx::query_scalar!(r#"SELECT subnet AS "subnet: IpNet" FROM gateway.subnet WHERE tenant_id = $1"#, tenant)
            .fetch_optional(&mut **tx)
            .await?;
    if let Some(IpNet::V4(mine)) = mine {
        return Ok(mine);
    }
    let freed = sqlx::query_scalar!(
        r#"UPDATE gateway.subnet SET tenant_id = $1
            WHERE subnet = (SELECT subnet FROM gateway.subnet
                             WHERE tenant_id IS NULL AND usable_from <= now() AND subnet <<= $2 ORDER BY usable_from LIMIT 1)
            RETURNING subnet AS "subnet: IpNet""#,
        tenant,
        IpNet::V4(block) as IpNet
    )
    .fetch_optional(&mut **tx)
    .await?;
    if let Some(IpNet::V4(freed)) = freed {
        return Ok(freed);
    }
    let highest = sqlx::query_scalar!(
        r#"SELECT subnet AS "subnet: IpNet" FROM gateway.subnet WHERE subnet <<= $1 ORDER BY subnet DESC LIMIT 1"#,
        IpNet::V4(block) as IpNet
    )
    .fetch_optional(&mut **tx)
    .await?;
    let highest = match highest {
        Some(IpNet::V4(net)) => Some(net),
        _ => None,
    };
    let next = next_subnet(block, highest).ok_or(StoreError::NoSubnetLeft)?;
    sqlx::query!("INSERT INTO gateway.subnet (subnet, tenant_id) VALUES ($1, $2)", IpNet::V4(next) as IpNet, tenant)
        .execute(&mut **tx)
        .await?;
    Ok(next)
}
