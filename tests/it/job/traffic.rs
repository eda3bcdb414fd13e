//! Requests of tenants are counted where they go by: at the tenant ports of several processes, and at Traefik.

use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::support::stack::{Stack, gateway};
use crate::support::{PATIENCE, run, unique_key, wait_for};

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A serving process on a control database of the test's own.
struct Serving {
    process: Child,
    port: u16,
    admin_port: u16,
}

impl Serving {
    async fn start(stack: &Stack, url: &str, http: &reqwest::Client) -> Self {
        let (port, admin_port) = (free_port(), free_port());
        let mut serve: Command = gateway();
        serve.arg("serve").envs(stack.environment()).env("GATEWAY_DATABASE_URL", url);
        serve.env("GATEWAY_PORT", port.to_string()).env("GATEWAY_ADMIN_PORT", admin_port.to_string());
        serve.env("GATEWAY_SERIES_INTERVAL_SECONDS", "1");
        let process = serve.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        wait_for("serve to be ready", PATIENCE, || async {
            let answer = http.get(format!("http://127.0.0.1:{admin_port}/ready")).send().await;
            let answer = answer.and_then(reqwest::Response::error_for_status);
            answer.map(|_| ()).map_err(|error| error.to_string())
        })
        .await;
        Self { process, port, admin_port }
    }

    async fn ask(&self, http: &reqwest::Client, host: &str, count: usize) {
        for _ in 0..count {
            http.get(format!("http://127.0.0.1:{}/", self.port)).header("host", host).send().await.unwrap();
        }
    }

    fn stop(mut self) {
        kill(Pid::from_raw(i32::try_from(self.process.id()).unwrap()), Signal::SIGTERM).unwrap();
        assert_eq!(self.process.wait().unwrap().code(), Some(0));
    }
}

/// Requests and errors that stand in the control database of a tenant, or of all.
async fn counted(control: &mut sqlx::PgConnection, tenant: uuid::Uuid) -> (i64, i64, i64) {
    sqlx::query_as(
        "SELECT coalesce(sum(requests), 0)::bigint, coalesce(sum(errors), 0)::bigint,
                coalesce(sum((SELECT sum(d) FROM unnest(durations) d)), 0)::bigint FROM gateway.traffic WHERE tenant_id = $1",
    )
    .bind(tenant)
    .fetch_one(control)
    .await
    .unwrap()
}

#[test]
fn two_processes_count_each_request_once() {
    run(async {
        let stack = Stack::shared().await;
        let name = unique_key("traffic").replace('-', "_");
        let mut server = stack.server("postgres").await;
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut server).await.unwrap();
        let url = format!("{}/{name}", stack.text("database_url").strip_suffix("/gateway").unwrap());
        let migrated = gateway().arg("migrate").envs(stack.environment()).env("GATEWAY_DATABASE_URL", &url).output();
        assert!(migrated.unwrap().status.success());
        let mut control = stack.server(&name).await;
        let environment: std::collections::BTreeMap<_, _> = stack.environment().into_iter().collect();
        let backends = [("well", environment["GATEWAY_APP_BACKEND_URL"].as_str()), ("broken", "http://127.0.0.1:1")];
        let mut ids = Vec::new();
        for (key, backend) in backends {
            for statement in [
                "INSERT INTO gateway.shared_pool (name, backend_url) VALUES ($1, $2)",
                "INSERT INTO gateway.tenant (key, company_name, pool_id) SELECT $1, $2, id FROM gateway.shared_pool WHERE name = $1",
            ] {
                sqlx::query(statement).bind(key).bind(backend).execute(&mut control).await.unwrap();
            }
            for status in ["provisioning", "active"] {
                let moved = "UPDATE gateway.tenant SET status = $2, observed_generation = CASE $2 WHEN 'active' THEN generation ELSE 0 END WHERE key = $1";
                sqlx::query(moved).bind(key).bind(status).execute(&mut control).await.unwrap();
            }
            let id = sqlx::query_scalar("SELECT id FROM gateway.tenant WHERE key = $1").bind(key);
            ids.push(id.fetch_one(&mut control).await.unwrap());
        }
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let (one, other) = tokio::join!(Serving::start(&stack, &url, &http), Serving::start(&stack, &url, &http));
        let (well, broken) = (stack.host_of("well"), stack.host_of("broken"));
        tokio::join!(one.ask(&http, &well, 30), other.ask(&http, &well, 20));
        other.ask(&http, &broken, 7).await;
        one.ask(&http, "nobody.example", 3).await;

        let series = format!("http://127.0.0.1:{}/api/gateway/tenants/well/series?metric=requests", one.admin_port);
        wait_for("the series to hold every request", PATIENCE, || async {
            let answer = http.get(&series).bearer_auth(stack.text("api_key")).send().await.unwrap();
            let found: Value = answer.json().await.unwrap();
            let step = found["step_seconds"].as_f64().unwrap_or_else(|| panic!("{found}"));
            let rates = found["series"][0]["values"].as_array().unwrap();
            let requests = rates.iter().filter_map(Value::as_f64).sum::<f64>() * step;
            if (requests - 50.0).abs() < 0.01 { Ok(()) } else { Err(format!("{requests} requests")) }
        })
        .await;
        // The last ones are written at the end of the process.
        one.ask(&http, &well, 5).await;
        one.stop();
        other.stop();
        assert_eq!(counted(&mut control, ids[0]).await, (55, 0, 55));
        assert_eq!(counted(&mut control, ids[1]).await, (7, 7, 7));
        assert_eq!(counted(&mut control, uuid::Uuid::nil()).await, (65, 7, 65));
        sqlx::Connection::close(control).await.unwrap();
        let drop = format!("DROP DATABASE {name} WITH (FORCE)");
        sqlx::raw_sql(sqlx::AssertSqlSafe(drop)).execute(&mut server).await.unwrap();
    });
}

#[test]
fn what_traefik_carries_is_counted_by_tenant() {
    run(async {
        let stack = Stack::shared().await;
        let key = unique_key("carried");
        let id = stack.insert(&key, "Carried").await;
        stack.settled(&key, &["active"]).await;
        let mut control = stack.control.acquire().await.unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let (edge, host) = (stack.text("traefik_url"), stack.host_of(&key));
        for _ in 0..40 {
            let answer = http.get(&edge).header("host", &host).send().await.unwrap();
            assert_eq!(answer.status(), 200);
        }
        // Those that prove the tenant are requests, too; a look of a worker between two of ours splits them and loses none.
        wait_for("the requests to be counted", PATIENCE, || {
            let control = &stack.control;
            async move {
                let mut connection = control.acquire().await.unwrap();
                let (requests, errors, durations) = counted(&mut connection, id).await;
                let found = format!("{requests} requests, {errors} errors, {durations} durations");
                if requests >= 40 && (errors, durations) == (0, requests) { Ok(()) } else { Err(found) }
            }
        })
        .await;
        let all = counted(&mut control, uuid::Uuid::nil()).await;
        assert!(all.0 >= 40, "{all:?}");
    });
}
