//! A tenant's database: made from `template0`, closed until it is closed to everybody else; retired before it is dropped.

use crate::domain::failure::Failure;
use crate::domain::names::{self, TombstoneName};
use crate::infra::ddl::{Identifier, literal};
use crate::infra::tenant_server::{AdminSession, TenantServer, classify, identifier};

/// How the database is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// There is none.
    Absent,
    /// It waits under its tombstone name.
    Retired,
    /// A `DROP DATABASE` was cut short; only dropping again works.
    Invalid {
        /// Under its tombstone name.
        retired: bool,
    },
    /// It exists, but is closed or open to the wrong roles.
    Differs,
    /// As it should be.
    AsDesired,
}

#[derive(sqlx::FromRow)]
struct DatabaseRow {
    retired: bool,
    ours: bool,
    invalid: bool,
    open: bool,
    others_may: bool,
    login_may: bool,
}

/// Looks at the database, under its own name and under its tombstone name.
///
/// # Errors
/// `foreign_database`, permanent, when one of that name belongs to another role, `two_databases` when it is there under
/// both names; or a classified failure.
pub async fn observe(session: &mut AdminSession) -> Result<Database, Failure> {
    let tombstone = TombstoneName::of(session.tenant);
    let rows: Vec<DatabaseRow> = sqlx::query_as(
        "SELECT d.datname = $4 AS retired, o.rolname = $2 AS ours, d.datconnlimit = -2 AS invalid,
                d.datallowconn AND d.datconnlimit = -1 AS open,
                EXISTS (SELECT FROM aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a LEFT JOIN pg_roles r ON r.oid = a.grantee
                         WHERE a.grantee = 0 OR r.rolname NOT IN ($2, $3)) AS others_may,
                EXISTS (SELECT FROM aclexplode(d.datacl) a JOIN pg_roles r ON r.oid = a.grantee
                         WHERE r.rolname = $3 AND a.privilege_type = 'CONNECT') AS login_may
           FROM pg_database d JOIN pg_roles o ON o.oid = d.datdba WHERE d.datname IN ($1, $4)",
    )
    .bind(names::database(session.tenant))
    .bind(names::owner_role(session.tenant))
    .bind(names::login_role(session.tenant))
    .bind(tombstone.as_str())
    .fetch_all(&mut session.connection)
    .await
    .map_err(|e| classify("look at the tenant's database", e))?;
    if rows.iter().any(|row| !row.ours) {
        let text = "a database of the tenant's name exists that does not belong to the tenant's owner role";
        return Err(Failure::permanent("foreign_database", text));
    }
    match rows.as_slice() {
        [] => Ok(Database::Absent),
        [row] if row.invalid => Ok(Database::Invalid { retired: row.retired }),
        [row] if row.retired => Ok(Database::Retired),
        [row] if row.open && row.login_may && !row.others_may => Ok(Database::AsDesired),
        [_] => Ok(Database::Differs),
        _ => {
            let text = format!(
                "the tenant's database exists under its own name and as {}: one of them has to go by hand",
                tombstone.as_str()
            );
            Err(Failure::permanent("two_databases", text))
        }
    }
}

/// Makes the database, or opens it to the right roles. Nobody can connect before PUBLIC is shut out.
///
/// # Errors
/// A classified failure. A database that was half made is completed by the next call.
pub async fn ensure(server: &TenantServer, session: &mut AdminSession, seen: Database) -> Result<(), Failure> {
    let database = identifier(&names::database(session.tenant))?;
    let owner = identifier(&names::owner_role(session.tenant))?;
    let login = identifier(&names::login_role(session.tenant))?;
    match seen {
        Database::Invalid { .. } => {
            drop_invalid(session, seen).await?;
            create(server, session, &database, &owner).await?;
        }
        Database::Absent => create(server, session, &database, &owner).await?,
        Database::Retired => {
            let tombstone = identifier(TombstoneName::of(session.tenant).as_str())?;
            let sql = format!("ALTER DATABASE {tombstone} RENAME TO {database}");
            session.run("take the tenant's database back", sql).await?;
        }
        Database::Differs | Database::AsDesired => {}
    }
    let sql = format!(
        "DO $$ DECLARE other text; BEGIN
             FOR other IN SELECT DISTINCT r.rolname FROM pg_database d, aclexplode(d.datacl) a JOIN pg_roles r ON r.oid = a.grantee
                           WHERE d.datname = {name} AND r.rolname NOT IN ({owner_name}, {login_name}) LOOP
                 EXECUTE format('REVOKE ALL ON DATABASE {database} FROM %I', other);
             END LOOP;
         END $$;
         REVOKE ALL ON DATABASE {database} FROM PUBLIC;
         ALTER DATABASE {database} CONNECTION LIMIT -1;
         GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {login};
         ALTER DATABASE {database} ALLOW_CONNECTIONS true",
        name = literal(&names::database(session.tenant)),
        owner_name = literal(&names::owner_role(session.tenant)),
        login_name = literal(&names::login_role(session.tenant)),
    );
    session.run("open the tenant's database to its app", sql).await
}

async fn create(
    server: &TenantServer,
    session: &mut AdminSession,
    database: &Identifier,
    owner: &Identifier,
) -> Result<(), Failure> {
    let _permit = server.create_permit().await?;
    let sql = format!("CREATE DATABASE {database} OWNER {owner} TEMPLATE template0 ALLOW_CONNECTIONS false");
    session.run("create the tenant's database", sql).await
}

/// Puts the database out of use under its tombstone name, ending its sessions. Says whether anything was changed.
///
/// # Errors
/// As [`observe`]; a classified failure. What was half done is completed by the next call.
pub async fn retire(session: &mut AdminSession) -> Result<bool, Failure> {
    match observe(session).await? {
        Database::Absent | Database::Retired | Database::Invalid { retired: true } => return Ok(false),
        Database::Invalid { retired: false } => {}
        Database::Differs | Database::AsDesired => {
            let database = identifier(&names::database(session.tenant))?;
            session
                .run("close the tenant's database", format!("ALTER DATABASE {database} ALLOW_CONNECTIONS false"))
                .await?;
            end_sessions(session).await?;
        }
    }
    let database = identifier(&names::database(session.tenant))?;
    let tombstone = identifier(TombstoneName::of(session.tenant).as_str())?;
    session.run("retire the tenant's database", format!("ALTER DATABASE {database} RENAME TO {tombstone}")).await?;
    Ok(true)
}

async fn end_sessions(session: &mut AdminSession) -> Result<(), Failure> {
    sqlx::query(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()",
    )
    .bind(names::database(session.tenant))
    .execute(&mut session.connection)
    .await
    .map_err(|e| classify("end the sessions in the tenant's database", e))?;
    Ok(())
}

/// Removes a retired database for good. Fine when it never existed.
///
/// # Errors
/// `database_in_use`, permanent, when it is not retired: then somebody relies on it, whatever the row says. As [`observe`];
/// a classified failure.
pub async fn remove(session: &mut AdminSession) -> Result<bool, Failure> {
    match observe(session).await? {
        Database::Absent => return Ok(false),
        Database::Retired | Database::Invalid { .. } => {}
        Database::Differs | Database::AsDesired => {
            let text = format!(
                "the tenant's database is in use and not retired, so it is not dropped; rename it to {} if it is to go",
                TombstoneName::of(session.tenant).as_str()
            );
            return Err(Failure::permanent("database_in_use", text));
        }
    }
    retire(session).await?;
    drop_retired(session, &TombstoneName::of(session.tenant)).await?;
    Ok(true)
}

/// Removes a database that no tenant owns, retired or not.
///
/// # Errors
/// As [`observe`]; a classified failure.
pub async fn collect(session: &mut AdminSession) -> Result<(), Failure> {
    retire(session).await?;
    drop_retired(session, &TombstoneName::of(session.tenant)).await
}

/// A half-dropped database holds nothing any more; it can still be renamed, and so goes the way of all others.
async fn drop_invalid(session: &mut AdminSession, seen: Database) -> Result<(), Failure> {
    if seen == (Database::Invalid { retired: false }) {
        retire(session).await?;
    }
    drop_retired(session, &TombstoneName::of(session.tenant)).await
}

/// The one place where a database is dropped.
///
/// # Errors
/// A classified failure.
pub async fn drop_retired(session: &mut AdminSession, database: &TombstoneName) -> Result<(), Failure> {
    let name = identifier(database.as_str())?;
    session.run("drop the tenant's retired database", format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await
}
