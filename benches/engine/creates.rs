//! Tenants made in a second by two workers when many come at once and no spare is ready, beside raw copies of a template at
//! the concurrencies that PostgreSQL does best with, in turns.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures::future::join_all;
use sqlx::{AssertSqlSafe, raw_sql};

use crate::processors;
use crate::stack::{Stack, median};

/// Tenants that come at once.
const CROWD: usize = 200;
const ROUNDS: usize = 3;
/// Sessions that copy at once; throughput peaks at about one a core.
const SESSIONS: [usize; 3] = [1, 2, 4];
const PATIENCE: Duration = Duration::from_secs(300);
/// Milliseconds of processor a database below which a program is not told of.
const LITTLE: f64 = 0.5;
const ACTIVE: &str = "SELECT count(*) FROM gateway.tenant WHERE starts_with(key, $1) AND status = 'active'";
const LEFT: &str = "SELECT count(*) FROM gateway.tenant WHERE starts_with(key, $1) AND status <> 'deleted'";
const TEMPLATE: &str =
    "SELECT datname::text FROM pg_database WHERE datname ~ '^tmpl_[0-9a-f]{32}$' AND NOT datallowconn";

pub(crate) async fn measure(stack: &Stack) {
    let settings = [("TENANT_DATABASE_SPARES", "0"), ("WORKER_CONCURRENCY", "16")];
    let workers = [stack.worker(&settings), stack.worker(&settings)];
    let mut server = stack.server("postgres").await;
    let template: String = loop {
        let found = sqlx::query_scalar(TEMPLATE).fetch_optional(&mut server).await.unwrap();
        if let Some(found) = found {
            break found;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    make(stack, "warm").await;
    let (mut raw, mut ours) = (vec![Vec::new(); SESSIONS.len()], Vec::new());
    let (mut by_copies, mut by_tenants) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        for (at, sessions) in SESSIONS.into_iter().enumerate() {
            let (rate, used) = copy(stack, &template, sessions).await;
            raw[at].push(rate);
            by_copies.push(used);
        }
        let (rate, used) = make(stack, &format!("c{round}")).await;
        ours.push(rate);
        by_tenants.push(used);
    }
    for worker in workers {
        worker.stop();
    }
    let origins: Vec<(String, i64)> = sqlx::query_as(
        "SELECT result ->> 'from', count(*) FROM gateway.step_attempt WHERE step = 'database' AND state = 'succeeded' AND action = 'ensure'
          GROUP BY 1 ORDER BY 1",
    )
    .fetch_all(&stack.control)
    .await
    .unwrap();
    let failed: Vec<(String, i64)> = sqlx::query_as(
        "SELECT error_code, count(*) FROM gateway.step_attempt WHERE state = 'failed' GROUP BY 1 ORDER BY 1",
    )
    .fetch_all(&stack.control)
    .await
    .unwrap();
    println!(
        "{CROWD} tenants at once, two workers, no spares, no networks; databases a second, medians of {ROUNDS} rounds, in turns"
    );
    println!("| what | databases a second | ours / it |\n|---|---|---|");
    let own = median(&mut ours);
    for (sessions, rates) in SESSIONS.into_iter().zip(&mut raw) {
        let rate = median(rates);
        println!("| raw copies, {sessions} at once | {rate:.1} | {:.2} |", own / rate);
    }
    println!("| tenants | {own:.1} | |\n\nmade from: {origins:?}; failed attempts: {failed:?}");
    println!("\nmilliseconds of processor a database, medians of all rounds");
    println!("| program | raw copies | tenants |\n|---|---|---|");
    for program in by_tenants[0].keys() {
        let each = |rounds: &[BTreeMap<String, f64>]| {
            let mut spent: Vec<f64> =
                rounds.iter().map(|used| used.get(program).copied().unwrap_or_default()).collect();
            median(&mut spent)
        };
        let (copies, tenants) = (each(&by_copies), each(&by_tenants));
        if tenants >= LITTLE {
            println!("| {program} | {copies:.1} | {tenants:.1} |");
        }
    }
}

/// Milliseconds that each program has used for each of so many databases since a look.
fn spent_since(before: &BTreeMap<String, f64>, databases: usize) -> BTreeMap<String, f64> {
    #[expect(clippy::cast_precision_loss, reason = "a few hundred databases")]
    let each = |seconds: f64| seconds * 1_000.0 / databases as f64;
    let now = processors::used().into_iter();
    now.map(|(program, used)| (before.get(&program).map_or(used, |before| used - before), program))
        .map(|(spent, program)| (program, each(spent)))
        .collect()
}

/// Raw copies a second, and what each took of the processors; they are dropped afterwards.
async fn copy(stack: &Stack, template: &str, sessions: usize) -> (f64, BTreeMap<String, f64>) {
    let (before, began) = (processors::used(), Instant::now());
    let each = CROWD / sessions;
    let names = join_all((0..sessions).map(|_| async {
        let mut server = stack.server("postgres").await;
        let mut names = Vec::new();
        for _ in 0..each {
            let name = format!("b_{:032x}", rand::random::<u128>());
            raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE {template}")))
                .execute(&mut server)
                .await
                .unwrap();
            names.push(name);
        }
        names
    }))
    .await;
    #[expect(clippy::cast_precision_loss, reason = "a few hundred databases")]
    let rate = (each * sessions) as f64 / began.elapsed().as_secs_f64();
    let used = spent_since(&before, each * sessions);
    let mut server = stack.server("postgres").await;
    for name in names.concat() {
        raw_sql(AssertSqlSafe(format!("DROP DATABASE {name}"))).execute(&mut server).await.unwrap();
    }
    raw_sql("CHECKPOINT").execute(&mut server).await.unwrap();
    (rate, used)
}

/// Tenants a second, and what each took of the processors; they are gone afterwards.
async fn make(stack: &Stack, prefix: &str) -> (f64, BTreeMap<String, f64>) {
    let before = processors::used();
    sqlx::query(
        "INSERT INTO gateway.tenant (key, company_name) SELECT $1 || '-' || n, 'Crowd' FROM generate_series(1, $2) n",
    )
    .bind(prefix)
    .bind(i32::try_from(CROWD).unwrap())
    .execute(&stack.control)
    .await
    .unwrap();
    let prefix = format!("{prefix}-");
    let took = stack.until(ACTIVE, &prefix, i64::try_from(CROWD).unwrap(), PATIENCE).await;
    let used = spent_since(&before, CROWD);
    sqlx::query("UPDATE gateway.tenant SET status = 'deleting' WHERE starts_with(key, $1)")
        .bind(&prefix)
        .execute(&stack.control)
        .await
        .unwrap();
    stack.until(LEFT, &prefix, 0, PATIENCE).await;
    let mut server = stack.server("postgres").await;
    raw_sql("CHECKPOINT").execute(&mut server).await.unwrap();
    #[expect(clippy::cast_precision_loss, reason = "a few hundred tenants")]
    let rate = CROWD as f64 / took.as_secs_f64();
    (rate, used)
}
