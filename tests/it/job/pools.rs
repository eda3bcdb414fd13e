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

/// Puts a tenant into a pool by SQL, which asks nobody: the pool takes no others, so the test is alone in it.
async fn put(stack: &Stack, key: &str, pool: &str) {
    let made = "INSERT INTO gateway.tenant (key, company_name, pool_id)
                SELECT $1, 'Pooled', id FROM gateway.shared_pool WHERE name = $2";
    sqlx::query(made).bind(key).bind(pool).execute(&stack.control).await.unwrap();
    stack.settled(key, &["active"]).await;
}

#[test]
fn the_tenants_of_a_stopped_pool_answer_503_and_their_rows_stay_as_they_are() {
    run(async {
        let stack = Stack::shared().await;
        let app = stack.environment().into_iter().find(|(name, _)| name == "GATEWAY_APP_BACKEND_URL").unwrap().1;
        let here = app.trim_end_matches('/').to_owned();
        let there = here.replace("127.0.0.1", "localhost");
        let pool = unique_key("pool");
        let made = stack.ctl(&["pool", "create", &pool, "--backend", &here, "--backend", &there, "--capacity", "0"]);
        assert!(made.status.success(), "{made:?}");
        let key = unique_key("pooled");
        put(&stack, &key, &pool).await;
        wait_for("both members to be there", PATIENCE, || async {
            let found = servers(&stack, &pool).await?;
            if found.len() == 2 { Ok(()) } else { Err(format!("{found:?}")) }
        })
        .await;
        let row = || async {
            let row: (String, i64) = sqlx::query_as("SELECT status, generation FROM gateway.tenant WHERE key = $1")
                .bind(&key)
                .fetch_one(&stack.control)
                .await
                .unwrap();
            row
        };
        let before = row().await;
        let answers = |status: u16| {
            let (stack, host) = (&stack, stack.host_of(&key));
            wait_for("the host to answer so", PATIENCE, move || {
                let host = host.clone();
                async move {
                    let found = stack.get(&host, "/").await.status;
                    if found == status { Ok(()) } else { Err(found.to_string()) }
                }
            })
        };
        answers(200).await;
        assert!(stack.ctl(&["pool", "stop", &pool]).status.success());
        answers(503).await;
        wait_for("Traefik to lead to the page", PATIENCE, || async {
            let found = servers(&stack, &pool).await?;
            if found.len() == 1 && !found[0].starts_with(&here) { Ok(()) } else { Err(format!("{found:?}")) }
        })
        .await;
        assert_eq!(row().await, before);
        // Work on a tenant of a stopped pool ends well, too.
        let rotated = stack.ctl(&["tenant", "rotate", &key, "--wait"]);
        assert!(rotated.status.success(), "{rotated:?}");
        answers(503).await;
        assert!(stack.ctl(&["pool", "start", &pool]).status.success());
        answers(200).await;
        stack.wish(&key, "deleting").await;
        stack.settled(&key, &["deleted"]).await;
    });
}
