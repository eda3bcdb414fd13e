//! Two who change the same at once: each test holds rows as one of them would, and lets the other run into them.

use std::future::Future;

use gateway::domain::ids::{Generation, TenantId};
use gateway::store::drift::Repair;
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Api, ROOT, with_api};
use crate::support::{PATIENCE, wait_for};

const JO: &str = "jo@test";

impl Api {
    /// Returns once a statement waits for a lock.
    pub(super) async fn until_waiting(&self) {
        let waiting =
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        wait_for("a statement to wait for a lock", PATIENCE, || async {
            let found: i64 = sqlx::query_scalar(waiting).fetch_one(&mut self.database().await).await.unwrap();
            if found > 0 { Ok(()) } else { Err("none".to_owned()) }
        })
        .await;
    }

    /// A session that a login under way begins, in a transaction that holds the account as logins do.
    async fn login_under_way(&self) -> PgConnection {
        let mut database = self.database().await;
        for statement in [
            "BEGIN",
            "SELECT id FROM gateway.user_account WHERE email = 'jo@test' FOR UPDATE",
            "INSERT INTO gateway.session (token_hash, user_id, expires_at)
             SELECT sha256('late'), id, now() + interval '1 day' FROM gateway.user_account WHERE email = 'jo@test'",
        ] {
            sqlx::query(statement).execute(&mut database).await.unwrap();
        }
        database
    }

    async fn sessions(&self) -> i64 {
        let sessions = sqlx::query_scalar("SELECT count(*) FROM gateway.session");
        sessions.fetch_one(&mut self.database().await).await.unwrap()
    }

    /// Two active tenants whose rows stand in the other order than their ids; the lower id first.
    async fn crossed(&self) -> [Uuid; 2] {
        let mut ids = [Uuid::new_v4(), Uuid::new_v4()];
        ids.sort();
        for (id, key) in [(ids[1], "late"), (ids[0], "early")] {
            sqlx::query("INSERT INTO gateway.tenant (id, key, company_name) VALUES ($1, $2, 'Crossed')")
                .bind(id)
                .bind(key)
                .execute(&mut self.database().await)
                .await
                .unwrap();
        }
        // Both at once, so that they are written anew in the order they stand in.
        let mut database = self.database().await;
        for statement in [
            "UPDATE gateway.tenant SET status = 'provisioning'",
            "UPDATE gateway.tenant SET status = 'active', observed_generation = generation, due_at = NULL",
            "UPDATE gateway.operation SET state = 'succeeded', ended_at = clock_timestamp() WHERE ended_at IS NULL",
        ] {
            sqlx::query(statement).execute(&mut database).await.unwrap();
        }
        ids
    }

    /// Holds the lower of two tenants, lets `other` run into it, takes the higher one too and gives both back. Both succeed
    /// only where the other asks for them in the same order.
    async fn cross<T>(&self, ids: [Uuid; 2], other: impl Future<Output = T>) -> T {
        let mut holder = self.database().await;
        sqlx::query("BEGIN").execute(&mut holder).await.unwrap();
        hold(&mut holder, ids[0]).await;
        let goes_on = async {
            self.until_waiting().await;
            hold(&mut holder, ids[1]).await;
            sqlx::query("COMMIT").execute(&mut holder).await.unwrap();
        };
        tokio::join!(other, goes_on).0
    }

    /// Begins a login, lets `other` run into it, and commits it.
    async fn log_in_meanwhile<T>(&self, other: impl Future<Output = T>) -> T {
        let mut login = self.login_under_way().await;
        let goes_on = async {
            self.until_waiting().await;
            sqlx::query("COMMIT").execute(&mut login).await.unwrap();
        };
        tokio::join!(other, goes_on).0
    }
}

async fn hold(holder: &mut PgConnection, id: Uuid) {
    let hold = sqlx::query("SELECT id FROM gateway.tenant WHERE id = $1 FOR NO KEY UPDATE").bind(id);
    hold.execute(holder).await.unwrap();
}

#[test]
fn another_password_ends_the_session_that_a_login_is_about_to_begin() {
    with_api(|api| async move {
        api.log_in(JO, "viewer").await;
        assert!(api.log_in_meanwhile(api.store.set_user_password(JO, "$argon2id$other")).await.unwrap());
        assert_eq!(api.sessions().await, 0);
    });
}

#[test]
fn a_removed_second_factor_ends_the_session_that_a_login_is_about_to_begin() {
    with_api(|api| async move {
        api.log_in(JO, "viewer").await;
        assert!(api.log_in_meanwhile(api.store.remove_totp(JO)).await.unwrap());
        assert_eq!(api.sessions().await, 0);
    });
}

#[test]
fn logging_out_everywhere_ends_the_session_that_a_login_is_about_to_begin() {
    with_api(|api| async move {
        let own = api.log_in(JO, "viewer").await;
        api.log_in("ann@test", "viewer").await;
        let ended = api
            .log_in_meanwhile(api.call_with(&own, "DELETE", "/api/gateway/sessions?keep_current=true", Value::Null))
            .await;
        assert_eq!((ended.status, &ended.body["ended"]), (200, &json!(1)), "{}", ended.body);
        assert_eq!(api.sessions().await, 2, "one's own, and that of somebody else");
    });
}

#[test]
fn a_plan_takes_its_tenants_in_the_order_of_all_who_take_several() {
    with_api(|api| async move {
        let ids = api.crossed().await;
        let edit = api.bare("PATCH", "/api/gateway/plans/default").bearer_auth(ROOT);
        let edited = api.cross(ids, api.send(edit.json(&json!({ "connection_limit": 7 })))).await;
        assert_eq!(edited.status, 200, "{}", edited.body);
        let wished = "SELECT count(*) FROM gateway.tenant WHERE plan_revision = 1 AND repair AND status = 'pending'";
        let wished: i64 = sqlx::query_scalar(wished).fetch_one(&mut api.database().await).await.unwrap();
        assert_eq!(wished, 2);
    });
}

#[test]
fn repairs_take_their_tenants_in_the_order_of_all_who_take_several() {
    with_api(|api| async move {
        let ids = api.crossed().await;
        let repairs = [ids[1], ids[0]].map(|id| Repair {
            tenant_id: TenantId::from_uuid(id),
            generation: Generation::from_i64(1),
            reason: "of a test".to_owned(),
        });
        let due = Box::pin(api.cross(ids, api.store.request_repairs(&repairs))).await.unwrap();
        assert_eq!(due.len(), 2);
    });
}

#[test]
fn other_limits_of_a_plan_leave_waited_for_work_in_its_lane() {
    with_api(|api| async move {
        let (idle, suspending, done) = (api.active("idle").await, api.active("going").await, api.active("rest").await);
        for id in [suspending, done] {
            assert_eq!(api.call("POST", &format!("/api/gateway/tenants/{id}/suspend")).await.status, 202);
        }
        api.settle(done).await;
        let edit = api.bare("PATCH", "/api/gateway/plans/default").bearer_auth(ROOT);
        let edited = api.send(edit.json(&json!({ "connection_limit": 7 }))).await;
        assert_eq!(edited.status, 200, "{}", edited.body);
        let lanes = "SELECT t.repair AND o.repair FROM gateway.tenant t
                       JOIN gateway.operation o ON o.tenant_id = t.id AND o.ended_at IS NULL WHERE t.id = $1";
        for (id, is_behind) in [(idle, true), (suspending, false), (done, true)] {
            let lane: bool = sqlx::query_scalar(lanes).bind(id).fetch_one(&mut api.database().await).await.unwrap();
            assert_eq!(lane, is_behind, "{id}");
        }
    });
}
