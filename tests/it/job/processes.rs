//! The roles of the program as processes of their own: migrate once, then serve, on a control database of a test's own.

use std::process::{Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio_util::task::TaskTracker;

use crate::support::stack::{Stack, gateway};
use crate::support::{PATIENCE, run, unique_key, wait_for};

pub(super) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// `gateway` with the stack's settings, but another control database.
fn on_database(stack: &Stack, url: &str, verb: &str) -> Command {
    let mut command = gateway();
    command.arg(verb).envs(stack.environment()).env("GATEWAY_DATABASE_URL", url).stdin(Stdio::null());
    command
}

#[test]
fn migrate_is_a_one_shot_and_serve_answers_until_asked_to_stop() {
    run(async {
        let stack = Stack::shared().await;
        let name = unique_key("roles").replace('-', "_");
        let mut server = stack.server("postgres").await;
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut server).await.unwrap();
        let url = format!("{}/{name}", stack.text("database_url").strip_suffix("/gateway").unwrap());

        let first = on_database(&stack, &url, "migrate").output().unwrap();
        let said = String::from_utf8(first.stdout).unwrap();
        assert!(first.status.success() && said.contains("GATEWAY_API_KEY=gwk_") && said.contains("password"), "{said}");
        let key = said.lines().find_map(|line| line.trim().strip_prefix("GATEWAY_API_KEY=")).unwrap().to_owned();
        let second = on_database(&stack, &url, "migrate").output().unwrap();
        let said = String::from_utf8(second.stdout).unwrap();
        assert!(second.status.success() && !said.contains("gwk_") && !said.contains("password"), "shown once: {said}");

        let (port, admin_port) = (free_port(), free_port());
        let mut serve = on_database(&stack, &url, "serve");
        serve.env("GATEWAY_PORT", port.to_string()).env("GATEWAY_ADMIN_PORT", admin_port.to_string());
        let mut serve = serve.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        wait_for("serve to be ready", PATIENCE, || async {
            let answer = http.get(format!("http://127.0.0.1:{admin_port}/ready")).send().await;
            answer.map_err(|error| error.to_string())?.error_for_status().map(|_| ()).map_err(|error| error.to_string())
        })
        .await;
        let tenants = http.get(format!("http://127.0.0.1:{admin_port}/api/gateway/tenants"));
        assert_eq!(tenants.bearer_auth(&key).send().await.unwrap().status(), 200, "the key printed by migrate");
        let unknown = http.get(format!("http://127.0.0.1:{port}/")).header("host", "nobody.localhost");
        assert_eq!(unknown.send().await.unwrap().status(), 404, "the tenant port knows no such host");

        kill(Pid::from_raw(i32::try_from(serve.id()).unwrap()), Signal::SIGTERM).unwrap();
        assert_eq!(serve.wait().unwrap().code(), Some(0), "asked to stop");
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)")))
            .execute(&mut server)
            .await
            .unwrap();
    });
}

#[test]
fn a_call_whose_process_died_before_the_answer_is_answered_when_it_is_repeated() {
    run(async {
        let stack = Stack::shared().await;
        let name = unique_key("once").replace('-', "_");
        let mut server = stack.server("postgres").await;
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut server).await.unwrap();
        let url = format!("{}/{name}", stack.text("database_url").strip_suffix("/gateway").unwrap());
        let said = String::from_utf8(on_database(&stack, &url, "migrate").output().unwrap().stdout).unwrap();
        let key = said.lines().find_map(|line| line.trim().strip_prefix("GATEWAY_API_KEY=")).unwrap().to_owned();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let call = |admin_port: u16| {
            let request = http.post(format!("http://127.0.0.1:{admin_port}/api/gateway/tenants")).bearer_auth(&key);
            let body = serde_json::json!({ "key": "acme", "company_name": "Acme" });
            request.header("idempotency-key", "signup-1").json(&body).send()
        };
        let start = async |failpoint: &str, marker: &std::path::Path| {
            let (port, admin_port) = (free_port(), free_port());
            let mut serve = on_database(&stack, &url, "serve");
            serve.env("GATEWAY_PORT", port.to_string()).env("GATEWAY_ADMIN_PORT", admin_port.to_string());
            serve.env("GATEWAY_FAILPOINT", failpoint).env("GATEWAY_FAILPOINT_FILE", marker);
            let serve = serve.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            wait_for("serve to be ready", PATIENCE, || async {
                let answer = http.get(format!("http://127.0.0.1:{admin_port}/ready")).send().await;
                let answer = answer.and_then(reqwest::Response::error_for_status);
                answer.map(|_| ()).map_err(|error| error.to_string())
            })
            .await;
            (serve, admin_port)
        };
        let place = tempfile::tempdir().unwrap();
        let marker = place.path().join("committed");

        let (mut first, admin_port) = start("call:create_tenant:committed", &marker).await;
        let lost = TaskTracker::new().spawn(call(admin_port));
        wait_for("the failpoint", PATIENCE, || async {
            marker.exists().then_some(()).ok_or_else(|| "it was not reached".to_owned())
        })
        .await;
        first.kill().unwrap();
        first.wait().unwrap();
        assert!(lost.await.unwrap().is_err(), "the caller got no answer");

        let (second, admin_port) = start("", &marker).await;
        let answer = call(admin_port).await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), answer.headers()["idempotent-replayed"].as_bytes()),
            (202, b"true".as_slice())
        );
        let answer: serde_json::Value = answer.json().await.unwrap();
        let mut control = stack.server(&name).await;
        let made: Vec<uuid::Uuid> =
            sqlx::query_scalar("SELECT id FROM gateway.tenant").fetch_all(&mut control).await.unwrap();
        let told: i64 = sqlx::query_scalar("SELECT count(*) FROM gateway.audit").fetch_one(&mut control).await.unwrap();
        assert_eq!(
            (made.iter().map(uuid::Uuid::to_string).collect::<Vec<_>>(), told),
            (vec![answer["id"].as_str().unwrap().to_owned()], 1)
        );
        sqlx::Connection::close(control).await.unwrap();
        kill(Pid::from_raw(i32::try_from(second.id()).unwrap()), Signal::SIGTERM).unwrap();
        let mut second = second;
        assert_eq!(second.wait().unwrap().code(), Some(0));
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)")))
            .execute(&mut server)
            .await
            .unwrap();
    });
}

#[test]
fn wrong_settings_are_refused_all_at_once_by_name() {
    run(async {
        let output = gateway()
            .arg("serve")
            .env_clear()
            .envs([
                ("GATEWAY_DATABASE_URL", "mysql://root:hunter2@localhost/x"),
                ("GATEWAY_SECRET_KEYS", "not-a-key"),
                ("GATEWAY_PORT", "99999"),
                ("GATEWAY_COLOUR", "red"),
                ("GATEWAY_NETWORK_MODE", "maybe"),
            ])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        for name in ["DATABASE_URL", "SECRET_KEYS", "PORT", "COLOUR", "NETWORK_MODE"] {
            assert!(said.contains(&format!("GATEWAY_{name}")), "{name}: {said}");
        }
        assert!(!said.contains("hunter2") && !said.contains("not-a-key"), "no value is repeated: {said}");
    });
}
