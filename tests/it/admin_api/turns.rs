//! What workers share by turns and by locks, beside those who change the same: each test lets one run into the other. And what
//! they hear of each other.

use std::collections::BTreeSet;
use std::pin::pin;
use std::time::Duration;

use futures::poll;
use gateway::domain::ids::TenantId;
use gateway::store::StoreError;
use gateway::store::notify::RouteChange;
use gateway::store::pool_members::MemberContainer;

use uuid::Uuid;

use super::managed_pools::MANAGED_POOL;
use super::with_api;
use crate::support::wait_for;

const LEASE: Duration = Duration::from_secs(60);

#[test]
fn a_right_that_nobody_waits_for_any_more_is_held_by_nobody() {
    with_api(|api| async move {
        let other = api.another().await;
        let held = api.store.publish_turn().await.unwrap();
        tokio::select! {
            _ = api.store.publish_turn() => panic!("there is one right"),
            () = api.until_waiting() => {}
        }
        held.release().await;
        let next = other.store.publish_turn().await;
        next.expect("whoever gave up left nothing behind").release().await;
        other.store.close().await;
    });
}

#[test]
fn a_transaction_that_nobody_waits_for_any_more_is_left_open_for_nobody() {
    with_api(|api| async move {
        let mut given_up = 0;
        for _ in 0..50 {
            api.store.request_repairs(&[]).await.unwrap();
            // The server was asked to begin, and its answer finds nobody.
            given_up += usize::from(poll!(pin!(api.store.request_repairs(&[]))).is_pending());
        }
        assert!(given_up > 0, "every transaction ended at the first look");
        // What is asked over these connections now would belong to a transaction that never ends.
        for _ in 0..50 {
            api.store.installation().await.unwrap();
        }
        let open = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
        // Sooner than the server ends one that is idle.
        wait_for("all transactions to end", Duration::from_secs(2), || async {
            let left: i64 = sqlx::query_scalar(open).fetch_one(&mut api.database().await).await.unwrap();
            if left == 0 { Ok(()) } else { Err(left.to_string()) }
        })
        .await;
    });
}

#[test]
fn nobody_takes_a_subnet_while_one_is_said_to_be_nobodys() {
    with_api(|api| async move {
        sqlx::raw_sql(MANAGED_POOL).execute(&mut api.database().await).await.unwrap();
        let other = api.another().await;
        let (claim, _) = other.store.claim_pool("one", LEASE).await.unwrap().unwrap();
        let mut turn = api.store.subnet_turn().await.unwrap();
        let block = "10.88.0.0/24".parse().unwrap();
        let taken = other.store.pool_subnet(&claim, block, None);
        let given_back = async {
            api.until_waiting().await;
            assert!(api.store.owned_subnets().await.unwrap().is_empty() && turn.is_held().await);
            turn.release().await;
        };
        let (taken, ()) = tokio::join!(taken, given_back);
        assert!(api.store.owned_subnets().await.unwrap().iter().eq([&taken.unwrap()]));
        other.store.close().await;
    });
}

#[test]
fn a_member_is_written_beside_those_who_edit_its_pool() {
    with_api(|api| async move {
        sqlx::raw_sql(MANAGED_POOL).execute(&mut api.database().await).await.unwrap();
        let (claim, _) = api.store.claim_pool("one", LEASE).await.unwrap().unwrap();
        let mut editor = api.database().await;
        for statement in ["BEGIN", "SELECT id FROM gateway.shared_pool FOR UPDATE"] {
            sqlx::query(statement).execute(&mut editor).await.unwrap();
        }
        let url = "http://10.88.0.2:8080/".parse().unwrap();
        let container = MemberContainer { place: 0, spec: "s".into(), made: None };
        let edited = async {
            api.until_waiting().await;
            for statement in ["UPDATE gateway.managed_pool SET restarts = restarts + 1", "COMMIT"] {
                sqlx::query(statement).execute(&mut editor).await.unwrap();
            }
        };
        let (written, ()) = tokio::join!(api.store.put_member(&claim, &url, &container), edited);
        assert!(matches!(written, Err(StoreError::LeaseLost)), "the wish is another one by now: {written:?}");
        api.store.release_pool(&claim).await.unwrap();
        let (claim, pool) = api.store.claim_pool("two", LEASE).await.unwrap().unwrap();
        assert_eq!(pool.restarts, 1);
        api.store.put_member(&claim, &url, &container).await.unwrap();
    });
}

#[test]
fn a_tenant_port_hears_of_many_tenants_at_once() {
    with_api(|api| async move {
        let mut changes = api.store.route_changes().await.unwrap();
        // As a transaction that changes many does.
        let ids: Vec<Uuid> = (0..30).map(|_| Uuid::new_v4()).collect();
        let notify = sqlx::query("SELECT pg_notify('gateway_route', id::text) FROM unnest($1::uuid[]) id");
        notify.bind(&ids).execute(&mut api.database().await).await.unwrap();
        let mut missing: BTreeSet<TenantId> = ids.into_iter().map(TenantId::from_uuid).collect();
        let mut looks = 0;
        while !missing.is_empty() {
            let told = changes.next().await.unwrap();
            let RouteChange::Tenants(told) = told else { panic!("nothing was lost: {told:?}") };
            missing.retain(|id| !told.contains(id));
            looks += 1;
        }
        assert!(looks <= 3, "{looks} looks for one transaction");
    });
}

#[test]
fn a_lost_connection_that_listened_leaves_none_behind_that_does() {
    with_api(|api| async move {
        let mut changes = api.store.event_hints().await.unwrap();
        let mut database = api.database().await;
        let told = "NOTIFY gateway_event";
        let cut = "SELECT count(pg_terminate_backend(pid, 30000)) FROM pg_stat_activity
                    WHERE datname = current_database() AND query LIKE 'LISTEN%'";
        for _ in 0..5 {
            // So that there is a connection to take at once for the one that is lost.
            api.store.event_head().await.unwrap();
            sqlx::raw_sql(told).execute(&mut database).await.unwrap();
            // One that listens, and none that was left behind.
            assert_eq!(sqlx::query_scalar::<_, i64>(cut).fetch_one(&mut database).await.unwrap(), 1);
            // Both wait: the hint, unless PostgreSQL ended the connection before it sent that, and that it is lost.
            tokio::time::timeout(LEASE, changes.changed()).await.unwrap().unwrap();
            // Who heard the hint hears of the loss now, and who heard of the loss hears this.
            sqlx::raw_sql(told).execute(&mut database).await.unwrap();
            tokio::time::timeout(LEASE, changes.changed()).await.unwrap().unwrap();
        }
        sqlx::raw_sql(told).execute(&mut database).await.unwrap();
        tokio::time::timeout(LEASE, changes.changed()).await.unwrap().unwrap();
    });
}
