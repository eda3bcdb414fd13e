//! Templates: a database with every migration in it, sealed, of which tenants' databases are copies.
//!
//! A copy holds what the template holds, so a template is only sealed where that is what the migrations would have left in
//! the tenant's own database: nothing outside the database, and (unless the operator says that it does not matter) nothing
//! that a second run leaves otherwise, such as a number drawn at random or the name of the database.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use sqlx::Connection;
use sqlx::postgres::PgConnection;

use crate::domain::failure::Failure;
use crate::domain::stock::{Copies, StockMark, TemplateName};
use crate::infra::ddl::{self, literal};
use crate::infra::schema::TenantMigrations;
use crate::infra::stock::StockSession;
use crate::infra::tenant_server::{TenantServer, classify, identifier, make_fence};

/// From this size on a copy is made by files. PostgreSQL's manual has the other way, through the write-ahead log, as the one
/// for small templates: the log grows by the whole template, while files cost two checkpoints whatever their size.
const COPY_FILES_FROM: i64 = 256 * 1024 * 1024;
/// First version of PostgreSQL that can be told how to copy.
const STRATEGY_SINCE: u32 = 150_000;

/// A template that may be copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Its name.
    pub name: TemplateName,
    /// What `CREATE DATABASE` is told of how to copy.
    pub(super) strategy: &'static str,
}

/// What came of an attempt to make a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Built {
    /// It is there.
    Sealed,
    /// A copy would not be what the migrations make, and why. Another attempt would say the same.
    Unfit(String),
}

/// The template, if it is there and sealed.
///
/// # Errors
/// A classified failure.
pub(super) async fn find(
    server: &TenantServer,
    connection: &mut PgConnection,
    name: &TemplateName,
) -> Result<Option<Sealed>, Failure> {
    let size: Option<i64> = sqlx::query_scalar(
        "SELECT pg_database_size(oid) FROM pg_database
          WHERE datname = $1 AND NOT datallowconn AND datconnlimit <> -2 AND shobj_description(oid, 'pg_database') = $2",
    )
    .bind(name.as_str())
    .bind(StockMark::of_template(server.installation).as_str())
    .fetch_optional(&mut *connection)
    .await
    .map_err(|e| classify("look for the template", e))?;
    let can_choose = connection.server_version_num().is_some_and(|version| version >= STRATEGY_SINCE);
    Ok(size.map(|size| {
        let strategy = match (can_choose, size >= COPY_FILES_FROM) {
            (false, _) => "",
            (true, false) => " STRATEGY wal_log",
            (true, true) => " STRATEGY file_copy",
        };
        Sealed { name: name.clone(), strategy }
    }))
}

/// Makes the template of the migrations unless it is there. What an earlier attempt left half made is made anew.
///
/// # Errors
/// `foreign_role` and `foreign_database`, permanent, where the name is somebody else's; as the migrations; a classified
/// failure.
pub async fn ensure(
    server: &TenantServer,
    stock: &mut StockSession,
    migrations: &TenantMigrations,
    copies: Copies,
) -> Result<Built, Failure> {
    let name = migrations.template(server.installation);
    if find(server, &mut stock.connection, &name).await?.is_some() {
        return Ok(Built::Sealed);
    }
    let mark = StockMark::of_template(server.installation);
    let twin = name.twin();
    for one in [name.as_str(), &twin] {
        clear(stock, one, &mark).await?;
    }
    fill(server, stock, name.as_str(), migrations).await?;
    let is_compared = copies == Copies::Auto;
    let needs_sight = is_compared && !stock.powers.is_superuser;
    let mut unfit = find_unfit(server, name.as_str(), needs_sight).await?;
    if unfit.is_none() && is_compared {
        fill(server, stock, &twin, migrations).await?;
        unfit = difference(&take_prints(server, name.as_str()).await?, &take_prints(server, &twin).await?);
        clear(stock, &twin, &mark).await?;
    }
    if let Some(why) = unfit {
        clear(stock, name.as_str(), &mark).await?;
        return Ok(Built::Unfit(why));
    }
    let database = identifier(name.as_str())?;
    // Owned by the administrator: what a copy's owner takes over from the template's role is everything that role owns.
    let sql = format!(
        "ALTER DATABASE {database} ALLOW_CONNECTIONS false; ALTER DATABASE {database} OWNER TO CURRENT_USER;
         COMMENT ON DATABASE {database} IS {}",
        literal(mark.as_str())
    );
    stock.run("seal the template", sql).await?;
    Ok(Built::Sealed)
}

/// A template that was found, sealed or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundTemplate {
    /// Its name.
    pub name: TemplateName,
    /// When a worker last said that it wants it.
    pub wanted: SystemTime,
}

/// Every template of this control plane on the server.
///
/// # Errors
/// A classified failure.
pub async fn list(server: &TenantServer, stock: &mut StockSession) -> Result<Vec<FoundTemplate>, Failure> {
    let mark = StockMark::of_template(server.installation);
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT rolname::text, shobj_description(oid, 'pg_authid') FROM pg_roles
          WHERE rolname ~ '^tmpl_' AND starts_with(shobj_description(oid, 'pg_authid'), $1)",
    )
    .bind(mark.as_str())
    .fetch_all(&mut stock.connection)
    .await
    .map_err(|e| classify("list the templates", e))?;
    let found = rows.iter().filter_map(|(name, comment)| {
        let wanted = SystemTime::UNIX_EPOCH + Duration::from_secs(mark.wanted(comment)?);
        Some(FoundTemplate { name: TemplateName::parse(name)?, wanted })
    });
    Ok(found.collect())
}

/// Takes note that a worker wants the template.
///
/// # Errors
/// A classified failure.
pub async fn want(server: &TenantServer, stock: &mut StockSession, name: &TemplateName) -> Result<(), Failure> {
    let mark = wanted_now(server);
    let sql = format!("COMMENT ON ROLE {} IS {}", identifier(name.as_str())?, literal(mark.as_str()));
    stock.run("take note of who wants the template", sql).await
}

fn wanted_now(server: &TenantServer) -> StockMark {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    StockMark::of_template_wanted(server.installation, now.as_secs())
}

/// Drops a template, unless something that was copied from it is still being taken over. Says whether it did.
///
/// # Errors
/// A classified failure.
pub async fn remove(server: &TenantServer, stock: &mut StockSession, name: &TemplateName) -> Result<bool, Failure> {
    let mark = StockMark::of_template(server.installation);
    let is_used: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM pg_shdepend s JOIN pg_roles r ON s.refclassid = 'pg_authid'::regclass AND s.refobjid = r.oid
                         WHERE r.rolname = $1 AND s.dbid NOT IN (0, (SELECT coalesce(max(oid), 0) FROM pg_database WHERE datname = $1)))",
    )
    .bind(name.as_str())
    .fetch_one(&mut stock.connection)
    .await
    .map_err(|e| classify("look for what was copied from a template", e))?;
    if is_used {
        return Ok(false);
    }
    for one in [name.twin().as_str(), name.as_str()] {
        clear(stock, one, &mark).await?;
    }
    Ok(true)
}

/// Drops database and role of this name, if they are ours. The role carries the mark, so a database without it is not.
async fn clear(stock: &mut StockSession, name: &str, mark: &StockMark) -> Result<(), Failure> {
    stock.require_ours(&[name], mark).await?;
    let is_foreign: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1) AND NOT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)",
    )
    .bind(name)
    .fetch_one(&mut stock.connection)
    .await
    .map_err(|e| classify("look at what a template left", e))?;
    if is_foreign {
        let text = format!("a database {name} exists that was not made for the stock of this control plane");
        return Err(Failure::permanent("foreign_database", text));
    }
    stock.drop_all(name, &[name]).await
}

/// Makes role and database of this name and applies the migrations.
async fn fill(
    server: &TenantServer,
    stock: &mut StockSession,
    name: &str,
    migrations: &TenantMigrations,
) -> Result<(), Failure> {
    stock.make_roles(&[name], &wanted_now(server)).await?;
    let database = identifier(name)?;
    let sql = format!("CREATE DATABASE {database} OWNER {database} TEMPLATE template0 ALLOW_CONNECTIONS false");
    stock.run("create a template", sql).await?;
    stock.open(&database).await?;
    let mut inside = server.inside_stock(name, name).await?;
    make_fence(&mut inside).await?;
    migrations.migrate(&mut inside).await?;
    // The session is over either way.
    let _ = inside.close().await;
    Ok(())
}

/// Digests of everything that the migrations left, by what it is. What differs by its nature, such as the times at which
/// migrations were applied, is left out.
async fn take_prints(server: &TenantServer, database: &str) -> Result<BTreeMap<String, String>, Failure> {
    let doing = "take the prints of a template";
    // As administrator, for whom no policy hides a row: one that is no superuser has the rights of the tables' owner, and where
    // those do not do, the template was found unfit.
    let mut inside = server.admin_in_stock(database).await?;
    let sql = "DO $$ DECLARE one record; print text; prints jsonb := '{}'; BEGIN
        FOR one IN SELECT c.oid::regclass AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE (c.relkind = 'r' OR c.relkind = 'm' AND c.relispopulated) AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'gateway') LOOP
            EXECUTE format('SELECT md5(coalesce(string_agg(d, '''' ORDER BY d), '''')) FROM (SELECT md5(gateway_row::text) AS d FROM %s gateway_row) gateway_rows', one.name)
               INTO print;
            prints := prints || jsonb_build_object('the rows of ' || one.name, print);
        END LOOP;
        FOR one IN
            SELECT 'the sequence ' || c.oid::regclass AS name, md5(coalesce(pg_sequence_last_value(c.oid)::text, '')) AS print
              FROM pg_class c WHERE c.relkind = 'S'
            UNION ALL SELECT 'the relation ' || c.oid::regclass, c.relkind::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
            UNION ALL SELECT 'the view ' || c.oid::regclass, md5(pg_get_viewdef(c.oid)) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('v', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
            UNION ALL SELECT 'the function ' || p.oid::regprocedure, md5(CASE WHEN p.prokind IN ('f', 'p') THEN pg_get_functiondef(p.oid) ELSE p.prosrc END) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
             WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
            UNION ALL SELECT 'the default of ' || d.adrelid::regclass || '.' || d.adnum, md5(pg_get_expr(d.adbin, d.adrelid)) FROM pg_attrdef d
            UNION ALL SELECT 'the constraint ' || k.conname || ' of ' || k.conrelid::regclass, md5(pg_get_constraintdef(k.oid)) FROM pg_constraint k
             WHERE k.conrelid <> 0
            UNION ALL SELECT 'the trigger ' || g.tgname || ' of ' || g.tgrelid::regclass, md5(pg_get_triggerdef(g.oid)) FROM pg_trigger g WHERE NOT g.tgisinternal
            UNION ALL SELECT 'the index ' || i.indexrelid::regclass, md5(pg_get_indexdef(i.indexrelid)) FROM pg_index i
              JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
            UNION ALL SELECT 'the policy ' || p.policyname || ' of ' || p.tablename, md5(concat_ws(' ', p.permissive, p.cmd, p.qual, p.with_check)) FROM pg_policies p
            UNION ALL SELECT 'the rule ' || r.rulename || ' of ' || r.ev_class::regclass, md5(pg_get_ruledef(r.oid)) FROM pg_rewrite r WHERE r.oid >= 16384
            UNION ALL SELECT 'the type ' || t.oid::regtype, md5(concat_ws(' ', t.typdefault, (SELECT string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid)))
              FROM pg_type t WHERE t.oid >= 16384 AND t.typtype IN ('d', 'e')
            UNION ALL SELECT 'the comments', md5(coalesce(string_agg(description, '' ORDER BY description), '')) FROM pg_description
             WHERE objoid >= 16384
        LOOP
            prints := prints || jsonb_build_object(one.name, one.print);
        END LOOP;
        PERFORM set_config('gateway.prints', prints::text, false);
    END $$";
    ddl::run(&mut inside, sql.to_owned()).await.map_err(|e| classify(doing, e))?;
    let asked = sqlx::query_scalar("SELECT current_setting('gateway.prints')").fetch_one(&mut inside).await;
    let text: String = asked.map_err(|e| classify(doing, e))?;
    // The session is over either way.
    let _ = inside.close().await;
    serde_json::from_str(&text)
        .map_err(|e| Failure::permanent("database_answer", format!("could not {doing}: it makes no sense")).because(e))
}

/// The first thing that differs, in words.
fn difference(one: &BTreeMap<String, String>, other: &BTreeMap<String, String>) -> Option<String> {
    let names = one.keys().chain(other.keys()).find(|name| one.get(*name) != other.get(*name));
    names.map(|name| format!("two runs of the tenant migrations leave {name} different"))
}

/// What the migrations did that a copy of the database lacks.
///
/// `needs_sight` says that rows will be compared by an administrator from whom policies may hide some.
async fn find_unfit(server: &TenantServer, name: &str, needs_sight: bool) -> Result<Option<String>, Failure> {
    let mut inside = server.admin_in_stock(name).await?;
    let found: Result<Option<String>, sqlx::Error> = sqlx::query_scalar(
        "WITH own AS (SELECT d.oid AS database, r.oid AS role FROM pg_database d, pg_roles r WHERE d.datname = $1 AND r.rolname = $1)
         SELECT CASE
             WHEN EXISTS (SELECT FROM pg_shdepend s, own WHERE s.dbid = own.database AND s.deptype = 'o' AND s.refobjid <> own.role)
                 THEN 'the tenant migrations make objects that belong to another role'
             WHEN EXISTS (SELECT FROM pg_shdepend s, own WHERE s.dbid = own.database AND s.refclassid = 'pg_authid'::regclass AND s.refobjid = own.role
                             AND (s.deptype <> 'o' OR s.classid IN ('pg_default_acl'::regclass, 'pg_user_mapping'::regclass)))
                 THEN 'the tenant migrations name the owner in rights, policies or defaults'
             WHEN EXISTS (SELECT FROM pg_db_role_setting s, own WHERE s.setdatabase = own.database OR s.setrole = own.role)
                 THEN 'the tenant migrations set parameters of the database or its owner'
             WHEN EXISTS (SELECT FROM pg_largeobject_metadata)
                 THEN 'the tenant migrations make large objects'
             WHEN EXISTS (SELECT FROM pg_auth_members m, own WHERE m.member = own.role
                             OR m.roleid = own.role AND m.member <> (SELECT oid FROM pg_roles WHERE rolname = current_user))
                 THEN 'the tenant migrations grant roles'
             WHEN $2 AND EXISTS (SELECT FROM pg_class WHERE relforcerowsecurity)
                 THEN 'the tenant migrations force row security, which hides rows from an administrator that is no superuser'
         END",
    )
    .bind(name)
    .bind(needs_sight)
    .fetch_one(&mut inside)
    .await;
    let _ = inside.close().await;
    found.map_err(|e| classify("look at what the migrations did", e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_told_by_what_it_is_of() {
        let prints = |rows: &str| BTreeMap::from([("the rows of note".to_owned(), rows.to_owned())]);
        assert_eq!(difference(&prints("a"), &prints("a")), None);
        let told = "two runs of the tenant migrations leave the rows of note different";
        assert_eq!(difference(&prints("a"), &prints("b")).as_deref(), Some(told));
        assert_eq!(difference(&prints("a"), &BTreeMap::new()).as_deref(), Some(told));
    }
}
