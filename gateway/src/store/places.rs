//! Where tenants are put: shared pools and database servers.

use url::Url;

use crate::domain::ids::{PoolId, ServerId};
use crate::store::{Store, StoreError};

/// Name of the pool and of the server that the settings describe.
pub const DEFAULT_PLACE: &str = "default";

/// A shared pool as a route needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedPool {
    /// Its id.
    pub id: PoolId,
    /// Its name, part of the Traefik service `pool-<name>`.
    pub name: String,
    /// Where its members answer.
    pub backend_url: Url,
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
        let rows = sqlx::query!("SELECT id, name, backend_url FROM gateway.shared_pool ORDER BY name")
            .fetch_all(&self.pool)
            .await?;
        let pools = rows.into_iter().map(|row| match Url::parse(&row.backend_url) {
            Ok(backend_url) => Ok(SharedPool { id: PoolId::from_uuid(row.id), name: row.name, backend_url }),
            Err(_) => {
                Err(StoreError::Inconsistent { table: "shared_pool", column: "backend_url", row: row.id.to_string() })
            }
        });
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

    /// A pool by id, or the default one.
    ///
    /// # Errors
    /// [`StoreError::NoSuchPool`].
    pub async fn shared_pool(&self, id: Option<PoolId>) -> Result<SharedPool, StoreError> {
        let row = sqlx::query!(
            "SELECT id, name, backend_url FROM gateway.shared_pool WHERE id = $1 OR ($1::uuid IS NULL AND name = $2)",
            id.map(PoolId::as_uuid),
            DEFAULT_PLACE
        )
        .fetch_optional(&self.pool)
        .await?
        .ok_or(StoreError::NoSuchPool)?;
        let backend_url = Url::parse(&row.backend_url).map_err(|_| StoreError::Inconsistent {
            table: "shared_pool",
            column: "backend_url",
            row: row.id.to_string(),
        })?;
        Ok(SharedPool { id: PoolId::from_uuid(row.id), name: row.name, backend_url })
    }
}
