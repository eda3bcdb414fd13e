//! What a signup leaves for its tenant's app.

use std::time::Duration;

use serde_json::{Value, json};

use super::{SIGNUP, with_signup};
use crate::admin_api::{Answer, Api, READER, REVEALER};

const TAKE: &str = "/api/gateway/tenants/acme/first-user/take";

fn acme() -> Value {
    json!({ "company_name": "Acme", "key": "acme", "email": "jane@example.com", "contact_name": "Jane",
            "first_user": { "name": "Jane \u{1f600}", "roles": ["admin", { "deep": null }], "n": 12.5 } })
}

impl Api {
    async fn take(&self) -> Answer {
        self.call_as(REVEALER, "POST", TAKE).await
    }
}

#[test]
fn the_app_takes_it_once() {
    with_signup(&[], |api| async move {
        assert_eq!(api.sign_up(&acme()).await.status, 202);
        api.call_as(READER, "POST", TAKE).await.assert_problem(403, "missing_scope");
        let stored: String = sqlx::query_scalar("SELECT first_user_sealed FROM gateway.signup")
            .fetch_one(&mut api.database().await)
            .await
            .unwrap();
        assert!(stored.starts_with("v1.t.") && !stored.contains("Jane"), "{stored}");
        let dry = api.call_as(REVEALER, "POST", &format!("{TAKE}?dry_run=true")).await;
        assert_eq!((dry.status, &dry.body["email"], &dry.body["first_user"]), (200, &json!(null), &json!(null)));
        let answers = futures::future::join_all((0..16).map(|_| api.take())).await;
        let taken: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 200).collect();
        assert_eq!(taken.len(), 1);
        assert_eq!(taken[0].body["first_user"], acme()["first_user"]);
        assert_eq!((taken[0].text("email"), &taken[0].body["email_proved"]), ("jane@example.com", &json!(false)));
        assert_eq!((taken[0].text("contact_name"), taken[0].header("cache-control")), ("Jane", "no-store"));
        for late in answers.iter().filter(|answer| answer.status != 200) {
            late.assert_problem(404, "first_user_not_found");
        }
        assert_eq!(api.number("SELECT count(*) FROM gateway.signup WHERE first_user_sealed IS NOT NULL").await, 0);
        let entries: String = sqlx::query_scalar("SELECT string_agg(a::text, ' ') FROM gateway.audit a")
            .fetch_one(&mut api.database().await)
            .await
            .unwrap();
        assert!(entries.contains("take_first_user") && !entries.contains("Jane"), "{entries}");
    });
}

#[test]
fn the_same_call_gets_it_again() {
    with_signup(&[], |api| async move {
        api.sign_up(&acme()).await;
        let take = || api.send(api.bare("POST", TAKE).bearer_auth(REVEALER).header("idempotency-key", "one"));
        let (first, again) = (take().await, take().await);
        assert_eq!((first.status, again.status, &again.body), (200, 200, &first.body));
        assert_eq!(again.header("idempotent-replayed"), "true");
        api.take().await.assert_problem(404, "first_user_not_found");
    });
}

#[test]
fn there_may_be_nothing_to_take() {
    with_signup(&[], |api| async move {
        api.create("plain").await;
        api.sign_up(&json!({ "company_name": "Acme", "key": "acme" })).await;
        api.take().await.assert_problem(404, "first_user_not_found");
        let plain = api.call("POST", "/api/gateway/tenants/plain/first-user/take").await;
        plain.assert_problem(404, "first_user_not_found");
        let none = api.call("POST", "/api/gateway/tenants/none/first-user/take").await;
        none.assert_problem(404, "tenant_not_found");
        api.sign_up(&json!({ "company_name": "Beta", "key": "beta", "email": "b@example.com" })).await;
        let mail_only = api.call("POST", "/api/gateway/tenants/beta/first-user/take").await;
        assert_eq!((mail_only.text("email"), mail_only.body["first_user"].is_null()), ("b@example.com", true));
    });
}

#[test]
fn it_goes_with_the_tenants_data() {
    with_signup(&[], |api| async move {
        let made = api.sign_up(&acme()).await;
        let tenant = api.call("GET", "/api/gateway/tenants/acme").await;
        let id = tenant.text("id").parse().unwrap();
        api.walk(id, &["deleting"]).await;
        assert_eq!(api.signups().await, 1, "the deletion can still be taken back");
        api.walk(id, &["purging"]).await;
        assert_eq!(api.signups().await, 0);
        api.status_of(made.text("token")).await.assert_problem(404, "signup_not_found");
        let call = format!("/api/gateway/tenants/{id}/first-user/take");
        api.call("POST", &call).await.assert_problem(404, "first_user_not_found");
    });
}

#[test]
fn what_is_old_is_swept_away() {
    with_signup(&[("GATEWAY_SIGNUP_APPROVAL", "manual")], |api| async move {
        let keep = Duration::from_secs(30 * 86_400);
        for (key, sql) in [
            ("late", "UPDATE gateway.signup SET expires_at = now() WHERE key = 'late'"),
            ("waits", "UPDATE gateway.signup SET created_at = now() - interval '29 days' WHERE key = 'waits'"),
            (
                "old",
                "UPDATE gateway.signup SET state = 'refused', first_user_sealed = NULL, ended_at = now() - interval '31 days' WHERE key = 'old'",
            ),
            (
                "young",
                "UPDATE gateway.signup SET state = 'refused', first_user_sealed = NULL, ended_at = now() - interval '29 days' WHERE key = 'young'",
            ),
        ] {
            let body = json!({ "company_name": "Acme", "key": key, "first_user": { "a": 1 } });
            assert_eq!(api.send(api.bare("POST", SIGNUP).json(&body)).await.status, 202);
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut api.database().await).await.unwrap();
        }
        // A signup that comes in ends those that waited for too long, too.
        assert_eq!(api.store.sweep_signups(keep).await.unwrap(), (0, 1));
        let left: Vec<(String, String, bool)> =
            sqlx::query_as("SELECT key, state, first_user_sealed IS NOT NULL FROM gateway.signup ORDER BY key")
                .fetch_all(&mut api.database().await)
                .await
                .unwrap();
        let expected = [("late", "expired", false), ("waits", "waiting_approval", true), ("young", "refused", false)];
        assert_eq!(left, expected.map(|(key, state, has)| (key.to_owned(), state.to_owned(), has)));
        sqlx::raw_sql("UPDATE gateway.signup SET expires_at = now() WHERE key = 'waits'")
            .execute(&mut api.database().await)
            .await
            .unwrap();
        assert_eq!(api.store.sweep_signups(keep).await.unwrap(), (1, 0));
    });
}
