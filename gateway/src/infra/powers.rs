//! What the administrator of a tenants' server may do, and which release the server is. A superuser may do all of it; on a managed server there is none, and a
//! role that may make roles and databases does the same work with what it is given.

use sqlx::Connection;
use sqlx::postgres::PgConnection;

use crate::domain::failure::Failure;
use crate::infra::ddl::Identifier;
use crate::infra::tenant_server::{TenantServer, classify};

/// What the administrator may do, and on what. Read once for each process: rights given later count from its next start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Powers {
    /// The server's release as `server_version_num`, such as 150018.
    pub release: i32,
    /// Everything.
    pub is_superuser: bool,
    /// Make databases.
    pub makes_databases: bool,
    /// Make roles.
    pub makes_roles: bool,
    /// End sessions of others.
    pub ends_sessions: bool,
    /// See what others do.
    pub sees_sessions: bool,
    /// Read the verifiers of passwords. Who may not finds out by logging in whether a password is the right one.
    pub(super) reads_verifiers: bool,
    /// Limit the temporary files of a role. Where nobody may, the server's own `temp_file_limit` is in force.
    pub(super) limits_files: bool,
}

impl Powers {
    /// What gives the administrator a role, to work with what belongs to that role: a superuser needs no
    /// such thing, and PostgreSQL gives others the right to pass it on and no more.
    pub(super) fn hold(self, role: &Identifier) -> String {
        if self.is_superuser { String::new() } else { format!("GRANT {role} TO CURRENT_USER;") }
    }
}

impl TenantServer {
    /// What its administrator may do, asked over a connection for this alone.
    ///
    /// # Errors
    /// A classified failure; then nothing is known.
    pub async fn look_at_powers(&self) -> Result<Powers, Failure> {
        let mut connection = self.connect_admin().await?;
        let powers = self.powers(&mut connection).await;
        // The session is over either way.
        let _ = connection.close().await;
        powers
    }

    /// What its administrator may do.
    ///
    /// # Errors
    /// A classified failure.
    pub(super) async fn powers(&self, connection: &mut PgConnection) -> Result<Powers, Failure> {
        let look = async || {
            sqlx::query_as(
                "SELECT current_setting('server_version_num')::int AS release, rolsuper AS is_superuser,
                        rolcreatedb AS makes_databases, rolcreaterole AS makes_roles,
                        pg_has_role(oid, 'pg_signal_backend', 'USAGE') AS ends_sessions,
                        pg_has_role(oid, 'pg_read_all_stats', 'USAGE') AS sees_sessions,
                        has_table_privilege('pg_catalog.pg_authid', 'SELECT') AS reads_verifiers,
                        has_parameter_privilege('temp_file_limit', 'SET') AS limits_files
                   FROM pg_roles WHERE rolname = current_user",
            )
            .fetch_one(connection)
            .await
            .map_err(|e| classify("ask what the administrator may do", e))
        };
        self.powers.get_or_try_init(look).await.copied()
    }
}
