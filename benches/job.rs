//! Row inserted → first 200 through Traefik, beside the raw floor: the same calls to the same parts made by hand, one
//! after the other, in the same run and in turns. Run by `make bench`, which starts the stack.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that cannot go on says so, and prints its table"
)]

use std::collections::HashMap;
use std::process::Command;
use std::time::{Duration, Instant};

use bollard::models::{Ipam, IpamConfig, NetworkCreateRequest};
use fred::interfaces::{ClientLike, KeysInterface, PubsubInterface, TransactionInterface};
use serde_json::Value;
use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgPool};

/// Tenants there are already when a series begins.
const FLEETS: [usize; 3] = [1, 10, 100];
/// Pairs of one floor and one tenant of ours.
const PAIRS: usize = 30;
/// Between two looks through Traefik; the same for both.
const LOOK: Duration = Duration::from_millis(2);

struct Bench {
    status: Value,
    control: PgPool,
    admin: PgConnectOptions,
    docker: bollard::Docker,
    redis: fred::clients::Client,
    http: reqwest::Client,
    migration: String,
    made: Vec<(String, String)>,
}

fn main() {
    rustls::crypto::aws_lc_rs::default_provider().install_default().unwrap();
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(async {
        let mut bench = Bench::connect().await;
        println!("row inserted → first 200 through Traefik, shared tier; {PAIRS} pairs a row, in turns; milliseconds");
        println!("| tenants before | floor p50 | floor p99 | ours p50 | ours p99 | ratio p50 | ratio p99 |");
        println!("|---|---|---|---|---|---|---|");
        for fleet in FLEETS {
            bench.fill(fleet).await;
            bench.row(fleet).await;
        }
        bench.steps().await;
        bench.clean().await;
    });
}

impl Bench {
    async fn connect() -> Self {
        #[expect(clippy::disallowed_methods, reason = "set by make bench")]
        let data_dir = std::env::var("GATEWAY_TEST_STACK").unwrap();
        let gateway = std::path::Path::new(env!("CARGO_BIN_EXE_gateway"));
        let output =
            Command::new(gateway).args(["dev", "status", "-o", "json", "--data-dir", &data_dir]).output().unwrap();
        let status: Value = serde_json::from_slice(&output.stdout).unwrap();
        let text = |field: &str| status[field].as_str().unwrap().to_owned();
        let admin: PgConnectOptions = text("database_url").parse().unwrap();
        let docker =
            bollard::Docker::connect_with_unix(&text("docker_host"), 60, bollard::API_DEFAULT_VERSION).unwrap();
        let redis = fred::types::config::Config::from_url(&text("redis_url")).unwrap();
        let redis = fred::clients::Client::new(redis, None, None, None);
        redis.init().await.unwrap();
        Self {
            control: PgPool::connect(&text("database_url")).await.unwrap(),
            admin: admin.log_statements(tracing::log::LevelFilter::Off),
            docker: docker.negotiate_version().await.unwrap(),
            redis,
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            migration: std::fs::read_to_string("migrations/tenant/0001_notes.sql").unwrap(),
            status,
            made: Vec::new(),
        }
    }

    fn text(&self, field: &str) -> &str {
        self.status[field].as_str().unwrap()
    }

    async fn insert(&self, key: &str) {
        sqlx::query("INSERT INTO gateway.tenant (key, company_name) VALUES ($1, 'Bench')")
            .bind(key)
            .execute(&self.control)
            .await
            .unwrap();
    }

    async fn active(&self) -> usize {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM gateway.tenant WHERE status = 'active'")
            .fetch_one(&self.control)
            .await
            .unwrap();
        usize::try_from(count).unwrap()
    }

    async fn fill(&self, fleet: usize) {
        for n in self.active().await..fleet {
            self.insert(&format!("fleet-{n}-{:04x}", rand::random::<u16>())).await;
        }
        while self.active().await < fleet {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn row(&mut self, fleet: usize) {
        let (mut floor, mut ours) = (Vec::new(), Vec::new());
        for n in 0..PAIRS {
            let name = format!("{fleet}-{n}-{:04x}", rand::random::<u16>());
            floor.push(self.floor(&format!("floor-{name}"), u16::try_from(self.made.len()).unwrap()).await);
            ours.push(self.ours(&format!("ours-{name}")).await);
        }
        let (f50, f99) = (percentile(&mut floor, 0.50), percentile(&mut floor, 0.99));
        let (o50, o99) = (percentile(&mut ours, 0.50), percentile(&mut ours, 0.99));
        println!("| {fleet} | {f50:.0} | {f99:.0} | {o50:.0} | {o99:.0} | {:.2} | {:.2} |", o50 / f50, o99 / f99);
    }

    async fn first_answer(&self, key: &str) {
        let host = format!("{key}.{}", self.text("host_suffix"));
        loop {
            let answer = self.http.get(self.text("traefik_url")).header("host", &host).send().await.unwrap();
            if answer.status().as_u16() == 200 {
                return;
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn ours(&self, key: &str) -> f64 {
        let started = Instant::now();
        self.insert(key).await;
        self.first_answer(key).await;
        let milliseconds = started.elapsed().as_secs_f64() * 1000.0;
        let settled = "SELECT count(*) FROM gateway.tenant WHERE key = $1 AND status = 'active'";
        while sqlx::query_scalar::<_, i64>(settled).bind(key).fetch_one(&self.control).await.unwrap() == 0 {
            tokio::time::sleep(LOOK).await;
        }
        milliseconds
    }

    /// Roles, database, migration, network, keys, first answer: what has to be done at the least, by hand. The answer
    /// comes from the app's health page, as a floor has no row that the app could ask for.
    async fn floor(&mut self, key: &str, number: u16) -> f64 {
        let name = format!("t_{:032x}", rand::random::<u128>());
        let verifier = postgres_protocol::password::scram_sha_256(name.as_bytes());
        let started = Instant::now();
        let mut admin = self.admin.clone().database("postgres").connect().await.unwrap();
        let roles = format!(
            "CREATE ROLE {name}_owner NOLOGIN; CREATE ROLE {name}_app LOGIN CONNECTION LIMIT 20 PASSWORD '{verifier}'"
        );
        let database = format!("CREATE DATABASE {name} OWNER {name}_owner TEMPLATE template0");
        let rights =
            format!("REVOKE ALL ON DATABASE {name} FROM PUBLIC; GRANT CONNECT ON DATABASE {name} TO {name}_app");
        for sql in [roles, database, rights] {
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut admin).await.unwrap();
        }
        let mut inside = self.admin.clone().database(&name).connect().await.unwrap();
        let migration = format!("SET ROLE {name}_owner; {}", self.migration);
        sqlx::raw_sql(sqlx::AssertSqlSafe(migration)).execute(&mut inside).await.unwrap();
        let network = self.docker.create_network(network(&name, number)).await.unwrap().id;
        self.publish(key).await;
        self.first_answer(key).await;
        let milliseconds = started.elapsed().as_secs_f64() * 1000.0;
        self.made.push((name, network));
        milliseconds
    }

    async fn publish(&self, key: &str) {
        let root = "traefik/http";
        let router = format!("{root}/routers/tenant-{key}");
        let service = format!("{root}/services/tenant-{key}/loadbalancer/servers/0/url");
        let rule = format!("Host(`{key}.{}`)", self.text("host_suffix"));
        let backend: String = sqlx::query_scalar("SELECT backend_url FROM gateway.shared_pool LIMIT 1")
            .fetch_one(&self.control)
            .await
            .unwrap();
        let transaction = self.redis.multi();
        for (name, value) in [
            (service, backend.trim_end_matches('/').to_owned()),
            (format!("{root}/middlewares/tenant-{key}/replacepath/path"), "/health".to_owned()),
            (format!("{router}/entrypoints/0"), "web".to_owned()),
            (format!("{router}/middlewares/0"), format!("tenant-{key}")),
            (format!("{router}/priority"), "1000".to_owned()),
            (format!("{router}/service"), format!("tenant-{key}")),
            (format!("{router}/rule"), rule),
        ] {
            let _: () = transaction.set(name, value, None, None, false).await.unwrap();
        }
        transaction.publish::<(), _, _>("__keyspace@0__:traefik/rev", "set").await.unwrap();
        let _: Vec<fred::types::Value> = transaction.exec(true).await.unwrap();
    }

    /// Where our time goes, from the record of the steps.
    async fn steps(&self) {
        let rows: Vec<(String, f64)> = sqlx::query_as(
            "SELECT step, (percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM ended_at - started_at) * 1000))::float8
               FROM gateway.step_attempt a JOIN gateway.tenant t ON t.id = a.tenant_id
              WHERE a.action = 'ensure' AND t.key LIKE 'ours-%' GROUP BY step ORDER BY min(a.id)",
        )
        .fetch_all(&self.control)
        .await
        .unwrap();
        println!(
            "\nmedian of each step, milliseconds: {}",
            rows.iter().map(|(s, ms)| format!("{s} {ms:.1}")).collect::<Vec<_>>().join(", ")
        );
    }

    async fn clean(&self) {
        let mut admin = self.admin.clone().database("postgres").connect().await.unwrap();
        for (name, network) in &self.made {
            for sql in
                [format!("DROP DATABASE {name} WITH (FORCE)"), format!("DROP ROLE {name}_app; DROP ROLE {name}_owner")]
            {
                sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut admin).await.unwrap();
            }
            self.docker.remove_network(network).await.unwrap();
        }
    }
}

fn network(name: &str, number: u16) -> NetworkCreateRequest {
    // A block that no stack draws from: they take theirs out of 10.64.0.0/10.
    let subnet = format!("10.250.{}.{}/28", number / 16, (number % 16) * 16);
    NetworkCreateRequest {
        name: name.to_owned(),
        driver: Some("bridge".to_owned()),
        labels: Some(HashMap::from([("gateway.bench".to_owned(), "floor".to_owned())])),
        ipam: Some(Ipam {
            config: Some(vec![IpamConfig { subnet: Some(subnet), ..IpamConfig::default() }]),
            ..Ipam::default()
        }),
        ..NetworkCreateRequest::default()
    }
}

/// The value at a share of the sorted values, by the nearest-rank method.
fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a few dozen values"
    )]
    let rank = (share * values.len() as f64).ceil() as usize;
    values[rank.clamp(1, values.len()) - 1]
}
