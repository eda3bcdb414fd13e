//! All tenants' databases and roles on one server, read from its shared catalogue in one session: three queries for any
//! number of tenants, and no connection into any tenant's database.

use std::collections::HashMap;
use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use sqlx::Connection;
use sqlx::postgres::PgConnection;

use crate::domain::failure::Failure;
use crate::domain::plan::TEMP_FILES;
use crate::infra::powers::Powers;
use crate::infra::tenant_server::{TenantServer, classify, connect};

/// A database that is named like a tenant's, live or retired.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct FoundDatabase {
    /// `t_<32 hex>`, or `gone_t_<32 hex>` when it is retired.
    pub name: String,
    /// Role that owns it.
    pub owner: String,
    /// Whether anybody may connect.
    pub open: bool,
    /// A `DROP DATABASE` was cut short; only dropping again works.
    pub invalid: bool,
    /// Whether PUBLIC has any right on it.
    pub public_may: bool,
    /// Roles that were granted CONNECT, without owner and superusers, in order.
    pub connect: Vec<String>,
    /// Connections it allows; −1 for any number.
    pub connection_limit: i32,
}

/// A role that is named like one of a tenant's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundRole {
    /// `t_<32 hex>_owner` or `t_<32 hex>_app`.
    pub name: String,
    /// Whether one can log in with it.
    pub can_login: bool,
    /// Superuser, or may make roles or databases, replicate, pass by row security, or is a member of another role or has
    /// one, besides the administrator.
    pub elevated: bool,
    /// Whether its password ends at some time.
    pub expires: bool,
    /// Connections it may hold; −1 for any number.
    pub connection_limit: i32,
    /// What is set for it in all databases, as `name=value`.
    pub settings: Vec<String>,
    /// Whether its temporary files are limited; `None` where the administrator may not see to that.
    pub files_limited: Option<bool>,
    /// What is known of its password.
    pub password: StoredPassword,
    /// Its comment, which says whose it is.
    pub mark: Option<String>,
}

/// What is known of a role's password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoredPassword {
    /// Nothing: the administrator may not look.
    Unknown,
    /// It has none.
    None,
    /// It has the one of this verifier.
    Is(VerifierDigest),
}

impl StoredPassword {
    /// Whether it is known to be another than the one of this verifier.
    #[must_use]
    pub fn differs_from(self, wanted: Option<VerifierDigest>) -> bool {
        match self {
            Self::Unknown => false,
            Self::None => true,
            Self::Is(digest) => Some(digest) != wanted,
        }
    }
}

/// SHA-256 of a SCRAM verifier: tells whether two are the same, and shows nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VerifierDigest([u8; 32]);

impl VerifierDigest {
    /// The digest of a verifier as `pg_authid.rolpassword` holds it.
    #[must_use]
    pub fn of(verifier: &SecretString) -> Self {
        Self(Sha256::digest(verifier.expose_secret().as_bytes()).into())
    }
}

impl fmt::Debug for VerifierDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerifierDigest(..)")
    }
}

#[derive(sqlx::FromRow)]
struct RoleRow {
    name: String,
    can_login: bool,
    elevated: bool,
    expires: bool,
    connection_limit: i32,
    oid: i64,
    mark: Option<String>,
}

impl RoleRow {
    fn into_found(self, settings: Vec<String>, password: StoredPassword, powers: Powers) -> FoundRole {
        let is_limited = || settings.iter().any(|setting| setting.strip_prefix("temp_file_limit=") == Some(TEMP_FILES));
        FoundRole {
            files_limited: powers.limits_files.then(is_limited),
            password,
            name: self.name,
            can_login: self.can_login,
            elevated: self.elevated,
            expires: self.expires,
            connection_limit: self.connection_limit,
            settings,
            mark: self.mark,
        }
    }
}

impl TenantServer {
    /// Every database and every role of the server that is named like a tenant's, whoever made it, as one moment saw
    /// them. Changes nothing and takes no lock of a tenant.
    ///
    /// # Errors
    /// A classified failure; then nothing is known.
    pub async fn catalog(&self) -> Result<(Vec<FoundDatabase>, Vec<FoundRole>), Failure> {
        let mut connection = self.connect_admin().await?;
        let powers = self.powers(&mut connection).await?;
        let found = read(&mut connection, powers).await;
        let found = found.map_err(|e| classify("read the database server's catalogue", e));
        // The session is over either way.
        let _ = connection.close().await;
        found
    }

    pub(super) async fn connect_admin(&self) -> Result<PgConnection, Failure> {
        let options = self.options.clone().database("postgres").options([("default_transaction_read_only", "on")]);
        connect(&options, "reach the database server").await
    }
}

/// Reads without a join between databases, roles and memberships: the planner knows little of these tables while a fleet
/// grows, and a join it chooses for a few rows takes time with the square of them.
async fn read(
    connection: &mut PgConnection,
    powers: Powers,
) -> Result<(Vec<FoundDatabase>, Vec<FoundRole>), sqlx::Error> {
    let mut tx = connection.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    let databases: Vec<FoundDatabase> = sqlx::query_as(
        "SELECT d.datname::text AS name, pg_get_userbyid(d.datdba)::text AS owner, d.datallowconn AS open, d.datconnlimit = -2 AS invalid,
                coalesce(a.public_may, false) AS public_may, coalesce(a.connect, '{}') AS connect, d.datconnlimit AS connection_limit
           FROM pg_database d
           LEFT JOIN LATERAL (
                SELECT bool_or(x.grantee = 0) AS public_may,
                       array_agg(pg_get_userbyid(x.grantee)::text ORDER BY pg_get_userbyid(x.grantee))
                           FILTER (WHERE x.privilege_type = 'CONNECT' AND x.grantee NOT IN (0, d.datdba)
                                     AND x.grantee NOT IN (SELECT oid FROM pg_roles WHERE rolsuper)) AS connect
                  FROM aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) x
           ) a ON true
          WHERE d.datname ~ '^(gone_)?t_[0-9a-f]{32}$' ORDER BY d.datname",
    )
    .fetch_all(&mut *tx)
    .await?;
    let roles: Vec<RoleRow> = sqlx::query_as(
        "SELECT rolname::text AS name, rolcanlogin AS can_login,
                rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls
                    OR oid IN (SELECT member FROM pg_auth_members WHERE roleid <> (SELECT oid FROM pg_roles WHERE rolname = current_user))
                    OR oid IN (SELECT roleid FROM pg_auth_members WHERE member <> (SELECT oid FROM pg_roles WHERE rolname = current_user)) AS elevated,
                coalesce(rolvaliduntil < 'infinity', false) AS expires, rolconnlimit AS connection_limit,
                shobj_description(oid, 'pg_authid') AS mark, oid::int8 AS oid
           FROM pg_roles WHERE rolname ~ '^t_[0-9a-f]{32}_(owner|app)$' ORDER BY rolname",
    )
    .fetch_all(&mut *tx)
    .await?;
    let verifiers: Vec<(i64, Vec<u8>)> = if powers.reads_verifiers {
        sqlx::query_as(
            "SELECT oid::int8, sha256(convert_to(rolpassword, 'UTF8')) FROM pg_authid
              WHERE rolname ~ '^t_[0-9a-f]{32}_(owner|app)$' AND rolpassword IS NOT NULL",
        )
        .fetch_all(&mut *tx)
        .await?
    } else {
        Vec::new()
    };
    let settings: Vec<(i64, Vec<String>)> = sqlx::query_as(
        "SELECT setrole::int8, setconfig FROM pg_db_role_setting WHERE setdatabase = 0 AND setrole <> 0",
    )
    .fetch_all(&mut *tx)
    .await?;
    tx.rollback().await?;
    let mut settings: HashMap<i64, Vec<String>> = settings.into_iter().collect();
    let verifiers: HashMap<i64, [u8; 32]> =
        verifiers.into_iter().filter_map(|(oid, digest)| Some((oid, digest.try_into().ok()?))).collect();
    let password_of = |oid: i64| match verifiers.get(&oid) {
        Some(digest) => StoredPassword::Is(VerifierDigest(*digest)),
        None if powers.reads_verifiers => StoredPassword::None,
        None => StoredPassword::Unknown,
    };
    let found = roles.into_iter().map(|role| {
        let own = settings.remove(&role.oid).unwrap_or_default();
        let password = password_of(role.oid);
        role.into_found(own, password, powers)
    });
    Ok((databases, found.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_compares_and_does_not_show() {
        let digest = |text: &str| VerifierDigest::of(&SecretString::from(text.to_owned()));
        assert_eq!(digest("SCRAM-SHA-256$1"), digest("SCRAM-SHA-256$1"));
        assert_ne!(digest("SCRAM-SHA-256$1"), digest("SCRAM-SHA-256$2"));
        assert_eq!(format!("{:?}", digest("SCRAM-SHA-256$1")), "VerifierDigest(..)");
    }
}
