//! A tenant's two roles: an owner nobody logs in with, and the app's login with only the rights it needs.
//!
//! The owner of a database may drop it and lift its limits, so the login never owns anything.

use secrecy::{ExposeSecret, SecretString};

use crate::domain::failure::Failure;
use crate::domain::ids::TenantId;
use crate::domain::names;
use crate::domain::plan::RoleLimits;
use crate::infra::admin::AdminSession;
use crate::infra::ddl::{Identifier, literal};
use crate::infra::tenant_server::{TenantServer, classify, identifier};

/// How the roles are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Roles {
    /// Neither exists.
    Absent,
    /// At least one is missing or differs.
    Differ,
    /// Both are as they should be.
    AsDesired,
}

#[derive(sqlx::FromRow)]
struct RoleRow {
    rolname: String,
    can_login: bool,
    elevated: bool,
    expires: Option<bool>,
    connection_limit: i32,
    same_verifier: bool,
    settings: Vec<String>,
    mark: Option<String>,
}

/// Looks at both roles. Without what is wanted of the login, they are never as desired.
///
/// # Errors
/// `foreign_role`, permanent, when one exists that this control plane did not make; or a classified failure.
pub async fn observe(
    server: &TenantServer,
    session: &mut AdminSession,
    wanted: Option<(&SecretString, &RoleLimits)>,
) -> Result<Roles, Failure> {
    let (owner, login) = (names::owner_role(session.tenant), names::login_role(session.tenant));
    let rows: Vec<RoleRow> = sqlx::query_as(
        "SELECT rolname::text AS rolname, rolcanlogin AS can_login,
                rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls
                    OR EXISTS (SELECT FROM pg_auth_members m JOIN pg_authid o ON o.oid = CASE m.member WHEN a.oid THEN m.roleid ELSE m.member END
                                WHERE (m.member = a.oid OR m.roleid = a.oid) AND o.rolname <> current_user) AS elevated,
                rolvaliduntil < 'infinity' AS expires, rolconnlimit AS connection_limit, coalesce(rolpassword = $3, false) AS same_verifier,
                coalesce((SELECT setconfig FROM pg_db_role_setting s WHERE s.setrole = a.oid AND s.setdatabase = 0), '{}') AS settings,
                shobj_description(oid, 'pg_authid') AS mark
           FROM pg_authid a WHERE rolname IN ($1, $2)",
    )
    .bind(&owner)
    .bind(&login)
    .bind(wanted.map_or("", |(verifier, _)| verifier.expose_secret()))
    .fetch_all(&mut session.connection)
    .await
    .map_err(|e| classify("look at the tenant's roles", e))?;
    let mark = server.mark(session.tenant);
    if let Some(foreign) = rows.iter().find(|row| row.mark.as_deref() != Some(&mark)) {
        let text = format!("a role {} exists that was not made for this tenant", foreign.rolname);
        return Err(Failure::permanent("foreign_role", text));
    }
    let find = |name: &str| rows.iter().find(|row| row.rolname == name);
    let has_limits = |role: &RoleRow| {
        wanted.is_some_and(|(_, limits)| {
            let settings = limits.settings();
            role.connection_limit == limits.connections && settings.iter().all(|one| role.settings.contains(one))
        })
    };
    Ok(match (find(&owner), find(&login)) {
        (None, None) => Roles::Absent,
        (Some(owner), Some(login))
            if !owner.can_login
                && !owner.elevated
                && login.can_login
                && !login.elevated
                && login.expires != Some(true)
                && login.same_verifier
                && has_limits(login) =>
        {
            Roles::AsDesired
        }
        _ => Roles::Differ,
    })
}

/// Makes both roles as they should be, in one transaction together with the mark that tells them as ours.
///
/// # Errors
/// A classified failure; nothing is half made then.
pub async fn ensure(
    server: &TenantServer,
    session: &mut AdminSession,
    verifier: &SecretString,
    limits: &RoleLimits,
) -> Result<(), Failure> {
    let tenant = session.tenant;
    let (owner_name, login_name) = (names::owner_role(tenant), names::login_role(tenant));
    let existing: Vec<String> = sqlx::query_scalar("SELECT rolname::text FROM pg_authid WHERE rolname IN ($1, $2)")
        .bind(&owner_name)
        .bind(&login_name)
        .fetch_all(&mut session.connection)
        .await
        .map_err(|e| classify("look at the tenant's roles", e))?;
    let verb = |name: &String| if existing.contains(name) { Verb::Alter } else { Verb::Create };
    let sql = statements(server, tenant, [verb(&owner_name), verb(&login_name)], verifier, limits)?;
    if !existing.contains(&login_name) {
        end_dead_sessions(session).await?;
    }
    session.run("make the tenant's roles", sql).await
}

/// Whether a role is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    /// It is not.
    Create,
    /// It is.
    Alter,
}

impl Verb {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Alter => "ALTER",
        }
    }
}

/// What makes owner and login as they should be, whatever they were.
fn statements(
    server: &TenantServer,
    tenant: TenantId,
    [owner_verb, login_verb]: [Verb; 2],
    verifier: &SecretString,
    limits: &RoleLimits,
) -> Result<String, Failure> {
    let (owner_name, login_name) = (names::owner_role(tenant), names::login_role(tenant));
    let (owner, login) = (identifier(&owner_name)?, identifier(&login_name)?);
    let plain = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS";
    Ok(format!(
        "{} ROLE {owner} NOLOGIN {plain}; {} ROLE {login} {plain}; {}; {};
         DO $$ DECLARE found record; BEGIN
             FOR found IN SELECT g.rolname AS granted, m.rolname AS member FROM pg_auth_members a
                            JOIN pg_roles g ON g.oid = a.roleid JOIN pg_roles m ON m.oid = a.member
                           WHERE g.rolname IN ({owner_text}, {login_text}) AND m.rolname <> current_user
                              OR m.rolname IN ({owner_text}, {login_text}) LOOP
                 EXECUTE format('REVOKE %I FROM %I', found.granted, found.member);
             END LOOP;
         END $$",
        owner_verb.as_str(),
        login_verb.as_str(),
        marks(server, &[&owner, &login], tenant),
        let_log_in(&login, Some(verifier), limits),
        owner_text = literal(&owner_name),
        login_text = literal(&login_name),
    ))
}

/// What makes the roles of a spare, called by the tenant's names already, the tenant's. They were made for it and given nothing
/// since. Without a verifier its login keeps its own.
pub(super) fn of_spare(
    server: &TenantServer,
    tenant: TenantId,
    verifier: Option<&SecretString>,
    limits: &RoleLimits,
) -> Result<String, Failure> {
    let (owner, login) = (identifier(&names::owner_role(tenant))?, identifier(&names::login_role(tenant))?);
    Ok(format!("{}; {}", marks(server, &[&owner, &login], tenant), let_log_in(&login, verifier, limits)))
}

fn marks(server: &TenantServer, roles: &[&Identifier], tenant: TenantId) -> String {
    let mark = literal(&server.mark(tenant));
    roles.iter().map(|role| format!("COMMENT ON ROLE {role} IS {mark}")).collect::<Vec<_>>().join("; ")
}

/// Lets the tenant's app log in, with this verifier where there is a new one, within the limits.
fn let_log_in(login: &Identifier, verifier: Option<&SecretString>, limits: &RoleLimits) -> String {
    let password = verifier.map(|verifier| format!(" PASSWORD {}", literal(verifier.expose_secret())));
    format!(
        "ALTER ROLE {login} LOGIN CONNECTION LIMIT {limit} VALID UNTIL 'infinity'{password};
         ALTER ROLE {login} SET statement_timeout = '{statement}s';
         ALTER ROLE {login} SET idle_in_transaction_session_timeout = '{idle}s';
         ALTER ROLE {login} SET temp_file_limit = '1GB'",
        password = password.unwrap_or_default(),
        limit = limits.connections,
        statement = limits.statement_timeout_seconds,
        idle = limits.idle_in_transaction_timeout_seconds,
    )
}

/// A session of a role that was dropped goes on without any right, whatever role is made of that name later. Ended, its
/// app comes back with the new one.
async fn end_dead_sessions(session: &mut AdminSession) -> Result<(), Failure> {
    sqlx::query(
        "SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a
          WHERE a.datname = $1 AND a.backend_type = 'client backend'
            AND NOT EXISTS (SELECT FROM pg_roles r WHERE r.oid = a.usesysid)",
    )
    .bind(names::database(session.tenant))
    .execute(&mut session.connection)
    .await
    .map_err(|e| classify("end the sessions of a dropped role", e))?;
    Ok(())
}

/// Removes both roles; fine when they never existed.
///
/// # Errors
/// `foreign_role` when one is not ours; a classified failure.
pub async fn remove(server: &TenantServer, session: &mut AdminSession) -> Result<bool, Failure> {
    if observe(server, session, None).await? == Roles::Absent {
        return Ok(false);
    }
    let login = identifier(&names::login_role(session.tenant))?;
    let owner = identifier(&names::owner_role(session.tenant))?;
    session
        .run("remove the tenant's roles", format!("DROP ROLE IF EXISTS {login}; DROP ROLE IF EXISTS {owner}"))
        .await?;
    Ok(true)
}
