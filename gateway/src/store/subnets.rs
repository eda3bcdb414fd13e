//! Subnets of the block, which tenants and managed pools share. No two overlap.

use std::collections::BTreeSet;
use std::time::Duration;

use ipnet::{IpNet, Ipv4Net};
use uuid::Uuid;

use crate::domain::ids::{PoolId, TenantId};
use crate::domain::subnet::{POOL_PREFIX, TENANT_PREFIX, next_subnet};
use crate::store::locks::SUBNETS;
use crate::store::tenants::Transaction;
use crate::store::{Store, StoreError};

/// Who gets a subnet.
#[derive(Clone, Copy, Debug)]
pub(super) enum Holder {
    /// A tenant.
    Tenant(TenantId),
    /// A managed pool.
    Pool(PoolId),
}

impl Holder {
    const fn columns(self) -> (Option<Uuid>, Option<Uuid>) {
        match self {
            Self::Tenant(id) => (Some(id.as_uuid()), None),
            Self::Pool(id) => (None, Some(id.as_uuid())),
        }
    }

    const fn prefix(self) -> u8 {
        match self {
            Self::Tenant(_) => TENANT_PREFIX,
            Self::Pool(_) => POOL_PREFIX,
        }
    }
}

impl Store {
    /// The subnets that tenants and pools have: from before there is a network on one until after it went.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn owned_subnets(&self) -> Result<BTreeSet<Ipv4Net>, StoreError> {
        let found = sqlx::query_scalar!(
            r#"SELECT subnet AS "subnet: IpNet" FROM gateway.subnet WHERE tenant_id IS NOT NULL OR pool_id IS NOT NULL"#
        );
        let found = found.fetch_all(&self.pool).await?.into_iter();
        Ok(found.filter_map(|net| if let IpNet::V4(net) = net { Some(net) } else { None }).collect())
    }
}

/// The holder's subnet, or a freed one of its size whose quarantine is over, or the next one of the block.
pub(super) async fn take_subnet(
    tx: &mut Transaction<'_>,
    holder: Holder,
    block: Ipv4Net,
) -> Result<Ipv4Net, StoreError> {
    let (tenant, pool) = holder.columns();
    sqlx::query!("SELECT pg_advisory_xact_lock($1)", SUBNETS).execute(&mut **tx).await?;
    let own = sqlx::query_scalar!(
        r#"SELECT subnet AS "subnet: IpNet" FROM gateway.subnet WHERE tenant_id = $1 OR pool_id = $2"#,
        tenant,
        pool
    );
    if let Some(IpNet::V4(own)) = own.fetch_optional(&mut **tx).await? {
        return Ok(own);
    }
    let freed = sqlx::query_scalar!(
        r#"UPDATE gateway.subnet SET tenant_id = $1, pool_id = $2
            WHERE subnet = (SELECT subnet FROM gateway.subnet
                             WHERE tenant_id IS NULL AND pool_id IS NULL AND usable_from <= now() AND subnet <<= $3
                               AND masklen(subnet) = $4
                             ORDER BY usable_from LIMIT 1)
            RETURNING subnet AS "subnet: IpNet""#,
        tenant,
        pool,
        IpNet::V4(block) as IpNet,
        i32::from(holder.prefix())
    );
    if let Some(IpNet::V4(freed)) = freed.fetch_optional(&mut **tx).await? {
        return Ok(freed);
    }
    let highest = sqlx::query_scalar!(
        r#"SELECT subnet AS "subnet: IpNet" FROM gateway.subnet WHERE subnet <<= $1 ORDER BY subnet DESC LIMIT 1"#,
        IpNet::V4(block) as IpNet
    );
    let highest = match highest.fetch_optional(&mut **tx).await? {
        Some(IpNet::V4(net)) => Some(net),
        _ => None,
    };
    let next = next_subnet(block, highest, holder.prefix()).ok_or(StoreError::NoSubnetLeft)?;
    sqlx::query!(
        "INSERT INTO gateway.subnet (subnet, tenant_id, pool_id) VALUES ($1, $2, $3)",
        IpNet::V4(next) as IpNet,
        tenant,
        pool
    )
    .execute(&mut **tx)
    .await?;
    Ok(next)
}

/// Takes a holder's subnet back. It is not handed out again before `quarantine` is over.
pub(super) async fn give_subnet_back(
    tx: &mut Transaction<'_>,
    holder: Holder,
    quarantine: Duration,
) -> Result<(), StoreError> {
    let (tenant, pool) = holder.columns();
    sqlx::query!(
        "UPDATE gateway.subnet SET tenant_id = NULL, pool_id = NULL, usable_from = now() + make_interval(secs => $3)
          WHERE tenant_id = $1 OR pool_id = $2",
        tenant,
        pool,
        quarantine.as_secs_f64()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
