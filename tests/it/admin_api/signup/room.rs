//! Signups are let in while there is room for another tenant.

use serde_json::json;

use super::{named, with_signup};
use crate::admin_api::Api;

impl Api {
    async fn write(&self, statement: &'static str) {
        sqlx::query(statement).execute(&mut self.database().await).await.unwrap();
    }
}

#[test]
fn nobody_signs_up_where_every_pool_is_full_and_nothing_is_spent() {
    with_signup(&[("GATEWAY_SIGNUP_NETWORK_PER_HOUR", "2")], |api| async move {
        api.write("INSERT INTO gateway.shared_pool (name, backend_url, capacity) VALUES ('one', 'http://h', 1), ('two', 'http://h', 5)").await;
        api.write("UPDATE gateway.shared_pool SET state = 'draining' WHERE name = 'two'").await;
        let call = || api.bare("POST", super::SIGNUP).header("idempotency-key", "one").json(&named("acme"));
        let first = api.send(call()).await;
        assert_eq!(first.status, 202, "{}", first.body);
        // No worker has placed it yet: it has a claim on the last place all the same.
        for n in 0..5 {
            let full = api.sign_up(&named(&format!("late-{n}"))).await;
            full.assert_problem(503, "no_room");
            assert_eq!(full.header("retry-after"), "300");
            assert!(!full.text("detail").contains("pool"), "{}", full.body);
        }
        let again = api.send(call()).await;
        assert_eq!((again.status, again.header("idempotent-replayed")), (202, "true"), "{}", again.body);
        assert_eq!((api.tenants().await, api.signups().await), (1, 1));
        // What was refused was not counted: one of two is left.
        let wider = api.another_with(&[("GATEWAY_SIGNUP_CHECK_ROOM", "false")]).await;
        assert_eq!(wider.sign_up(&named("beta")).await.status, 202, "the setting lets them wait");
        wider.sign_up(&named("gamma")).await.assert_problem(429, "too_many_signups");
        wider.store.close().await;
    });
}

#[test]
fn servers_and_subnets_are_looked_at_too() {
    with_signup(&[("GATEWAY_DOCKER_NETWORK_BLOCK", "10.99.0.0/27")], |api| async move {
        api.write("INSERT INTO gateway.database_server (name, address, capacity) VALUES ('default', 'h:1', 0)").await;
        let shut = api.another().await;
        shut.sign_up(&named("acme")).await.assert_problem(503, "no_room");
        api.write("UPDATE gateway.database_server SET capacity = NULL, state = 'offline'").await;
        let offline = api.another().await;
        offline.sign_up(&named("acme")).await.assert_problem(503, "no_room");
        api.write("UPDATE gateway.database_server SET state = 'active'").await;
        let open = api.another().await;
        assert_eq!(open.sign_up(&named("acme")).await.status, 202);

        api.write("INSERT INTO gateway.subnet (subnet, tenant_id) SELECT '10.99.0.0/28', id FROM gateway.tenant").await;
        let last = api.another().await;
        last.sign_up(&named("beta")).await.assert_problem(503, "no_room");
        api.write("UPDATE gateway.plan SET network = 'none'").await;
        let bare = api.another().await;
        assert_eq!(bare.sign_up(&named("gamma")).await.status, 202, "its plan gives it no network");
        api.write("UPDATE gateway.plan SET network = 'per-tenant'").await;
        api.write(
            "UPDATE gateway.tenant SET server_id = (SELECT id FROM gateway.database_server), status = 'provisioning'",
        )
        .await;
        let placed = api.another().await;
        assert_eq!(placed.sign_up(&named("beta")).await.status, 202, "one of the two subnets is free");
        for api in [shut, offline, open, last, bare, placed] {
            api.store.close().await;
        }
    });
}

#[test]
fn what_pools_have_of_the_subnets_is_gone() {
    with_signup(&[("GATEWAY_DOCKER_NETWORK_BLOCK", "10.99.0.0/26")], |api| async move {
        api.write(
            "WITH pool AS (INSERT INTO gateway.shared_pool (name) VALUES ('eu') RETURNING id),
                  managed AS (INSERT INTO gateway.managed_pool (pool_id, image) SELECT id, 'app:1' FROM pool RETURNING pool_id)
             INSERT INTO gateway.subnet (subnet, pool_id) SELECT '10.99.0.32/27', pool_id FROM managed",
        )
        .await;
        let shut = api.another().await;
        shut.sign_up(&named("acme")).await.assert_problem(503, "no_room");
        // A tenant's that has rested is handed out again; a pool's is too large for one.
        api.write("INSERT INTO gateway.subnet (subnet) VALUES ('10.99.0.0/28')").await;
        let open = api.another().await;
        assert_eq!(open.sign_up(&named("acme")).await.status, 202);
        let used = api.another().await;
        used.sign_up(&named("beta")).await.assert_problem(503, "no_room");
        for api in [shut, open, used] {
            api.store.close().await;
        }
    });
}

#[test]
fn a_tenant_that_waits_for_room_says_so() {
    with_signup(&[], |api| async move {
        let made = api.sign_up(&named("acme")).await;
        let status = async || api.status_of(made.text("token")).await;
        assert_eq!(status().await.text("progress"), "Reserving a place");
        api.write("UPDATE gateway.tenant SET error_step = 'allocate', error_code = 'no_pool_left', error_message = 'x', attempt = 1").await;
        let waiting = status().await;
        assert_eq!(waiting.text("progress"), "Waiting for a free place; it goes on by itself");
        assert_eq!(waiting.body["tenant"]["stage"], json!("preparing"));
    });
}
