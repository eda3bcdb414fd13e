//! A tenant's schema: SQL migrations from a directory, applied as the owner role.

use std::path::Path;

use sha2::{Digest, Sha256};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::PgConnection;

use crate::domain::failure::Failure;
use crate::domain::ids::{InstallationId, TenantId};
use crate::domain::names;
use crate::domain::stock::TemplateName;
use crate::infra::ddl;
use crate::infra::tenant_server::{classify, identifier};

/// Schema of our own table in a tenant's database; the app's login has no right on it.
const SCHEMA: &str = "gateway";
const TABLE: &str = "gateway.schema_migration";

/// Raised with every change of what we ourselves put into a tenant's database, its rights and the place of the fence: what was
/// made before is no copy of it any more.
const OURS: u32 = 1;

/// The migrations every tenant database gets.
#[derive(Debug)]
pub struct TenantMigrations {
    migrator: Migrator,
}

impl TenantMigrations {
    /// Reads the directory.
    ///
    /// # Errors
    /// `migrations_unreadable`, permanent: no such directory, or a file whose name is not `<number>_<what>.sql`.
    pub async fn read(directory: &Path) -> Result<Self, Failure> {
        let mut migrator = Migrator::new(directory).await.map_err(|error| {
            let text = format!("the tenant migrations in {} cannot be read", directory.display());
            Failure::permanent("migrations_unreadable", text).because(error)
        })?;
        migrator.create_schema(SCHEMA);
        migrator.dangerous_set_table_name(TABLE);
        // After the operator went back to an older release, newer migrations stay applied.
        migrator.set_ignore_missing(true);
        Ok(Self { migrator })
    }

    /// The version a database is at when all are applied; 0 without any.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.migrator.iter().filter(|m| !m.migration_type.is_down_migration()).map(|m| m.version).max().unwrap_or(0)
    }

    /// Whether the database has every migration with its present text, and the app's login its rights on what is there.
    ///
    /// # Errors
    /// `migration_changed`, permanent, when an applied file was edited; or a classified failure.
    pub async fn is_applied(&self, connection: &mut PgConnection, tenant: TenantId) -> Result<bool, Failure> {
        let applied: Result<Vec<(i64, Vec<u8>)>, sqlx::Error> =
            sqlx::query_as("SELECT version, checksum FROM gateway.schema_migration WHERE success")
                .fetch_all(&mut *connection)
                .await;
        let applied = match applied {
            Ok(applied) => applied,
            Err(error) => match error.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref() {
                Some("42P01" | "3F000") => return Ok(false),
                _ => return Err(classify("read the tenant's applied migrations", error)),
            },
        };
        for wanted in self.migrator.iter().filter(|m| !m.migration_type.is_down_migration()) {
            match applied.iter().find(|(version, _)| *version == wanted.version) {
                None => return Ok(false),
                Some((_, checksum)) if checksum[..] != wanted.checksum[..] => return Err(changed(wanted.version)),
                Some(_) => {}
            }
        }
        has_rights(connection, tenant).await
    }

    /// The name of the template that holds these migrations for a control plane.
    #[must_use]
    pub fn template(&self, installation: InstallationId) -> TemplateName {
        let mut digest = Sha256::new_with_prefix(installation.as_uuid().as_bytes());
        digest.update(OURS.to_be_bytes());
        for migration in self.migrator.iter().filter(|m| !m.migration_type.is_down_migration()) {
            digest.update(migration.version.to_be_bytes());
            digest.update(&migration.checksum);
        }
        let mut short = [0; 16];
        short.copy_from_slice(&digest.finalize()[..16]);
        TemplateName::of(short)
    }

    /// Applies what is missing and gives the app's login its rights on everything the owner has made, and makes later.
    ///
    /// # Errors
    /// `migration_failed`, permanent, naming the file's version and PostgreSQL's message; or a classified failure.
    pub async fn apply(&self, connection: &mut PgConnection, tenant: TenantId) -> Result<(), Failure> {
        self.migrate(connection).await?;
        give_rights(connection, &names::login_role(tenant)).await
    }

    /// Applies what is missing, as the role of the session, which has to own the database.
    ///
    /// # Errors
    /// As [`Self::apply`].
    pub(super) async fn migrate(&self, connection: &mut PgConnection) -> Result<(), Failure> {
        self.migrator.run_direct(None, connection, false).await.map_err(migration_failure)
    }
}

/// Gives a login its rights on everything that the session's role has made outside of our own schema, and makes later.
///
/// # Errors
/// A classified failure.
pub(super) async fn give_rights(connection: &mut PgConnection, login: &str) -> Result<(), Failure> {
    let login = identifier(login)?;
    let sql = format!(
        "ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {login};
         ALTER DEFAULT PRIVILEGES GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO {login};
         DO $$ DECLARE one name; BEGIN
             FOR one IN SELECT nspname FROM pg_namespace
                         WHERE (nspname = 'public' OR pg_get_userbyid(nspowner) = current_user) AND nspname <> 'gateway' LOOP
                 EXECUTE format('GRANT USAGE ON SCHEMA %I TO {login}', one);
                 EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO {login}', one);
                 EXECUTE format('GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA %I TO {login}', one);
             END LOOP;
             IF EXISTS (SELECT FROM pg_namespace WHERE nspname = 'public') THEN
                 ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO {login};
                 GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {login};
             END IF;
         END $$"
    );
    ddl::run(connection, sql).await.map_err(|e| classify("give the tenant's app its rights", e))
}

/// Whether the app's login may use every table and sequence of every schema, now and those made later. A role that was made
/// anew has lost them all.
async fn has_rights(connection: &mut PgConnection, tenant: TenantId) -> Result<bool, Failure> {
    sqlx::query_scalar(
        "WITH own AS (SELECT oid FROM pg_namespace
                       WHERE (nspname = 'public' OR pg_get_userbyid(nspowner) = current_user) AND nspname <> 'gateway')
         SELECT NOT EXISTS (SELECT FROM own WHERE NOT has_schema_privilege($1, oid, 'USAGE'))
            AND EXISTS (SELECT FROM pg_default_acl d, aclexplode(d.defaclacl) a
                         WHERE d.defaclobjtype = 'r' AND a.grantee = $1::regrole AND a.privilege_type = 'SELECT')
            AND NOT EXISTS (SELECT FROM pg_class c WHERE c.relnamespace IN (SELECT oid FROM own) AND c.relkind IN ('r', 'p')
                               AND NOT (has_table_privilege($1, c.oid, 'SELECT') AND has_table_privilege($1, c.oid, 'INSERT')
                                    AND has_table_privilege($1, c.oid, 'UPDATE') AND has_table_privilege($1, c.oid, 'DELETE')))
            AND NOT EXISTS (SELECT FROM pg_class c WHERE c.relnamespace IN (SELECT oid FROM own)
                               AND CASE c.relkind WHEN 'S' THEN NOT has_sequence_privilege($1, c.oid, 'USAGE') ELSE false END)",
    )
        .bind(names::login_role(tenant))
        .fetch_one(connection)
        .await
        .map_err(|e| classify("look at the rights of the tenant's app", e))
}

fn changed(version: i64) -> Failure {
    Failure::permanent("migration_changed", format!("migration {version} was edited after it had been applied"))
}

fn migration_failure(error: MigrateError) -> Failure {
    match error {
        MigrateError::Execute(error) => classify("migrate the tenant's database", error),
        MigrateError::ExecuteMigration(error, version) => {
            let passing = match error.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref() {
                None | Some("40001" | "40P01" | "55P03" | "57014") => true,
                Some(code) => matches!(code.get(..2), Some("53" | "57" | "08")),
            };
            if passing {
                return classify(&format!("apply migration {version}"), error);
            }
            let said = error.as_database_error().map(|e| e.message().to_owned()).unwrap_or_default();
            Failure::permanent("migration_failed", format!("migration {version} failed: {said}")).because(error)
        }
        MigrateError::VersionMismatch(version) => changed(version),
        MigrateError::Dirty(version) => Failure::permanent(
            "migration_dirty",
            format!("migration {version} was left half applied; mend the database by hand"),
        ),
        other => Failure::permanent("migration_failed", "the tenant's migrations cannot be applied").because(other),
    }
}
