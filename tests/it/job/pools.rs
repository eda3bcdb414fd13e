//! A shared pool that is made, used and moved.

use serde_json::{Value, json};

use crate::support::stack::Stack;
use crate::support::{PATIENCE, run, unique_key, wait_for};

/// Where Traefik leads requests for a pool.
async fn servers(stack: &Stack, pool: &str) -> Result<Vec<String>, String> {
    let url = format!("{}/api/http/services/pool-{pool}@redis", stack.text("traefik_api_url").trim_end_matches('/'));
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.get(url).send().await.and_then(reqwest::Response::error_for_status);
    let service: Value = answer.map_err(|error| error.to_string())?.json().await.unwrap();
    let servers = service["loadBalancer"]["servers"].as_array().cloned().unwrap_or_default();
    Ok(servers.iter().map(|server| server["url"].as_str().unwrap().to_owned()).collect())
}

#[test]
fn traefik_follows_a_pool_that_moves_and_its_tenants_stay_served() {
    run(async {
        let stack = Stack::shared().await;
        let app = stack.environment().into_iter().find(|(name, _)| name == "GATEWAY_APP_BACKEND_URL").unwrap().1;
        let here = app.trim_end_matches('/').to_owned();
        let there = here.replace("127.0.0.1", "localhost");
        assert_ne!(here, there, "another name of the same app");
        let pool = unique_key("pool");
        let made = stack.ctl(&["pool", "create", &pool, "--backend", &here, "-o", "json"]);
        let made: Value = serde_json::from_slice(&made.stdout).unwrap_or_else(|_| panic!("{made:?}"));
        let key = unique_key("pooled");
        let body = json!({ "key": key, "company_name": "Pooled", "pool_id": made["id"] });
        assert_eq!(stack.api("POST", "/api/gateway/tenants", Some(body)).await.0, 202);
        stack.settled(&key, &["active"]).await;
        let trimmed =
            |urls: Vec<String>| urls.iter().map(|url| url.trim_end_matches('/').to_owned()).collect::<Vec<_>>();
        assert_eq!(servers(&stack, &pool).await.map(trimmed), Ok(vec![here]));

        let moved = stack.ctl(&["pool", "edit", &pool, "--backend", &there]);
        assert!(moved.status.success(), "{moved:?}");
        wait_for("Traefik to follow the pool", PATIENCE, || async {
            let found = servers(&stack, &pool).await.map(trimmed)?;
            if found == [there.clone()] { Ok(()) } else { Err(format!("{found:?}")) }
        })
        .await;
        assert_eq!(stack.get(&stack.host_of(&key), "/").await.status, 200);

        let used = stack.ctl(&["pool", "delete", &pool]);
        assert_eq!(used.status.code(), Some(5), "{used:?}");
        stack.wish(&key, "deleting").await;
        stack.settled(&key, &["deleted"]).await;
    });
}
