//! Where tenants are put: shared pools and database servers.

use url::Url;
use uuid::Uuid;

use crate::domain::ids::{PoolId, ServerId};
use crate::domain::pool::PoolState;
use crate::store::tenants::Transaction;
use crate::store::{Store, StoreError};

/// Name of the pool and of the server that the settings describe.
pub const DEFAULT_PLACE: &str = "default";

/// Held while a tenant is put into a pool or onto a server; any number that nobody else uses in the control database.
const PLACE_LOCK: i64 = 0x6761_7465_7761_7902;

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
    /// A pool as its row holds it.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a member that is no URL, and for an unknown state.
    pub(super) fn read(
        id: Uuid,
        name: String,
        state: &str,
        backend_url: Option<String>,
        further_urls: Vec<String>,
    ) -> Result<Self, StoreError> {
        let unknown = |column| StoreError::Inconsistent { table: "shared_pool", column, row: id.to_string() };
        let members = backend_url.into_iter().chain(further_urls).map(|text| Url::parse(&text));
        Ok(Self {
            id: PoolId::from_uuid(id),
            name,
            members: members.collect::<Result<_, _>>().map_err(|_| unknown("backend_url"))?,
            state: PoolState::parse(state).ok_or_else(|| unknown("state"))?,
        })
    }

    /// Whether its tenants are served: it is in use and a member answers.
    #[must_use]
    pub fn is_serving(&self) -> bool {
        self.state.serves() && !self.members.is_empty()
    }

    /// Where requests for its tenants go: to its members, or to the tenant port, which shows the page.
    #[must_use]
    pub fn upstreams(&self, tenant_port: &Url) -> Vec<Url> {
        self.state.upstreams(&self.members, tenant_port)
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
             ON CONFLICT (name) DO UPDATE SET address = excluded.address RETURNING id",
            DEFAULT_PLACE,
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

    /// The default server, when a worker ever made it known.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn default_server(&self) -> Result<Option<ServerId>, StoreError> {
        let id = sqlx::query_scalar!("SELECT id FROM gateway.database_server WHERE name = $1", DEFAULT_PLACE)
            .fetch_optional(&self.pool)
            .await?;
        Ok(id.map(ServerId::from_uuid))
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
    sqlx::query!("SELECT pg_advisory_xact_lock($1)", PLACE_LOCK).execute(&mut **tx).await?;
    Ok(())
}

/// The active pool with room and a member that answers where tenants divided by weight are fewest, the default one first among equals.
pub(super) async fn choose_pool(tx: &mut Transaction<'_>) -> Result<PoolId, StoreError> {
    take_turn(tx).await?;
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

/// Looks whether a database server takes one more tenant. One that is there already stays.
pub(super) async fn require_server(tx: &mut Transaction<'_>, tenant: Uuid, server: ServerId) -> Result<(), StoreError> {
    let id = server.as_uuid();
    let is_there = sqlx::query_scalar!(
        r#"SELECT coalesce(server_id = $2, false) AS "there!" FROM gateway.tenant WHERE id = $1"#,
        tenant,
        id
    );
    if is_there.fetch_one(&mut **tx).await? {
        return Ok(());
    }
    take_turn(tx).await?;
    let has_room = sqlx::query_scalar!(
        r#"SELECT state = 'active' AND (capacity IS NULL OR capacity > (
                SELECT count(*) FROM gateway.tenant t WHERE t.server_id = d.id AND t.status <> 'deleted')) AS "room!"
             FROM gateway.database_server d WHERE id = $1"#,
        id
    );
    match has_room.fetch_optional(&mut **tx).await? {
        Some(true) => Ok(()),
        Some(false) | None => Err(StoreError::NoServerLeft),
    }
}
