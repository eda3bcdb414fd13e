//! How large the tenants' server is, and how full.

use sqlx::Connection;
use sqlx::postgres::PgConnection;

use crate::domain::failure::Failure;
use crate::infra::tenant_server::{TenantServer, classify};

/// Sizes are told to the next of these, so that a page more is no news.
const UNIT: i64 = 1 << 20;

/// What a server tells of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerSize {
    /// Connections it takes at most.
    pub max_connections: i64,
    /// Those of them that no tenant gets.
    pub reserved_connections: i64,
    /// Those that clients have open now, this look included.
    pub open_connections: i64,
    /// Tenants' databases, retired ones too.
    pub databases: i64,
    /// Their size on disk in bytes, to the next MiB; `None` where it was not asked for, or took too long.
    pub databases_bytes: Option<i64>,
}

impl TenantServer {
    /// Measures the server. With `sizes` it looks at each database's files, which it gives up after ten seconds.
    ///
    /// # Errors
    /// A classified failure; then nothing is known.
    pub async fn measure(&self, sizes: bool) -> Result<ServerSize, Failure> {
        let mut connection = self.connect_admin().await?;
        let measured = read(&mut connection, sizes).await.map_err(|e| classify("measure the database server", e));
        // The session is over either way.
        let _ = connection.close().await;
        measured
    }
}

async fn read(connection: &mut PgConnection, sizes: bool) -> Result<ServerSize, sqlx::Error> {
    let (max_connections, reserved_connections, open_connections, databases): (i64, i64, i64, i64) = sqlx::query_as(
        "SELECT current_setting('max_connections')::bigint,
                current_setting('superuser_reserved_connections')::bigint + coalesce(current_setting('reserved_connections', true)::bigint, 0),
                (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
                (SELECT count(*) FROM pg_database WHERE datname ~ '^(gone_)?t_[0-9a-f]{32}$')",
    )
    .fetch_one(&mut *connection)
    .await?;
    let bytes: Option<i64> = if sizes {
        sqlx::query("SET statement_timeout = '10s'").execute(&mut *connection).await?;
        let sum = "SELECT coalesce(sum(pg_database_size(oid)), 0)::bigint FROM pg_database WHERE datname ~ '^(gone_)?t_[0-9a-f]{32}$'";
        // A database may go while it is looked at, and many of them take long: then the size is not known.
        sqlx::query_scalar(sum).fetch_one(connection).await.ok()
    } else {
        None
    };
    let databases_bytes = bytes.map(|bytes| bytes.saturating_add(UNIT - 1) / UNIT * UNIT);
    Ok(ServerSize { max_connections, reserved_connections, open_connections, databases, databases_bytes })
}
