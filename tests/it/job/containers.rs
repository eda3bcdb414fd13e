//! Looks into the container of a dedicated tenant, by a worker, and a request to its route.

use serde_json::json;

use crate::support::stack::Stack;
use crate::support::{PATIENCE, run, unique_key, wait_for};

async fn dedicated(stack: &Stack, key: &str) -> uuid::Uuid {
    let insert = "INSERT INTO gateway.tenant (key, company_name, tier) VALUES ($1, $1, 'dedicated') RETURNING id";
    let id = sqlx::query_scalar(insert).bind(key).fetch_one(&stack.control).await.unwrap();
    stack.settled(key, &["active"]).await;
    id
}

#[test]
fn the_log_and_the_numbers_of_a_container_are_seen() {
    run(async {
        let stack = Stack::shared().await;
        let key = unique_key("looked");
        let id = dedicated(&stack, &key).await;
        let log = String::from_utf8(stack.ctl(&["tenant", "logs", &key]).stdout).unwrap();
        assert!(log.contains("serving notes") && log.contains(" stderr "), "{log}");
        assert!(!log.contains('\u{1b}'));
        let few = stack.ctl(&["tenant", "logs", &key, "--lines", "1", "-o", "json"]);
        let few: serde_json::Value = serde_json::from_slice(&few.stdout).unwrap();
        assert_eq!((few["lines"].as_array().map(Vec::len), &few["state"]), (Some(1), &json!("succeeded")), "{few}");
        let later = stack.ctl(&["tenant", "logs", &key, "--since", "2100-01-01T00:00:00Z", "-o", "json"]);
        let later: serde_json::Value = serde_json::from_slice(&later.stdout).unwrap();
        assert_eq!(later["lines"], json!([]), "{later}");

        let path = format!("/api/gateway/tenants/{id}/stats");
        let stats = wait_for("the container to be measured", PATIENCE, || async {
            let (status, stats) = stack.api("GET", &path, None).await;
            assert_eq!(status, 200, "{stats}");
            if stats["cpus_used"].is_number() { Ok(stats) } else { Err(stats.to_string()) }
        })
        .await;
        assert_eq!(
            (&stats["known"], &stats["state"], &stats["restarts"]),
            (&json!(true), &json!("running"), &json!(0))
        );
        let number = |name: &str| stats[name].as_f64().unwrap_or_else(|| panic!("{name} in {stats}"));
        assert!(number("memory_bytes") > 0.0 && number("memory_bytes") <= number("memory_limit_bytes"), "{stats}");
        assert!(number("pids") >= 1.0 && number("pids") <= number("pids_limit"), "{stats}");
        assert!(number("cpus_used") <= number("cpus_limit") * 1.5 && number("received_bytes") > 0.0, "{stats}");

        let told: Vec<String> = sqlx::query_scalar("SELECT call FROM gateway.audit WHERE target = $1")
            .bind(format!("tenant:{id}"))
            .fetch_all(&stack.control)
            .await
            .unwrap();
        assert_eq!(told, ["read_tenant_logs"; 3]);
    });
}

#[test]
fn a_route_is_tested_through_traefik() {
    run(async {
        let stack = Stack::shared().await;
        let key = unique_key("tested");
        stack.insert(&key, "Tested").await;
        stack.settled(&key, &["active"]).await;
        let host = stack.host_of(&key);
        let body = json!({ "host": host, "path": "/?a=1" });
        let tested = wait_for("Traefik's API to tell of the route", PATIENCE, || async {
            let (status, tested) = stack.api("POST", "/api/gateway/routes/test", Some(body.clone())).await;
            assert_eq!((status, &tested["reply"]["status"]), (200, &json!(200)), "{tested}");
            if tested["route"].is_object() { Ok(tested) } else { Err(tested.to_string()) }
        })
        .await;
        let reply = &tested["reply"];
        assert_eq!(
            (&tested["route"]["router"], &tested["as_wanted"]),
            (&json!(format!("tenant-{key}@redis")), &json!(true))
        );
        assert_eq!(reply["revision"], tested["route"]["revision"], "it went through this route");
        assert!(reply["body"].as_str().unwrap().contains("Tested"), "{tested}");
        assert!(reply["head_ms"].as_f64().unwrap() > 0.0 && reply["page"].is_null());

        stack.wish(&key, "suspended").await;
        stack.settled(&key, &["suspended"]).await;
        let shown = String::from_utf8(stack.ctl(&["route", "test", &host, "--head"]).stdout).unwrap();
        assert!(shown.contains("503") && shown.contains("suspended"), "{shown}");
    });
}
