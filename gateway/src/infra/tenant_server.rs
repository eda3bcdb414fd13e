//! A PostgreSQL server that tenants are placed on, seen by its administrator.
//!
//! Sessions carry tenant and fence in their application name, and hold an advisory lock named after the tenant. A backend whose client died or stalled goes on with the statement it was at and keeps the lock; whoever
//! comes next with a newer claim ends it first, so that nothing of an older claim happens afterwards.

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use tokio::sync::{OnceCell, Semaphore, SemaphorePermit};
use tracing::log::LevelFilter;

use crate::domain::failure::Failure;
use crate::domain::ids::{Fence, InstallationId, TenantId};
use crate::domain::lease::Lease;
use crate::domain::names;
use crate::infra::admin::KeptConnections;
use crate::infra::ddl::{self, Identifier};
use crate::infra::powers::Powers;

/// Copies of a template made at once. Measured: throughput peaks at about one per core and falls beyond four.
const CONCURRENT_CREATES: usize = 2;
/// How long to wait for a lock that anything but an older claim holds.
const LOCK_TIMEOUT: &str = "20s";
/// How long to wait for a connection.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Administrators' connections one worker holds at once.
const SESSIONS: usize = 16;
/// How long a statement may take before it is worth a line in the log.
const SLOW: Duration = Duration::from_secs(10);

/// The administrator's view of one server.
pub struct TenantServer {
    pub(super) options: PgConnectOptions,
    pub(super) installation: InstallationId,
    creates: Semaphore,
    pub(super) sessions: Arc<Semaphore>,
    pub(super) kept: KeptConnections,
    pub(super) prepared: OnceCell<()>,
    pub(super) powers: OnceCell<Powers>,
}

impl std::fmt::Debug for TenantServer {
    /// Without the options as a whole, which hold the administrator's password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (host, port) = (self.options.get_host(), self.options.get_port());
        f.debug_struct("TenantServer").field("host", &host).field("port", &port).finish_non_exhaustive()
    }
}

/// What every comment of this control plane begins with, followed by a blank and a tenant's id.
#[must_use]
pub fn installation_mark(installation: InstallationId) -> String {
    format!("gateway {installation}")
}

/// What PostgreSQL's answer means for a step.
///
/// `doing` continues the sentence "could not …" for people.
pub(super) fn classify(doing: &str, error: sqlx::Error) -> Failure {
    let state = error.as_database_error().and_then(sqlx::error::DatabaseError::code).map(std::borrow::Cow::into_owned);
    let failure = match state.as_deref() {
        None if is_an_answer(&error) => {
            Failure::permanent("database_answer", format!("could not {doing}: the server's answer makes no sense"))
        }
        None => Failure::unavailable(
            "database_server_unreachable",
            format!("could not {doing}: the database server does not answer"),
        ),
        Some("28P01" | "28000") => Failure::permanent(
            "database_server_refuses",
            format!("could not {doing}: the server refuses the administrator's login"),
        ),
        Some("42501") => {
            Failure::permanent("database_privilege", format!("could not {doing}: the administrator lacks the right to"))
        }
        Some("53100") => {
            Failure::unavailable("database_disk_full", format!("could not {doing}: the database server's disk is full"))
        }
        Some("53300") => Failure::unavailable(
            "database_connections",
            format!("could not {doing}: the database server has no connection left"),
        ),
        // A statement of this tenant took too long; the server is well.
        Some("57014") => {
            Failure::retryable("database_timeout", format!("could not {doing}: the statement took too long"))
        }
        Some(code) if code.starts_with("53") || code.starts_with("57") || code.starts_with("08") => {
            Failure::unavailable(
                "database_server_busy",
                format!("could not {doing}: the database server is stopping, starting or short of resources"),
            )
        }
        Some("55P03" | "55006" | "40001" | "40P01" | "XX000") => {
            Failure::retryable("database_busy", format!("could not {doing}: the object is in use"))
        }
        Some(code) => Failure::permanent("database_statement", format!("could not {doing}: SQLSTATE {code}")),
    };
    failure.because(error)
}

/// Whether a failure that carries no SQLSTATE arose from an answer, and not from the lack of one.
const fn is_an_answer(error: &sqlx::Error) -> bool {
    matches!(
        error,
        sqlx::Error::RowNotFound
            | sqlx::Error::TypeNotFound { .. }
            | sqlx::Error::ColumnIndexOutOfBounds { .. }
            | sqlx::Error::ColumnNotFound(_)
            | sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::Encode(_)
            | sqlx::Error::Decode(_)
    )
}

impl TenantServer {
    /// Describes the server by the URL of its administrator; connects nowhere yet.
    ///
    /// # Errors
    /// `database_url`, permanent, when the URL is not one of PostgreSQL.
    pub fn new(admin_url: &SecretString, installation: InstallationId) -> Result<Self, Failure> {
        let options: PgConnectOptions = admin_url.expose_secret().parse().map_err(|e| {
            let text = "the URL of a database server's administrator is not one of PostgreSQL";
            Failure::permanent("database_url", text).because(Box::<dyn std::error::Error + Send + Sync>::from(e))
        })?;
        let options = options.application_name("gateway").options([
            ("lock_timeout", LOCK_TIMEOUT),
            ("statement_timeout", "60s"),
            ("search_path", "pg_catalog"),
        ]);
        Ok(Self {
            // Making and dropping databases waits for the server's disk; how long a step took is in its record.
            options: options.log_statements(LevelFilter::Off).log_slow_statements(LevelFilter::Info, SLOW),
            installation,
            creates: Semaphore::new(CONCURRENT_CREATES),
            sessions: Arc::new(Semaphore::new(SESSIONS)),
            kept: KeptConnections::default(),
            prepared: OnceCell::new(),
            powers: OnceCell::new(),
        })
    }

    /// The comment that marks a role as made by this control plane for this tenant.
    #[must_use]
    pub fn mark(&self, tenant: TenantId) -> String {
        format!("{} {tenant}", installation_mark(self.installation))
    }

    /// Whether no database is being made for a tenant by this process at the moment.
    #[must_use]
    pub fn is_making_none(&self) -> bool {
        self.creates.available_permits() == CONCURRENT_CREATES
    }

    pub(super) async fn create_permit(&self) -> Result<SemaphorePermit<'_>, Failure> {
        self.creates.acquire().await.map_err(|e| Failure::unavailable("stopping", "the worker is stopping").because(e))
    }

    /// Connects to a tenant's database as its owner role, so that what is made there belongs to the owner, and leaves the
    /// claim's fence there.
    ///
    /// # Errors
    /// `fenced` when a newer claim has been there; `lease_over`; or a classified failure.
    pub async fn as_owner(&self, lease: &Lease) -> Result<PgConnection, Failure> {
        self.as_new_owner(lease, &[]).await
    }

    /// The same, after the owner was given what belongs to others there.
    pub(super) async fn as_new_owner(&self, lease: &Lease, others: &[Identifier]) -> Result<PgConnection, Failure> {
        let tenant = lease.tenant();
        let fence = lease.require()?;
        let named = self.options.clone().application_name(&session_name(tenant, fence));
        let options = named.database(&names::database(tenant)).options([
            ("role", names::owner_role(tenant).as_str()),
            ("search_path", "public"),
            ("lock_timeout", "5s"),
            ("statement_timeout", "300s"),
        ]);
        let mut connection = connect(&options, "enter the tenant's database").await?;
        let owner = identifier(&names::owner_role(tenant))?;
        for other in others {
            // The administrator may, the owner may not.
            let sql = format!("SET ROLE NONE; REASSIGN OWNED BY {other} TO {owner}; SET ROLE {owner}");
            let given = ddl::run(&mut connection, sql).await;
            given.map_err(|e| classify("give what was copied to the tenant", e))?;
        }
        leave_fence(&mut connection, fence).await?;
        Ok(connection)
    }
}

/// A connection, or a failure after [`CONNECT_TIMEOUT`].
pub(super) async fn connect(options: &PgConnectOptions, doing: &str) -> Result<PgConnection, Failure> {
    match tokio::time::timeout(CONNECT_TIMEOUT, options.connect()).await {
        Ok(connected) => connected.map_err(|e| classify(doing, e)),
        Err(_elapsed) => {
            let text = format!("could not {doing}: no connection within {} s", CONNECT_TIMEOUT.as_secs());
            Err(Failure::unavailable("database_server_unreachable", text))
        }
    }
}

/// What a backend calls itself, so that a newer claim knows it as older. At most 60 of the 63 bytes PostgreSQL keeps.
pub(super) fn session_name(tenant: TenantId, fence: Fence) -> String {
    format!("gateway {} {fence}", tenant.as_uuid().simple())
}

/// Makes the place where a tenant's own database keeps the fence.
pub(super) async fn make_fence(connection: &mut PgConnection) -> Result<(), Failure> {
    let make = "CREATE SCHEMA IF NOT EXISTS gateway;
                CREATE TABLE IF NOT EXISTS gateway.fence (only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), fence bigint NOT NULL)";
    ddl::run(connection, make.to_owned()).await.map_err(|e| classify("make the place for the fence", e))
}

/// The newest fence that came beside a database whose claim never entered it: a spare that was taken carries it as its
/// comment. Null for any other.
macro_rules! fence_beside {
    () => {
        "(SELECT substring(shobj_description(oid, 'pg_database') FROM '^gateway fence ([0-9]{1,18})$')::bigint
            FROM pg_database WHERE datname = current_database())"
    };
}
pub(super) use fence_beside;

/// The comment by which a database carries a fence that is not in it.
pub(super) fn fence_comment(fence: Fence) -> String {
    format!("gateway fence {fence}")
}

/// Writes the fence into the tenant's own database, unless a newer one stands there or beside it.
async fn leave_fence(connection: &mut PgConnection, fence: Fence) -> Result<(), Failure> {
    let doing = "compare claims in the tenant's database";
    let put = concat!(
        "INSERT INTO gateway.fence AS held (fence) SELECT $1 WHERE $1 >= coalesce(",
        fence_beside!(),
        ", $1) ON CONFLICT (only_row) DO UPDATE SET fence = excluded.fence WHERE held.fence <= excluded.fence RETURNING fence"
    );
    let left = sqlx::query_scalar::<_, i64>(put).bind(fence.as_i64()).fetch_optional(&mut *connection).await;
    let left = match left {
        Err(error) if is_absent(&error) => {
            make_fence(connection).await?;
            sqlx::query_scalar::<_, i64>(put).bind(fence.as_i64()).fetch_optional(&mut *connection).await
        }
        left => left,
    };
    if left.map_err(|e| classify(doing, e))?.is_some() {
        return Ok(());
    }
    let seen = concat!("SELECT greatest((SELECT fence FROM gateway.fence), ", fence_beside!(), ")");
    let seen = sqlx::query_scalar::<_, i64>(seen).fetch_one(&mut *connection).await;
    Err(Failure::fenced("the tenant's database", Fence::from_i64(seen.map_err(|e| classify(doing, e))?)))
}

/// Whether a statement failed because its table or schema is not there yet.
pub(super) fn is_absent(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    matches!(code.as_deref(), Some("42P01" | "3F000"))
}

/// An identifier made from a tenant's id; these are always plain.
pub(super) fn identifier(name: &str) -> Result<Identifier, Failure> {
    Identifier::new(name)
        .map_err(|e| Failure::permanent("identifier", format!("{name} is not a plain identifier")).because(e))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_server_does_not_show_its_administrators_password() {
        let url = SecretString::from("postgres://gateway:h1dden@db.test:6543/postgres");
        let server = TenantServer::new(&url, InstallationId::from_uuid(Uuid::nil())).unwrap();
        let shown = format!("{server:?}");
        assert!(shown.contains("db.test") && shown.contains("6543") && !shown.contains("h1dden"), "{shown}");
    }
}
