//! What every call that changes something promises: done once, on the version that was seen, tried without doing, waited
//! for.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Answer, Api, READER, ROOT, with_api};

const TENANTS: &str = "/api/gateway/tenants";

impl Api {
    async fn once(&self, key: &str, body: &Value) -> Answer {
        self.send(self.bare("POST", TENANTS).bearer_auth(ROOT).header("idempotency-key", key).json(body)).await
    }

    async fn count(&self, of: &str) -> i64 {
        let query = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM gateway.{of}"));
        sqlx::query_scalar(query).fetch_one(&mut self.database().await).await.unwrap()
    }
}

#[test]
fn sixty_four_at_once_make_one_tenant_and_get_one_answer() {
    with_api(|api| async move {
        let body = json!({ "key": "acme", "company_name": "Acme" });
        let answers = futures::future::join_all((0..64).map(|_| api.once("one", &body))).await;
        let [tenants, operations, entries] = [api.count("tenant"), api.count("operation"), api.count("audit")];
        assert_eq!((tenants.await, operations.await, entries.await), (1, 1, 1));
        let replayed = answers.iter().filter(|answer| answer.header("idempotent-replayed") == "true").count();
        assert_eq!(replayed, 63);
        for answer in &answers {
            assert_eq!((answer.status, &answer.body), (202, &answers[0].body));
            assert_eq!(answer.header("location"), answers[0].header("location"));
            assert_eq!(answer.header("etag"), answers[0].header("etag"));
        }
    });
}

#[test]
fn an_answer_is_remembered_for_the_caller_and_the_call_it_was_given_to() {
    with_api(|api| async move {
        let first = api.once("one", &json!({ "key": "acme", "company_name": "Acme" })).await;
        assert_eq!(first.status, 202, "{}", first.body);
        // The row moves on, the answer does not.
        api.walk(first.text("id").parse().unwrap(), &["provisioning", "active"]).await;
        let again = api.once("one", &json!({ "key": "acme", "company_name": "Acme" })).await;
        assert_eq!((again.status, &again.body), (202, &first.body));
        let other = api.once("one", &json!({ "key": "beta", "company_name": "Beta" })).await;
        other.assert_problem(422, "idempotency_key_reused");
        let other =
            api.bare("POST", &format!("{TENANTS}/acme/pause")).bearer_auth(ROOT).header("idempotency-key", "one");
        api.send(other).await.assert_problem(422, "idempotency_key_reused");
        let cookie = api.log_in("owner@test", "owner").await;
        let other = api.bare("POST", TENANTS).header("cookie", cookie).header("idempotency-key", "one");
        let other = api.send(other.json(&json!({ "key": "gamma", "company_name": "Gamma" }))).await;
        assert_eq!((other.status, other.text("key")), (202, "gamma"), "another caller's key is another key");
    });
}

#[test]
fn what_was_refused_is_not_remembered() {
    with_api(|api| async move {
        api.create("acme").await;
        let body = json!({ "key": "acme", "company_name": "Acme" });
        api.once("one", &body).await.assert_problem(409, "key_taken");
        let id = api.create("beta").await;
        api.once("two", &json!({ "key": "x" })).await.assert_problem(422, "validation_failed");
        let better = api.once("two", &json!({ "key": "gamma", "company_name": "Gamma" })).await;
        assert_eq!(better.status, 202, "{}", better.body);
        assert_eq!(api.call("GET", &format!("{TENANTS}/{id}")).await.status, 200);
    });
}

#[test]
fn an_answer_is_not_readable_in_the_database_and_goes_after_a_day() {
    with_api(|api| async move {
        api.once("one", &json!({ "key": "acme", "company_name": "Plain Text Limited" })).await;
        let mut database = api.database().await;
        let stored: String =
            sqlx::query_scalar("SELECT body_sealed FROM gateway.answer").fetch_one(&mut database).await.unwrap();
        assert!(stored.starts_with("v1.t.") && !stored.contains("Plain Text"), "{stored}");
        sqlx::query("UPDATE gateway.answer SET created_at = now() - interval '25 hours'")
            .execute(&mut database)
            .await
            .unwrap();
        let again = api.once("one", &json!({ "key": "acme", "company_name": "Plain Text Limited" })).await;
        again.assert_problem(409, "key_taken");
        assert_eq!(api.store.remove_stale(10).await.unwrap(), 1);
        assert_eq!(api.count("answer").await, 0);
    });
}

#[test]
fn a_key_that_cannot_be_is_named() {
    with_api(|api| async move {
        let long = "x".repeat(256);
        for bad in ["", "a b", "\u{e9}", &long] {
            let answer = api.once(bad, &json!({ "key": "acme", "company_name": "Acme" })).await;
            answer.assert_problem(422, "validation_failed");
            assert_eq!(answer.wrong(), [("/idempotency-key", "header")], "{bad:?}");
        }
        assert_eq!(api.count("tenant").await, 0);
    });
}

#[test]
fn a_dry_run_tells_what_would_be_and_leaves_nothing() {
    with_api(|api| async move {
        let body = json!({ "key": "acme", "company_name": "Acme", "labels": { "plan": "gold" } });
        let dry =
            api.bare("POST", &format!("{TENANTS}?dry_run=true")).bearer_auth(ROOT).header("idempotency-key", "one");
        let dry = api.send(dry.json(&body)).await;
        assert_eq!((dry.status, dry.header("dry-run"), dry.header("location")), (200, "true", ""));
        assert_eq!((dry.text("key"), dry.text("status")), ("acme", "pending"));
        assert_eq!(dry.body["operation"]["kind"], "provision");
        for table in ["tenant", "operation", "audit", "answer"] {
            assert_eq!(api.count(table).await, 0, "{table}");
        }
        api.create("acme").await;
        let taken = api.post(&format!("{TENANTS}?dry_run=true"), &body).await;
        taken.assert_problem(409, "key_taken");
        let id = api.active("beta").await;
        let dry = api.call("POST", &format!("{TENANTS}/{id}/suspend?dry_run=true")).await;
        assert_eq!((dry.status, dry.text("status")), (200, "suspended"));
        assert_eq!(api.call("GET", &format!("{TENANTS}/{id}")).await.text("status"), "active");
        let wrong = api.call("POST", &format!("{TENANTS}/{id}/suspend?dry_run=maybe&x=1")).await;
        assert_eq!(wrong.wrong(), [("/dry_run", "unknown_value"), ("/x", "unknown")]);
    });
}

#[test]
fn an_edit_or_a_wish_is_made_on_the_version_that_was_seen() {
    with_api(|api| async move {
        let id = api.active("acme").await;
        let path = format!("{TENANTS}/{id}");
        let seen = api.call("GET", &path).await.header("etag").to_owned();
        let edit = |tag: &str, notes: &str| {
            api.bare("PATCH", &path).bearer_auth(ROOT).header("if-match", tag).json(&json!({ "notes": notes }))
        };
        let edited = api.send(edit(&seen, "first")).await;
        assert_eq!((edited.status, edited.text("notes")), (200, "first"), "{}", edited.body);
        assert_ne!(edited.header("etag"), seen);
        api.send(edit(&seen, "second")).await.assert_problem(412, "precondition_failed");
        for strange in ["W/\"1.1\"", "\"x\"", "1.1"] {
            api.send(edit(strange, "third")).await.assert_problem(412, "precondition_failed");
        }
        for call in ["suspend", "first-user/take"] {
            let stale = api.bare("POST", &format!("{path}/{call}")).bearer_auth(ROOT).header("if-match", &seen);
            api.send(stale).await.assert_problem(412, "precondition_failed");
        }
        let now = api.call("GET", &path).await;
        assert_eq!(
            (now.text("notes"), now.text("status"), now.header("etag")),
            ("first", "active", edited.header("etag"))
        );
        let any = api.send(edit("*", "fourth")).await;
        assert_eq!((any.status, any.text("notes")), (200, "fourth"));
    });
}

#[test]
fn an_edit_changes_what_is_given_and_wakes_nobody() {
    with_api(|api| async move {
        let id = api.active("acme").await;
        let path = format!("{TENANTS}/{id}");
        let merge = |body: Value| {
            let request =
                api.bare("PATCH", &path).bearer_auth(ROOT).header("content-type", "application/merge-patch+json");
            request.body(body.to_string())
        };
        let edited =
            api.send(merge(json!({ "company_name": " New Name ", "labels": { "plan": "gold", "team": "a" } }))).await;
        assert_eq!((edited.status, edited.text("company_name")), (200, "New Name"), "{}", edited.body);
        let edited = api.send(merge(json!({ "labels": { "team": null, "site": "b" }, "notes": "n" }))).await;
        assert_eq!(edited.body["labels"], json!({ "plan": "gold", "site": "b" }));
        assert_eq!(
            (edited.text("company_name"), edited.text("notes"), edited.text("status")),
            ("New Name", "n", "active")
        );
        assert_eq!((&edited.body["generation"], &edited.body["due_at"]), (&json!(1), &Value::Null));
        let empty = api.send(merge(json!({}))).await;
        assert_eq!((empty.status, empty.header("etag")), (200, edited.header("etag")), "nothing changed");
        api.send(merge(json!({ "notes": null }))).await;
        let wrong = api.send(merge(json!({ "key": "other", "status": "deleted", "labels": { "plan": 1 } }))).await;
        assert_eq!(wrong.wrong(), [("/labels/plan", "type"), ("/key", "unknown"), ("/status", "unknown")]);
        let many: Value = (0..40).map(|n| (format!("l{n}"), json!("x"))).collect::<serde_json::Map<_, _>>().into();
        let wrong = api.send(merge(json!({ "labels": many }))).await;
        assert_eq!(wrong.wrong(), [("/labels", "label_count")]);
        for (query, found) in [("label.plan=gold", 1), ("label.plan=silver", 0), ("label.plan=gold&label.site=b", 1)] {
            let list = api.call("GET", &format!("{TENANTS}?{query}")).await;
            assert_eq!(list.body["items"].as_array().unwrap().len(), found, "{query}");
        }
        let wrong = api.call("GET", &format!("{TENANTS}?label.A=1")).await;
        assert_eq!(wrong.wrong(), [("/label.A", "label_name")]);
    });
}

#[test]
fn whoever_prefers_to_wait_is_answered_when_the_operation_has_ended() {
    with_api(|api| async move {
        let id = api.active("acme").await;
        let path = format!("{TENANTS}/{id}/suspend");
        let wait = |seconds: &str| {
            api.bare("POST", &path).bearer_auth(ROOT).header("prefer", format!("respond-async, wait={seconds}"))
        };
        let settle = async {
            while api.call("GET", &format!("{TENANTS}/{id}")).await.text("status") != "suspended" {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            api.settle(id).await;
        };
        let (answer, ()) = tokio::join!(api.send(wait("30")), settle);
        assert_eq!((answer.status, answer.header("preference-applied")), (200, "wait=30"), "{}", answer.body);
        assert_eq!((answer.text("status"), &answer.body["operation"]["state"]), ("suspended", &json!("succeeded")));
        assert!(answer.header("location").contains("/operations/"));
        let path = format!("{TENANTS}/{id}/reactivate");
        let wait = api.bare("POST", &path).bearer_auth(ROOT).header("prefer", "wait=0");
        let answer = api.send(wait).await;
        assert_eq!((answer.status, answer.text("status")), (202, "pending"), "nobody works on it");
    });
}

#[test]
fn a_body_where_none_belongs_is_refused() {
    with_api(|api| async move {
        let id = api.active("acme").await;
        let path = format!("{TENANTS}/{id}/suspend");
        let answer = api.post(&path, &json!({ "force": true })).await;
        assert_eq!(answer.wrong(), [("/force", "unknown")]);
        assert_eq!(api.post(&path, &json!({})).await.status, 202);
        api.call_as(READER, "POST", &path).await.assert_problem(403, "missing_scope");
    });
}
