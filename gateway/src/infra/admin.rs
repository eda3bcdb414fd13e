//! The administrator's sessions on a server that tenants are placed on. Each is one tenant's while it lasts, by its name and
//! its lock; its connection is kept a while for the next, as a new one takes longer than most of what is done in it.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use sqlx::Connection;
use sqlx::postgres::PgConnection;
use tokio::sync::OwnedSemaphorePermit;

use crate::domain::failure::Failure;
use crate::domain::ids::{Fence, TenantId};
use crate::domain::lease::Lease;
use crate::infra::ddl;
use crate::infra::powers::Powers;
use crate::infra::tenant_server::{CONNECT_TIMEOUT, TenantServer, classify, connect, identifier, session_name};

/// Serialises the closing of the server's own databases; any number no tenant's lock is likely to have.
const PREPARE_LOCK: i64 = 0x6761_7465_7761_7902;
/// How long to wait for the end of a backend of an older claim.
const END_TIMEOUT_MS: i64 = 10_000;
/// How long a connection that nobody uses is kept.
const KEPT: Duration = Duration::from_secs(30);
/// How old one may become: the server's name may lead elsewhere by then.
const OLDEST: Duration = Duration::from_secs(600);

/// What the server's planner is told. Statements here find a few rows of large catalogues by their keys; a plan that was made
/// while there were few tenants, and is kept as long as its connection, would else read a catalogue from end to end when there
/// are many.
const PLANNER: [(&str, &str); 2] = [("enable_seqscan", "off"), ("jit", "off")];

/// A connection of the administrator that holds a tenant's lock.
#[derive(Debug)]
pub struct AdminSession {
    pub(super) connection: PgConnection,
    pub(super) tenant: TenantId,
    pub(super) powers: Powers,
    connected: Instant,
    kept: KeptConnections,
    #[expect(dead_code, reason = "held so that another session may begin when this one ends")]
    permit: OwnedSemaphorePermit,
}

/// A connection that is nobody's.
#[derive(Debug)]
struct Kept {
    connection: PgConnection,
    connected: Instant,
    unused_since: Instant,
}

impl Kept {
    fn is_of_use(&self) -> bool {
        self.unused_since.elapsed() < KEPT && self.connected.elapsed() < OLDEST
    }
}

/// Connections that are nobody's at the moment, the one that was used last at the end.
#[derive(Clone, Debug, Default)]
pub(super) struct KeptConnections(Arc<Mutex<Vec<Kept>>>);

impl KeptConnections {
    fn take(&self) -> Option<Kept> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(Kept::is_of_use);
        kept.pop()
    }

    fn keep(&self, connection: PgConnection, connected: Instant) {
        let kept = Kept { connection, connected, unused_since: Instant::now() };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(kept);
        #[expect(
            clippy::disallowed_methods,
            reason = "it sleeps, and nobody has to wait for it at the end of a process"
        )]
        tokio::spawn(end_unused(Arc::downgrade(&self.0)));
    }

    fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Ends what nobody has used for [`KEPT`] from now on.
async fn end_unused(kept: Weak<Mutex<Vec<Kept>>>) {
    tokio::time::sleep(KEPT).await;
    let Some(kept) = kept.upgrade() else { return };
    kept.lock().unwrap_or_else(PoisonError::into_inner).retain(Kept::is_of_use);
}

/// The advisory lock of a tenant.
const fn lock_of(tenant: TenantId) -> i64 {
    tenant.as_uuid().as_u64_pair().1.cast_signed()
}

impl TenantServer {
    /// A session of the administrator with the tenant's lock; backends of older claims on it are ended first. The first
    /// call closes the server's own databases to everybody: PostgreSQL lets every login into `postgres` and `template1`.
    ///
    /// The caller has to confirm its claim afterwards: the lock keeps others out from here on, but may have been free
    /// because a newer claim is through already.
    ///
    /// # Errors
    /// `fenced` when a newer claim holds the lock; `lease_over`; or a classified failure.
    pub async fn admin(&self, lease: &Lease) -> Result<AdminSession, Failure> {
        let tenant = lease.tenant();
        let name = || Ok(session_name(tenant, lease.require()?));
        let (mut session, Met { others, is_locked }) = self.session(tenant, name).await?;
        self.prepared.get_or_try_init(|| session.close_own_databases()).await?;
        if !is_locked {
            session.end_older(lease.fence(), &others).await?;
            let doing = "take the tenant's lock on the database server";
            let locked = sqlx::query_scalar::<_, ()>("SELECT pg_advisory_lock($1)").bind(lock_of(tenant));
            locked.fetch_one(&mut session.connection).await.map_err(|e| classify(doing, e))?;
        }
        Ok(session)
    }

    /// A session of the administrator with the lock of a tenant that no row knows any more, to remove what it left.
    ///
    /// # Errors
    /// `database_busy` while somebody works for that tenant after all; or a classified failure.
    pub async fn admin_unowned(&self, tenant: TenantId) -> Result<AdminSession, Failure> {
        match self.session(tenant, || Ok("gateway".to_owned())).await? {
            (session, Met { is_locked: true, .. }) => Ok(session),
            _ => Err(Failure::retryable("database_busy", "somebody works for the tenant on the database server")),
        }
    }

    /// A session over a kept connection or a new one, of the name that it may have once there is a place for it.
    async fn session(
        &self,
        tenant: TenantId,
        name: impl Fn() -> Result<String, Failure>,
    ) -> Result<(AdminSession, Met), Failure> {
        let permit = self.sessions.clone().acquire_owned().await;
        let permit = permit.map_err(|e| Failure::unavailable("stopping", "the worker is stopping").because(e))?;
        let kept = self.kept.clone();
        if let Some(Kept { mut connection, connected, .. }) = kept.take() {
            let met = tokio::time::timeout(CONNECT_TIMEOUT, meet(&mut connection, &name()?, tenant)).await;
            if let Ok(Ok(met)) = met {
                let powers = self.powers(&mut connection).await?;
                return Ok((AdminSession { connection, tenant, powers, connected, kept, permit }, met));
            }
            // The server was started anew, or is away: a new connection tells.
            kept.clear();
        }
        let doing = "reach the database server";
        let options = self.options.clone().database("postgres").options(PLANNER);
        let mut connection = connect(&options, doing).await?;
        let met = meet(&mut connection, &name()?, tenant).await.map_err(|e| classify(doing, e))?;
        let powers = self.powers(&mut connection).await?;
        Ok((AdminSession { connection, tenant, powers, connected: Instant::now(), kept, permit }, met))
    }
}

/// Whom a session met that began to work for a tenant.
#[derive(Debug)]
struct Met {
    /// Sessions of claims on the tenant: backend and fence.
    others: Vec<(i32, i64)>,
    /// Whether it has the tenant's lock, which it takes only where it met nobody.
    is_locked: bool,
}

/// Gives a connection the name by which a newer claim knows whose it is, looks who else works for the tenant, and takes the lock
/// where nobody does: one after the other, in one request.
async fn meet(connection: &mut PgConnection, name: &str, tenant: TenantId) -> Result<Met, sqlx::Error> {
    let (pids, fences, is_locked): (Vec<i32>, Vec<i64>, bool) = sqlx::query_as(
        "WITH named AS MATERIALIZED (SELECT set_config('application_name', $1, false) AS name),
              others AS MATERIALIZED (
                 SELECT a.pid, split_part(a.application_name, ' ', 3)::bigint AS fence
                   FROM named CROSS JOIN LATERAL (
                        SELECT pid, application_name, usename FROM pg_stat_activity WHERE named.name IS NOT NULL OFFSET 0) a
                  WHERE a.application_name ~ ('^gateway ' || $2 || ' [0-9]{1,18}$') AND a.usename = session_user AND a.pid <> pg_backend_pid())
         SELECT pids, fences, CASE WHEN pids = '{}' THEN pg_try_advisory_lock($3) ELSE false END
           FROM (SELECT coalesce(array_agg(pid), '{}') AS pids, coalesce(array_agg(fence), '{}') AS fences FROM others) met",
    )
    .bind(name)
    .bind(tenant.as_uuid().simple().to_string())
    .bind(lock_of(tenant))
    .fetch_one(connection)
    .await?;
    Ok(Met { others: pids.into_iter().zip(fences).collect(), is_locked })
}

impl AdminSession {
    /// Takes the rights on the server's own databases from everybody who was given none by name. What belongs to somebody else
    /// only its owner can close.
    async fn close_own_databases(&mut self) -> Result<(), Failure> {
        let doing = "close the server's own databases";
        let open: Vec<(String, bool)> = sqlx::query_as(
            "SELECT d.datname::text, pg_has_role(d.datdba, 'USAGE') FROM pg_database d
              WHERE d.datname IN ('postgres', 'template1')
                AND EXISTS (SELECT FROM aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a WHERE a.grantee = 0)",
        )
        .fetch_all(&mut self.connection)
        .await
        .map_err(|e| classify(doing, e))?;
        for (database, is_ours) in open {
            if is_ours {
                let name = identifier(&database)?;
                // One worker at a time: two that change one database's rights at once fail each other.
                let sql =
                    format!("SELECT pg_advisory_xact_lock({PREPARE_LOCK}); REVOKE ALL ON DATABASE {name} FROM PUBLIC");
                self.run(doing, sql).await?;
            } else {
                tracing::warn!(
                    database,
                    "tenants' logins may enter a database of the server's own, and only its owner can close it: \
                     REVOKE ALL ON DATABASE … FROM PUBLIC"
                );
            }
        }
        Ok(())
    }

    /// Ends the backends of these that work for the tenant under older claims, and waits for their end.
    async fn end_older(&mut self, fence: Fence, others: &[(i32, i64)]) -> Result<(), Failure> {
        let doing = "end what an older claim left running on the database server";
        if let Some(newer) = others.iter().map(|(_, other)| *other).max().filter(|other| *other > fence.as_i64()) {
            return Err(Failure::fenced("the database server", Fence::from_i64(newer)));
        }
        for (pid, older) in others.iter().filter(|(_, other)| *other < fence.as_i64()) {
            // Unless it was given back meanwhile and is another tenant's.
            sqlx::query(
                "SELECT pg_terminate_backend(pid, $2) FROM pg_stat_activity WHERE pid = $1 AND application_name = $3",
            )
            .bind(pid)
            .bind(END_TIMEOUT_MS)
            .bind(session_name(self.tenant, Fence::from_i64(*older)))
            .execute(&mut self.connection)
            .await
            .map_err(|e| classify(doing, e))?;
        }
        Ok(())
    }

    /// Gives the lock back and leaves the connection to whoever comes next. For the end of work that went well: a session
    /// that is dropped in any other way ends with its connection.
    pub async fn give_back(mut self) {
        // Nothing is left of the tenant's: neither its lock nor a name or a setting.
        let nobodys = sqlx::raw_sql("SELECT pg_advisory_unlock_all(); RESET ROLE; RESET ALL");
        if nobodys.execute(&mut self.connection).await.is_ok() {
            self.kept.keep(self.connection, self.connected);
        }
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
