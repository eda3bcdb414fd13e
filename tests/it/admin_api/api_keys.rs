//! `/api/gateway/api-keys`

use std::time::Duration;

use gateway::api::auth::api_key::make_for;
use secrecy::ExposeSecret;
use serde_json::json;
use uuid::Uuid;

use super::{Answer, Api, with_api};
use crate::support::stack::Stack;

const KEYS: &str = "/api/gateway/api-keys";
const TENANTS: &str = "/api/gateway/tenants";

impl Api {
    async fn make_key(&self, body: serde_json::Value) -> (String, String) {
        let made = self.post(KEYS, &body).await;
        assert_eq!(made.status, 201, "{}", made.body);
        (made.body["api_key"]["id"].as_str().unwrap().to_owned(), made.text("key").to_owned())
    }
}

fn code(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.body["code"].as_str().unwrap_or_default())
}

#[test]
fn a_key_is_shown_once_and_stored_as_a_hash() {
    with_api(|api| async move {
        let made = api.post(KEYS, &json!({ "name": "billing", "scopes": ["tenants:read"] })).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let (key, id) = (made.text("key"), made.body["api_key"]["id"].as_str().unwrap());
        assert!(key.starts_with(&format!("gwk_{id}_")), "{key}");
        assert_eq!(made.header("location"), format!("{KEYS}/{id}"));
        let shown = api.call("GET", &format!("{KEYS}/{id}")).await;
        assert_eq!(shown.body, made.body["api_key"]);
        assert_eq!((shown.text("created_by"), &shown.body["last_used_at"]), ("key:root", &json!(null)));
        assert_eq!(api.call_as(key, "GET", TENANTS).await.status, 200);
        api.call_as(key, "POST", TENANTS).await.assert_problem(403, "missing_scope");
        assert!(api.call("GET", &format!("{KEYS}/{id}")).await.body["last_used_at"].is_string());
        let stored: String = sqlx::query_scalar("SELECT string_agg(t::text, ' ') FROM (SELECT k::text t FROM gateway.api_key k UNION ALL SELECT a::text FROM gateway.audit a) t")
            .fetch_one(&mut api.database().await)
            .await
            .unwrap();
        assert!(stored.contains(id) && !stored.contains(&key[17..]), "the secret is nowhere");
    });
}

#[test]
fn no_key_may_more_than_its_maker() {
    with_api(|api| async move {
        let (_, maker) = api.make_key(json!({ "name": "maker", "scopes": ["keys:write", "tenants:read"] })).await;
        let ask = |body: serde_json::Value| api.send(api.bare("POST", KEYS).bearer_auth(&maker).json(&body));
        for (scope, beyond) in
            [("tenants:read", false), ("keys:write", false), ("tenants:write", true), ("audit:read", true), ("*", true)]
        {
            let answer = ask(json!({ "name": "child", "scopes": [scope] })).await;
            if beyond {
                assert_eq!(answer.wrong(), [("/scopes/0", "beyond_caller")], "{scope}");
            } else {
                assert_eq!(answer.status, 201, "{scope}: {}", answer.body);
            }
        }
        let (strong, _) = api.make_key(json!({ "name": "strong", "scopes": ["*"] })).await;
        let stolen = api.send(api.bare("POST", &format!("{KEYS}/{strong}/rotate")).bearer_auth(&maker)).await;
        stolen.assert_problem(403, "beyond_caller");
        let revoked = api.send(api.bare("DELETE", &format!("{KEYS}/{strong}")).bearer_auth(&maker)).await;
        revoked.assert_problem(403, "beyond_caller");
        let tenant = api.create("acme").await;
        let (_, narrow) = api
            .make_key(json!({ "name": "narrow", "scopes": ["keys:write", "tenants:read"], "tenants": [tenant] }))
            .await;
        let ask =
            api.bare("POST", KEYS).bearer_auth(&narrow).json(&json!({ "name": "wide", "scopes": ["tenants:read"] }));
        api.send(ask).await.assert_problem(403, "outside_reach");
    });
}

#[test]
fn a_key_sees_only_its_tenants() {
    with_api(|api| async move {
        let (mine, other) = (api.active("mine").await, api.active("other").await);
        let (_, key) = api.make_key(json!({ "name": "app", "scopes": ["*"], "tenants": [mine] })).await;
        let call = async |method: &str, path: &str| {
            let request = api.bare(method, path).bearer_auth(&key);
            api.send(if method == "PATCH" { request.json(&json!({})) } else { request }).await
        };
        let list = call("GET", TENANTS).await;
        assert_eq!(list.body["items"].as_array().unwrap().len(), 1);
        assert_eq!(list.body["items"][0]["key"], "mine");
        let operations = call("GET", "/api/gateway/operations").await;
        assert_eq!(operations.body["items"].as_array().unwrap().len(), 1);
        let hidden = api.call("GET", &format!("/api/gateway/operations?tenant={other}")).await;
        let hidden = hidden.body["items"][0]["id"].as_str().unwrap().to_owned();
        for (method, path, missing) in [
            ("GET", format!("{TENANTS}/{other}"), "tenant_not_found"),
            ("GET", format!("{TENANTS}/other"), "tenant_not_found"),
            ("PATCH", format!("{TENANTS}/{other}"), "tenant_not_found"),
            ("DELETE", format!("{TENANTS}/{other}?force=true&purge=true"), "tenant_not_found"),
            ("POST", format!("{TENANTS}/{other}/suspend"), "tenant_not_found"),
            ("POST", format!("{TENANTS}/other/rotate-credentials"), "tenant_not_found"),
            ("POST", format!("{TENANTS}/{other}/reveal-credentials"), "tenant_not_found"),
            ("GET", "/api/gateway/operations?tenant=other".to_owned(), "tenant_not_found"),
            ("GET", format!("/api/gateway/operations/{hidden}"), "operation_not_found"),
            ("POST", format!("/api/gateway/operations/{hidden}/retry"), "operation_not_found"),
            ("POST", format!("/api/gateway/operations/{hidden}/cancel"), "operation_not_found"),
        ] {
            // To the letter what a tenant that is not there is answered with.
            assert_eq!(code(&call(method, &path).await), (404, missing), "{method} {path}");
        }
        assert_eq!(call("POST", &format!("{TENANTS}/{mine}/suspend")).await.status, 202);
        let made = api
            .send(api.bare("POST", TENANTS).bearer_auth(&key).json(&json!({ "key": "new", "company_name": "New" })))
            .await;
        made.assert_problem(403, "outside_reach");
        assert_eq!(api.call("GET", &format!("{TENANTS}/{other}")).await.text("status"), "active");
        let me = call("GET", "/api/gateway/me").await;
        assert_eq!((&me.body["tenants"], &me.body["pools"]), (&json!([mine]), &json!(null)));
    });
}

#[test]
fn a_key_of_a_pool_sees_the_tenants_in_it() {
    with_api(|api| async move {
        let mut pools = Vec::new();
        for name in ["one", "two"] {
            let pool: Uuid = sqlx::query_scalar(
                "INSERT INTO gateway.shared_pool (name, backend_url) VALUES ($1, 'http://127.0.0.1:1') RETURNING id",
            )
            .bind(name)
            .fetch_one(&mut api.database().await)
            .await
            .unwrap();
            pools.push(pool);
        }
        let body = |key: &str, pool: Uuid| json!({ "key": key, "company_name": key, "pool_id": pool });
        api.post(TENANTS, &body("first", pools[0])).await;
        api.post(TENANTS, &body("second", pools[1])).await;
        let (_, key) = api.make_key(json!({ "name": "one", "scopes": ["*"], "pools": [pools[0]] })).await;
        let call = async |method: &str, path: &str| api.call_as(&key, method, path).await;
        assert_eq!(call("GET", &format!("{TENANTS}/first")).await.status, 200);
        call("GET", &format!("{TENANTS}/second")).await.assert_problem(404, "tenant_not_found");
        let post = async |path: &str, body: &serde_json::Value| {
            api.send(api.bare("POST", path).bearer_auth(&key).json(body)).await
        };
        post(TENANTS, &body("third", pools[1])).await.assert_problem(403, "outside_reach");
        assert_eq!(post(TENANTS, &body("fourth", pools[0])).await.status, 202);
        // Nor can it move one out of its sight.
        let moved = post(&format!("{TENANTS}/first/move"), &json!({ "pool_id": pools[1] })).await;
        assert_eq!(moved.wrong(), [("/pool_id", "no_such_pool")]);
    });
}

#[test]
fn the_former_secret_works_for_the_overlap() {
    with_api(|api| async move {
        let (id, first) = api.make_key(json!({ "name": "app", "scopes": ["tenants:read"] })).await;
        let rotated = api.post(&format!("{KEYS}/{id}/rotate"), &json!({ "overlap_seconds": 3600 })).await;
        let second = rotated.text("key").to_owned();
        assert_eq!(rotated.status, 200, "{}", rotated.body);
        assert!(second.starts_with(&format!("gwk_{id}_")) && second != first);
        for key in [&first, &second] {
            assert_eq!(api.call_as(key, "GET", TENANTS).await.status, 200);
        }
        let rotated = api.post(&format!("{KEYS}/{id}/rotate"), &json!({ "overlap_seconds": 0 })).await;
        for key in [&first, &second] {
            api.call_as(key, "GET", TENANTS).await.assert_problem(401, "unauthenticated");
        }
        assert_eq!(api.call_as(rotated.text("key"), "GET", TENANTS).await.status, 200);
        for bad in [json!(-1), json!(1e9), json!("x")] {
            let wrong = api.post(&format!("{KEYS}/{id}/rotate"), &json!({ "overlap_seconds": bad })).await;
            assert_eq!(wrong.status, 422, "{bad}: {}", wrong.body);
        }
    });
}

#[test]
fn revoked_and_outdated_keys_work_no_more() {
    with_api(|api| async move {
        let (id, key) = api.make_key(json!({ "name": "app", "scopes": ["tenants:read"] })).await;
        assert_eq!(api.call_as(&key, "GET", TENANTS).await.status, 200);
        let revoked = api.call("DELETE", &format!("{KEYS}/{id}")).await;
        assert!(revoked.body["revoked_at"].is_string(), "{}", revoked.body);
        api.call_as(&key, "GET", TENANTS).await.assert_problem(401, "unauthenticated");
        let again = api.call("DELETE", &format!("{KEYS}/{id}")).await;
        assert_eq!(again.body["revoked_at"], revoked.body["revoked_at"]);
        api.call("POST", &format!("{KEYS}/{id}/rotate")).await.assert_problem(404, "api_key_not_found");
        let (soon, key) = api
            .make_key(json!({ "name": "short", "scopes": ["tenants:read"], "expires_at": "2999-01-01T00:00:00Z" }))
            .await;
        assert_eq!(api.call_as(&key, "GET", TENANTS).await.status, 200);
        sqlx::query("UPDATE gateway.api_key SET expires_at = now() WHERE id = $1")
            .bind(&soon)
            .execute(&mut api.database().await)
            .await
            .unwrap();
        api.until_refused(&key).await;
        let list = async |query: &str| {
            api.call("GET", &format!("{KEYS}{query}")).await.body["items"].as_array().unwrap().len()
        };
        assert_eq!((list("").await, list("?ended=true").await, list("?ended=true&limit=1").await), (0, 2, 1));
    });
}

#[test]
fn a_key_that_ends_in_one_process_ends_in_another() {
    with_api(|api| async move {
        let redis = Stack::shared().await.redis_url();
        let other = super::serve(api.options.clone(), &redis, &[], &api.parts, &api.stop).await;
        let (id, key) = api.make_key(json!({ "name": "app", "scopes": ["tenants:read"] })).await;
        for process in [&api, &other] {
            assert_eq!(process.call_as(&key, "GET", TENANTS).await.status, 200);
        }
        let rotated = api.post(&format!("{KEYS}/{id}/rotate"), &json!({ "overlap_seconds": 0 })).await;
        assert_eq!(rotated.status, 200, "{}", rotated.body);
        api.call_as(&key, "GET", TENANTS).await.assert_problem(401, "unauthenticated");
        other.until_refused(&key).await;
        let key = rotated.text("key").to_owned();
        for process in [&api, &other] {
            assert_eq!(process.call_as(&key, "GET", TENANTS).await.status, 200);
        }
        api.call("DELETE", &format!("{KEYS}/{id}")).await;
        api.call_as(&key, "GET", TENANTS).await.assert_problem(401, "unauthenticated");
        other.until_refused(&key).await;
    });
}

#[test]
fn no_key_outlasts_its_maker() {
    with_api(|api| async move {
        let end = "2999-01-01T00:00:00Z";
        let scopes = json!(["keys:write", "tenants:read"]);
        let (own, maker) = api.make_key(json!({ "name": "maker", "scopes": scopes, "expires_at": end })).await;
        for (asked, beyond) in [
            (json!(null), true),
            (json!("2999-01-01T00:00:01Z"), true),
            (json!(end), false),
            (json!("2998-01-01T00:00:00Z"), false),
        ] {
            let body = json!({ "name": "child", "scopes": ["tenants:read"], "expires_at": asked });
            let answer = api.send(api.bare("POST", KEYS).bearer_auth(&maker).json(&body)).await;
            if beyond {
                assert_eq!(answer.wrong(), [("/expires_at", "beyond_caller")], "{asked}");
            } else {
                assert_eq!(answer.status, 201, "{asked}: {}", answer.body);
            }
        }
        let (lasting, _) = api.make_key(json!({ "name": "lasting", "scopes": ["tenants:read"] })).await;
        let rotate = |id: &str| api.send(api.bare("POST", &format!("{KEYS}/{id}/rotate")).bearer_auth(&maker));
        rotate(&lasting).await.assert_problem(403, "beyond_caller");
        assert_eq!(rotate(&own).await.status, 200);
    });
}

#[test]
fn a_key_is_used_by_who_knows_its_secret_alone() {
    with_api(|api| async move {
        let (id, key) = api.make_key(json!({ "name": "app", "scopes": ["tenants:read"] })).await;
        let used = async || api.call("GET", &format!("{KEYS}/{id}")).await.body["last_used_at"].clone();
        // Of the right form, and with the right check.
        let guess = make_for(id.clone());
        api.call_as(guess.key.expose_secret(), "GET", TENANTS).await.assert_problem(401, "unauthenticated");
        assert_eq!(used().await, json!(null));
        assert_eq!(api.call_as(&key, "GET", TENANTS).await.status, 200);
        let first = used().await;
        assert!(first.is_string(), "{first}");
        // Within the same minute the mark stays; after it, it moves.
        assert_eq!(api.call_as(&key, "GET", TENANTS).await.status, 200);
        assert_eq!(used().await, first);
        sqlx::raw_sql("UPDATE gateway.api_key SET last_used_at = now() - interval '2 minutes'")
            .execute(&mut api.database().await)
            .await
            .unwrap();
        let old = used().await;
        // With the first call that reads the key anew.
        let moves = async {
            while used().await == old {
                assert_eq!(api.call_as(&key, "GET", TENANTS).await.status, 200);
            }
        };
        tokio::time::timeout(Duration::from_secs(10), moves).await.unwrap();
        assert!(used().await.as_str() > old.as_str());
    });
}

#[test]
fn every_wrong_field_is_named() {
    with_api(|api| async move {
        let body = json!({ "name": " ", "scopes": ["tenants:read", "tenants:read", "no:such"], "tenants": ["x"], "pools": [], "expires_at": "2001-01-01T00:00:00Z", "id": "x" });
        let wrong = api.post(KEYS, &body).await;
        let wanted = [
            ("/name", "length"),
            ("/scopes/1", "twice"),
            ("/scopes/2", "unknown_value"),
            ("/tenants/0", "uuid"),
            ("/pools", "length"),
            ("/expires_at", "past"),
            ("/id", "unknown"),
        ];
        assert_eq!(wrong.wrong(), wanted);
        assert_eq!(api.post(KEYS, &json!({})).await.wrong(), [("/name", "required"), ("/scopes", "required")]);
        let nobody = api.post(KEYS, &json!({ "name": "x", "scopes": ["*"], "tenants": [Uuid::nil()] })).await;
        assert_eq!(nobody.wrong(), [("/tenants", "no_such_tenant")]);
        let nowhere = api.post(KEYS, &json!({ "name": "x", "scopes": ["*"], "pools": [Uuid::nil()] })).await;
        assert_eq!(nowhere.wrong(), [("/pools", "no_such_pool")]);
        for path in ["x", "a b", "000000000000"] {
            api.call("GET", &format!("{KEYS}/{path}")).await.assert_problem(404, "api_key_not_found");
        }
    });
}
