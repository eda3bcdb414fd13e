//! A tenant's database: made as a copy of the template of its migrations or from `template0`, closed until it is closed to
//! everybody else; retired before it is dropped.

use sqlx::postgres::PgConnection;

use crate::domain::failure::Failure;
use crate::domain::ids::TenantId;
use crate::domain::lease::Lease;
use crate::domain::names::{self, TombstoneName};
use crate::domain::stock::TemplateName;
use crate::infra::admin::AdminSession;
use crate::infra::ddl::{self, Identifier, literal};
use crate::infra::templates::{self, Sealed};
use crate::infra::tenant_server::{TenantServer, classify, identifier};

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
    /// It exists, but is closed, open to the wrong roles, or a copy that its owner has not taken over yet.
    Differs,
    /// As it should be.
    AsDesired,
}

/// What a database was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A copy of the template of its migrations.
    Template,
    /// Empty, for the migrations to fill.
    Nothing,
}

impl Origin {
    /// The word in the record of a step.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Template => "template",
            Self::Nothing => "nothing",
        }
    }
}

#[derive(sqlx::FromRow)]
struct DatabaseRow {
    retired: bool,
    ours: bool,
    invalid: bool,
    open: bool,
    others_may: bool,
    login_may: bool,
    copied: bool,
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
                         WHERE r.rolname = $3 AND a.privilege_type = 'CONNECT') AS login_may,
                EXISTS (SELECT FROM pg_shdepend s WHERE s.dbid = d.oid AND s.refclassid = 'pg_authid'::regclass
                           AND s.refobjid = ANY (ARRAY(
                                 SELECT r.oid FROM pg_roles r WHERE r.rolname ~ '^tmpl_[0-9a-f]{32}$'
                                    AND shobj_description(r.oid, 'pg_authid') ~ '^gateway [-0-9a-f]{36} template '))) AS copied
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
        [row] if row.open && row.login_may && !row.others_may && !row.copied => Ok(Database::AsDesired),
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

/// Makes the database, or opens it to the right roles. Nobody can connect before PUBLIC is shut out, and the app not before
/// everything in a copy belongs to the tenant. Says what a new one was made from, and gives the owner's session in a copy.
///
/// # Errors
/// A classified failure. A database that was half made is completed by the next call.
pub async fn ensure(
    server: &TenantServer,
    session: &mut AdminSession,
    lease: &Lease,
    seen: Database,
    template: Option<&TemplateName>,
) -> Result<(Option<Origin>, Option<PgConnection>), Failure> {
    let (mut origin, mut inside) = (None, None);
    match seen {
        Database::Invalid { .. } => {
            drop_invalid(session, seen).await?;
            origin = Some(create(server, session, template).await?);
        }
        Database::Absent => origin = Some(create(server, session, template).await?),
        Database::Retired => {
            let tombstone = identifier(TombstoneName::of(session.tenant).as_str())?;
            let sql = format!("ALTER DATABASE {tombstone} RENAME TO {}", identifier(&names::database(session.tenant))?);
            session.run("take the tenant's database back", sql).await?;
        }
        Database::Differs | Database::AsDesired => {}
    }
    if origin != Some(Origin::Nothing) {
        inside = take_over(server, session, lease).await?;
    }
    let sql = format!("{}; {}", shut_out(session)?, let_in(session.tenant)?);
    session.run("open the tenant's database to its app", sql).await?;
    Ok((origin, inside))
}

/// Takes every right on the tenant's database from everybody but its two roles.
fn shut_out(session: &AdminSession) -> Result<String, Failure> {
    let database = names::database(session.tenant);
    Ok(format!(
        "DO $$ DECLARE other text; BEGIN
             FOR other IN SELECT DISTINCT r.rolname FROM pg_database d, aclexplode(d.datacl) a JOIN pg_roles r ON r.oid = a.grantee
                           WHERE d.datname = {name} AND r.rolname NOT IN ({owner}, {login}) LOOP
                 EXECUTE format('REVOKE ALL ON DATABASE {quoted} FROM %I', other);
             END LOOP;
         END $$;
         REVOKE ALL ON DATABASE {quoted} FROM PUBLIC",
        quoted = identifier(&database)?,
        name = literal(&database),
        owner = literal(&names::owner_role(session.tenant)),
        login = literal(&names::login_role(session.tenant)),
    ))
}

/// Lets the tenant's app into its database.
pub(super) fn let_in(tenant: TenantId) -> Result<String, Failure> {
    let database = identifier(&names::database(tenant))?;
    Ok(format!(
        "ALTER DATABASE {database} CONNECTION LIMIT -1;
         GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {login};
         ALTER DATABASE {database} ALLOW_CONNECTIONS true",
        login = identifier(&names::login_role(tenant))?
    ))
}

/// Makes the database closed: a copy where the template is there and nobody is in its way, else an empty one.
async fn create(
    server: &TenantServer,
    session: &mut AdminSession,
    template: Option<&TemplateName>,
) -> Result<Origin, Failure> {
    let database = identifier(&names::database(session.tenant))?;
    let owner = identifier(&names::owner_role(session.tenant))?;
    let _permit = server.create_permit().await?;
    if let Some(name) = template
        && let Some(template) = templates::find(server, &mut session.connection, name).await?
    {
        match copy(session, &database, &owner, &template).await {
            Ok(()) => return Ok(Origin::Template),
            // Gone, in use, half dropped, too slow: what is wrong with the server itself is met by the next statement too.
            Err(error) if error.as_database_error().is_some() => {
                tracing::info!(template = name.as_str(), cause = %error, "a template cannot be copied; the migrations run instead");
            }
            Err(error) => return Err(classify("copy the template", error)),
        }
    }
    let sql = format!("CREATE DATABASE {database} OWNER {owner} TEMPLATE template0 ALLOW_CONNECTIONS false");
    session.run("create the tenant's database", sql).await?;
    Ok(Origin::Nothing)
}

async fn copy(
    session: &mut AdminSession,
    database: &Identifier,
    owner: &Identifier,
    template: &Sealed,
) -> Result<(), sqlx::Error> {
    let source = Identifier::new(template.name.as_str()).map_err(|e| sqlx::Error::Encode(Box::new(e)))?;
    let strategy = template.strategy;
    let sql = format!("CREATE DATABASE {database} OWNER {owner} TEMPLATE {source}{strategy} ALLOW_CONNECTIONS false");
    ddl::run(&mut session.connection, sql).await
}

/// Gives everything that a copy has from its template to the tenant's owner, and the owner's session there. Nothing to do in
/// any other database.
async fn take_over(
    server: &TenantServer,
    session: &mut AdminSession,
    lease: &Lease,
) -> Result<Option<PgConnection>, Failure> {
    let roles: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT r.rolname::text FROM pg_shdepend s JOIN pg_roles r ON r.oid = s.refobjid
          WHERE s.dbid = (SELECT oid FROM pg_database WHERE datname = $1) AND s.refclassid = 'pg_authid'::regclass
            AND r.rolname ~ '^tmpl_[0-9a-f]{32}$' AND shobj_description(r.oid, 'pg_authid') ~ '^gateway [-0-9a-f]{36} template '",
    )
    .bind(names::database(session.tenant))
    .fetch_all(&mut session.connection)
    .await
    .map_err(|e| classify("look at whose the database's objects are", e))?;
    if roles.is_empty() {
        return Ok(None);
    }
    let database = identifier(&names::database(session.tenant))?;
    let sql = format!("{}; ALTER DATABASE {database} ALLOW_CONNECTIONS true", shut_out(session)?);
    session.run("open the tenant's database to the administrator", sql).await?;
    let roles = roles.iter().map(|role| identifier(role)).collect::<Result<Vec<_>, _>>()?;
    Ok(Some(server.as_new_owner(lease, &roles).await?))
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
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
          WHERE datname = $1 AND pid <> pg_backend_pid()
            AND ($2 OR backend_type = 'client backend' AND NOT EXISTS (SELECT FROM pg_roles WHERE oid = usesysid AND rolsuper)
                   AND (pg_has_role(usesysid, 'USAGE') OR pg_has_role('pg_signal_backend', 'USAGE')))",
    )
    .bind(names::database(session.tenant))
    // Who may not end all of them ends those that it may: of others the next statement says that they are in its way.
    .bind(session.powers.is_superuser)
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
