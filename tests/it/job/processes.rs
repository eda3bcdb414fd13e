//! The roles of the program as processes of their own: migrate once, then serve, on a control database of a test's own.

use std::process::{Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::stack::{Stack, gateway};
use crate::support::{PATIENCE, run, unique_key, wait_for};

fn free_port() -> u16 {
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
