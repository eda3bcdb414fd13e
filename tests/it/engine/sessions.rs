//! The administrator's sessions: one connection serves one tenant after the other, and whoever claims later ends it.

use std::time::{Duration, Instant};

use gateway::domain::ids::{Fence, InstallationId, TenantId};
use gateway::domain::lease::Lease;
use gateway::infra::tenant_server::TenantServer;
use secrecy::SecretString;
use uuid::Uuid;

use crate::support::instance::Instance;
use crate::support::run;

fn lease(tenant: TenantId, fence: i64) -> Lease {
    Lease::new(tenant, Fence::from_i64(fence), Instant::now(), Duration::from_secs(60))
}

/// Backends of this name: process, and how many advisory locks it holds.
async fn backends(instance: &Instance, name: &str) -> Vec<(i32, i64)> {
    let mut server = instance.stack.server("postgres").await;
    sqlx::query_as(
        "SELECT a.pid, (SELECT count(*) FROM pg_locks l WHERE l.pid = a.pid AND l.locktype = 'advisory') FROM pg_stat_activity a
          WHERE a.datname = 'postgres' AND a.application_name = $1",
    )
    .bind(name)
    .fetch_all(&mut server)
    .await
    .unwrap()
}

#[test]
fn a_connection_is_one_tenants_after_the_other_and_nobodys_in_between() {
    run(async {
        let instance = Instance::without_worker(&[]).await;
        let url = SecretString::from(instance.stack.text("database_url"));
        let server = TenantServer::new(&url, InstallationId::from_uuid(Uuid::new_v4())).unwrap();
        let [first, second] = [(), ()].map(|()| TenantId::from_uuid(Uuid::new_v4()));
        let name = |tenant: TenantId, fence: i64| format!("gateway {} {fence}", tenant.as_uuid().simple());

        let session = server.admin(&lease(first, 7)).await.unwrap();
        let [(pid, 1)] = backends(&instance, &name(first, 7)).await[..] else { panic!("no session with a lock") };
        session.give_back().await;
        assert_eq!(backends(&instance, &name(first, 7)).await, [], "it still has the tenant's name");

        let session = server.admin(&lease(second, 8)).await.unwrap();
        assert_eq!(backends(&instance, &name(second, 8)).await, [(pid, 1)], "it is another connection");
        // Somebody else who claimed the tenant since ends it, and it comes to no use again.
        let heirs = TenantServer::new(&url, InstallationId::from_uuid(Uuid::new_v4())).unwrap();
        let heir = heirs.admin(&lease(second, 9)).await.unwrap();
        assert_eq!(backends(&instance, &name(second, 8)).await, []);
        session.give_back().await;
        let late = server.admin(&lease(second, 8)).await.unwrap_err();
        assert_eq!((late.code, late.fenced_by), ("fenced", Some(Fence::from_i64(9))));
        heir.give_back().await;

        // One that was cut while it was nobody's is replaced by another.
        let session = server.admin(&lease(first, 10)).await.unwrap();
        let [(pid, 1)] = backends(&instance, &name(first, 10)).await[..] else { panic!("no session with a lock") };
        session.give_back().await;
        let mut administrator = instance.stack.server("postgres").await;
        let cut: bool = sqlx::query_scalar("SELECT pg_terminate_backend($1, 10000)")
            .bind(pid)
            .fetch_one(&mut administrator)
            .await
            .unwrap();
        assert!(cut);
        let session = server.admin(&lease(first, 11)).await.unwrap();
        let [(other, 1)] = backends(&instance, &name(first, 11)).await[..] else { panic!("no session with a lock") };
        assert_ne!(other, pid);
        // Work that came to no good end takes its connection with it, whether it says good-bye or not.
        drop(session);
        let session = server.admin(&lease(first, 12)).await.unwrap();
        let [(dropped, 1)] = backends(&instance, &name(first, 12)).await[..] else { panic!("no session with a lock") };
        assert_ne!(dropped, other);
        session.close().await;
        let session = server.admin(&lease(first, 13)).await.unwrap();
        let [(closed, 1)] = backends(&instance, &name(first, 13)).await[..] else { panic!("no session with a lock") };
        assert_ne!(closed, dropped);
        session.close().await;
    });
}
