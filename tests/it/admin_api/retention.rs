//! What is removed when its time is over, and what stays. No worker runs here: it is removed as one would.

use std::time::Duration;

use serde_json::json;

use super::{Api, with_api};

const DAY: Duration = Duration::from_secs(86_400);

impl Api {
    async fn do_all(&self, statements: &[&'static str]) {
        let mut database = self.database().await;
        for statement in statements {
            sqlx::query(*statement).execute(&mut database).await.unwrap();
        }
    }

    async fn left(&self, query: &'static str) -> Vec<String> {
        sqlx::query_scalar(query).fetch_all(&mut self.database().await).await.unwrap()
    }
}

#[test]
fn jobs_go_when_they_are_old_but_for_the_last_of_a_kind_and_what_is_open() {
    with_api(|api| async move {
        api.do_all(&["INSERT INTO gateway.job (kind, state, requested_by, created_at, ended_at)
             SELECT kind, state, name, now() - days * interval '1 day', CASE WHEN state IN ('succeeded', 'failed') THEN now() - days * interval '1 day' END
               FROM (VALUES ('verify', 'succeeded', 'verified first', 9), ('verify', 'failed', 'verified then', 8), ('verify', 'succeeded', 'verified last', 7),
                            ('collect', 'succeeded', 'collected once', 90), ('verify', 'running', 'stuck', 80), ('reconcile', 'pending', 'waiting', 80),
                            ('reconcile', 'succeeded', 'looked before', 8), ('reconcile', 'succeeded', 'looked', 0)) AS j (kind, state, name, days)"])
            .await;
        assert_eq!(api.store.remove_jobs(DAY * 7 + DAY / 2, 1).await.unwrap(), 1, "the oldest, one at a time");
        assert_eq!(api.store.remove_jobs(DAY * 6, 500).await.unwrap(), 2);
        assert_eq!(api.store.remove_jobs(DAY * 6, 500).await.unwrap(), 0);
        let left = api.left("SELECT requested_by FROM gateway.job ORDER BY requested_by").await;
        assert_eq!(left, ["collected once", "looked", "stuck", "verified last", "waiting"]);
    });
}

#[test]
fn batches_go_with_their_lists_and_leave_what_they_did() {
    with_api(|api| async move {
        let id = api.active("acme").await;
        let batch = json!({ "verb": "pause", "tenants": ["acme"] });
        for _ in 0..3 {
            let made = api.post("/api/gateway/tenants:batch", &batch).await;
            assert_eq!(made.status, 202, "{}", made.body);
        }
        for batch in api.store.open_batches().await.unwrap() {
            while api.store.advance_batch(batch).await.unwrap() {}
        }
        api.do_all(&[
            "UPDATE gateway.batch SET ended_at = now() - interval '8 days' WHERE id IN (SELECT id FROM gateway.batch ORDER BY id LIMIT 2)",
            "INSERT INTO gateway.batch (verb, parallelism, created_at) VALUES ('pause', 1, now() - interval '90 days')",
        ])
        .await;
        assert_eq!(api.store.remove_batches(DAY * 7, 1).await.unwrap(), 1);
        assert_eq!(api.store.remove_batches(DAY * 7, 500).await.unwrap(), 1);
        assert_eq!(api.left("SELECT state FROM gateway.batch ORDER BY state").await, ["running", "succeeded"]);
        assert_eq!(api.left("SELECT tenant_id::text FROM gateway.batch_tenant").await, [id.to_string()]);
        assert_eq!(api.call("GET", "/api/gateway/tenants/acme").await.body["paused"], true);
    });
}

#[test]
fn sessions_and_links_that_are_over_and_old_answers_go() {
    with_api(|api| async move {
        api.log_in("jo@test", "viewer").await;
        let kept = api.log_in("ann@test", "viewer").await;
        for key in ["old", "new"] {
            let call = api.bare("POST", "/api/gateway/tenants").bearer_auth(super::ROOT).header("idempotency-key", key);
            let made = api.send(call.json(&json!({ "key": format!("{key}-one"), "company_name": "One" }))).await;
            assert_eq!(made.status, 202, "{}", made.body);
        }
        api.do_all(&[
            "UPDATE gateway.session SET expires_at = now() - interval '1 second'
              WHERE user_id = (SELECT id FROM gateway.user_account WHERE email = 'jo@test')",
            "UPDATE gateway.answer SET created_at = now() - interval '25 hours' WHERE key = 'old'",
            "INSERT INTO gateway.user_link (token_hash, kind, user_id, expires_at)
             SELECT sha256(n::text::bytea), CASE n WHEN 29 THEN 'invite' ELSE 'reset' END, id, now() - n * interval '1 day'
               FROM gateway.user_account, (VALUES (29), (31)) days (n) WHERE email = 'ann@test'",
        ])
        .await;
        assert_eq!(api.store.remove_stale(500).await.unwrap(), 3);
        assert_eq!(api.store.remove_stale(500).await.unwrap(), 0);
        assert_eq!(api.left("SELECT key FROM gateway.answer").await, ["new"]);
        assert_eq!(api.left("SELECT kind FROM gateway.user_link").await, ["invite"]);
        assert_eq!(api.call_with(&kept, "GET", "/api/gateway/me", serde_json::Value::Null).await.status, 200);
    });
}
