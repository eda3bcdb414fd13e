//! A tenant's database: made from `template0`, closed until it is closed to everybody else.

use crate::domain::failure::Failure;
use crate::domain::names;
use crate::infra::tenant_server::{AdminSession, TenantServer, classify, identifier};

/// How the database is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// There is none.
    Absent,
    /// A `DROP DATABASE` was cut short; only dropping again works.
    Invalid,
    /// It exists, but is closed or open to the wrong roles.
    Differs,
    /// As it should be.
    AsDesired,
}

#[derive(sqlx::FromRow)]
struct DatabaseRow {
    ours: bool,
    invalid: bool,
    open: bool,
    public_may: bool,
    login_may: bool,
}

/// Looks at the database.
///
/// # Errors
/// `foreign_database`, permanent, when one of that name belongs to another role; or a classified failure.
pub async fn observe(session: &mut AdminSession) -> Result<Database, Failure> {
    let row: Option<DatabaseRow> = sqlx::query_as(
        "SELECT o.rolname = $2 AS ours, d.datconnlimit = -2 AS invalid, d.datallowconn AS open,
                EXISTS (SELECT FROM aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a WHERE a.grantee = 0) AS public_may,
                EXISTS (SELECT FROM aclexplode(d.datacl) a JOIN pg_roles r ON r.oid = a.grantee
                         WHERE r.rolname = $3 AND a.privilege_type = 'CONNECT') AS login_may
           FROM pg_database d JOIN pg_roles o ON o.oid = d.datdba WHERE d.datname = $1",
    )
    .bind(names::database(session.tenant))
    .bind(names::owner_role(session.tenant))
    .bind(names::login_role(session.tenant))
    .fetch_optional(&mut session.connection)
    .await
    .map_err(|e| classify("look at the tenant's database", e))?;
    Ok(match row {
        None => Database::Absent,
        Some(row) if !row.ours => {
            let text = "a database of the tenant's name exists that does not belong to the tenant's owner role";
            return Err(Failure::permanent("foreign_database", text));
        }
        Some(row) if row.invalid => Database::Invalid,
        Some(row) if row.open && row.login_may && !row.public_may => Database::AsDesired,
        Some(_) => Database::Differs,
    })
}

/// Makes the database, or opens it to the right roles. Nobody can connect before PUBLIC is shut out.
///
/// # Errors
/// A classified failure. A database that was half made is completed by the next call.
pub async fn ensure(server: &TenantServer, session: &mut AdminSession, seen: Database) -> Result<(), Failure> {
    let database = identifier(&names::database(session.tenant))?;
    let owner = identifier(&names::owner_role(session.tenant))?;
    let login = identifier(&names::login_role(session.tenant))?;
    if seen == Database::Invalid {
        session.run("drop a half-dropped database", format!("DROP DATABASE {database}")).await?;
    }
    if matches!(seen, Database::Invalid | Database::Absent) {
        let _permit = server.create_permit().await?;
        let sql = format!("CREATE DATABASE {database} OWNER {owner} TEMPLATE template0 ALLOW_CONNECTIONS false");
        session.run("create the tenant's database", sql).await?;
    }
    let sql = format!(
        "REVOKE ALL ON DATABASE {database} FROM PUBLIC;
         GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {login};
         ALTER DATABASE {database} ALLOW_CONNECTIONS true"
    );
    session.run("open the tenant's database to its app", sql).await
}

/// Drops the database, ending its sessions; fine when it never existed.
///
/// # Errors
/// `foreign_database` when it is not ours; a classified failure.
pub async fn remove(session: &mut AdminSession) -> Result<bool, Failure> {
    if observe(session).await? == Database::Absent {
        return Ok(false);
    }
    let database = identifier(&names::database(session.tenant))?;
    session.run("drop the tenant's database", format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)")).await?;
    Ok(true)
}
