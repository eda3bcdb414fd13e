//! `Store::claim` beside the raw floor, in turns: one prepared `UPDATE … WHERE id IN (SELECT … FOR UPDATE SKIP LOCKED)` on a
//! plain table of jobs with the columns a claim needs and the same five indexes as `gateway.tenant` that a claim touches.
//! The floor writes one row for each claim; ours writes three: the tenant, its operation and its history.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use gateway::store::Store;
use gateway::store::claims::Places;
use gateway::store::migrate::migrate;
use secrecy::SecretString;
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Connection, Row, raw_sql};
use tokio::sync::Barrier;
use uuid::Uuid;

use crate::stack::{Stack, median};

const CLAIMERS: [usize; 3] = [1, 2, 4];
const BATCHES: [u32; 3] = [1, 10, 25];
/// Pairs of one run of the floor and one of ours for each line.
const ROUNDS: usize = 5;
/// Rows that are due when a run begins.
const DUE: usize = 4_000;
/// Claims of each claimer before time is taken: statements are prepared and planned.
const WARM: usize = 8;
const LEASE: Duration = Duration::from_secs(300);
/// Databases: the one that is filled once, and its copy for each run.
const FILLED: &str = "bench_filled";
const COPY: &str = "bench_copy";

const FILL: &str = "
    CREATE SCHEMA bench;
    CREATE TABLE bench.job (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(), key text NOT NULL, company_name text NOT NULL,
        tier text NOT NULL DEFAULT 'shared', state text NOT NULL DEFAULT 'pending', host text,
        attempt integer NOT NULL DEFAULT 0, due_at timestamptz DEFAULT now(), fence bigint NOT NULL DEFAULT 0,
        lease_token uuid, lease_worker text, lease_expires_at timestamptz, error_message text,
        generation bigint NOT NULL DEFAULT 1, observed_generation bigint NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now());
    CREATE UNIQUE INDEX ON bench.job (key) WHERE state <> 'deleted';
    CREATE UNIQUE INDEX ON bench.job (host) WHERE state <> 'deleted';
    CREATE INDEX ON bench.job ((attempt > 0), due_at) WHERE due_at IS NOT NULL;
    CREATE INDEX ON bench.job (created_at DESC, id DESC);";

#[derive(Clone, Copy)]
struct Line {
    claimers: usize,
    batch: u32,
}

impl Line {
    /// Rows claimed in a run. Fewer one by one, as each is a commit of its own; never all, so that no claim finds none.
    const fn rows(self) -> usize {
        if self.batch == 1 { DUE / 4 } else { DUE * 3 / 4 }
    }
}

pub(crate) async fn measure(stack: &Stack) {
    fill(stack).await;
    println!(
        "claims, rows a second; medians of {ROUNDS} pairs a line, in turns; {DUE} rows due at the beginning of each run"
    );
    println!("| claimers | batch | floor | ours | ratio |\n|---|---|---|---|---|");
    for claimers in CLAIMERS {
        for batch in BATCHES {
            let line = Line { claimers, batch };
            let (mut floors, mut ours, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
            for round in 0..ROUNDS {
                let (floor, our) = pair(stack, line, round % 2 == 0).await;
                floors.push(floor);
                ours.push(our);
                ratios.push(our / floor);
            }
            let (floor, our, ratio) = (median(&mut floors), median(&mut ours), median(&mut ratios));
            println!("| {claimers} | {batch} | {floor:.0} | {our:.0} | {ratio:.2} |");
        }
    }
    run_sql(stack, &format!("DROP DATABASE {COPY}; DROP DATABASE {FILLED}")).await;
}

async fn run_sql(stack: &Stack, sql: &str) {
    let mut server = stack.server("postgres").await;
    for one in sql.split("; ") {
        raw_sql(AssertSqlSafe(one.to_owned())).execute(&mut server).await.unwrap();
    }
    server.close().await.unwrap();
}

/// Makes the control database that every run gets a copy of.
async fn fill(stack: &Stack) {
    run_sql(stack, &format!("DROP DATABASE IF EXISTS {FILLED}; CREATE DATABASE {FILLED}")).await;
    migrate(&SecretString::from(stack.url_of(FILLED))).await.unwrap();
    let mut filled = stack.server(FILLED).await;
    let columns =
        format!("(key, company_name) SELECT 'tenant-' || n, 'Company ' || n FROM generate_series(1, {DUE}) n");
    for sql in [
        FILL.to_owned(),
        format!("INSERT INTO bench.job {columns}"),
        format!("INSERT INTO gateway.tenant {columns}"),
        "VACUUM ANALYZE".to_owned(),
    ] {
        raw_sql(AssertSqlSafe(sql)).execute(&mut filled).await.unwrap();
    }
    filled.close().await.unwrap();
}

/// Rows a second of the floor and of ours, on the same fresh copy.
async fn pair(stack: &Stack, line: Line, floor_first: bool) -> (f64, f64) {
    run_sql(
        stack,
        &format!("DROP DATABASE IF EXISTS {COPY} WITH (FORCE); CREATE DATABASE {COPY} TEMPLATE {FILLED}; CHECKPOINT"),
    )
    .await;
    if floor_first {
        let floor = run_floor(stack, line).await;
        (floor, run_ours(stack, line).await)
    } else {
        let ours = run_ours(stack, line).await;
        (run_floor(stack, line).await, ours)
    }
}

async fn run_ours(stack: &Stack, line: Line) -> f64 {
    let url = SecretString::from(stack.url_of(COPY));
    let store = Store::connect(&url, "worker:bench", u32::try_from(line.claimers).unwrap()).await.unwrap();
    let rate = race(line, (0..line.claimers).map(|_| store.clone()).collect(), async |store: &mut Store| {
        let places = Places { all: line.batch, behind: line.batch };
        store.claim("bench-1234-abcd", places, LEASE).await.unwrap().len()
    })
    .await;
    store.close().await;
    rate
}

async fn run_floor(stack: &Stack, line: Line) -> f64 {
    let mut connections = Vec::new();
    for _ in 0..line.claimers {
        connections.push(stack.server(COPY).await);
    }
    let statement = format!(
        "UPDATE bench.job
            SET state = 'running', attempt = attempt + 1, fence = fence + 1, lease_token = gen_random_uuid(),
                lease_worker = $1, lease_expires_at = now() + make_interval(secs => $2), updated_at = now()
          WHERE id IN (SELECT id FROM bench.job
                        WHERE (attempt > 0) IS FALSE AND due_at <= now() AND (lease_expires_at IS NULL OR lease_expires_at < now())
                        ORDER BY due_at LIMIT {} FOR UPDATE SKIP LOCKED)
         RETURNING *",
        line.batch
    );
    let statement: &'static str = Box::leak(statement.into_boxed_str());
    race(line, connections, async |connection: &mut PgConnection| {
        let query = sqlx::query(statement).bind("bench-1234-abcd").bind(LEASE.as_secs_f64());
        let rows: Vec<PgRow> = query.fetch_all(connection).await.unwrap();
        rows.iter().filter(|row| !row.get::<Uuid, _>("lease_token").is_nil()).count()
    })
    .await
}

/// Lets claimers claim at once until the rows of the line are claimed, and gives rows a second.
async fn race<C: Send + 'static>(
    line: Line,
    claimers: Vec<C>,
    claim: impl AsyncFn(&mut C) -> usize + Clone + 'static,
) -> f64 {
    let claimed = Arc::new(AtomicUsize::new(0));
    let start = Arc::new(Barrier::new(line.claimers));
    let tasks = tokio::task::LocalSet::new();
    let running: Vec<_> = claimers
        .into_iter()
        .map(|mut claimer| {
            let (claimed, start, claim) = (claimed.clone(), start.clone(), claim.clone());
            tasks.spawn_local(async move {
                for _ in 0..WARM {
                    claim(&mut claimer).await;
                }
                start.wait().await;
                let began = Instant::now();
                while claimed.load(Ordering::Relaxed) < line.rows() {
                    let count = claim(&mut claimer).await;
                    assert!(count > 0, "a claim found nothing while rows were due");
                    claimed.fetch_add(count, Ordering::Relaxed);
                }
                began.elapsed().as_secs_f64()
            })
        })
        .collect();
    let spent = tasks.run_until(futures::future::try_join_all(running)).await.unwrap();
    let longest = spent.into_iter().fold(0.0, f64::max);
    #[expect(clippy::cast_precision_loss, reason = "a few thousand rows")]
    let rows = claimed.load(Ordering::Relaxed) as f64;
    rows / longest
}
