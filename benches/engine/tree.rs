//! A tree that was lost: how long until every tenant's route is published again and live in Traefik, under traffic; what it
//! costs Redis and Traefik; and beside it the same keys written one by one, each with its notification, as keyspace events
//! would make them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use fred::clients::Client as Redis;
use fred::interfaces::{ClientLike, KeysInterface, PubsubInterface};
use fred::types::config::Config;
use fred::types::{ClusterHash, CustomCommand, InfoKind};
use futures::future::join_all;
use sqlx::{AssertSqlSafe, raw_sql};
use tokio_util::sync::CancellationToken;

use crate::stack::Stack;

const FLEETS: [usize; 3] = [100, 1_000, 10_000];
/// The fleet at which writing key by key still ends.
const PLAIN: usize = 100;
/// Clients that ask tenants all the time, and that look whether routes are live.
const CLIENTS: usize = 4;
/// Between two requests of one of them.
const PACE: Duration = Duration::from_millis(20);
const LOOK: Duration = Duration::from_millis(10);
const PATIENCE: Duration = Duration::from_secs(300);
const ACTIVE: &str = "SELECT count(*) FROM gateway.tenant WHERE starts_with(key, $1) AND status = 'active'";

struct Bench<'a> {
    stack: &'a Stack,
    redis: Redis,
    http: reqwest::Client,
    traefik: u32,
}

/// What a publication took.
struct Took {
    keys: f64,
    live: f64,
    commands: u64,
    processor: f64,
    asked: usize,
    failed: usize,
}

pub(crate) async fn measure(stack: &Stack) {
    let redis = Redis::new(Config::from_url(stack.text("DEV_REDIS_URL")).unwrap(), None, None, None);
    redis.init().await.unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let bench = Bench { stack, redis, http, traefik: traefik_of(stack) };
    let worker = stack.worker(&[]);
    sqlx::query("INSERT INTO gateway.tenant (key, company_name) VALUES ('sample', 'Sample')")
        .execute(&stack.control)
        .await
        .unwrap();
    stack.until(ACTIVE, "sample", 1, PATIENCE).await;
    println!("a lost tree under traffic of {CLIENTS} clients; seconds from the loss");
    println!(
        "| tenants | way | all keys | all routes live | Redis commands | Traefik CPU, s | requests | failed |\n|---|---|---|---|---|---|---|---|"
    );
    for fleet in FLEETS {
        bench.fill(fleet).await;
        bench.tell(fleet, "ours", &bench.lose(fleet, true).await);
    }
    worker.stop();
    bench.shrink(PLAIN).await;
    bench.tell(PLAIN, "key by key", &bench.lose(PLAIN, false).await);
}

impl Bench<'_> {
    fn tell(&self, fleet: usize, way: &str, took: &Took) {
        let Took { keys, live, commands, processor, asked, failed } = took;
        println!("| {fleet} | {way} | {keys:.2} | {live:.2} | {commands} | {processor:.1} | {asked} | {failed} |");
    }

    /// Rows as they are once a worker is done with them; past the triggers, which have no part in what is measured.
    async fn fill(&self, fleet: usize) {
        let mut server = self.stack.administrator().await;
        let sql = format!(
            "SET session_replication_role = replica;
             INSERT INTO gateway.tenant (key, company_name, status, host, server_id, pool_id, password_sealed, verifier_sealed,
                                         migration_version, generation, observed_generation, due_at)
             SELECT 'tree-' || n, 'Tree', 'active', 'tree-' || n || '.{suffix}', s.server_id, s.pool_id, s.password_sealed, s.verifier_sealed,
                    s.migration_version, 1, 1, NULL
               FROM generate_series(1, {fleet}) n, gateway.tenant s WHERE s.key = 'sample'
                AND NOT EXISTS (SELECT FROM gateway.tenant t WHERE t.key = 'tree-' || n)",
            suffix = self.stack.text("HOST_SUFFIX"),
        );
        raw_sql(AssertSqlSafe(sql)).execute(&mut server).await.unwrap();
    }

    async fn shrink(&self, fleet: usize) {
        let mut server = self.stack.administrator().await;
        let sql = format!(
            "SET session_replication_role = replica;
             DELETE FROM gateway.tenant WHERE starts_with(key, 'tree-') AND substr(key, 6)::integer > {fleet}"
        );
        raw_sql(AssertSqlSafe(sql)).execute(&mut server).await.unwrap();
    }

    /// Loses the tree and waits until it is back, written by the worker or key by key.
    async fn lose(&self, fleet: usize, ours: bool) -> Took {
        if ours {
            // Everything is there before it is lost.
            let _: () = self.redis.flushall(false).await.unwrap();
            self.until_written(fleet).await;
            self.until_live(fleet).await;
        }
        let keys = if ours { Vec::new() } else { self.keys().await };
        let (asked, failed, stop) =
            (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)), CancellationToken::new());
        let traffic: Vec<_> = (0..CLIENTS).map(|client| self.ask(client, fleet, &asked, &failed, &stop)).collect();
        let measured = async {
            let (commands, processor) = (self.commands().await, self.processor());
            let began = Instant::now();
            let _: () = self.redis.flushall(false).await.unwrap();
            for (name, value) in keys {
                let _: () = self.redis.set(name.as_str(), value, None, None, false).await.unwrap();
                let _: () = self.redis.publish(format!("__keyspace@0__:{name}"), "set").await.unwrap();
            }
            self.until_written(fleet).await;
            let written = began.elapsed().as_secs_f64();
            self.until_live(fleet).await;
            let live = began.elapsed().as_secs_f64();
            // What Traefik still has to do for notifications it got counts as well.
            let processor = self.processor_at_rest().await - processor;
            stop.cancel();
            Took { keys: written, live, commands: self.commands().await - commands, processor, asked: 0, failed: 0 }
        };
        let (mut took, _) = tokio::join!(measured, join_all(traffic));
        (took.asked, took.failed) = (asked.load(Ordering::Relaxed), failed.load(Ordering::Relaxed));
        took
    }

    async fn keys(&self) -> Vec<(String, String)> {
        let list = CustomCommand::new("KEYS", ClusterHash::FirstKey, false);
        let names: Vec<String> = self.redis.custom(list, vec!["traefik/*"]).await.unwrap();
        // Those of the fleet, and those that all share.
        let is_wanted = |name: &str| {
            let number = name.split("tree-").nth(1).and_then(|rest| rest.split('/').next()).map(str::parse::<usize>);
            number.is_none_or(|number| number.is_ok_and(|number| number <= PLAIN))
        };
        let mut all = Vec::new();
        for name in names.into_iter().filter(|name| is_wanted(name)) {
            let value: String = self.redis.get(name.as_str()).await.unwrap();
            all.push((name, value));
        }
        all
    }

    async fn ask(
        &self,
        client: usize,
        fleet: usize,
        asked: &AtomicUsize,
        failed: &AtomicUsize,
        stop: &CancellationToken,
    ) {
        let mut number = client;
        while !stop.is_cancelled() {
            number = (number + 7) % fleet;
            let answer = self.get(number + 1).await;
            asked.fetch_add(1, Ordering::Relaxed);
            if !answer.is_ok_and(|answer| answer.status() == 200) {
                failed.fetch_add(1, Ordering::Relaxed);
            }
            tokio::time::sleep(PACE).await;
        }
    }

    async fn get(&self, number: usize) -> reqwest::Result<reqwest::Response> {
        let url = format!("{}/health", self.stack.text("TRAEFIK_URL").trim_end_matches('/'));
        let host = format!("tree-{number}.{}", self.stack.text("HOST_SUFFIX"));
        self.http.get(url).header("host", host).send().await
    }

    async fn until_written(&self, fleet: usize) {
        let began = Instant::now();
        loop {
            let rules = (1..=fleet).map(|n| format!("traefik/http/routers/tenant-tree-{n}/rule"));
            let rules: Vec<String> = rules.collect();
            let there: i64 = self.redis.exists(rules).await.unwrap();
            if usize::try_from(there).unwrap() == fleet {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "{there} of {fleet} routes are written");
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Waits until each tenant's own router has answered.
    async fn until_live(&self, fleet: usize) {
        join_all((0..CLIENTS).map(|client| async move {
            for number in (client..fleet).step_by(CLIENTS) {
                let began = Instant::now();
                while !self.get(number + 1).await.is_ok_and(|answer| answer.headers().contains_key("x-gateway-route")) {
                    assert!(began.elapsed() < PATIENCE, "the route of tree-{} is not live", number + 1);
                    tokio::time::sleep(LOOK).await;
                }
            }
        }))
        .await;
    }

    /// Commands that Redis has carried out, of everybody.
    async fn commands(&self) -> u64 {
        let text: String = self.redis.info(Some(InfoKind::CommandStats)).await.unwrap();
        let calls = text.lines().filter_map(|line| line.split("calls=").nth(1)?.split(',').next()?.parse::<u64>().ok());
        calls.sum()
    }

    /// Seconds of processor that Traefik has used.
    fn processor(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.traefik)).unwrap();
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        let ticks: u32 = fields[11].parse::<u32>().unwrap() + fields[12].parse::<u32>().unwrap();
        f64::from(ticks) / 100.0
    }

    /// The same once Traefik uses next to none any more but for the traffic.
    async fn processor_at_rest(&self) -> f64 {
        let began = Instant::now();
        loop {
            let before = self.processor();
            tokio::time::sleep(Duration::from_secs(1)).await;
            let now = self.processor();
            if now - before < 0.25 || began.elapsed() > PATIENCE {
                return now;
            }
        }
    }
}

/// The process of the stack's Traefik: it has the file of its settings, below the stack's directory, as an argument.
fn traefik_of(stack: &Stack) -> u32 {
    let directory = stack.data_dir.to_str().unwrap();
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let mut numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let is_traefik = |number: &u32| {
        let line = std::fs::read(format!("/proc/{number}/cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line);
        line.split('\0').next().is_some_and(|program| program.ends_with("traefik")) && line.contains(directory)
    };
    numbers.find(is_traefik).unwrap()
}
