//! Shared pools as people see them: make, change and remove them.

use jiff::Timestamp;
use jiff_sqlx::Timestamp as SqlTimestamp;
use sqlx::PgExecutor;
use url::Url;
use uuid::Uuid;

use crate::domain::ids::PoolId;
use crate::domain::pool::PoolState;
use crate::store::change::Change;
use crate::store::places::{DEFAULT_PLACE, take_turn};
use crate::store::{Store, StoreError};

/// A shared pool and how much it is used.
#[derive(Clone, Debug)]
pub struct PoolRecord {
    /// Its id.
    pub id: PoolId,
    /// Its name, part of the name of its Traefik service.
    pub name: String,
    /// Where its members answer; at least one.
    pub members: Vec<String>,
    /// Whether it takes tenants and serves those it has.
    pub state: PoolState,
    /// Tenants it takes at most.
    pub capacity: Option<i32>,
    /// New tenants go where tenants divided by this are fewest.
    pub weight: i32,
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

/// What pool to make.
#[derive(Clone, Debug)]
pub struct NewPool {
    /// Its name.
    pub name: String,
    /// Where its members answer; at least one.
    pub members: Vec<Url>,
    /// Tenants it takes at most.
    pub capacity: Option<i32>,
    /// Its weight.
    pub weight: i32,
}

/// What to change of a pool; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct PoolEdit {
    /// Where its members answer; at least one.
    pub members: Option<Vec<Url>>,
    /// Tenants it takes at most; `Some(None)` for any number.
    pub capacity: Option<Option<i32>>,
    /// Its weight.
    pub weight: Option<i32>,
    /// Its state.
    pub state: Option<PoolState>,
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
        SELECT p.id, p.name, p.state, p.capacity, p.weight, p.backend_url, p.further_urls, p.created_at AS "created_at: SqlTimestamp",
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
    let records = rows.into_iter().map(|row| {
        let unknown = StoreError::Inconsistent { table: "shared_pool", column: "state", row: row.name.clone() };
        Ok(PoolRecord {
            id: PoolId::from_uuid(row.id),
            name: row.name,
            members: std::iter::once(row.backend_url).chain(row.further_urls).collect(),
            state: PoolState::parse(&row.state).ok_or(unknown)?,
            capacity: row.capacity,
            weight: row.weight,
            tenants: row.tenants,
            created_at: row.created_at.to_jiff(),
        })
    });
    records.collect()
}

/// The first member, and the others.
fn columns(members: &[Url]) -> (Option<&str>, Vec<String>) {
    let further = members.iter().skip(1).map(|url| url.as_str().to_owned()).collect();
    (members.first().map(Url::as_str), further)
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
    pub async fn create_pool(&mut self, new: &NewPool) -> Result<PoolRecord, StoreError> {
        let (first, further) = columns(&new.members);
        sqlx::query!(
            "INSERT INTO gateway.shared_pool (name, backend_url, further_urls, capacity, weight) VALUES ($1, $2, $3, $4, $5)",
            new.name,
            first,
            &further,
            new.capacity,
            new.weight
        )
        .execute(&mut *self.tx)
        .await?;
        self.written_pool(&new.name).await
    }

    /// Changes a pool. Where it is and whether it serves, the tenant port learns at once, and a look for drift leads Traefik
    /// there. Gives the pool as it was and as it is; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError::PoolOfSettings`] for other members of a pool whose place is a setting.
    pub async fn edit_pool(
        &mut self,
        which: &PoolRef,
        edit: &PoolEdit,
    ) -> Result<Option<(PoolRecord, PoolRecord)>, StoreError> {
        let Some(before) = self.lock_pool(which).await? else { return Ok(None) };
        if before.is_of_settings() && edit.members.is_some() {
            return Err(StoreError::PoolOfSettings);
        }
        let id = before.id.as_uuid();
        let (first, further) = columns(edit.members.as_deref().unwrap_or_default());
        sqlx::query!(
            "UPDATE gateway.shared_pool
                SET backend_url = coalesce($2, backend_url), further_urls = CASE WHEN $2::text IS NULL THEN further_urls ELSE $3 END,
                    capacity = CASE WHEN $4 THEN $5 ELSE capacity END, weight = coalesce($6, weight), state = coalesce($7, state)
              WHERE id = $1",
            id,
            first,
            &further,
            edit.capacity.is_some(),
            edit.capacity.flatten(),
            edit.weight,
            edit.state.map(PoolState::as_str)
        )
        .execute(&mut *self.tx)
        .await?;
        let after = self.written_pool(&before.name).await?;
        if before.members != after.members || before.state != after.state {
            sqlx::query!("INSERT INTO gateway.job (kind) VALUES ('reconcile')").execute(&mut *self.tx).await?;
            sqlx::query!("SELECT pg_notify('gateway_tenant', $1)", id.to_string()).fetch_one(&mut *self.tx).await?;
        }
        Ok(Some((before, after)))
    }

    /// Removes a pool that nobody is in. Gives it as it was; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError::PoolInUse`], [`StoreError::PoolOfSettings`].
    pub async fn delete_pool(&mut self, which: &PoolRef) -> Result<Option<PoolRecord>, StoreError> {
        let Some(before) = self.lock_pool(which).await? else { return Ok(None) };
        if before.is_of_settings() {
            return Err(StoreError::PoolOfSettings);
        }
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

    /// Waits for allocations that are choosing a pool, too.
    async fn lock_pool(&mut self, which: &PoolRef) -> Result<Option<PoolRecord>, StoreError> {
        take_turn(&mut self.tx).await?;
        let (id, name) = which.parts();
        let locked = sqlx::query_scalar!(
            "SELECT id FROM gateway.shared_pool WHERE ($1::uuid IS NULL OR id = $1) AND ($2::text IS NULL OR name = $2) FOR UPDATE",
            id,
            name
        );
        if locked.fetch_optional(&mut *self.tx).await?.is_none() {
            return Ok(None);
        }
        Ok(find(&mut *self.tx, Some(which), None, 1).await?.into_iter().next())
    }

    async fn written_pool(&mut self, name: &str) -> Result<PoolRecord, StoreError> {
        let which = PoolRef::Name(name.to_owned());
        let found = find(&mut *self.tx, Some(&which), None, 1).await?;
        let unknown = || StoreError::Inconsistent { table: "shared_pool", column: "name", row: name.to_owned() };
        found.into_iter().next().ok_or_else(unknown)
    }
}
