//! The control schema: one-shot migration, and the guard that refuses any other version.

use secrecy::{ExposeSecret, SecretString};
use sqlx::ConnectOptions;
use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnectOptions;

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

/// Brings the control schema up. May run twice at once: the second waits and finds nothing to do.
///
/// # Errors
/// [`StoreError::Unavailable`] or [`StoreError::Migration`].
pub async fn migrate(url: &SecretString) -> Result<(), StoreError> {
    let options: PgConnectOptions = url.expose_secret().parse().map_err(StoreError::from)?;
    let mut connection = options.application_name("gateway migrate").connect().await?;
    migrator().run_direct(None, &mut connection, false).await.map_err(StoreError::Migration)?;
    // Tenants' logins may live on the same server, and PostgreSQL lets everybody in by default.
    let statement = "DO $$ BEGIN EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database()); END $$";
    sqlx::raw_sql(statement).execute(&mut connection).await?;
    Ok(())
}

impl Store {
    /// Refuses a control database of another version.
    ///
    /// # Errors
    /// [`StoreError::NotMigrated`] with both versions, or [`StoreError::Unavailable`].
    pub async fn require_migrated(&self) -> Result<(), StoreError> {
        let wanted = wanted_version();
        let version =
            sqlx::query_scalar::<_, Option<i64>>("SELECT max(version) FROM gateway.schema_migration WHERE success")
                .fetch_one(&self.pool)
                .await;
        let found = match version {
            Ok(version) => version.unwrap_or(0),
            // 42P01 undefined table, 3F000 undefined schema
            Err(error) => match error.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref() {
                Some("42P01" | "3F000") => 0,
                _ => return Err(error.into()),
            },
        };
        if found == wanted { Ok(()) } else { Err(StoreError::NotMigrated { wanted, found }) }
    }
}
