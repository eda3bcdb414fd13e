//! The way that is taken first: a statement after the other into a database made empty, keys as they come, and a Traefik as it is
//! installed, which gathers changes for two seconds and makes a certificate at each.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fred::clients::Client as Redis;
use fred::interfaces::{KeysInterface, PubsubInterface, TransactionInterface};
use sqlx::{AssertSqlSafe, raw_sql};

use crate::stack::Stack;

/// Tables of an application that is not small.
const TABLES: usize = 40;
/// Between two looks; as for the other ways.
const LOOK: Duration = Duration::from_millis(2);
const READY: Duration = Duration::from_secs(30);

/// Forty tables, a hundred indexes with those of the keys, thirty foreign keys; a statement each.
pub(crate) fn forty_tables() -> Vec<String> {
    let mut made = Vec::new();
    for n in 0..TABLES {
        made.push(format!(
            "CREATE TABLE part_{n} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, before_id bigint, name text NOT NULL,
                                    state text NOT NULL DEFAULT 'new', created_at timestamptz NOT NULL DEFAULT now())"
        ));
        made.push(format!("CREATE INDEX ON part_{n} (name)"));
        if n % 2 == 0 {
            made.push(format!("CREATE INDEX ON part_{n} (created_at)"));
        }
        if n >= TABLES / 4 {
            made.push(format!("ALTER TABLE part_{n} ADD FOREIGN KEY (before_id) REFERENCES part_{} (id)", n - 1));
        }
    }
    made
}

/// A Traefik of its own with nothing set but where Redis is.
pub(crate) struct Naive<'a> {
    stack: &'a Stack,
    redis: &'a Redis,
    traefik: Child,
    url: String,
    http: reqwest::Client,
    backend: String,
    statements: Vec<String>,
}

impl Drop for Naive<'_> {
    fn drop(&mut self) {
        let _ = self.traefik.kill();
        let _ = self.traefik.wait();
    }
}

impl<'a> Naive<'a> {
    /// Starts it with as many routes as there are tenants already, and waits until the last of them is live.
    pub(crate) async fn start(stack: &'a Stack, redis: &'a Redis, fleet: usize, statements: Vec<String>) -> Self {
        let held = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = held.local_addr().unwrap().port();
        drop(held);
        let at = url::Url::parse(stack.text("DEV_REDIS_URL")).unwrap();
        let traefik = Command::new(".venv/bin/traefik")
            .env("TRAEFIK_ENTRYPOINTS_WEB_ADDRESS", format!("127.0.0.1:{port}"))
            .env("TRAEFIK_PROVIDERS_REDIS_ENDPOINTS", format!("127.0.0.1:{}", at.port().unwrap()))
            .env("TRAEFIK_PROVIDERS_REDIS_ROOTKEY", "naive")
            .env("TRAEFIK_PROVIDERS_REDIS_USERNAME", at.username())
            .env("TRAEFIK_PROVIDERS_REDIS_PASSWORD", at.password().unwrap_or_default())
            .env("TRAEFIK_GLOBAL_CHECKNEWVERSION", "false")
            .env("TRAEFIK_GLOBAL_SENDANONYMOUSUSAGE", "false")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let naive = Self {
            stack,
            redis,
            traefik,
            url: format!("http://127.0.0.1:{port}/health"),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            backend: stack.text("APP_BACKEND_URL").trim_end_matches('/').to_owned(),
            statements,
        };
        for n in 0..fleet {
            naive.publish(&format!("before-{n}")).await;
        }
        naive.first_answer(&format!("before-{}", fleet - 1)).await;
        naive
    }

    /// Milliseconds until a tenant answers.
    pub(crate) async fn provision(&self, key: &str, verifier: &str) -> f64 {
        let name = format!("b_{:032x}", rand::random::<u128>());
        let started = Instant::now();
        let mut admin = self.stack.server("postgres").await;
        for statement in [
            format!("CREATE ROLE {name}_owner NOLOGIN"),
            format!("CREATE ROLE {name}_app LOGIN PASSWORD '{verifier}'"),
            format!("CREATE DATABASE {name} OWNER {name}_owner"),
        ] {
            raw_sql(AssertSqlSafe(statement)).execute(&mut admin).await.unwrap();
        }
        let mut inside = self.stack.server(&name).await;
        let rights = [
            format!("SET ROLE {name}_owner"),
            format!("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}_app"),
        ];
        for statement in rights[..1].iter().chain(&self.statements).chain(&rights[1..]) {
            raw_sql(AssertSqlSafe(statement.clone())).execute(&mut inside).await.unwrap();
        }
        self.publish(key).await;
        self.first_answer(key).await;
        started.elapsed().as_secs_f64() * 1000.0
    }

    /// Keys in one transaction; Redis as it is installed for Traefik tells of each.
    async fn publish(&self, key: &str) {
        let router = format!("naive/http/routers/{key}");
        let transaction = self.redis.multi();
        for (name, value) in [
            (format!("naive/http/services/{key}/loadbalancer/servers/0/url"), self.backend.clone()),
            (format!("{router}/entrypoints/0"), "web".to_owned()),
            (format!("{router}/service"), key.to_owned()),
            (format!("{router}/rule"), format!("Host(`{key}.naive.localhost`)")),
        ] {
            let _: () = transaction.set(&name, value, None, None, false).await.unwrap();
            transaction.publish::<(), _, _>(format!("__keyspace@0__:{name}"), "set").await.unwrap();
        }
        let _: Vec<fred::types::Value> = transaction.exec(true).await.unwrap();
    }

    async fn first_answer(&self, key: &str) {
        let (host, began) = (format!("{key}.naive.localhost"), Instant::now());
        while !self.http.get(&self.url).header("host", &host).send().await.is_ok_and(|answer| answer.status() == 200) {
            assert!(began.elapsed() < READY, "{key} does not answer");
            tokio::time::sleep(LOOK).await;
        }
    }
}
