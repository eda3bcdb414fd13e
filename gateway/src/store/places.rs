//! Where tenants are put: shared pools and database servers.

use url::Url;
use uuid::Uuid;

use crate::domain::ids::{PoolId, ServerId};
use crate::domain::pool::PoolState;
use crate::domain::ports::TenantPorts;
use crate::domain::server::DEFAULT_SERVER;
use crate::store::locks::PLACES;
use crate::store::server_sights::SIGHT_LASTS;
use crate::store::tenants::Transaction;
use crate::store::{Store, StoreError};

/// Name of the pool that the settings describe.
pub const DEFAULT_PLACE: &str = "default";

/// A shared pool as a route needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedPool {
    /// Its id.
    pub id: PoolId,
    /// Its name, part of the Traefik service `pool-<name>`.
    pub name: String,
    /// Where its members answer; none where none of a managed pool's does.
    pub members: Vec<Url>,
    /// Whether it serves.
    pub state: PoolState,
}

impl SharedPool {
    /// Whether every member answers by HTTP rather than HTTPS.
    #[must_use]
    pub fn is_by_http(&self) -> bool {
        self.members.iter().all(|member| member.scheme() == "http")
    }
}

/// The URL of a member. What is none was written by hand past the API, and is left out with a warning: one wrong word in one
/// pool stops nobody else.
pub(super) fn member_url(pool: &str, text: &str) -> Option<Url> {
    let url = Url::parse(text);
    if let Err(problem) = &url {
        tracing::warn!(pool.name = pool, url = text, %problem, "a member of a pool is no URL; it gets no requests");
    }
    url.ok()
}

impl SharedPool {
    /// A pool as its row holds it. A member that is no URL gets no requests.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for an unknown state.
    pub(super) fn read(
        id: Uuid,
        name: String,
        state: &str,
        backend_url: Option<String>,
        further_urls: Vec<String>,
    ) -> Result<Self, StoreError> {
        let unknown = || StoreError::Inconsistent { table: "shared_pool", column: "state", row: id.to_string() };
        let members = backend_url.into_iter().chain(further_urls).filter_map(|text| member_url(&name, &text)).collect();
        Ok(Self { id: PoolId::from_uuid(id), name, members, state: PoolState::parse(state).ok_or_else(unknown)? })
    }

    /// Whether its tenants are served: it is in use and a member answers.
    #[must_use]
    pub fn is_serving(&self) -> bool {
        self.state.serves() && !self.members.is_empty()
    }

    /// Where requests for its tenants go: to its members, or to the tenant ports, which show the page.
    #[must_use]
    pub fn upstreams(&self, tenant_ports: &TenantPorts) -> Vec<Url> {
        self.state.upstreams(&self.members, tenant_ports)
    }
}

impl Store {
    /// Makes the default pool point where the settings say.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn put_default_pool(&self, backend: &Url) -> Result<PoolId, StoreError> {
        let id = sqlx::query_scalar!(
            "INSERT INTO gateway.shared_pool (name, backend_url) VALUES ($1, $2)
             ON CONFLICT (name) DO UPDATE SET backend_url = excluded.backend_url RETURNING id",
            DEFAULT_PLACE,
            backend.as_str()
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(PoolId::from_uuid(id))
    }

    /// Makes the default server answer where the settings say.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn put_default_server(&self, address: &str) -> Result<ServerId, StoreError> {
        let id = sqlx::query_scalar!(
            "INSERT INTO gateway.database_server (name, address) VALUES ($1, $2)
             ON CONFLICT (name) WHERE removed_at IS NULL DO UPDATE SET address = excluded.address RETURNING id",
            DEFAULT_SERVER,
            address
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(ServerId::from_uuid(id))
    }

    /// Every pool, by name.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn shared_pools(&self) -> Result<Vec<SharedPool>, StoreError> {
        let rows =
            sqlx::query!("SELECT id, name, state, backend_url, further_urls FROM gateway.shared_pool ORDER BY name")
                .fetch_all(&self.pool)
                .await?;
        let pools = rows
            .into_iter()
            .map(|row| SharedPool::read(row.id, row.name, &row.state, row.backend_url, row.further_urls));
        pools.collect()
    }

    /// A pool by id.
    ///
    /// # Errors
    /// [`StoreError::NoSuchPool`].
    pub async fn shared_pool(&self, id: PoolId) -> Result<SharedPool, StoreError> {
        let row = sqlx::query!(
            "SELECT id, name, state, backend_url, further_urls FROM gateway.shared_pool WHERE id = $1",
            id.as_uuid()
        )
        .fetch_optional(&self.pool)
        .await?
        .ok_or(StoreError::NoSuchPool)?;
        SharedPool::read(row.id, row.name, &row.state, row.backend_url, row.further_urls)
    }
}

/// Has all who put tenants into pools or onto servers take turns until their transactions end, so that no capacity is exceeded.
pub(super) async fn take_turn(tx: &mut Transaction<'_>) -> Result<(), StoreError> {
    sqlx::query!("SELECT pg_advisory_xact_lock($1)", PLACES).execute(&mut **tx).await?;
    Ok(())
}

/// The active pool with room and a member that answers where tenants divided by weight are fewest, the default one first among equals.
/// Take the turn before.
pub(super) async fn choose_pool(tx: &mut Transaction<'_>) -> Result<PoolId, StoreError> {
    let active = sqlx::query!(
        r#"SELECT id, capacity IS NULL AS "boundless!" FROM gateway.shared_pool
            WHERE state = 'active' AND backend_url IS NOT NULL LIMIT 2"#
    );
    // Nothing to choose from is nothing to count.
    if let [only] = active.fetch_all(&mut **tx).await?.as_slice()
        && only.boundless
    {
        return Ok(PoolId::from_uuid(only.id));
    }
    let found = sqlx::query_scalar!(
        "SELECT p.id FROM gateway.shared_pool p
          CROSS JOIN LATERAL (SELECT count(*) AS tenants FROM gateway.tenant t WHERE t.pool_id = p.id AND t.status <> 'deleted') n
          WHERE p.state = 'active' AND p.backend_url IS NOT NULL AND n.tenants < coalesce(p.capacity, n.tenants + 1)
          ORDER BY n.tenants::float8 / p.weight, p.name <> $1, p.name LIMIT 1",
        DEFAULT_PLACE
    );
    if let Some(id) = found.fetch_optional(&mut **tx).await? {
        return Ok(PoolId::from_uuid(id));
    }
    let any = sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM gateway.shared_pool) AS "any!""#);
    Err(if any.fetch_one(&mut **tx).await? { StoreError::NoPoolLeft } else { StoreError::NoSuchPool })
}

/// Looks whether a pool that somebody names takes one more tenant.
pub(super) async fn require_room(tx: &mut Transaction<'_>, pool: PoolId) -> Result<(), StoreError> {
    take_turn(tx).await?;
    let row = sqlx::query!(
        r#"SELECT state, (capacity IS NOT NULL AND capacity <= (
                SELECT count(*) FROM gateway.tenant t WHERE t.pool_id = p.id AND t.status <> 'deleted')) AS "full!"
             FROM gateway.shared_pool p WHERE id = $1"#,
        pool.as_uuid()
    );
    let row = row.fetch_optional(&mut **tx).await?.ok_or(StoreError::NoSuchPool)?;
    let unknown = StoreError::Inconsistent { table: "shared_pool", column: "state", row: pool.to_string() };
    match PoolState::parse(&row.state).ok_or(unknown)? {
        PoolState::Active if row.full => Err(StoreError::PoolFull),
        PoolState::Active => Ok(()),
        state @ (PoolState::Draining | PoolState::Stopped | PoolState::Deleting) => Err(StoreError::PoolClosed(state)),
    }
}

/// Where a tenant that is on no database server yet may be put.
#[derive(Clone, Copy, Debug)]
pub struct ServerChoice<'a> {
    /// Names of the servers that the worker can reach.
    pub held: &'a [String],
    /// Those of them that did not answer it lately, which are taken when no other has room.
    pub resting: &'a [String],
    /// Connections an app may hold where its plan does not say.
    pub connection_limit: i32,
}

/// Among the active servers with room that where tenants divided by weight are fewest, the default one first among equals. One
/// that gave no answer lately, to this worker or to whoever looked last, is taken when no other has room. Take the turn before.
pub(super) async fn choose_server(
    tx: &mut Transaction<'_>,
    tenant: Uuid,
    among: &ServerChoice<'_>,
) -> Result<ServerId, StoreError> {
    let active = sqlx::query!(
        r#"SELECT id, capacity IS NULL AND overcommit IS NULL AS "boundless!" FROM gateway.database_server
            WHERE removed_at IS NULL AND state = 'active' AND name = ANY ($1) LIMIT 2"#,
        among.held
    );
    // Nothing to choose from is nothing to count.
    if let [only] = active.fetch_all(&mut **tx).await?.as_slice()
        && only.boundless
    {
        return Ok(ServerId::from_uuid(only.id));
    }
    let found = sqlx::query_scalar!(
        "SELECT d.id FROM gateway.database_server d
           LEFT JOIN gateway.server_measure m ON m.server_id = d.id
           LEFT JOIN gateway.server_sight s ON s.server_id = d.id AND s.problem IS NOT NULL
                                           AND s.looked_at > now() - make_interval(secs => $6)
          CROSS JOIN LATERAL (
                SELECT count(*) AS tenants, coalesce(sum(coalesce(p.connection_limit, $3)), 0) AS promised
                  FROM gateway.tenant t JOIN gateway.plan p ON p.name = t.plan WHERE t.server_id = d.id AND t.status <> 'deleted') n
          CROSS JOIN (SELECT coalesce(p.connection_limit, $3) AS wanted
                        FROM gateway.tenant t JOIN gateway.plan p ON p.name = t.plan WHERE t.id = $4) own
          WHERE d.removed_at IS NULL AND d.state = 'active' AND d.name = ANY ($1) AND n.tenants < coalesce(d.capacity, n.tenants + 1)
            AND coalesce(n.promised + own.wanted <= (m.max_connections - m.reserved_connections) * d.overcommit, true)
          ORDER BY d.name = ANY ($2) OR s.server_id IS NOT NULL, n.tenants::float8 / d.weight, d.name <> $5, d.name LIMIT 1",
        among.held,
        among.resting,
        among.connection_limit,
        tenant,
        DEFAULT_SERVER,
        SIGHT_LASTS
    );
    if let Some(id) = found.fetch_optional(&mut **tx).await? {
        return Ok(ServerId::from_uuid(id));
    }
    let elsewhere = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM gateway.database_server d JOIN gateway.server_sight s ON s.server_id = d.id
                           WHERE d.removed_at IS NULL AND d.state = 'active' AND d.name <> ALL ($1)
                             AND s.looked_at > now() - make_interval(secs => $2)) AS "elsewhere!""#,
        among.held,
        SIGHT_LASTS
    );
    Err(if elsewhere.fetch_one(&mut **tx).await? { StoreError::NoServerHeld } else { StoreError::NoServerLeft })
}
