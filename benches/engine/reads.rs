//! Reading tenants through the admin API beside the same statements from a bare client, in turns, each over one connection
//! that is kept.

use std::time::Instant;

use reqwest::Client;
use serde_json::Value;
use sqlx::postgres::PgConnection;

use crate::stack::Stack;

const TENANTS: i32 = 10_000;
const ROUNDS: usize = 3_000;
const WARM_UP: usize = 300;
/// The goal: the slowest of a hundred takes at most so many times as long as with a bare client.
const GOAL: f64 = 3.0;

const COLUMNS: &str = "SELECT t.id, t.key, t.company_name, t.labels, t.notes, t.revision, t.tier, t.status, t.paused, t.host, t.pool_id,
    d.name, t.password_sealed IS NOT NULL, s.subnet, t.migration_version, t.container_image, t.generation,
    t.observed_generation, t.attempt, t.due_at, t.purge_at, t.reason, t.error_step, t.error_code, t.error_message, o.id, o.kind,
    o.state, t.created_at, t.updated_at, t.deleted_at
  FROM gateway.tenant t
  LEFT JOIN gateway.database_server d ON d.id = t.server_id
  LEFT JOIN gateway.subnet s ON s.tenant_id = t.id
  LEFT JOIN LATERAL (SELECT id, kind, state FROM gateway.operation
                      WHERE tenant_id = t.id ORDER BY created_at DESC, id DESC LIMIT 1) o ON true";

/// Times of one way to read, in milliseconds.
#[derive(Default)]
pub(crate) struct Times(Vec<f64>);

impl Times {
    pub(crate) fn add(&mut self, began: Instant) {
        self.0.push(began.elapsed().as_secs_f64() * 1000.0);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The value that so many of a hundred are below.
    pub(crate) fn percentile(&mut self, percent: usize) -> f64 {
        self.0.sort_by(f64::total_cmp);
        self.0[(self.0.len() * percent / 100).min(self.0.len() - 1)]
    }
}

pub(crate) async fn measure(stack: &Stack) {
    fill(stack).await;
    let mut database = stack.administrator().await;
    let api = Api::connect(stack).await;
    println!("reads of {TENANTS} tenants, {ROUNDS} rounds in turns, one connection each; milliseconds");
    println!("| read | bare p50 | bare p99 | API p50 | API p99 | ratio p50 | ratio p99 |");
    println!("|---|---|---|---|---|---|---|");
    let mut worst: f64 = 0.0;
    for (what, path, statement) in [
        (
            "one by key",
            "/api/gateway/tenants/read-7777",
            format!("{COLUMNS} WHERE t.status <> 'deleted' AND t.key = 'read-7777'"),
        ),
        (
            "page of 50",
            "/api/gateway/tenants?limit=50",
            format!("{COLUMNS} WHERE t.status <> 'deleted' ORDER BY t.created_at DESC, t.id DESC LIMIT 51"),
        ),
    ] {
        let (mut bare, mut through) = (Times::default(), Times::default());
        for round in 0..WARM_UP + ROUNDS {
            let began = Instant::now();
            let rows = read(&mut database, &statement).await;
            if round >= WARM_UP {
                bare.add(began);
            }
            let began = Instant::now();
            let bytes = api.read(path).await;
            if round >= WARM_UP {
                through.add(began);
            }
            assert!(rows > 0 && bytes > 100, "{what}: {rows} rows, {bytes} bytes");
        }
        let [b50, b99, a50, a99] =
            [bare.percentile(50), bare.percentile(99), through.percentile(50), through.percentile(99)];
        worst = worst.max(a99 / b99);
        println!("| {what} | {b50:.2} | {b99:.2} | {a50:.2} | {a99:.2} | {:.2} | {:.2} |", a50 / b50, a99 / b99);
    }
    println!("the goal of {GOAL} is {}", if worst <= GOAL { "met" } else { "missed" });
}

/// Writes the rows, as they are once a worker is done with them.
pub(crate) async fn fill(stack: &Stack) {
    for statement in [
        "INSERT INTO gateway.tenant (key, company_name, labels)
         SELECT 'read-' || n, 'Reader ' || n, jsonb_build_object('plan', 'gold') FROM generate_series(1, $1) n",
        "UPDATE gateway.operation SET state = 'succeeded', ended_at = clock_timestamp() WHERE ended_at IS NULL AND $1 > 0",
        "UPDATE gateway.tenant SET due_at = NULL, observed_generation = generation WHERE starts_with(key, 'read-') AND $1 > 0",
    ] {
        sqlx::query(statement).bind(TENANTS).execute(&stack.control).await.unwrap();
    }
    sqlx::query("VACUUM ANALYZE gateway.tenant, gateway.operation").execute(&stack.control).await.unwrap();
}

async fn read(database: &mut PgConnection, statement: &str) -> usize {
    sqlx::query(sqlx::AssertSqlSafe(statement)).fetch_all(database).await.unwrap().len()
}

pub(crate) struct Api {
    http: Client,
    url: String,
    key: String,
}

impl Api {
    /// A client with a key of the control database, as programs have.
    async fn connect(stack: &Stack) -> Self {
        Self::at(stack, stack.text("URL").trim_end_matches('/').to_owned()).await
    }

    /// As [`Api::connect`], to another server on the stack.
    pub(crate) async fn at(stack: &Stack, url: String) -> Self {
        let http = Client::builder().no_proxy().pool_max_idle_per_host(1).build().unwrap();
        let body = r#"{"name":"reads","scopes":["tenants:read"]}"#;
        let request = http.post(format!("{url}/api/gateway/api-keys")).bearer_auth(stack.text("API_KEY"));
        let made = request.header("content-type", "application/json").body(body).send().await.unwrap();
        let made: Value = serde_json::from_slice(&made.bytes().await.unwrap()).unwrap();
        let key = made["key"].as_str().unwrap().to_owned();
        Self { http, url, key }
    }

    pub(crate) async fn read(&self, path: &str) -> usize {
        let answer = self.http.get(format!("{}{path}", self.url)).bearer_auth(&self.key).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.bytes().await.unwrap().len()
    }
}
