//! A PostgreSQL server that tenants are placed on, seen by its administrator.
//!
//! Connections are short-lived, carry tenant and fence in their application name, and hold an advisory lock named after
//! the tenant. A backend whose client died or stalled goes on with the statement it was at and keeps the lock; whoever
//! comes next with a newer claim ends it first, so that nothing of an older claim happens afterwards.

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sqlx::ConnectOptions;
use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use tokio::sync::{OnceCell, OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use tracing::log::LevelFilter;

use crate::domain::failure::Failure;
use crate::domain::ids::{Fence, InstallationId, TenantId};
use crate::domain::lease::Lease;
use crate::domain::names;
use crate::infra::ddl::{self, Identifier};

/// Copies of a template made at once. Measured: throughput peaks at about one per core and falls beyond four.
const CONCURRENT_CREATES: usize = 2;
/// Serialises the closing of the server's own databases; any number no tenant's lock is likely to have.
const PREPARE_LOCK: i64 = 0x6761_7465_7761_7902;
/// How long to wait for a lock that anything but an older claim holds.
const LOCK_TIMEOUT: &str = "20s";
/// How long to wait for the end of a backend of an older claim.
const END_TIMEOUT_MS: i64 = 10_000;
/// How long to wait for a connection.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Administrators' connections one worker holds at once.
const SESSIONS: usize = 16;
/// How long a statement may take before it is worth a line in the log.
const SLOW: Duration = Duration::from_secs(10);

/// The administrator's view of one server.
#[derive(Debug)]
pub struct TenantServer {
    pub(super) options: PgConnectOptions,
    pub(super) installation: InstallationId,
    creates: Semaphore,
    sessions: Arc<Semaphore>,
    prepared: OnceCell<()>,
}

/// A connection of the administrator that holds a tenant's lock.
#[derive(Debug)]
pub struct AdminSession {
    pub(super) connection: PgConnection,
    pub(super) tenant: TenantId,
    #[expect(dead_code, reason = "held so that another session may begin when this one ends")]
    permit: OwnedSemaphorePermit,
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
            prepared: OnceCell::new(),
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

    /// Connects as administrator and takes the tenant's lock; backends of older claims on it are ended first. The first
    /// call closes the server's own databases to everybody: PostgreSQL lets every login into `postgres` and `template1`.
    ///
    /// The caller has to confirm its claim afterwards: the lock keeps others out from here on, but may have been free
    /// because a newer claim is through already.
    ///
    /// # Errors
    /// `fenced` when a newer claim holds the lock; `lease_over`; or a classified failure.
    pub async fn admin(&self, lease: &Lease) -> Result<AdminSession, Failure> {
        let permit = self.sessions.clone().acquire_owned().await;
        let permit = permit.map_err(|e| Failure::unavailable("stopping", "the worker is stopping").because(e))?;
        let tenant = lease.tenant();
        let named = self.options.clone().application_name(&session_name(tenant, lease.require()?));
        let mut connection = connect(&named.database("postgres"), "reach the database server").await?;
        self.prepared
            .get_or_try_init(|| async {
                // One worker at a time: two that change one database's rights at once fail each other.
                let sql = format!(
                    "SELECT pg_advisory_xact_lock({PREPARE_LOCK}); REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC"
                );
                ddl::run(&mut connection, sql).await.map_err(|e| classify("close the server's own databases", e))
            })
            .await?;
        let mut session = AdminSession { connection, tenant, permit };
        let lock = lock_of(tenant);
        session.end_older(lease.fence()).await?;
        if !session.try_lock(lock).await? {
            let doing = "take the tenant's lock on the database server";
            let locked = sqlx::query_scalar::<_, ()>("SELECT pg_advisory_lock($1)").bind(lock);
            locked.fetch_one(&mut session.connection).await.map_err(|e| classify(doing, e))?;
        }
        Ok(session)
    }

    /// Connects as administrator with the lock of a tenant that no row knows any more, to remove what it left.
    ///
    /// # Errors
    /// `database_busy` while somebody works for that tenant after all; or a classified failure.
    pub async fn admin_unowned(&self, tenant: TenantId) -> Result<AdminSession, Failure> {
        let permit = self.sessions.clone().acquire_owned().await;
        let permit = permit.map_err(|e| Failure::unavailable("stopping", "the worker is stopping").because(e))?;
        let connection = connect(&self.options.clone().database("postgres"), "reach the database server").await?;
        let mut session = AdminSession { connection, tenant, permit };
        if session.try_lock(lock_of(tenant)).await? {
            Ok(session)
        } else {
            Err(Failure::retryable("database_busy", "somebody works for the tenant on the database server"))
        }
    }

    /// Connects to a tenant's database as administrator, in the name of a claim: a newer one ends this session.
    ///
    /// # Errors
    /// `lease_over`; or a classified failure.
    pub(super) async fn as_admin_inside(&self, lease: &Lease) -> Result<PgConnection, Failure> {
        let tenant = lease.tenant();
        let named = self.options.clone().application_name(&session_name(tenant, lease.require()?));
        let options = named.database(&names::database(tenant)).options([("lock_timeout", "5s")]);
        connect(&options, "enter the tenant's database").await
    }

    /// Connects to a tenant's database as its owner role, so that what is made there belongs to the owner, and leaves the
    /// claim's fence there.
    ///
    /// # Errors
    /// `fenced` when a newer claim has been there; `lease_over`; or a classified failure.
    pub async fn as_owner(&self, lease: &Lease) -> Result<PgConnection, Failure> {
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

/// The advisory lock of a tenant.
const fn lock_of(tenant: TenantId) -> i64 {
    tenant.as_uuid().as_u64_pair().1.cast_signed()
}

/// What a backend calls itself, so that a newer claim knows it as older. At most 60 of the 63 bytes PostgreSQL keeps.
fn session_name(tenant: TenantId, fence: Fence) -> String {
    format!("gateway {} {fence}", tenant.as_uuid().simple())
}

/// Makes the place where a tenant's own database keeps the fence.
pub(super) async fn make_fence(connection: &mut PgConnection) -> Result<(), Failure> {
    let make = "CREATE SCHEMA IF NOT EXISTS gateway;
                CREATE TABLE IF NOT EXISTS gateway.fence (only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), fence bigint NOT NULL)";
    ddl::run(connection, make.to_owned()).await.map_err(|e| classify("make the place for the fence", e))
}

/// Writes the fence into the tenant's own database, unless a newer one stands there.
async fn leave_fence(connection: &mut PgConnection, fence: Fence) -> Result<(), Failure> {
    let doing = "compare claims in the tenant's database";
    let put = "INSERT INTO gateway.fence AS held (fence) VALUES ($1)
               ON CONFLICT (only_row) DO UPDATE SET fence = excluded.fence WHERE held.fence <= excluded.fence RETURNING fence";
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
    let seen = sqlx::query_scalar::<_, i64>("SELECT fence FROM gateway.fence").fetch_one(&mut *connection).await;
    Err(Failure::fenced("the tenant's database", Fence::from_i64(seen.map_err(|e| classify(doing, e))?)))
}

/// Whether a statement failed because its table or schema is not there yet.
pub(super) fn is_absent(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    matches!(code.as_deref(), Some("42P01" | "3F000"))
}

impl AdminSession {
    async fn try_lock(&mut self, lock: i64) -> Result<bool, Failure> {
        let doing = "take the tenant's lock on the database server";
        let got =
            sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(lock).fetch_one(&mut self.connection).await;
        got.map_err(|e| classify(doing, e))
    }

    /// Ends the backends that work for this tenant under older claims, and waits for their end.
    async fn end_older(&mut self, fence: Fence) -> Result<(), Failure> {
        let doing = "end what an older claim left running on the database server";
        let others: Vec<(i32, i64)> = sqlx::query_as(
            "SELECT pid, split_part(application_name, ' ', 3)::bigint FROM pg_stat_activity
              WHERE application_name ~ ('^gateway ' || $1 || ' [0-9]{1,18}$') AND usename = session_user AND pid <> pg_backend_pid()",
        )
        .bind(self.tenant.as_uuid().simple().to_string())
        .fetch_all(&mut self.connection)
        .await
        .map_err(|e| classify(doing, e))?;
        if let Some(newer) = others.iter().map(|(_, other)| *other).max().filter(|other| *other > fence.as_i64()) {
            return Err(Failure::fenced("the database server", Fence::from_i64(newer)));
        }
        for (pid, _) in others.iter().filter(|(_, other)| *other < fence.as_i64()) {
            sqlx::query("SELECT pg_terminate_backend($1, $2)")
                .bind(pid)
                .bind(END_TIMEOUT_MS)
                .execute(&mut self.connection)
                .await
                .map_err(|e| classify(doing, e))?;
        }
        Ok(())
    }

    /// Gives the lock back and says good-bye. Dropping the session does too, only less politely.
    pub async fn close(self) {
        // The connection is gone either way; its lock with it.
        let _ = self.connection.close().await;
    }

    pub(super) async fn run(&mut self, doing: &str, sql: String) -> Result<(), Failure> {
        ddl::run(&mut self.connection, sql).await.map_err(|e| classify(doing, e))
    }
}

/// An identifier made from a tenant's id; these are always plain.
pub(super) fn identifier(name: &str) -> Result<Identifier, Failure> {
    Identifier::new(name)
        .map_err(|e| Failure::permanent("identifier", format!("{name} is not a plain identifier")).because(e))
}
