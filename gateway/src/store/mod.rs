//! The control database: the only place with SQL on it.
//!
//! What is stored: tenants with their lease, operations with append-only step attempts, the subnets handed out, the
//! database servers and shared pools tenants are placed on, and who may call the admin API. Functions that write for a
//! worker carry its [`claims::Claim`]; where the lease is gone they change nothing and say [`StoreError::LeaseLost`].

pub mod access;
pub mod allocations;
pub mod api_keys;
pub mod audit;
pub mod batches;
pub mod capacity;
pub mod change;
pub mod claimer;
pub mod claims;
pub mod condition;
pub mod digest_key;
pub mod drift;
pub mod error;
pub mod events;
pub mod evidence;
pub mod fleet;
pub mod inspections;
pub mod jobs;
pub mod levels;
pub mod links;
mod locks;
pub mod looks;
pub mod mails;
pub mod managed_pools;
pub mod migrate;
pub mod notify;
pub mod operations;
pub mod orphans;
pub mod places;
pub mod plans;
pub mod pool_environment;
pub mod pool_members;
pub mod pools;
pub mod retention;
pub mod room;
pub mod routes;
pub mod sealed;
pub mod server_sights;
pub mod servers;
pub mod sessions;
pub mod settle;
pub mod signup_moves;
pub mod signups;
pub mod steps;
mod subnets;
pub mod tenant_list;
pub mod tenants;
pub mod totp;
pub mod traffic;
pub mod tree_load;
pub mod turn;
pub mod typical;
pub mod users;
pub mod views;
pub mod wishes;

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, Connection};
use tokio_util::task::TaskTracker;
use tracing::log::LevelFilter;

pub use error::StoreError;

use crate::domain::ids::InstallationId;
use crate::store::tenants::Transaction;

/// A connection that was idle this long is asked whether its server is still there before it is used. One that was cut
/// sooner fails the statement it is next used for, as a server that went away in the middle of one does.
const RESTED: Duration = Duration::from_secs(1);

/// How long the end of a process waits for connections that are in use, such as one to a server that went silent.
const CLOSING: Duration = Duration::from_secs(5);

/// How long a statement, or the wait for a connection, may take before it is worth a line in the log. Said, not warned
/// of: it was answered, and who cannot wait that long has a limit of its own and reports what came of it.
const SLOW: Duration = Duration::from_secs(1);

/// A handle on the control database; cloning shares the pool.
#[derive(Clone, Debug)]
pub struct Store {
    pool: PgPool,
    /// Transactions that are being begun.
    begun: TaskTracker,
}

impl Store {
    /// Connects. `actor` stands in the history of every change this handle makes, such as `worker:host-12`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the server cannot be reached or refuses.
    pub async fn connect(url: &SecretString, actor: &str, connections: u32) -> Result<Self, StoreError> {
        Self::connect_with(url, &[("gateway.actor", actor)], connections).await
    }

    /// Connects for one who only looks: the server refuses every write of this handle.
    ///
    /// # Errors
    /// As [`Store::connect`].
    pub async fn connect_read_only(url: &SecretString, connections: u32) -> Result<Self, StoreError> {
        Self::connect_with(url, &[("default_transaction_read_only", "on")], connections).await
    }

    async fn connect_with(url: &SecretString, settings: &[(&str, &str)], connections: u32) -> Result<Self, StoreError> {
        let options: PgConnectOptions = url.expose_secret().parse().map_err(StoreError::from)?;
        let options = options.application_name("gateway").options(settings.iter().copied()).options([
            ("search_path", "pg_catalog"),
            ("lock_timeout", "5s"),
            ("statement_timeout", "30s"),
            ("idle_in_transaction_session_timeout", "30s"),
        ]);
        let options = options.log_slow_statements(LevelFilter::Info, SLOW);
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(Duration::from_secs(5))
            .acquire_slow_level(LevelFilter::Info)
            .acquire_slow_threshold(SLOW)
            // In place of the pool's own test, which costs a round trip for every statement.
            .test_before_acquire(false)
            .before_acquire(|connection, metadata| {
                Box::pin(async move { Ok(metadata.idle_for < RESTED || connection.ping().await.is_ok()) })
            })
            .connect_with(options)
            .await?;
        Ok(Self { pool, begun: TaskTracker::new() })
    }

    /// A transaction; dropped, it is rolled back.
    ///
    /// sqlx 0.9.0 forgets a BEGIN whose answer nobody waits for (its issue 4393, mended after that release): the connection
    /// goes back to the pool, and what others write over it later is never committed and keeps its locks. So each is begun in
    /// a task of its own, which comes to its end whoever gives up.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn begin(&self) -> Result<Transaction<'static>, StoreError> {
        let pool = self.pool.clone();
        #[expect(clippy::disallowed_methods, reason = "the one place that may")]
        let begun = self.begun.spawn(async move { pool.begin().await });
        // The task ends early with its runtime only.
        Ok(begun.await.map_err(|_| sqlx::Error::WorkerCrashed)??)
    }

    /// Which control plane this is.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn installation(&self) -> Result<InstallationId, StoreError> {
        let id = sqlx::query_scalar!("SELECT id FROM gateway.installation").fetch_one(&self.pool).await?;
        Ok(InstallationId::from_uuid(id))
    }

    /// Closes all connections. One that is not given back in time is left to the end of the process.
    pub async fn close(&self) {
        if tokio::time::timeout(CLOSING, self.pool.close()).await.is_err() {
            tracing::info!(
                seconds = CLOSING.as_secs(),
                "a connection to the control database was still in use at the end"
            );
        }
    }
}
