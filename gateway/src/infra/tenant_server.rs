//! The PostgreSQL server that tenants are placed on, seen by its administrator.
//!
//! Connections are short-lived and hold an advisory lock named after the tenant. A backend whose client died goes on
//! with the statement it was at (a `CREATE DATABASE` appears later); since it also keeps the lock, whoever comes next
//! waits for it instead of racing it.

use secrecy::ExposeSecret;
use sqlx::ConnectOptions;
use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use tokio::sync::{OnceCell, Semaphore, SemaphorePermit};

use crate::config::TenantServerSettings;
use crate::domain::failure::Failure;
use crate::domain::ids::{InstallationId, TenantId};
use crate::domain::names;
use crate::infra::ddl::{self, Identifier};

/// Copies of a template made at once. Measured: throughput peaks at about one per core and falls beyond four.
const CONCURRENT_CREATES: usize = 2;
/// Serialises the closing of the server's own databases; any number no tenant's lock is likely to have.
const PREPARE_LOCK: i64 = 0x6761_7465_7761_7902;
/// How long to wait for the backend of a dead worker.
const LOCK_TIMEOUT: &str = "20s";

/// The administrator's view of one server.
#[derive(Debug)]
pub struct TenantServer {
    pub(super) options: PgConnectOptions,
    address: String,
    connection_limit: u32,
    installation: InstallationId,
    creates: Semaphore,
    prepared: OnceCell<()>,
}

/// A connection of the administrator that holds a tenant's lock.
#[derive(Debug)]
pub struct AdminSession {
    pub(super) connection: PgConnection,
    pub(super) tenant: TenantId,
}

/// What PostgreSQL's answer means for a step.
///
/// `doing` continues the sentence "could not …" for people.
pub(super) fn classify(doing: &str, error: sqlx::Error) -> Failure {
    let state = error.as_database_error().and_then(sqlx::error::DatabaseError::code).map(std::borrow::Cow::into_owned);
    let failure = match state.as_deref() {
        None => Failure::retryable(
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
            Failure::retryable("database_disk_full", format!("could not {doing}: the database server's disk is full"))
        }
        Some("53300") => Failure::retryable(
            "database_connections",
            format!("could not {doing}: the database server has no connection left"),
        ),
        Some(code) if code.starts_with("53") || code.starts_with("57") || code.starts_with("08") => Failure::retryable(
            "database_server_busy",
            format!("could not {doing}: the database server is stopping, starting or short of resources"),
        ),
        Some("55P03" | "55006" | "40001" | "40P01" | "XX000") => {
            Failure::retryable("database_busy", format!("could not {doing}: the object is in use"))
        }
        Some(code) => Failure::permanent("database_statement", format!("could not {doing}: SQLSTATE {code}")),
    };
    failure.because(error)
}

impl TenantServer {
    /// Describes the server; connects nowhere yet.
    ///
    /// # Errors
    /// A permanent failure when the URL is not one.
    pub fn new(settings: &TenantServerSettings, installation: InstallationId) -> Result<Self, Failure> {
        let options: PgConnectOptions = settings.admin_url.expose_secret().parse().map_err(|e| {
            Failure::permanent("database_url", "tenant_database_url is not a PostgreSQL URL").because(Box::<
                dyn std::error::Error + Send + Sync,
            >::from(
                e
            ))
        })?;
        let options = options.application_name("gateway").options([
            ("lock_timeout", LOCK_TIMEOUT),
            ("statement_timeout", "60s"),
            ("search_path", "pg_catalog"),
        ]);
        Ok(Self {
            options: options.log_statements(tracing::log::LevelFilter::Off),
            address: settings.address.clone(),
            connection_limit: settings.connection_limit,
            installation,
            creates: Semaphore::new(CONCURRENT_CREATES),
            prepared: OnceCell::new(),
        })
    }

    /// `host:port` for tenants' apps.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Connections a tenant's login role may hold.
    #[must_use]
    pub const fn connection_limit(&self) -> u32 {
        self.connection_limit
    }

    /// What every comment of this control plane begins with, followed by a blank and a tenant's id.
    #[must_use]
    pub fn installation_mark(&self) -> String {
        format!("gateway {}", self.installation)
    }

    /// The comment that marks a role as made by this control plane for this tenant.
    #[must_use]
    pub fn mark(&self, tenant: TenantId) -> String {
        format!("{} {tenant}", self.installation_mark())
    }

    pub(super) async fn create_permit(&self) -> Result<SemaphorePermit<'_>, Failure> {
        self.creates.acquire().await.map_err(|e| Failure::retryable("stopping", "the worker is stopping").because(e))
    }

    /// Connects as administrator and takes the tenant's lock. The first call closes the server's own databases to
    /// everybody: PostgreSQL lets every login into `postgres` and `template1`.
    ///
    /// # Errors
    /// A classified failure.
    pub async fn admin(&self, tenant: TenantId) -> Result<AdminSession, Failure> {
        let doing = "reach the database server";
        let mut connection =
            self.options.clone().database("postgres").connect().await.map_err(|e| classify(doing, e))?;
        self.prepared
            .get_or_try_init(|| async {
                // One worker at a time: two that change one database's rights at once fail each other.
                let sql = format!(
                    "SELECT pg_advisory_xact_lock({PREPARE_LOCK}); REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC"
                );
                ddl::run(&mut connection, sql).await.map_err(|e| classify("close the server's own databases", e))
            })
            .await?;
        let lock = tenant.as_uuid().as_u64_pair().1.cast_signed();
        sqlx::query_scalar::<_, ()>("SELECT pg_advisory_lock($1)")
            .bind(lock)
            .fetch_one(&mut connection)
            .await
            .map_err(|e| classify("take the tenant's lock on the database server", e))?;
        Ok(AdminSession { connection, tenant })
    }

    /// Connects to a tenant's database as its owner role, so that what is made there belongs to the owner.
    ///
    /// # Errors
    /// A classified failure.
    pub async fn as_owner(&self, tenant: TenantId) -> Result<PgConnection, Failure> {
        let options = self.options.clone().database(&names::database(tenant)).options([
            ("role", names::owner_role(tenant).as_str()),
            ("search_path", "public"),
            ("lock_timeout", "5s"),
            ("statement_timeout", "300s"),
        ]);
        options.connect().await.map_err(|e| classify("enter the tenant's database", e))
    }
}

impl AdminSession {
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
