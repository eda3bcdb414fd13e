//! Database servers as people see them: which tenants they take.

use jiff::Timestamp;
use jiff_sqlx::Timestamp as SqlTimestamp;
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::domain::ids::ServerId;
use crate::domain::server::ServerState;
use crate::store::change::Change;
use crate::store::places::take_turn;
use crate::store::{Store, StoreError};

/// A database server and how much it is used.
#[derive(Clone, Debug)]
pub struct ServerRecord {
    /// Its id.
    pub id: ServerId,
    /// Its name.
    pub name: String,
    /// `host:port` as the tenants' apps reach it.
    pub address: String,
    /// Whether it takes new tenants.
    pub state: ServerState,
    /// Tenants it takes at most.
    pub capacity: Option<i32>,
    /// Where it stands, in the operator's own words.
    pub region: String,
    /// Tenants on it that are not deleted.
    pub tenants: i64,
    /// When it was made known.
    pub created_at: Timestamp,
}

/// What to change of a server; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct ServerEdit {
    /// Its state.
    pub state: Option<ServerState>,
    /// Tenants it takes at most; `Some(None)` for any number.
    pub capacity: Option<Option<i32>>,
    /// Where it stands.
    pub region: Option<String>,
}

/// A server named by id or by name.
#[derive(Clone, Debug)]
pub enum ServerRef {
    /// By id.
    Id(ServerId),
    /// By name.
    Name(String),
}

impl ServerRef {
    /// Reads a path segment: a UUID is an id, anything else a name.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Uuid::try_parse(text).map_or_else(|_| Self::Name(text.to_owned()), |id| Self::Id(ServerId::from_uuid(id)))
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
    which: Option<&ServerRef>,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<ServerRecord>, StoreError> {
    let (id, name) = which.map_or((None, None), ServerRef::parts);
    let rows = sqlx::query!(
        r#"
        SELECT d.id, d.name, d.address, d.state, d.capacity, d.region, d.created_at AS "created_at: SqlTimestamp",
               (SELECT count(*) FROM gateway.tenant t WHERE t.server_id = d.id AND t.status <> 'deleted') AS "tenants!"
          FROM gateway.database_server d
         WHERE ($1::uuid IS NULL OR d.id = $1) AND ($2::text IS NULL OR d.name = $2) AND ($3::text IS NULL OR d.name > $3)
         ORDER BY d.name LIMIT $4
        "#,
        id,
        name,
        after,
        i64::from(limit)
    )
    .fetch_all(executor)
    .await?;
    let records = rows.into_iter().map(|row| {
        let unknown = StoreError::Inconsistent { table: "database_server", column: "state", row: row.name.clone() };
        Ok(ServerRecord {
            id: ServerId::from_uuid(row.id),
            name: row.name,
            address: row.address,
            state: ServerState::parse(&row.state).ok_or(unknown)?,
            capacity: row.capacity,
            region: row.region,
            tenants: row.tenants,
            created_at: row.created_at.to_jiff(),
        })
    });
    records.collect()
}

impl Store {
    /// A page of servers, by name, after one.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn list_servers(&self, after: Option<&str>, limit: u32) -> Result<Vec<ServerRecord>, StoreError> {
        find(&self.pool, None, after, limit).await
    }

    /// One server; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn server(&self, which: &ServerRef) -> Result<Option<ServerRecord>, StoreError> {
        Ok(find(&self.pool, Some(which), None, 1).await?.into_iter().next())
    }
}

impl Change {
    /// Changes a server, and gives it as it was and as it is; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError`] of a statement.
    pub async fn edit_server(
        &mut self,
        which: &ServerRef,
        edit: &ServerEdit,
    ) -> Result<Option<(ServerRecord, ServerRecord)>, StoreError> {
        take_turn(&mut self.tx).await?;
        let (id, name) = which.parts();
        let locked = sqlx::query_scalar!(
            "SELECT id FROM gateway.database_server WHERE ($1::uuid IS NULL OR id = $1) AND ($2::text IS NULL OR name = $2) FOR UPDATE",
            id,
            name
        );
        let Some(id) = locked.fetch_optional(&mut *self.tx).await? else { return Ok(None) };
        let which = ServerRef::Id(ServerId::from_uuid(id));
        let before = find(&mut *self.tx, Some(&which), None, 1).await?.into_iter().next();
        sqlx::query!(
            "UPDATE gateway.database_server
                SET state = coalesce($2, state), capacity = CASE WHEN $3 THEN $4 ELSE capacity END, region = coalesce($5, region)
              WHERE id = $1",
            id,
            edit.state.map(ServerState::as_str),
            edit.capacity.is_some(),
            edit.capacity.flatten(),
            edit.region
        )
        .execute(&mut *self.tx)
        .await?;
        let after = find(&mut *self.tx, Some(&which), None, 1).await?.into_iter().next();
        Ok(before.zip(after))
    }
}
