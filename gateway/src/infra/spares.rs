//! Spares: databases with roles of their own, made beforehand, that become a tenant's by being called so.
//!
//! Taking one is one transaction of the tenant's own session: roles and database get the tenant's names and the login its
//! password, or nothing happens. Nobody can have been in a spare: it is closed from the end of its making on, and its login
//! has no password.

use std::collections::BTreeMap;

use secrecy::SecretString;
use sqlx::Connection;
use uuid::Uuid;

use crate::domain::failure::Failure;
use crate::domain::ids::TenantId;
use crate::domain::names::{self, TombstoneName};
use crate::domain::plan::RoleLimits;
use crate::domain::stock::{SpareName, StockMark, TemplateName};
use crate::infra::ddl::{self, literal};
use crate::infra::roles::{self, Verb};
use crate::infra::schema::give_rights;
use crate::infra::stock::StockSession;
use crate::infra::tenant_server::{AdminSession, TenantServer, classify, identifier};
use crate::infra::{databases, templates};

/// Keeps two sessions from waiting for the same spare, with a number made of its name.
const SPARE_LOCKS: i32 = 0x7370_6172;
/// Spares that are tried before the database is made in another way: others take them at the same moment.
const TRIES: i64 = 16;

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

/// Makes one spare out of a template. `None` where the template is not there.
///
/// # Errors
/// A classified failure; what was made until then is found by [`list`] as half made.
pub async fn make(
    server: &TenantServer,
    stock: &mut StockSession,
    template: &TemplateName,
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
    let sql = format!(
        "ALTER DATABASE {database} ALLOW_CONNECTIONS false; GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {login};
         COMMENT ON DATABASE {database} IS {}",
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

/// Makes a spare the tenant's, with this verifier and these limits; `None` where there is none to have, or where the tenant
/// has a role or a database already.
///
/// # Errors
/// A classified failure; then the tenant has nothing of it.
pub async fn take(
    server: &TenantServer,
    session: &mut AdminSession,
    template: &TemplateName,
    verifier: &SecretString,
    limits: &RoleLimits,
) -> Result<Option<SpareName>, Failure> {
    let tenant = session.tenant;
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT datname::text FROM pg_database
          WHERE starts_with(datname, 'spare_') AND NOT datallowconn AND datconnlimit <> -2 AND shobj_description(oid, 'pg_database') = $1
            AND NOT EXISTS (SELECT FROM pg_roles WHERE rolname IN ($2, $3))
            AND NOT EXISTS (SELECT FROM pg_database WHERE datname IN ($4, $5))
          ORDER BY datname LIMIT $6",
    )
    .bind(StockMark::of_spare(server.installation, template).as_str())
    .bind(names::owner_role(tenant))
    .bind(names::login_role(tenant))
    .bind(names::database(tenant))
    .bind(TombstoneName::of(tenant).as_str())
    .bind(TRIES)
    .fetch_all(&mut session.connection)
    .await
    .map_err(|e| classify("look for a spare", e))?;
    for spare in names.iter().filter_map(|name| SpareName::parse(name)) {
        let mut tx = session.connection.begin().await.map_err(|e| classify("take a spare", e))?;
        let is_free: bool = sqlx::query_scalar("SELECT pg_try_advisory_xact_lock($1, hashtext($2))")
            .bind(SPARE_LOCKS)
            .bind(spare.database())
            .fetch_one(&mut *tx)
            .await
            .map_err(|e| classify("take a spare", e))?;
        if !is_free {
            continue;
        }
        match ddl::run(&mut tx, rename(spare, tenant)?).await {
            Ok(()) => {}
            // Somebody else took it, or somebody is in it: another one will do.
            Err(error) if is_taken(&error) => continue,
            Err(error) => return Err(classify("take a spare", error)),
        }
        let sql = [
            roles::statements(server, tenant, [Verb::Alter, Verb::Alter], verifier, limits)?,
            databases::let_in(tenant)?,
        ];
        ddl::run(&mut tx, sql.join("; ")).await.map_err(|e| classify("take a spare", e))?;
        tx.commit().await.map_err(|e| classify("take a spare", e))?;
        return Ok(Some(spare));
    }
    Ok(None)
}

/// Calls database and roles of a spare by the names of the tenant's.
fn rename(spare: SpareName, tenant: TenantId) -> Result<String, Failure> {
    let database = identifier(&names::database(tenant))?;
    Ok(format!(
        "ALTER DATABASE {} RENAME TO {database}; COMMENT ON DATABASE {database} IS NULL;
         ALTER ROLE {} RENAME TO {}; ALTER ROLE {} RENAME TO {}",
        identifier(&spare.database())?,
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
