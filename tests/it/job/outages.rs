//! A part that is missing or down: the tenant says which, retries or waits in error, and nobody else notices.

use serde_json::Value;
use sqlx::Row;

use crate::support::instance::{Instance, data_directory};
use crate::support::parts::Part;
use crate::support::stack::Stack;
use crate::support::{PATIENCE, run, unique_key, wait_for};

/// Short waits, so that a test sees several attempts.
const HASTE: &[(&str, &str)] = &[("GATEWAY_WORKER_RETRY_BASE_SECONDS", "0.1"), ("GATEWAY_WORKER_LEASE_SECONDS", "2")];

fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    HASTE.iter().chain(more).copied().collect()
}

/// Waits until the row names a failure, and gives status, step, code and message.
async fn failure(stack: &Stack, key: &str, status: &[&str]) -> (String, String, String, String) {
    wait_for(&format!("{key} to name its failure"), PATIENCE, || async {
        let row =
            sqlx::query("SELECT status, error_step, error_code, error_message FROM gateway.tenant WHERE key = $1");
        let row = row.bind(key).fetch_one(&stack.control).await.unwrap();
        let text = |column| row.get::<Option<String>, _>(column).unwrap_or_default();
        let seen = (text("status"), text("error_step"), text("error_code"), text("error_message"));
        if status.contains(&seen.0.as_str()) && !seen.2.is_empty() { Ok(seen) } else { Err(format!("{seen:?}")) }
    })
    .await
}

/// A tenant that was active before stays served.
async fn assert_bystander(stack: &Stack, key: &str) {
    let answer = stack.get(&stack.host_of(key), "/").await;
    assert_eq!(answer.status, 200, "the bystander: {answer:?}");
}

#[test]
fn a_broken_migration_names_the_file_and_retry_resumes() {
    run(async {
        let instance = Instance::without_worker(&[]).await;
        let stack = &instance.stack;
        let directory = data_directory();
        let path = directory.path();
        std::fs::write(path.join("0001_good.sql"), "CREATE TABLE note (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text NOT NULL, created_at timestamptz NOT NULL DEFAULT now());").unwrap();
        let setting = [("GATEWAY_TENANT_MIGRATIONS_DIR", path.to_str().unwrap())];
        let _worker = instance.worker(&with(&setting));
        stack.insert("bystander", "Bystander").await;
        stack.settled("bystander", &["active"]).await;

        std::fs::write(path.join("0002_broken.sql"), "CREATE TABEL x ();").unwrap();
        let key = unique_key("broken");
        let id = stack.insert(&key, "Broken").await;
        let (_, step, code, message) = failure(stack, &key, &["error"]).await;
        assert_eq!((step.as_str(), code.as_str()), ("migrations", "migration_failed"));
        assert!(message.contains("migration 2") && message.contains("TABEL"), "{message}");
        assert_bystander(stack, "bystander").await;

        std::fs::write(path.join("0002_broken.sql"), "CREATE TABLE x ();").unwrap();
        let (status, _) = stack.api("POST", &format!("/api/gateway/tenants/{key}/retry"), None).await;
        assert_eq!(status, 202);
        stack.settled(&key, &["active"]).await;
        stack.assert_effects_once(id).await;
        let version: i64 = sqlx::query_scalar("SELECT migration_version FROM gateway.tenant WHERE id = $1")
            .bind(id)
            .fetch_one(&stack.control)
            .await
            .unwrap();
        assert_eq!(version, 2);

        std::fs::remove_dir_all(path).unwrap();
        let key = unique_key("nodir");
        stack.insert(&key, "No directory").await;
        let (_, step, code, _) = failure(stack, &key, &["error"]).await;
        assert_eq!((step.as_str(), code.as_str()), ("migrations", "migrations_unreadable"));
    });
}

#[test]
fn a_missing_image_and_a_container_that_ends_are_named() {
    run(async {
        let instance = Instance::without_worker(&[]).await;
        let stack = &instance.stack;
        let insert = |key: String| async move {
            sqlx::query("INSERT INTO gateway.tenant (key, company_name, tier) VALUES ($1, 'Image', 'dedicated')")
                .bind(key)
                .execute(&stack.control)
                .await
                .unwrap();
        };
        let worker = instance.worker(&with(&[("GATEWAY_DOCKER_APP_IMAGE", "gateway-test/there-is-no-such:image")]));
        let key = unique_key("noimage");
        insert(key.clone()).await;
        let (_, step, code, message) = failure(stack, &key, &["error"]).await;
        assert_eq!((step.as_str(), code.as_str()), ("container", "image_missing"));
        assert!(message.contains("there-is-no-such"), "{message}");
        drop(worker);

        // The demo app ends at once without a usable database URL.
        let overrides = r#"{"DATABASE_URL":"not a url"}"#;
        let worker = instance.worker(&with(&[("GATEWAY_DOCKER_APP_ENV_OVERRIDES", overrides)]));
        let key = unique_key("exits");
        insert(key.clone()).await;
        let (_, step, code, _) = failure(stack, &key, &["error"]).await;
        assert_eq!((step.as_str(), code.as_str()), ("container", "container_exited"));
        drop(worker);

        let worker = instance.worker(HASTE);
        let (status, body) = stack.api("POST", &format!("/api/gateway/tenants/{key}/retry"), None).await;
        assert_eq!(status, 202, "{body}");
        let id = stack.settled(&key, &["active"]).await;
        stack.assert_complete(&key, id, true).await;
        stack.wish(&key, "deleting").await;
        stack.settled(&key, &["deleted"]).await;
        stack.assert_gone(&key, id).await;
        drop(worker);
    });
}

#[test]
fn docker_away_is_retried_for_as_long_as_it_is_and_spends_no_attempts() {
    run(async {
        let instance = Instance::without_worker(&[]).await;
        let stack = &instance.stack;
        let worker = instance.worker(HASTE);
        stack.insert("bystander", "Bystander").await;
        stack.settled("bystander", &["active"]).await;
        drop(worker);

        let socket = stack.data_dir.join("no-such.sock");
        let away = format!("unix://{}", socket.display());
        let worker = instance.worker(&with(&[("GATEWAY_DOCKER_HOST", &away), ("GATEWAY_WORKER_MAX_ATTEMPTS", "2")]));
        let key = unique_key("nodocker");
        let id = stack.insert(&key, "No Docker").await;
        wait_for("four attempts, twice as many as there are", PATIENCE, || async {
            let attempts: Vec<(String, Option<String>, Option<bool>)> = sqlx::query_as(
                "SELECT state, error_code, retryable FROM gateway.step_attempt WHERE tenant_id = $1 AND step = 'network' ORDER BY id",
            )
            .bind(id)
            .fetch_all(&stack.control)
            .await
            .unwrap();
            let failed = ("failed".to_owned(), Some("docker_unreachable".to_owned()), Some(true));
            if attempts.iter().filter(|attempt| **attempt == failed).count() >= 4 { Ok(()) } else { Err(format!("{attempts:?}")) }
        })
        .await;
        let (status, step, code, _) = failure(stack, &key, &["pending", "provisioning"]).await;
        assert_eq!((step.as_str(), code.as_str()), ("network", "docker_unreachable"), "{status}");
        assert_bystander(stack, "bystander").await;
        drop(worker);

        let _worker = instance.worker(HASTE);
        stack.settled(&key, &["active"]).await;
        stack.assert_complete(&key, id, false).await;
        stack.assert_effects_once(id).await;
    });
}

#[test]
fn the_tenant_server_away_is_retried_until_it_is_back() {
    run(async {
        let instance = Instance::without_worker(&[]).await;
        let stack = &instance.stack;
        // Port 1 is privileged and nobody's.
        let away = "postgres://postgres:x@127.0.0.1:1/postgres";
        let worker =
            instance.worker(&with(&[("GATEWAY_TENANT_DATABASE_URL", away), ("GATEWAY_WORKER_MAX_ATTEMPTS", "50")]));
        let key = unique_key("noserver");
        let id = stack.insert(&key, "No server").await;
        let (status, step, code, _) = failure(stack, &key, &["pending", "provisioning"]).await;
        assert_eq!((step.as_str(), code.as_str()), ("role", "database_server_unreachable"), "{status}");
        drop(worker);
        let _worker = instance.worker(HASTE);
        stack.settled(&key, &["active"]).await;
        stack.assert_complete(&key, id, false).await;
    });
}

#[test]
fn redis_away_is_retried_until_it_is_back_and_tenants_stay_served() {
    run(async {
        let instance = Instance::without_worker(&[]).await;
        let stack = &instance.stack;
        let _worker = instance.worker(&with(&[("GATEWAY_WORKER_MAX_ATTEMPTS", "50")]));
        stack.insert("bystander", "Bystander").await;
        stack.settled("bystander", &["active"]).await;
        let frozen = stack.freeze(Part::Redis);
        let key = unique_key("noredis");
        let id = stack.insert(&key, "No Redis").await;
        let (_, step, code, _) = failure(stack, &key, &["pending", "provisioning"]).await;
        assert_eq!((step.as_str(), code.as_str()), ("route", "redis_unreachable"));
        assert_bystander(stack, "bystander").await;
        // Attempts to log in cannot be counted, so there are none; keys go on.
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let login = http.post(format!("{}/api/gateway/session", stack.text("admin_url")));
        let login =
            login.json(&serde_json::json!({ "email": "owner@localhost", "password": "x" })).send().await.unwrap();
        let status = login.status();
        let problem: Value = login.json().await.unwrap();
        assert_eq!((status.as_u16(), &problem["code"]), (503, &serde_json::json!("limits_unavailable")));
        assert!(stack.ctl(&["tenant", "list"]).status.success());
        drop(frozen);
        stack.settled(&key, &["active"]).await;
        stack.assert_complete(&key, id, false).await;
    });
}

#[test]
fn an_unmigrated_database_is_refused_with_the_command_to_run() {
    run(async {
        let stack = Stack::shared().await;
        let name = unique_key("empty").replace('-', "_");
        let mut server = stack.server("postgres").await;
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut server).await.unwrap();
        let url = format!("{}/{name}", stack.text("database_url").strip_suffix("/gateway").unwrap());
        for verb in ["worker", "serve"] {
            let output = crate::support::stack::gateway()
                .arg(verb)
                .envs(stack.environment())
                .env("GATEWAY_DATABASE_URL", &url)
                .env("GATEWAY_PORT", "1")
                .output()
                .unwrap();
            assert_eq!(output.status.code(), Some(10), "{verb}: {output:?}");
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(said.contains("GW010") && said.contains("gateway migrate"), "{verb}: {said}");
        }
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)")))
            .execute(&mut server)
            .await
            .unwrap();
    });
}

#[test]
fn ready_is_honest_and_health_does_not_depend() {
    run(async {
        let stack = Stack::shared().await;
        for path in ["/health", "/ping", "/ready", "/version"] {
            let (status, body) = stack.api("GET", path, None).await;
            assert_eq!(status, 200, "{path}: {body}");
        }
        let (_, version): (u16, Value) = stack.api("GET", "/version", None).await;
        assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
    });
}
