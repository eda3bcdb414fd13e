//! Whether one more tenant finds a place: what signups are let in by.

use ipnet::{IpNet, Ipv4Net};
use sqlx::PgExecutor;

use crate::domain::subnet::{TENANT_PREFIX, subnets_in};
use crate::domain::tenant::Tier;
use crate::store::{Store, StoreError};

/// What is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// No shared pool is active and has room.
    Pool,
    /// No database server is active and has room.
    Server,
    /// The block of subnets is used up.
    Subnet,
}

impl std::fmt::Display for Lack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Pool => "no shared pool is active and has room",
            Self::Server => "no database server is active and has room",
            Self::Subnet => "the block of subnets is used up",
        })
    }
}

/// What a tenant of the default plan would take.
#[derive(Clone, Copy, Debug)]
pub struct Need {
    /// How it is served; a shared one takes a place in a pool.
    pub tier: Tier,
    /// Where its subnet would come from, if its tier or its plan gives it one.
    pub block: Ipv4Net,
}

/// What one more tenant would lack; `None` when there is room. Tenants that wait for their place are counted as if they had
/// one. What nobody has told of yet, as before a first worker started, does not count as full.
pub(super) async fn lack_of(executor: impl PgExecutor<'_>, need: &Need) -> Result<Option<Lack>, StoreError> {
    let row = sqlx::query!(
        r#"
        WITH unplaced AS (
            SELECT count(*) AS tenants, count(*) FILTER (WHERE t.tier = 'shared' AND t.pool_id IS NULL) AS without_pool,
                   count(*) FILTER (WHERE t.tier = 'dedicated' OR l.network = 'per-tenant') AS without_subnet
              FROM gateway.tenant t JOIN gateway.plan l ON l.name = t.plan
             WHERE t.due_at IS NOT NULL AND t.server_id IS NULL AND t.status IN ('pending', 'provisioning')
        ), pool AS (
            SELECT count(*) AS known, coalesce(bool_or(p.capacity IS NULL) FILTER (WHERE p.state = 'active'), false) AS is_open,
                   coalesce(sum(greatest(p.capacity - n.tenants, 0)) FILTER (WHERE p.state = 'active'), 0) AS room
              FROM gateway.shared_pool p
             CROSS JOIN LATERAL (SELECT count(*) AS tenants FROM gateway.tenant t
                                  WHERE p.capacity IS NOT NULL AND t.pool_id = p.id AND t.status <> 'deleted') n
        ), server AS (
            SELECT count(*) AS known, coalesce(bool_or(d.capacity IS NULL) FILTER (WHERE d.state = 'active'), false) AS is_open,
                   coalesce(sum(greatest(d.capacity - n.tenants, 0)) FILTER (WHERE d.state = 'active'), 0) AS room
              FROM gateway.database_server d
             CROSS JOIN LATERAL (SELECT count(*) AS tenants FROM gateway.tenant t
                                  WHERE d.capacity IS NOT NULL AND t.server_id = d.id AND t.status <> 'deleted') n
             WHERE d.removed_at IS NULL
        ), subnet AS (
            -- Subnets are handed out in order, and those of tenants again once they have rested. A pool's is larger.
            SELECT count(*) AS known, $2 - coalesce(max((broadcast(subnet) - network($1::inet)) / $3 + 1), 0)
                   + count(*) FILTER (WHERE tenant_id IS NULL AND pool_id IS NULL AND usable_from <= now() AND masklen(subnet) = $4) AS room
              FROM gateway.subnet WHERE subnet <<= $1::inet
        )
        SELECT pool.known > 0 AND NOT pool.is_open AND pool.room <= unplaced.without_pool AS "pool!",
               server.known > 0 AND NOT server.is_open AND server.room <= unplaced.tenants AS "server!",
               subnet.known > 0 AND subnet.room <= unplaced.without_subnet
               AND ($5 OR EXISTS (SELECT FROM gateway.plan WHERE name = 'default' AND network = 'per-tenant')) AS "subnet!"
          FROM unplaced, pool, server, subnet
        "#,
        IpNet::V4(need.block) as IpNet,
        subnets_in(need.block.prefix_len()),
        1_i64 << (32 - TENANT_PREFIX),
        i32::from(TENANT_PREFIX),
        need.tier == Tier::Dedicated
    )
    .fetch_one(executor)
    .await?;
    Ok(match need.tier {
        Tier::Shared if row.pool => Some(Lack::Pool),
        Tier::Shared | Tier::Dedicated if row.server => Some(Lack::Server),
        Tier::Shared | Tier::Dedicated => row.subnet.then_some(Lack::Subnet),
    })
}

impl Store {
    /// What one more tenant would lack; `None` when there is room.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn lack_of_room(&self, need: &Need) -> Result<Option<Lack>, StoreError> {
        lack_of(&self.pool, need).await
    }
}
