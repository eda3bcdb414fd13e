//! A tenant's two roles: an owner nobody logs in with, and the app's login with only the rights it needs.
//!
//! The owner of a database may drop it and lift its limits, so the login never owns anything.

use secrecy::{ExposeSecret, SecretString};

use crate::domain::failure::Failure;
use crate::domain::ids::TenantId;
use crate::domain::names;
use crate::domain::plan::{RoleLimits, TEMP_FILES};
use crate::infra::admin::AdminSession;
use crate::infra::ddl::{Identifier, literal};
use crate::infra::powers::Powers;
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
    same_verifier: Option<bool>,
    settings: Vec<String>,
    mark: Option<String>,
}

/// What is wanted of a tenant's login.
#[derive(Clone, Copy, Debug)]
pub struct WantedLogin<'a> {
    /// What PostgreSQL is to keep of its password.
    pub verifier: &'a SecretString,
    /// That password, to log in with where the verifier may not be read.
    pub password: &'a SecretString,
    /// What its plan allows.
    pub limits: &'a RoleLimits,
}

/// The query for a tenant's two roles.
macro_rules! select_roles {
    ($same:literal, $roles:literal) => {
        concat!(
            "SELECT rolname::text AS rolname, rolcanlogin AS can_login,
                    rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls
                        OR EXISTS (SELECT FROM pg_auth_members m JOIN pg_roles o ON o.oid = CASE m.member WHEN a.oid THEN m.roleid ELSE m.member END
                                    WHERE (m.member = a.oid OR m.roleid = a.oid) AND o.rolname <> current_user) AS elevated,
                    rolvaliduntil < 'infinity' AS expires, rolconnlimit AS connection_limit, ",
            $same,
            " AS same_verifier,
                    coalesce((SELECT setconfig FROM pg_db_role_setting s WHERE s.setrole = a.oid AND s.setdatabase = 0), '{}') AS settings,
                    shobj_description(oid, 'pg_authid') AS mark
               FROM ",
            $roles,
            " a WHERE rolname IN ($1, $2)"
        )
    };
}

/// Looks at both roles. Without what is wanted of the login, they are never as desired.
///
/// # Errors
/// `foreign_role`, permanent, when one exists that this control plane did not make; or a classified failure.
pub async fn observe(
    server: &TenantServer,
    session: &mut AdminSession,
    wanted: Option<WantedLogin<'_>>,
) -> Result<Roles, Failure> {
    let (owner, login) = (names::owner_role(session.tenant), names::login_role(session.tenant));
    let powers = session.powers;
    let query = if powers.reads_verifiers {
        select_roles!("coalesce(rolpassword = $3, false)", "pg_authid")
    } else {
        select_roles!("CASE WHEN $3 = '' THEN false END", "pg_roles")
    };
    let rows: Vec<RoleRow> = sqlx::query_as(query)
        .bind(&owner)
        .bind(&login)
        .bind(wanted.map_or("", |wanted| wanted.verifier.expose_secret()))
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
        wanted.is_some_and(|WantedLogin { limits, .. }| {
            let settings = limits.settings();
            role.connection_limit == limits.connections
                && settings.iter().all(|one| role.settings.contains(one))
                && (!powers.limits_files
                    || role.settings.iter().any(|one| one.strip_prefix("temp_file_limit=") == Some(TEMP_FILES)))
        })
    };
    let found = match (find(&owner), find(&login)) {
        (None, None) => Roles::Absent,
        (Some(owner), Some(login))
            if !owner.can_login
                && !owner.elevated
                && login.can_login
                && !login.elevated
                && login.expires != Some(true)
                && login.same_verifier != Some(false)
                && has_limits(login) =>
        {
            Roles::AsDesired
        }
        _ => Roles::Differ,
    };
    match wanted {
        Some(WantedLogin { password, .. }) if found == Roles::AsDesired && !powers.reads_verifiers => {
            let is_same = server.takes_password(session.tenant, password).await?;
            Ok(if is_same { Roles::AsDesired } else { Roles::Differ })
        }
        _ => Ok(found),
    }
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
    let existing: Vec<(String, bool)> = sqlx::query_as(
        "SELECT rolname::text, rolsuper OR rolreplication OR rolbypassrls FROM pg_roles WHERE rolname IN ($1, $2)",
    )
    .bind(&owner_name)
    .bind(&login_name)
    .fetch_all(&mut session.connection)
    .await
    .map_err(|e| classify("look at the tenant's roles", e))?;
    let is_superuser = session.powers.is_superuser;
    let verb = |name: &String| match existing.iter().find(|(existing, _)| existing == name) {
        None => Verb::Create,
        Some((_, is_high)) if is_superuser || *is_high => Verb::Lower,
        Some(_) => Verb::Alter,
    };
    let sql = statements(server, session, [verb(&owner_name), verb(&login_name)], verifier, limits)?;
    if verb(&login_name) == Verb::Create {
        end_dead_sessions(session).await?;
    }
    session.run("make the tenant's roles", sql).await
}

/// Whether a role is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    /// It is not.
    Create,
    /// It is, and has nothing that only a superuser can take.
    Alter,
    /// It is, and may have anything.
    Lower,
}

impl Verb {
    /// What makes the role, or takes from it what it must not have. Only a superuser may say of a role that is there that it is
    /// none.
    fn of(self, role: &Identifier) -> String {
        let (verb, high) = match self {
            Self::Create => ("CREATE", " NOSUPERUSER NOREPLICATION NOBYPASSRLS"),
            Self::Alter => ("ALTER", ""),
            Self::Lower => ("ALTER", " NOSUPERUSER NOREPLICATION NOBYPASSRLS"),
        };
        format!("{verb} ROLE {role} NOCREATEDB NOCREATEROLE{high}")
    }
}

/// What makes owner and login as they should be, whatever they were.
fn statements(
    server: &TenantServer,
    session: &AdminSession,
    [owner_verb, login_verb]: [Verb; 2],
    verifier: &SecretString,
    limits: &RoleLimits,
) -> Result<String, Failure> {
    let (tenant, powers) = (session.tenant, session.powers);
    let (owner_name, login_name) = (names::owner_role(tenant), names::login_role(tenant));
    let (owner, login) = (identifier(&owner_name)?, identifier(&login_name)?);
    Ok(format!(
        "{} NOLOGIN; {} {}; {} {}; {};
         DO $$ DECLARE found record; BEGIN
             FOR found IN SELECT g.rolname AS granted, m.rolname AS member FROM pg_auth_members a
                            JOIN pg_roles g ON g.oid = a.roleid JOIN pg_roles m ON m.oid = a.member
                           WHERE g.rolname IN ({owner_text}, {login_text}) AND m.rolname <> current_user
                              OR m.rolname IN ({owner_text}, {login_text}) LOOP
                 EXECUTE format('REVOKE %I FROM %I', found.granted, found.member);
             END LOOP;
         END $$",
        owner_verb.of(&owner),
        powers.hold(&owner),
        login_verb.of(&login),
        powers.hold(&login),
        marks(server, &[&owner, &login], tenant),
        let_log_in(&login, Some(verifier), limits, powers),
        owner_text = literal(&owner_name),
        login_text = literal(&login_name),
    ))
}

/// What makes the roles of a spare, called by the tenant's names already, the tenant's. They were made for it and given nothing
/// since. Without a verifier its login keeps its own.
pub(super) fn of_spare(
    server: &TenantServer,
    session: &AdminSession,
    verifier: Option<&SecretString>,
    limits: &RoleLimits,
) -> Result<String, Failure> {
    let tenant = session.tenant;
    let (owner, login) = (identifier(&names::owner_role(tenant))?, identifier(&names::login_role(tenant))?);
    Ok(format!(
        "{}; {}",
        marks(server, &[&owner, &login], tenant),
        let_log_in(&login, verifier, limits, session.powers)
    ))
}

fn marks(server: &TenantServer, roles: &[&Identifier], tenant: TenantId) -> String {
    let mark = literal(&server.mark(tenant));
    roles.iter().map(|role| format!("COMMENT ON ROLE {role} IS {mark}")).collect::<Vec<_>>().join("; ")
}

/// Lets the tenant's app log in, with this verifier where there is a new one, within the limits.
fn let_log_in(login: &Identifier, verifier: Option<&SecretString>, limits: &RoleLimits, powers: Powers) -> String {
    let files = if powers.limits_files {
        format!(";\n         ALTER ROLE {login} SET temp_file_limit = '{TEMP_FILES}'")
    } else {
        String::new()
    };
    let password = verifier.map(|verifier| format!(" PASSWORD {}", literal(verifier.expose_secret())));
    format!(
        "ALTER ROLE {login} LOGIN CONNECTION LIMIT {limit} VALID UNTIL 'infinity'{password};
         ALTER ROLE {login} SET statement_timeout = '{statement}s';
         ALTER ROLE {login} SET idle_in_transaction_session_timeout = '{idle}s'{files}",
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
            AND NOT EXISTS (SELECT FROM pg_roles r WHERE r.oid = a.usesysid) AND pg_has_role('pg_signal_backend', 'USAGE')",
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
