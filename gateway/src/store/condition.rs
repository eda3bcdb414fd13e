//! The server that the control database is on, and whether workers were there lately.

use jiff::Timestamp;
use jiff_sqlx::Timestamp as SqlTimestamp;

use crate::store::{Store, StoreError};

/// How far a server's archiving of its log is.
#[derive(Clone, Debug, PartialEq)]
pub struct Archiving {
    /// Whether finished parts of the log are archived.
    pub is_on: bool,
    /// Seconds since the last part was archived; `None` where none was yet.
    pub archived_ago: Option<f64>,
    /// Whether the last attempt failed.
    pub fails: bool,
    /// Clients that copy the log as it is written, such as standbys.
    pub followers: i64,
}

/// The control database's server.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerCondition {
    /// Its release as `server_version_num`, such as 150018.
    pub release: i32,
    /// Its clock.
    pub clock: Timestamp,
    /// Whether this connection is encrypted.
    pub is_encrypted: bool,
    /// What it keeps for a restore to a moment.
    pub archiving: Archiving,
}

impl Store {
    /// What the server tells of itself, before the schema is known to be there.
    ///
    /// # Errors
    /// [`StoreError`] of a query.
    pub async fn server_condition(&self) -> Result<ServerCondition, StoreError> {
        let (release, clock, is_encrypted): (i32, SqlTimestamp, bool) = sqlx::query_as(
            "SELECT current_setting('server_version_num')::int, clock_timestamp(),
                    coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false)",
        )
        .fetch_one(&self.pool)
        .await?;
        let (is_on, archived_ago, fails, followers): (bool, Option<f64>, bool, i64) = sqlx::query_as(
            "SELECT current_setting('archive_mode') <> 'off',
                    extract(epoch FROM now() - last_archived_time)::float8,
                    coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false),
                    (SELECT count(*) FROM pg_stat_replication)
               FROM pg_stat_archiver",
        )
        .fetch_one(&self.pool)
        .await?;
        let archiving = Archiving { is_on, archived_ago, fails, followers };
        Ok(ServerCondition { release, clock: clock.to_jiff(), is_encrypted, archiving })
    }

    /// Seconds since a worker last left a sign of life: a look at Traefik or at a database server, or a lease that it holds or
    /// held. `None` where there is none.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn worker_seen_ago(&self) -> Result<Option<f64>, StoreError> {
        let seen = sqlx::query_scalar(
            "SELECT extract(epoch FROM now() - max(at))::float8 FROM (
                SELECT looked_at AS at FROM gateway.tree_load
                UNION ALL SELECT looked_at FROM gateway.server_sight
                UNION ALL SELECT least(lease_expires_at, now()) FROM gateway.tenant WHERE lease_expires_at IS NOT NULL
                UNION ALL SELECT least(lease_expires_at, now()) FROM gateway.job WHERE lease_expires_at IS NOT NULL) signs",
        );
        Ok(seen.fetch_one(&self.pool).await?)
    }
}
