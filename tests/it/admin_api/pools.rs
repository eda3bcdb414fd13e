//! `/api/gateway/pools`

use serde_json::json;
use uuid::Uuid;

use super::with_api;

const POOLS: &str = "/api/gateway/pools";

#[test]
fn a_pool_is_made_found_moved_and_removed() {
    with_api(|api| async move {
        let made = api.post(POOLS, &json!({ "name": "europe", "backend_url": "http://127.0.0.1:9001" })).await;
        assert_eq!((made.status, made.text("backend_url")), (201, "http://127.0.0.1:9001/"), "{}", made.body);
        let id: Uuid = made.text("id").parse().unwrap();
        assert_eq!(made.header("location"), format!("{POOLS}/{id}"));
        for which in ["europe".to_owned(), id.to_string()] {
            assert_eq!(api.call("GET", &format!("{POOLS}/{which}")).await.body, made.body);
        }
        api.post("/api/gateway/tenants", &json!({ "key": "acme", "company_name": "A", "pool_id": id })).await;
        assert_eq!(api.call("GET", &format!("{POOLS}/europe")).await.body["tenants"], 1);
        let request = api.bare("PATCH", &format!("{POOLS}/europe")).bearer_auth(super::ROOT);
        let moved = api.send(request.json(&json!({ "backend_url": "http://127.0.0.1:9002" }))).await;
        assert_eq!((moved.status, moved.text("backend_url")), (200, "http://127.0.0.1:9002/"));
        let jobs = api.call("GET", "/api/gateway/jobs").await;
        assert_eq!(
            (&jobs.body["items"][0]["kind"], &jobs.body["items"][0]["requested_by"]),
            (&json!("reconcile"), &json!("key:root"))
        );
        api.call("DELETE", &format!("{POOLS}/europe")).await.assert_problem(409, "pool_in_use");
        api.post(POOLS, &json!({ "name": "europe", "backend_url": "http://h" }))
            .await
            .assert_problem(409, "name_taken");
        api.post(POOLS, &json!({ "name": "asia", "backend_url": "http://h" })).await;
        let list = api.call("GET", &format!("{POOLS}?limit=1")).await;
        let next = api.call("GET", &format!("{POOLS}?limit=1&cursor={}", list.text("next_cursor"))).await;
        assert_eq!(
            (&list.body["items"][0]["name"], &next.body["items"][0]["name"]),
            (&json!("asia"), &json!("europe"))
        );
        assert_eq!(api.call("DELETE", &format!("{POOLS}/asia")).await.status, 200);
        api.call("GET", &format!("{POOLS}/asia")).await.assert_problem(404, "pool_not_found");
    });
}

#[test]
fn the_default_pool_is_where_the_settings_say() {
    with_api(|api| async move {
        let made = "INSERT INTO gateway.shared_pool (name, backend_url) VALUES ('default', 'http://127.0.0.1:1')";
        sqlx::query(made).execute(&mut api.database().await).await.unwrap();
        assert_eq!(api.call("GET", &format!("{POOLS}/default")).await.body["from_settings"], true);
        let request = api.bare("PATCH", &format!("{POOLS}/default")).bearer_auth(super::ROOT);
        api.send(request.json(&json!({ "backend_url": "http://h" }))).await.assert_problem(409, "pool_of_settings");
        api.call("DELETE", &format!("{POOLS}/default")).await.assert_problem(409, "pool_of_settings");
    });
}

#[test]
fn every_wrong_field_is_named() {
    with_api(|api| async move {
        let wrong = api.post(POOLS, &json!({ "name": "Europe", "backend_url": "http://u:p@h/x", "weight": 1 })).await;
        assert_eq!(wrong.wrong(), [("/name", "name"), ("/backend_url", "parts"), ("/weight", "unknown")]);
        let wrong = api.post(POOLS, &json!({ "name": 1 })).await;
        assert_eq!(wrong.wrong(), [("/name", "type"), ("/backend_url", "required")]);
        for path in ["x%00y", "A", "a b"] {
            api.call("GET", &format!("{POOLS}/{path}")).await.assert_problem(404, "pool_not_found");
        }
    });
}
