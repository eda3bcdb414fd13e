//! The right to make and remove what is kept in stock on a database server, and the databases both kinds of stock begin as.

use sqlx::Connection;
use sqlx::postgres::PgConnection;

use crate::domain::failure::Failure;
use crate::domain::stock::StockMark;
use crate::infra::ddl::{self, Identifier, literal};
use crate::infra::powers::Powers;
use crate::infra::tenant_server::{TenantServer, classify, connect, identifier};

/// Held by whoever keeps the stock of a server; any number that no tenant's lock is likely to have.
const STOCK_LOCK: i64 = 0x6761_7465_7761_7a01;

/// An administrator's session with the right to keep the stock of one server. It ends with the session, and with it
/// everything that is only half made belongs to whoever comes next.
#[derive(Debug)]
pub struct StockSession {
    pub(super) connection: PgConnection,
    pub(super) powers: Powers,
}

impl TenantServer {
    /// The right to keep the stock, or `None` while another worker has it.
    ///
    /// # Errors
    /// A classified failure.
    pub async fn try_keep_stock(&self) -> Result<Option<StockSession>, Failure> {
        let options = self.options.clone().application_name("gateway stock").database("postgres");
        let mut connection = connect(&options, "reach the database server").await?;
        let got = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(STOCK_LOCK).fetch_one(&mut connection);
        let got: bool = got.await.map_err(|e| classify("take the right to keep the stock", e))?;
        if !got {
            return Ok(None);
        }
        let powers = self.powers(&mut connection).await?;
        Ok(Some(StockSession { connection, powers }))
    }

    /// A session in a database of the stock, in which `role` has the last word.
    pub(super) async fn inside_stock(&self, database: &str, role: &str) -> Result<PgConnection, Failure> {
        let named = self.options.clone().application_name("gateway stock").database(database);
        let options = named.options([
            ("role", role),
            ("search_path", "public"),
            ("lock_timeout", "5s"),
            ("statement_timeout", "300s"),
        ]);
        connect(&options, "enter a database of the stock").await
    }

    /// A session in a database of the stock, as administrator.
    pub(super) async fn admin_in_stock(&self, database: &str) -> Result<PgConnection, Failure> {
        let options = self.options.clone().application_name("gateway stock").database(database);
        connect(&options, "enter a database of the stock").await
    }
}

impl StockSession {
    /// Gives the right back.
    pub async fn close(self) {
        // The connection is gone either way; its lock with it.
        let _ = self.connection.close().await;
    }

    pub(super) async fn run(&mut self, doing: &str, sql: String) -> Result<(), Failure> {
        ddl::run(&mut self.connection, sql).await.map_err(|e| classify(doing, e))
    }

    /// Makes roles that nobody can log in with, marked from the first moment.
    pub(super) async fn make_roles(&mut self, names: &[&str], mark: &StockMark) -> Result<(), Failure> {
        let mut sql = String::new();
        for name in names {
            let name = identifier(name)?;
            sql.push_str(&format!(
                "CREATE ROLE {name} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
                 {} COMMENT ON ROLE {name} IS {};",
                self.powers.hold(&name),
                literal(mark.as_str())
            ));
        }
        self.run("make roles for the stock", sql).await
    }

    /// Refuses to touch roles of these names that this control plane did not make for its stock.
    pub(super) async fn require_ours(&mut self, roles: &[&str], mark: &StockMark) -> Result<(), Failure> {
        let foreign: Option<String> = sqlx::query_scalar(
            "SELECT rolname::text FROM pg_roles
              WHERE rolname = ANY($1) AND NOT coalesce(starts_with(shobj_description(oid, 'pg_authid'), $2), false) LIMIT 1",
        )
        .bind(roles)
        .bind(mark.as_str())
        .fetch_optional(&mut self.connection)
        .await
        .map_err(|e| classify("look at the roles of the stock", e))?;
        foreign.map_or(Ok(()), |name| {
            let text = format!("a role {name} exists that was not made for the stock of this control plane");
            Err(Failure::permanent("foreign_role", text))
        })
    }

    /// Opens a database of the stock to the administrator alone, for work inside.
    pub(super) async fn open(&mut self, database: &Identifier) -> Result<(), Failure> {
        let sql =
            format!("REVOKE ALL ON DATABASE {database} FROM PUBLIC; ALTER DATABASE {database} ALLOW_CONNECTIONS true");
        self.run("open a database of the stock", sql).await
    }

    /// Drops a database of the stock and then roles, where they exist. Nothing of a tenant is ever called by such a name.
    pub(super) async fn drop_all(&mut self, database: &str, roles: &[&str]) -> Result<(), Failure> {
        let doing = "drop a database of the stock";
        self.run(doing, format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", identifier(database)?)).await?;
        for role in roles {
            self.run("drop a role of the stock", format!("DROP ROLE IF EXISTS {}", identifier(role)?)).await?;
        }
        Ok(())
    }
}
