//! Tenants made in a second by two workers when many come at once and no spare is ready, beside raw copies of a template at
//! the concurrencies that PostgreSQL does best with, in turns.

use std::time::{Duration, Instant};

use futures::future::join_all;
use sqlx::{AssertSqlSafe, raw_sql};

use crate::stack::{Stack, median};

/// Tenants that come at once.
const CROWD: usize = 200;
const ROUNDS: usize = 3;
/// Sessions that copy at once; throughput peaks at about one a core.
const SESSIONS: [usize; 3] = [1, 2, 4];
const PATIENCE: Duration = Duration::from_secs(300);
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
    for round in 0..ROUNDS {
        for (at, sessions) in SESSIONS.into_iter().enumerate() {
            raw[at].push(copy(stack, &template, sessions).await);
        }
        ours.push(make(stack, &format!("c{round}")).await);
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
}

/// Raw copies a second; they are dropped afterwards.
async fn copy(stack: &Stack, template: &str, sessions: usize) -> f64 {
    let began = Instant::now();
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
    let mut server = stack.server("postgres").await;
    for name in names.concat() {
        raw_sql(AssertSqlSafe(format!("DROP DATABASE {name}"))).execute(&mut server).await.unwrap();
    }
    raw_sql("CHECKPOINT").execute(&mut server).await.unwrap();
    rate
}

/// Tenants a second; they are gone afterwards.
async fn make(stack: &Stack, prefix: &str) -> f64 {
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
    rate
}
