//! Shared pools as people see them: make, change and remove them.

use jiff::Timestamp;
use jiff_sqlx::Timestamp as SqlTimestamp;
use sqlx::PgExecutor;
use url::Url;
use uuid::Uuid;

use crate::domain::ids::PoolId;
use crate::store::change::Change;
use crate::store::places::DEFAULT_PLACE;
use crate::store::{Store, StoreError};

/// A shared pool and how much it is used.
#[derive(Clone, Debug)]
pub struct PoolRecord {
    /// Its id.
    pub id: PoolId,
    /// Its name, part of the name of its Traefik service.
    pub name: String,
    /// Where its members answer.
    pub backend_url: String,
    /// Tenants in it that are not deleted.
    pub tenants: i64,
    /// When it was made.
    pub created_at: Timestamp,
}

impl PoolRecord {
    /// Whether the settings say where it is.
    #[must_use]
    pub fn is_of_settings(&self) -> bool {
        self.name == DEFAULT_PLACE
    }
}

/// A pool named by id or by name.
#[derive(Clone, Debug)]
pub enum PoolRef {
    /// By id.
    Id(PoolId),
    /// By name.
    Name(String),
}

impl PoolRef {
    /// Reads a path segment: a UUID is an id, anything else a name.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Uuid::try_parse(text).map_or_else(|_| Self::Name(text.to_owned()), |id| Self::Id(PoolId::from_uuid(id)))
    }

    fn parts(&self) -> (Option<Uuid>, Option<&str>) {
        match self {
            Self::Id(id) => (Some(id.as_uuid()), None),
            Self::Name(name) => (None, Some(name)),
        }
    }
}

async fn find(
    executor: impl PgExecutor<'_>,
    which: Option<&PoolRef>,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<PoolRecord>, StoreError> {
    let (id, name) = which.map_or((None, None), PoolRef::parts);
    let rows = sqlx::query!(
        r#"
        SELECT p.id, p.name, p.backend_url, p.created_at AS "created_at: SqlTimestamp",
               (SELECT count(*) FROM gateway.tenant t WHERE t.pool_id = p.id AND t.status <> 'deleted') AS "tenants!"
          FROM gateway.shared_pool p
         WHERE ($1::uuid IS NULL OR p.id = $1) AND ($2::text IS NULL OR p.name = $2) AND ($3::text IS NULL OR p.name > $3)
         ORDER BY p.name LIMIT $4
        "#,
        id,
        name,
        after,
        i64::from(limit)
    )
    .fetch_all(executor)
    .await?;
    let records = rows.into_iter().map(|row| PoolRecord {
        id: PoolId::from_uuid(row.id),
        name: row.name,
        backend_url: row.backend_url,
        tenants: row.tenants,
        created_at: row.created_at.to_jiff(),
    });
    Ok(records.collect())
}

impl Store {
    /// A page of pools, by name, after one.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn list_pools(&self, after: Option<&str>, limit: u32) -> Result<Vec<PoolRecord>, StoreError> {
        find(&self.pool, None, after, limit).await
    }

    /// One pool; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn pool(&self, which: &PoolRef) -> Result<Option<PoolRecord>, StoreError> {
        Ok(find(&self.pool, Some(which), None, 1).await?.into_iter().next())
    }
}

impl Change {
    /// Makes a pool.
    ///
    /// # Errors
    /// [`StoreError::PoolNameTaken`].
    pub async fn create_pool(&mut self, name: &str, backend: &Url) -> Result<PoolRecord, StoreError> {
        sqlx::query!("INSERT INTO gateway.shared_pool (name, backend_url) VALUES ($1, $2)", name, backend.as_str())
            .execute(&mut *self.tx)
            .await?;
        self.written_pool(name).await
    }

    /// Lets a pool be elsewhere: the tenant port learns it at once, and a look for drift leads Traefik there. Gives the pool
    /// as it was and as it is; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError::PoolOfSettings`].
    pub async fn move_pool(
        &mut self,
        which: &PoolRef,
        backend: &Url,
    ) -> Result<Option<(PoolRecord, PoolRecord)>, StoreError> {
        let Some(before) = self.lock_pool(which).await? else { return Ok(None) };
        let id = before.id.as_uuid();
        sqlx::query!("UPDATE gateway.shared_pool SET backend_url = $2 WHERE id = $1", id, backend.as_str())
            .execute(&mut *self.tx)
            .await?;
        sqlx::query!("INSERT INTO gateway.job (kind) VALUES ('reconcile')").execute(&mut *self.tx).await?;
        sqlx::query!("SELECT pg_notify('gateway_tenant', $1)", id.to_string()).fetch_one(&mut *self.tx).await?;
        let after = self.written_pool(&before.name).await?;
        Ok(Some((before, after)))
    }

    /// Removes a pool that nobody is in. Gives it as it was; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError::PoolInUse`], [`StoreError::PoolOfSettings`].
    pub async fn delete_pool(&mut self, which: &PoolRef) -> Result<Option<PoolRecord>, StoreError> {
        let Some(before) = self.lock_pool(which).await? else { return Ok(None) };
        let done = sqlx::query!(
            "DELETE FROM gateway.shared_pool p
              WHERE p.id = $1 AND NOT EXISTS (SELECT FROM gateway.tenant t WHERE t.pool_id = p.id)",
            before.id.as_uuid()
        );
        if done.execute(&mut *self.tx).await?.rows_affected() == 0 {
            return Err(StoreError::PoolInUse);
        }
        sqlx::query!("INSERT INTO gateway.job (kind) VALUES ('reconcile')").execute(&mut *self.tx).await?;
        Ok(Some(before))
    }

    /// Waits for allocations that are choosing the pool, too: they hold its row until they end.
    async fn lock_pool(&mut self, which: &PoolRef) -> Result<Option<PoolRecord>, StoreError> {
        let (id, name) = which.parts();
        let locked = sqlx::query_scalar!(
            "SELECT id FROM gateway.shared_pool WHERE ($1::uuid IS NULL OR id = $1) AND ($2::text IS NULL OR name = $2) FOR UPDATE",
            id,
            name
        );
        if locked.fetch_optional(&mut *self.tx).await?.is_none() {
            return Ok(None);
        }
        let found = find(&mut *self.tx, Some(which), None, 1).await?.into_iter().next();
        match found {
            Some(pool) if pool.is_of_settings() => Err(StoreError::PoolOfSettings),
            found => Ok(found),
        }
    }

    async fn written_pool(&mut self, name: &str) -> Result<PoolRecord, StoreError> {
        let which = PoolRef::Name(name.to_owned());
        let found = find(&mut *self.tx, Some(&which), None, 1).await?;
        let unknown = || StoreError::Inconsistent { table: "shared_pool", column: "name", row: name.to_owned() };
        found.into_iter().next().ok_or_else(unknown)
    }
}
