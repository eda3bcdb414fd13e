//! The audit log: one entry for each call that changes something or is refused, in a chain that shows every change.

use serde_json::{Value, json};

use super::{NOBODY, READER, ROOT, with_api};

const AUDIT: &str = "/api/gateway/audit";

fn entries(body: &Value) -> Vec<(&str, &str, i64, Option<&str>)> {
    let items = body["items"].as_array().unwrap().iter();
    items
        .map(|item| {
            let word = |name: &str| item[name].as_str();
            (word("actor").unwrap(), word("call").unwrap(), item["status"].as_i64().unwrap(), word("code"))
        })
        .collect()
}

#[test]
fn changes_and_refusals_of_somebody_known_are_told_of() {
    with_api(|api| async move {
        let id = api.create("acme").await;
        let path = format!("/api/gateway/tenants/{id}");
        api.post("/api/gateway/tenants", &json!({ "key": "acme", "company_name": "B" }))
            .await
            .assert_problem(409, "key_taken");
        api.post("/api/gateway/tenants", &json!({})).await.assert_problem(422, "validation_failed");
        api.call_as(READER, "POST", &format!("{path}/suspend")).await.assert_problem(403, "missing_scope");
        // Nobody known, and reading: told of in the log only.
        api.call_as("x", "POST", &format!("{path}/suspend")).await.assert_problem(401, "unauthenticated");
        api.call("GET", &path).await;
        api.call("POST", &format!("{path}/no-such-verb")).await.assert_problem(404, "route_not_found");
        api.send(api.bare("PATCH", &path).bearer_auth(ROOT).json(&json!({ "notes": "secret?" }))).await;
        let log = api.call("GET", AUDIT).await;
        assert_eq!(
            entries(&log.body),
            [
                ("key:root", "edit_tenant", 200, None),
                ("key:reader", "suspend_tenant", 403, Some("missing_scope")),
                ("key:root", "create_tenant", 422, Some("validation_failed")),
                ("key:root", "create_tenant", 409, Some("key_taken")),
                ("key:root", "create_tenant", 202, None),
            ]
        );
        let edit = &log.body["items"][0];
        assert_eq!((&edit["before"]["notes"], &edit["after"]["notes"]), (&json!(""), &json!("secret?")));
        assert_eq!(
            (&edit["target"], &edit["via"], &edit["path"]),
            (&json!(format!("tenant:{id}")), &json!("api_key"), &json!(path))
        );
        assert_eq!(edit["address"], "127.0.0.1");
        for (query, found) in [
            ("actor=key:reader", 1),
            ("call=create_tenant", 3),
            (&*format!("target=tenant:{id}"), 2),
            ("actor=nobody", 0),
        ] {
            let list = api.call("GET", &format!("{AUDIT}?{query}")).await;
            assert_eq!(list.body["items"].as_array().unwrap().len(), found, "{query}");
        }
        let page = api.call("GET", &format!("{AUDIT}?limit=2")).await;
        let next = api.call("GET", &format!("{AUDIT}?limit=2&cursor={}", page.text("next_cursor"))).await;
        assert_eq!((&page.body["items"][1]["id"], &next.body["items"][0]["id"]), (&json!(4), &json!(3)));
    });
}

#[test]
fn a_dry_run_is_told_of_only_where_rights_are_missing() {
    with_api(|api| async move {
        api.create("acme").await;
        let tenants = "/api/gateway/tenants?dry_run=true";
        let body = json!({ "key": "beta", "company_name": "B" });
        assert_eq!(api.post(tenants, &body).await.status, 200);
        let taken = json!({ "key": "acme", "company_name": "B" });
        api.post(tenants, &taken).await.assert_problem(409, "key_taken");
        api.post(tenants, &json!({})).await.assert_problem(422, "validation_failed");
        api.call_as(READER, "POST", tenants).await.assert_problem(403, "missing_scope");
        // Who may make keys, and not such a one: found only by doing it.
        let maker = api.post("/api/gateway/api-keys", &json!({ "name": "maker", "scopes": ["keys:write"] })).await;
        let strong = api.post("/api/gateway/api-keys", &json!({ "name": "strong", "scopes": ["*"] })).await;
        let path = format!("/api/gateway/api-keys/{}?dry_run=true", strong.body["api_key"]["id"].as_str().unwrap());
        api.call_as(maker.text("key"), "DELETE", &path).await.assert_problem(403, "beyond_caller");
        // A login cannot be tried, and so nothing was attempted.
        api.log_in("owner@test", "owner").await;
        let wrong = json!({ "email": "owner@test", "password": "wrong" });
        let refused = api.post("/api/gateway/session?dry_run=true", &wrong).await;
        assert_eq!(refused.wrong(), [("/dry_run", "unknown")]);
        let log = api.call("GET", AUDIT).await;
        assert_eq!(
            entries(&log.body),
            [
                ("user:owner@test", "create_session", 200, None),
                ("key:maker", "revoke_api_key", 403, Some("beyond_caller")),
                ("key:root", "create_api_key", 201, None),
                ("key:root", "create_api_key", 201, None),
                ("key:reader", "create_tenant", 403, Some("missing_scope")),
                ("key:root", "create_tenant", 202, None),
            ]
        );
    });
}

#[test]
fn one_caller_does_not_fill_the_log_with_refusals() {
    with_api(|api| async move {
        let mut database = api.database().await;
        let mut told = async || -> i64 {
            sqlx::query_scalar("SELECT count(*) FROM gateway.audit").fetch_one(&mut database).await.unwrap()
        };
        for _ in 0..305 {
            api.call_as(READER, "POST", "/api/gateway/tenants").await.assert_problem(403, "missing_scope");
        }
        assert_eq!(told().await, 300);
        // Others, and what it may do, are told of as before.
        api.post("/api/gateway/tenants", &json!({})).await.assert_problem(422, "validation_failed");
        api.create("acme").await;
        assert_eq!(told().await, 302);
    });
}

#[test]
fn logins_are_told_of_by_account_and_never_with_a_password() {
    with_api(|api| async move {
        let cookie = api.log_in("owner@test", "owner").await;
        let wrong = json!({ "email": "Owner@test", "password": "canary-9361" });
        api.post("/api/gateway/session", &wrong).await.assert_problem(401, "login_failed");
        let out = api.send(api.bare("DELETE", "/api/gateway/session").header("cookie", &cookie)).await;
        assert_eq!(out.status, 204);
        let log = api.call("GET", AUDIT).await;
        assert_eq!(
            entries(&log.body),
            [
                ("user:owner@test", "delete_session", 204, None),
                ("login:owner@test", "create_session", 401, Some("login_failed")),
                ("user:owner@test", "create_session", 200, None),
            ]
        );
        assert!(!log.body.to_string().contains("canary-9361"));
    });
}

#[test]
fn revealed_credentials_are_told_of_without_them() {
    with_api(|api| async move {
        let id = api.create("acme").await;
        let refused = api.call("POST", &format!("/api/gateway/tenants/{id}/reveal-credentials")).await;
        refused.assert_problem(409, "not_allocated");
        let log = api.call("GET", &format!("{AUDIT}?call=reveal_credentials")).await;
        assert_eq!(entries(&log.body), [("key:root", "reveal_credentials", 409, Some("not_allocated"))]);
    });
}

#[test]
fn what_is_changed_behind_its_back_is_found() {
    with_api(|api| async move {
        for n in 0..5 {
            api.create(&format!("acme{n}")).await;
        }
        let check = api.call("GET", &format!("{AUDIT}/check")).await;
        assert_eq!((&check.body["whole"], &check.body["entries"]), (&json!(true), &json!(5)), "{}", check.body);
        let mut database = api.database().await;
        for refused in ["UPDATE gateway.audit SET actor = 'x'", "DELETE FROM gateway.audit", "TRUNCATE gateway.audit"] {
            let error = sqlx::query(refused).execute(&mut database).await.unwrap_err();
            assert_eq!(error.as_database_error().unwrap().constraint(), Some("audit_append_only"), "{refused}");
        }
        sqlx::query("ALTER TABLE gateway.audit DISABLE TRIGGER audit_guard").execute(&mut database).await.unwrap();
        for (damage, at, repair) in [
            (
                "UPDATE gateway.audit SET actor = 'key:other' WHERE id = 3",
                3,
                "UPDATE gateway.audit SET actor = 'key:root' WHERE id = 3",
            ),
            (
                "UPDATE gateway.audit SET after = after || '{\"status\": \"x\"}' WHERE id = 1",
                1,
                "UPDATE gateway.audit SET after = after || '{\"status\": \"pending\"}' WHERE id = 1",
            ),
            ("UPDATE gateway.audit SET code = '' WHERE id = 2", 2, "UPDATE gateway.audit SET code = NULL WHERE id = 2"),
            ("DELETE FROM gateway.audit WHERE id = 5", 5, ""),
            ("DELETE FROM gateway.audit WHERE id = 2", 3, ""),
        ] {
            sqlx::query(damage).execute(&mut database).await.unwrap();
            let check = api.call("GET", &format!("{AUDIT}/check")).await;
            assert_eq!(
                (&check.body["whole"], &check.body["broken_at"]),
                (&json!(false), &json!(at)),
                "{damage}: {}",
                check.body
            );
            if !repair.is_empty() {
                sqlx::query(repair).execute(&mut database).await.unwrap();
                assert_eq!(api.call("GET", &format!("{AUDIT}/check")).await.body["whole"], true, "{repair}");
            }
        }
    });
}

#[test]
fn the_log_is_for_those_who_may_read_it() {
    with_api(|api| async move {
        api.call_as(NOBODY, "GET", AUDIT).await.assert_problem(403, "missing_scope");
        api.call_as(READER, "GET", &format!("{AUDIT}/check")).await.assert_problem(403, "missing_scope");
    });
}
