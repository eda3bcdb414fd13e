//! Database servers as people see them: make them known, change and remove them.

use jiff::Timestamp;
use jiff_sqlx::Timestamp as SqlTimestamp;
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::domain::ids::ServerId;
use crate::domain::server::{DEFAULT_SERVER, ServerAddress, ServerName, ServerState};
use crate::domain::version::Version;
use crate::store::capacity::ServerMeasure;
use crate::store::change::Change;
use crate::store::places::take_turn;
use crate::store::server_sights::SIGHT_LASTS;
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
    /// New tenants go where tenants divided by this are fewest.
    pub weight: i32,
    /// How many times its connections may be promised.
    pub overcommit: Option<f64>,
    /// Where it stands, in the operator's own words.
    pub region: String,
    /// What its entity tag is made of.
    pub version: Version,
    /// Tenants on it that are not deleted.
    pub tenants: i64,
    /// When it was made known.
    pub created_at: Timestamp,
    /// When a worker last reached it.
    pub reached_at: Option<Timestamp>,
    /// Why the last worker that tried did not reach it, as a code; `no_credential` where none tried of late.
    pub problem: Option<String>,
    /// What a worker measured.
    pub measure: Option<ServerMeasure>,
}

impl ServerRecord {
    /// Whether the settings say where it is.
    #[must_use]
    pub fn is_of_settings(&self) -> bool {
        self.name == DEFAULT_SERVER
    }
}

/// What server to make known.
#[derive(Clone, Debug)]
pub struct NewServer {
    /// Its name.
    pub name: ServerName,
    /// Where tenants' apps reach it.
    pub address: ServerAddress,
    /// Its state.
    pub state: ServerState,
    /// Tenants it takes at most.
    pub capacity: Option<i32>,
    /// Its weight.
    pub weight: i32,
    /// How many times its connections may be promised; `None` for any number.
    pub overcommit: Option<f64>,
    /// Where it stands.
    pub region: String,
}

/// What to change of a server; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct ServerEdit {
    /// Where tenants' apps reach it.
    pub address: Option<ServerAddress>,
    /// Its state.
    pub state: Option<ServerState>,
    /// Tenants it takes at most; `Some(None)` for any number.
    pub capacity: Option<Option<i32>>,
    /// Its weight.
    pub weight: Option<i32>,
    /// How many times its connections may be promised; `Some(None)` for any number.
    pub overcommit: Option<Option<f64>>,
    /// Where it stands.
    pub region: Option<String>,
}

/// A server named by id or by name.
#[derive(Clone, Debug)]
pub enum ServerRef {
    /// By id.
    Id(ServerId),
    /// By name.
    Name(ServerName),
}

impl ServerRef {
    /// Reads a path segment: a UUID is an id, anything else must be a name. `None` for what is neither.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match Uuid::try_parse(text) {
            Ok(id) => Some(Self::Id(ServerId::from_uuid(id))),
            Err(_) => ServerName::parse(text).map(Self::Name),
        }
    }

    fn parts(&self) -> (Option<Uuid>, Option<&str>) {
        match self {
            Self::Id(id) => (Some(id.as_uuid()), None),
            Self::Name(name) => (None, Some(name.as_str())),
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
        SELECT d.id AS "id!", d.name AS "name!", d.address AS "address!", d.state AS "state!", d.capacity AS "capacity?",
               d.weight AS "weight!", d.overcommit AS "overcommit?", d.region AS "region!", d.revision AS "revision!", d.created_at AS "created_at!: SqlTimestamp",
               (SELECT count(*) FROM gateway.tenant t WHERE t.server_id = d.id AND t.status <> 'deleted') AS "tenants!",
               s.reached_at AS "reached_at?: SqlTimestamp",
               CASE WHEN s.looked_at > now() - make_interval(secs => $5) THEN s.problem ELSE 'no_credential' END AS "problem?",
               m.max_connections AS "max_connections?", m.reserved_connections AS "reserved_connections?",
               m.databases AS "databases?", m.databases_bytes AS "databases_bytes?"
          FROM gateway.database_server d
          LEFT JOIN gateway.server_sight s ON s.server_id = d.id
          LEFT JOIN gateway.server_measure m ON m.server_id = d.id
         WHERE d.removed_at IS NULL
           AND ($1::uuid IS NULL OR d.id = $1) AND ($2::text IS NULL OR d.name = $2) AND ($3::text IS NULL OR d.name > $3)
         ORDER BY d.name LIMIT $4
        "#,
        id,
        name,
        after,
        i64::from(limit),
        SIGHT_LASTS
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
            weight: row.weight,
            overcommit: row.overcommit,
            region: row.region,
            version: Version { generation: 0, revision: row.revision },
            tenants: row.tenants,
            created_at: row.created_at.to_jiff(),
            reached_at: row.reached_at.map(SqlTimestamp::to_jiff),
            problem: row.problem,
            measure: ServerMeasure::of_columns(
                row.max_connections,
                row.reserved_connections,
                row.databases,
                row.databases_bytes,
            ),
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
    /// Makes a server known.
    ///
    /// # Errors
    /// [`StoreError::ServerNameTaken`]; [`StoreError::ServerOfSettings`] for the name of the default one, which a worker
    /// makes known.
    pub async fn create_server(&mut self, new: &NewServer) -> Result<ServerRecord, StoreError> {
        if new.name.is_of_settings() {
            return Err(StoreError::ServerOfSettings);
        }
        sqlx::query!(
            "INSERT INTO gateway.database_server (name, address, state, capacity, weight, overcommit, region)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            new.name.as_str(),
            new.address.as_str(),
            new.state.as_str(),
            new.capacity,
            new.weight,
            new.overcommit,
            new.region
        )
        .execute(&mut *self.tx)
        .await?;
        self.written_server(&ServerRef::Name(new.name.clone())).await
    }

    /// Changes a server, and gives it as it was and as it is; `None` when there is none.
    ///
    /// # Errors
    /// For another address: [`StoreError::ServerInUse`] while tenants are on it, as their apps were told the present one, and
    /// [`StoreError::ServerOfSettings`]. [`StoreError::Outdated`].
    pub async fn edit_server(
        &mut self,
        which: &ServerRef,
        edit: &ServerEdit,
    ) -> Result<Option<(ServerRecord, ServerRecord)>, StoreError> {
        let Some(before) = self.lock_server(which).await? else { return Ok(None) };
        if edit.address.as_ref().is_some_and(|address| address.as_str() != before.address) {
            if before.is_of_settings() {
                return Err(StoreError::ServerOfSettings);
            }
            if before.tenants > 0 {
                return Err(StoreError::ServerInUse);
            }
        }
        sqlx::query!(
            "UPDATE gateway.database_server
                SET address = coalesce($2, address), state = coalesce($3, state), capacity = CASE WHEN $4 THEN $5 ELSE capacity END,
                    weight = coalesce($6, weight), overcommit = CASE WHEN $7 THEN $8 ELSE overcommit END, region = coalesce($9, region)
              WHERE id = $1",
            before.id.as_uuid(),
            edit.address.as_ref().map(ServerAddress::as_str),
            edit.state.map(ServerState::as_str),
            edit.capacity.is_some(),
            edit.capacity.flatten(),
            edit.weight,
            edit.overcommit.is_some(),
            edit.overcommit.flatten(),
            edit.region
        )
        .execute(&mut *self.tx)
        .await?;
        let after = self.written_server(&ServerRef::Id(before.id)).await?;
        Ok(Some((before, after)))
    }

    /// Removes a server that no tenant is on. Its row stays, out of sight, for the rows of deleted tenants that were on it.
    /// Gives it as it was; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError::ServerInUse`], [`StoreError::ServerOfSettings`], [`StoreError::Outdated`].
    pub async fn delete_server(&mut self, which: &ServerRef) -> Result<Option<ServerRecord>, StoreError> {
        let Some(before) = self.lock_server(which).await? else { return Ok(None) };
        if before.is_of_settings() {
            return Err(StoreError::ServerOfSettings);
        }
        if before.tenants > 0 {
            return Err(StoreError::ServerInUse);
        }
        let id = before.id.as_uuid();
        sqlx::query!("DELETE FROM gateway.server_sight WHERE server_id = $1", id).execute(&mut *self.tx).await?;
        sqlx::query!("DELETE FROM gateway.server_measure WHERE server_id = $1", id).execute(&mut *self.tx).await?;
        sqlx::query!("UPDATE gateway.database_server SET removed_at = now(), state = 'offline' WHERE id = $1", id)
            .execute(&mut *self.tx)
            .await?;
        Ok(Some(before))
    }

    /// Waits for allocations that are choosing a server, too: none is put on it until this change ends.
    async fn lock_server(&mut self, which: &ServerRef) -> Result<Option<ServerRecord>, StoreError> {
        take_turn(&mut self.tx).await?;
        let (id, name) = which.parts();
        let locked = sqlx::query_scalar!(
            "SELECT id FROM gateway.database_server
              WHERE removed_at IS NULL AND ($1::uuid IS NULL OR id = $1) AND ($2::text IS NULL OR name = $2) FOR UPDATE",
            id,
            name
        );
        let Some(id) = locked.fetch_optional(&mut *self.tx).await? else { return Ok(None) };
        let found = self.written_server(&ServerRef::Id(ServerId::from_uuid(id))).await?;
        self.require_version(found.version)?;
        Ok(Some(found))
    }

    async fn written_server(&mut self, which: &ServerRef) -> Result<ServerRecord, StoreError> {
        let found = find(&mut *self.tx, Some(which), None, 1).await?.into_iter().next();
        let unknown = || StoreError::Inconsistent { table: "database_server", column: "id", row: format!("{which:?}") };
        found.ok_or_else(unknown)
    }
}
