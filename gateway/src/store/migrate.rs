//! The control schema: one-shot migration, and the guard that refuses a version this program cannot run on.

use secrecy::{ExposeSecret, SecretString};
use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};

use crate::store::{Store, StoreError};

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");
const TABLE: &str = "gateway.schema_migration";

fn migrator() -> Migrator {
    let mut migrator = Migrator::with_migrations(MIGRATIONS.iter().cloned().collect());
    migrator.create_schema("gateway");
    migrator.dangerous_set_table_name(TABLE);
    migrator
}

/// The version of the control schema this program was built for.
#[must_use]
pub fn wanted_version() -> i64 {
    MIGRATIONS.iter().map(|m| m.version).max().unwrap_or(0)
}

/// Brings the control schema up, and gives the version that it then has: a newer one than [`wanted_version`] where a later
/// release has been there and left room for this one. May run twice at once: the second waits and finds nothing to do.
///
/// # Errors
/// [`StoreError::Unavailable`], [`StoreError::Migration`], or [`StoreError::Outgrown`] where a later release left no room.
pub async fn migrate(url: &SecretString) -> Result<i64, StoreError> {
    let options: PgConnectOptions = url.expose_secret().parse().map_err(StoreError::from)?;
    let mut connection = options.application_name("gateway migrate").connect().await?;
    let found = found_version(&mut connection).await?;
    let mut migrator = migrator();
    if found > wanted_version() {
        require_floor(&mut connection, found).await?;
        // Versions after its own are no riddle then. What is missing among its own is made all the same.
        migrator.set_ignore_missing(true);
    }
    migrator.run_direct(None, &mut connection, false).await.map_err(StoreError::Migration)?;
    // Tenants' logins may live on the same server, and PostgreSQL lets everybody in by default.
    let statement = "DO $$ BEGIN EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database()); END $$";
    sqlx::raw_sql(statement).execute(&mut connection).await?;
    found_version(&mut connection).await
}

impl Store {
    /// Gives the version of the control schema, where this program can run on it: its own, or a newer one whose floor is not
    /// above its own.
    ///
    /// # Errors
    /// [`StoreError::NotMigrated`] or [`StoreError::Outgrown`] with the versions, or [`StoreError::Unavailable`].
    pub async fn require_migrated(&self) -> Result<i64, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let wanted = wanted_version();
        let found = found_version(&mut connection).await?;
        if found < wanted {
            return Err(StoreError::NotMigrated { wanted, found });
        }
        if found > wanted {
            require_floor(&mut connection, found).await?;
        }
        Ok(found)
    }
}

/// 0 where nothing was migrated.
async fn found_version(connection: &mut PgConnection) -> Result<i64, StoreError> {
    let version =
        sqlx::query_scalar::<_, Option<i64>>("SELECT max(version) FROM gateway.schema_migration WHERE success")
            .fetch_one(connection)
            .await;
    match version {
        Ok(version) => Ok(version.unwrap_or(0)),
        // 42P01 undefined table, 3F000 undefined schema
        Err(error) => match error.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref() {
            Some("42P01" | "3F000") => Ok(0),
            _ => Err(error.into()),
        },
    }
}

/// Refuses a newer schema that has taken away what this program uses.
async fn require_floor(connection: &mut PgConnection, found: i64) -> Result<(), StoreError> {
    let wanted = wanted_version();
    let floor: i64 = sqlx::query_scalar("SELECT version FROM gateway.schema_floor").fetch_one(connection).await?;
    if floor > wanted { Err(StoreError::Outgrown { wanted, found, floor }) } else { Ok(()) }
}
