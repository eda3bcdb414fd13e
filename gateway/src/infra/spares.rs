//! Spares: databases with roles of their own, made beforehand, that become a tenant's by being called so.
//!
//! Taking one is one transaction of the tenant's own session: roles and database get the tenant's names, and the login may log
//! in, or nothing happens. Nobody can have been in a spare: it is closed from the end of its making on, and its login may not
//! log in.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret, SecretString};
use sqlx::Connection;
use uuid::Uuid;

use crate::domain::failure::Failure;
use crate::domain::ids::{Fence, TenantId};
use crate::domain::names::{self, TombstoneName};
use crate::domain::plan::RoleLimits;
use crate::domain::seal::KeyRing;
use crate::domain::stock::{SpareName, StockMark, TemplateName};
use crate::infra::admin::AdminSession;
use crate::infra::credentials::Credentials;
use crate::infra::ddl::{self, literal};
use crate::infra::roles;
use crate::infra::schema::give_rights;
use crate::infra::stock::StockSession;
use crate::infra::tenant_server::{TenantServer, classify, fence_comment, identifier};
use crate::infra::{databases, templates};

/// Keeps two sessions from waiting for the same spare, with a number made of its name.
const SPARE_LOCKS: i32 = 0x7370_6172;
/// Spares that are tried before the database is made in another way: others take them at the same moment.
const TRIES: usize = 16;

/// A spare as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundSpare {
    /// Its name.
    pub name: SpareName,
    /// The template it is a whole copy of; `None` when it was left half made.
    pub of: Option<TemplateName>,
}

/// Every spare of this control plane on the server.
///
/// # Errors
/// A classified failure.
pub async fn list(server: &TenantServer, stock: &mut StockSession) -> Result<Vec<FoundSpare>, Failure> {
    let any = StockMark::of_any_spare(server.installation);
    let rows: Vec<(String, Option<String>)> = sqlx::query_as(
        "SELECT r.rolname::text, (SELECT shobj_description(d.oid, 'pg_database') FROM pg_database d
                                   WHERE d.datname = regexp_replace(r.rolname, '_(owner|app)$', '') AND NOT d.datallowconn AND d.datconnlimit <> -2)
           FROM pg_roles r WHERE r.rolname ~ '^spare_' AND starts_with(shobj_description(r.oid, 'pg_authid'), $1)",
    )
    .bind(any.as_str())
    .fetch_all(&mut stock.connection)
    .await
    .map_err(|e| classify("list the spares", e))?;
    let mut found = BTreeMap::new();
    for (role, comment) in rows {
        let Some(name) = SpareName::parse(&role) else { continue };
        let of = comment.as_deref().and_then(|text| text.strip_prefix(any.as_str())).and_then(TemplateName::parse);
        found.insert(name, of);
    }
    Ok(found.into_iter().map(|(name, of)| FoundSpare { name, of }).collect())
}

/// Makes one spare out of a template, its login with a password by the ring. `None` where the template is not there.
///
/// # Errors
/// A classified failure; what was made until then is found by [`list`] as half made.
pub async fn make(
    server: &TenantServer,
    stock: &mut StockSession,
    template: &TemplateName,
    ring: &KeyRing,
) -> Result<Option<SpareName>, Failure> {
    let Some(sealed) = templates::find(server, &mut stock.connection, template).await? else { return Ok(None) };
    let name = SpareName::of(Uuid::new_v4());
    let mark = StockMark::of_spare(server.installation, template);
    stock.make_roles(&[&name.owner(), &name.login()], &mark).await?;
    let database = identifier(&name.database())?;
    let (owner, login) = (identifier(&name.owner())?, identifier(&name.login())?);
    let source = identifier(template.as_str())?;
    let sql = format!(
        "CREATE DATABASE {database} OWNER {owner} TEMPLATE {source}{} ALLOW_CONNECTIONS false",
        sealed.strategy
    );
    stock.run("create a spare", sql).await?;
    stock.open(&database).await?;
    let mut inside = server.admin_in_stock(&name.database()).await?;
    let taken = ddl::run(&mut inside, format!("REASSIGN OWNED BY {source} TO {owner}; SET ROLE {owner}")).await;
    taken.map_err(|e| classify("give what was copied to a spare's owner", e))?;
    give_rights(&mut inside, &name.login()).await?;
    inside.close().await.map_err(|e| classify("leave a spare", e))?;
    let (Credentials { verifier, .. }, known_by) = Credentials::of_spare(ring, name, &mark).await?;
    let sql = format!(
        "ALTER DATABASE {database} ALLOW_CONNECTIONS false; GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {login};
         ALTER ROLE {login} PASSWORD {}; COMMENT ON ROLE {login} IS {}; COMMENT ON DATABASE {database} IS {}",
        literal(verifier.expose_secret()),
        literal(known_by.as_str()),
        literal(mark.as_str())
    );
    stock.run("close a spare", sql).await?;
    Ok(Some(name))
}

/// Drops a spare, whole or half made. Fine when a tenant has just taken it: then it is called otherwise.
///
/// # Errors
/// `foreign_role`, permanent, when its roles are somebody else's; a classified failure.
pub async fn remove(server: &TenantServer, stock: &mut StockSession, name: SpareName) -> Result<(), Failure> {
    let (owner, login) = (name.owner(), name.login());
    stock.require_ours(&[&owner, &login], &StockMark::of_any_spare(server.installation)).await?;
    stock.drop_all(&name.database(), &[&login, &owner]).await
}

/// A spare that a tenant has now.
#[derive(Debug)]
pub struct Taken {
    /// What it was called.
    pub spare: SpareName,
    /// What its login had already, and has in place of what the tenant was to get; `None` where it got that.
    pub credentials: Option<Credentials>,
}

/// Makes a spare the tenant's, with this fence and these limits, and with this verifier unless it has one already whose password
/// the ring tells; `None` where there is none to have, or where the tenant has a role or a database already.
///
/// # Errors
/// A classified failure; then the tenant has nothing of it.
pub async fn take(
    server: &TenantServer,
    session: &mut AdminSession,
    fence: Fence,
    template: &TemplateName,
    (verifier, ring): (&SecretString, &KeyRing),
    limits: &RoleLimits,
) -> Result<Option<Taken>, Failure> {
    let tenant = session.tenant;
    let mark = StockMark::of_spare(server.installation, template);
    let mut tried = Vec::new();
    while tried.len() < TRIES {
        let Some(Found { name, password, comment }) = find(session, &mark, &tried).await? else { break };
        let Some(spare) = SpareName::parse(&name) else { break };
        tried.push(name);
        let (password, comment) = (password.map(SecretString::from), comment.unwrap_or_default());
        let credentials = password.and_then(|password| Credentials::of_found(ring, spare, &mark, &comment, password));
        let sql = [
            rename(spare, tenant, fence)?,
            roles::of_spare(server, session, credentials.is_none().then_some(verifier), limits)?,
            databases::let_in(tenant)?,
        ];
        match ddl::run(&mut session.connection, sql.join("; ")).await {
            Ok(()) => return Ok(Some(Taken { spare, credentials })),
            // Somebody else took it, or somebody is in it: another one will do.
            Err(error) if is_taken(&error) => {}
            Err(error) => return Err(classify("take a spare", error)),
        }
    }
    Ok(None)
}

#[derive(sqlx::FromRow)]
struct Found {
    name: String,
    password: Option<String>,
    comment: Option<String>,
}

/// The query for a spare. Sorted within, so that only the spare that is taken is locked, and those before it that others have.
macro_rules! select_spare {
    ($password:literal, $roles:literal) => {
        concat!(
            "SELECT name, password, comment FROM (
                 SELECT d.datname::text AS name, ",
            $password,
            " AS password, shobj_description(l.oid, 'pg_authid') AS comment
                   FROM pg_database d LEFT JOIN ",
            $roles,
            " l ON l.rolname = d.datname || '_app'
                  WHERE starts_with(d.datname, 'spare_') AND NOT d.datallowconn AND d.datconnlimit <> -2
                    AND shobj_description(d.oid, 'pg_database') = $1 AND d.datname <> ALL ($6)
                    AND NOT EXISTS (SELECT FROM aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
                                     WHERE a.grantee <> d.datdba AND a.grantee IS DISTINCT FROM l.oid)
                    AND NOT EXISTS (SELECT FROM pg_roles WHERE rolname IN ($2, $3))
                    AND NOT EXISTS (SELECT FROM pg_database WHERE datname IN ($4, $5))
                  ORDER BY d.datname OFFSET 0) spare
              WHERE pg_try_advisory_lock($7, hashtext(name)) LIMIT 1"
        )
    };
}

/// A spare that was not tried yet, is closed to everybody but its roles, and that no other session is about to take: this one
/// keeps others from it until it ends or is given back. None where the tenant has a role or a database already.
async fn find(session: &mut AdminSession, mark: &StockMark, tried: &[String]) -> Result<Option<Found>, Failure> {
    let tenant = session.tenant;
    let query = if session.powers.reads_verifiers {
        select_spare!("l.rolpassword", "pg_authid")
    } else {
        select_spare!("NULL::text", "pg_roles")
    };
    sqlx::query_as(query)
        .bind(mark.as_str())
        .bind(names::owner_role(tenant))
        .bind(names::login_role(tenant))
        .bind(names::database(tenant))
        .bind(TombstoneName::of(tenant).as_str())
        .bind(tried)
        .bind(SPARE_LOCKS)
        .fetch_optional(&mut session.connection)
        .await
        .map_err(|e| classify("look for a spare", e))
}

/// Calls database and roles of a spare by the names of the tenant's, and leaves the claim's fence beside the database, as nobody
/// has to enter it.
fn rename(spare: SpareName, tenant: TenantId, fence: Fence) -> Result<String, Failure> {
    let database = identifier(&names::database(tenant))?;
    Ok(format!(
        "ALTER DATABASE {} RENAME TO {database}; COMMENT ON DATABASE {database} IS {};
         ALTER ROLE {} RENAME TO {}; ALTER ROLE {} RENAME TO {}",
        identifier(&spare.database())?,
        literal(&fence_comment(fence)),
        identifier(&spare.owner())?,
        identifier(&names::owner_role(tenant))?,
        identifier(&spare.login())?,
        identifier(&names::login_role(tenant))?,
    ))
}

/// Whether a spare cannot be had: `invalid_catalog_name`, `object_in_use`, and what two renames of one row come to.
fn is_taken(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    matches!(code.as_deref(), Some("3D000" | "42704" | "55006" | "XX000"))
}
