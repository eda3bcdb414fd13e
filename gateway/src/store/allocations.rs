//! What a tenant gets before anything outside is made: host, place, secrets, subnet; and what its steps found out.

use std::time::Duration;

use ipnet::Ipv4Net;

use crate::domain::host::Host;
use crate::domain::ids::{PoolId, ServerId};
use crate::domain::seal::Sealed;
use crate::store::claims::Claim;
use crate::store::places::{ServerChoice, choose_pool, choose_server, take_turn};
use crate::store::subnets::{Holder, give_subnet_back, take_subnet};
use crate::store::tenants::Transaction;
use crate::store::{Store, StoreError};

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

/// What became of the revision that a step found for a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteRecord {
    /// It was written.
    Written,
    /// It stood there.
    Same,
    /// Its operator wants the tenant to have a router of its own, so nothing was written.
    Pinned,
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
    /// Block to take a subnet from; `None` where the tenant is to have no network of its own.
    pub block: Option<Ipv4Net>,
}

impl Store {
    /// Fixes what the steps work from. Secrets that are there already are kept, unless newer ones are wanted.
    ///
    /// # Errors
    /// [`StoreError::HostTaken`], [`StoreError::NoSubnetLeft`], [`StoreError::NoServerLeft`], [`StoreError::NoServerHeld`],
    /// [`StoreError::NoSuchPool`], [`StoreError::NoPoolLeft`], [`StoreError::LeaseLost`]; nothing is half done then.
    pub async fn allocate(&self, claim: &Claim, new: &NewAllocation<'_>) -> Result<Allocated, StoreError> {
        let mut tx = self.begin().await?;
        // The tenant's row before the turn, as all who put tenants somewhere do.
        let placed = require_lease(&mut tx, claim).await?;
        if placed.is_none() || matches!(new.pool, PoolChoice::Any) {
            take_turn(&mut tx).await?;
        }
        let server_id = match placed {
            Some(id) => id,
            None => choose_server(&mut tx, claim.tenant_id.as_uuid(), &new.servers).await?,
        };
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
            Some(block) => Some(take_subnet(&mut tx, Holder::Tenant(claim.tenant_id), block).await?),
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
        let mut tx = self.begin().await?;
        require_lease(&mut tx, claim).await?;
        give_subnet_back(&mut tx, Holder::Tenant(claim.tenant_id), quarantine).await?;
        let subnet = take_subnet(&mut tx, Holder::Tenant(claim.tenant_id), block).await?;
        tx.commit().await?;
        Ok(subnet)
    }

    /// Takes secrets and subnet back; the last thing before the tombstone.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`].
    pub async fn clear_allocation(&self, claim: &Claim, quarantine: Duration) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
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
        give_subnet_back(&mut tx, Holder::Tenant(claim.tenant_id), quarantine).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Forgets the tenant's network, which went, and takes its subnet back.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`].
    pub async fn clear_network(&self, claim: &Claim, quarantine: Duration) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        require_lease(&mut tx, claim).await?;
        sqlx::query!("UPDATE gateway.tenant SET network_id = NULL WHERE id = $1", claim.tenant_id.as_uuid())
            .execute(&mut *tx)
            .await?;
        give_subnet_back(&mut tx, Holder::Tenant(claim.tenant_id), quarantine).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Has tenant ports serve the tenant under a revision, or no longer. A pinned tenant gets none.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`].
    pub async fn record_route(&self, claim: &Claim, revision: Option<&str>) -> Result<RouteRecord, StoreError> {
        let row = sqlx::query!(
            r#"WITH held AS (
                   SELECT id, route_revision, route_pinned FROM gateway.tenant
                    WHERE id = $1 AND lease_token = $2 AND generation = $3 FOR NO KEY UPDATE
               ), written AS (
                   UPDATE gateway.tenant t SET route_revision = $4 FROM held h
                    WHERE t.id = h.id AND h.route_revision IS DISTINCT FROM $4 AND ($4::text IS NULL OR NOT h.route_pinned)
                   RETURNING t.id
               )
               SELECT $4::text IS NOT NULL AND route_pinned AS "pinned!", EXISTS (SELECT FROM written) AS "written!" FROM held"#,
            claim.tenant_id.as_uuid(),
            claim.token.as_uuid(),
            claim.generation.as_i64(),
            revision
        )
        .fetch_optional(&self.pool)
        .await?
        .ok_or(StoreError::LeaseLost)?;
        Ok(match (row.pinned, row.written) {
            (true, _) => RouteRecord::Pinned,
            (false, true) => RouteRecord::Written,
            (false, false) => RouteRecord::Same,
        })
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

/// Keeps the tenant's row for the claim, and gives the server that it is on.
async fn require_lease(tx: &mut Transaction<'_>, claim: &Claim) -> Result<Option<ServerId>, StoreError> {
    let held = sqlx::query_scalar!(
        "SELECT server_id FROM gateway.tenant WHERE id = $1 AND lease_token = $2 AND generation = $3 FOR UPDATE",
        claim.tenant_id.as_uuid(),
        claim.token.as_uuid(),
        claim.generation.as_i64()
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(held.ok_or(StoreError::LeaseLost)?.map(ServerId::from_uuid))
}
