//! `Claimer::claim` beside one prepared `UPDATE … WHERE id IN (SELECT … FOR UPDATE SKIP LOCKED)` made by hand, in turns:
//! *raw* is that statement on `gateway.tenant` itself, whose triggers and CHECKs it meets as ours does; *bare* is the same
//! on a copy with the columns and indexes and without triggers, CHECKs and foreign keys; *same rows* also writes on such
//! copies what a claim has to, the operation and the history. Whoever claims reads the columns of the rows.

use std::cell::Cell;
use std::time::{Duration, Instant};

use gateway::store::Store;
use gateway::store::claimer::{Claimer, Places};
use gateway::store::migrate::migrate;
use jiff_sqlx::Timestamp as SqlTimestamp;
use secrecy::SecretString;
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Connection, FromRow, raw_sql};
use tokio::sync::Barrier;
use uuid::Uuid;

use crate::stack::{Stack, median};

const CLAIMERS: [usize; 3] = [1, 2, 4];
const BATCHES: [u32; 3] = [1, 10, 25];
/// Runs of each way for each line.
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
    CREATE TABLE bench.job (LIKE gateway.tenant INCLUDING DEFAULTS INCLUDING INDEXES);
    CREATE TABLE bench.task (LIKE gateway.operation INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING STORAGE);
    CREATE TABLE bench.past (LIKE gateway.tenant_transition INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING IDENTITY);
    INSERT INTO bench.job SELECT * FROM gateway.tenant;
    INSERT INTO bench.task SELECT * FROM gateway.operation;
    ";
/// The raw claim of `LIMIT` rows.
const CLAIM: &str = "
    UPDATE {table}
       SET status = 'provisioning', attempt = attempt + 1, fence = fence + 1, lease_token = gen_random_uuid(),
           lease_worker = $1, lease_expires_at = now() + make_interval(secs => $2), updated_at = now()
     WHERE id IN (SELECT id FROM {table}
                   WHERE (repair OR attempt > 0) IS FALSE AND due_at <= now() AND NOT paused
                     AND (lease_expires_at IS NULL OR lease_expires_at < now())
                   ORDER BY due_at LIMIT {batch} FOR UPDATE SKIP LOCKED)
    RETURNING *";
const SAME_ROWS: &str = "
    WITH claimed AS ({claim}), taken AS (
        UPDATE bench.task t SET state = 'running', attempt = c.attempt, started_at = coalesce(t.started_at, clock_timestamp())
          FROM claimed c WHERE t.tenant_id = c.id AND t.ended_at IS NULL
    ), recorded AS (
        INSERT INTO bench.past (tenant_id, from_status, to_status, generation, actor)
        SELECT id, 'pending', status, generation, 'worker:bench' FROM claimed
    )
    SELECT * FROM claimed";

/// What a worker reads of a claimed row.
#[derive(sqlx::FromRow)]
#[expect(dead_code, reason = "they are read from the row")]
struct ClaimedRow {
    id: Uuid,
    key: String,
    company_name: String,
    tier: String,
    status: String,
    host: Option<String>,
    pool_id: Option<Uuid>,
    server_id: Option<Uuid>,
    password_sealed: Option<String>,
    verifier_sealed: Option<String>,
    migration_version: Option<i64>,
    network_id: Option<String>,
    container_id: Option<String>,
    generation: i64,
    fence: i64,
    repair: bool,
    credentials: i32,
    credentials_made: i32,
    attempt: i32,
    lease_token: Uuid,
    created_at: SqlTimestamp,
}

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

#[derive(Clone, Copy)]
enum Way {
    Raw,
    Bare,
    SameRows,
    Ours,
}

pub(crate) async fn measure(stack: &Stack) {
    fill(stack).await;
    println!(
        "claims, rows a second; medians of {ROUNDS} rounds a line, in turns; {DUE} rows due at the beginning of each run"
    );
    println!(
        "| claimers | batch | raw | bare | same rows | ours | ours / raw | ours / bare | ours / same rows |\n|---|---|---|---|---|---|---|---|---|"
    );
    let mut to_raws = Vec::new();
    for claimers in CLAIMERS {
        for batch in BATCHES {
            let line = Line { claimers, batch };
            let ways = [Way::Raw, Way::Bare, Way::SameRows, Way::Ours];
            let mut rates = [Vec::new(), Vec::new(), Vec::new(), Vec::new()];
            for round in 0..ROUNDS {
                for turn in 0..ways.len() {
                    let at = (turn + round) % ways.len();
                    rates[at].push(run(stack, line, ways[at]).await);
                }
            }
            let [raw, bare, same, ours] = rates.each_ref().map(|rates| median(&mut rates.clone()));
            let [to_raw, to_bare, to_same] = [0, 1, 2].map(|floor: usize| {
                let pairs = rates[3].iter().zip(&rates[floor]);
                median(&mut pairs.map(|(ours, floor)| ours / floor).collect::<Vec<f64>>())
            });
            to_raws.push(to_raw);
            println!(
                "| {claimers} | {batch} | {raw:.0} | {bare:.0} | {same:.0} | {ours:.0} | {to_raw:.2} | {to_bare:.2} | {to_same:.2} |"
            );
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "nine lines")]
    let overall = (to_raws.iter().map(|ratio: &f64| ratio.ln()).sum::<f64>() / to_raws.len() as f64).exp();
    println!("geometric mean of ours / raw over the lines: {overall:.2}");
    run_sql(stack, &format!("DROP DATABASE {COPY} WITH (FORCE); DROP DATABASE {FILLED}")).await;
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
    // Due one after another, as tenants become it.
    let tenants = format!(
        "INSERT INTO gateway.tenant (key, company_name, due_at)
         SELECT 'tenant-' || n, 'Company ' || n, now() - ({DUE} - n) * interval '1 ms' FROM generate_series(1, {DUE}) n"
    );
    for sql in [tenants, FILL.to_owned(), "VACUUM ANALYZE".to_owned()] {
        raw_sql(AssertSqlSafe(sql)).execute(&mut filled).await.unwrap();
    }
    filled.close().await.unwrap();
}

/// A fresh copy for a run, and no checkpoint within it.
async fn copy(stack: &Stack) {
    run_sql(
        stack,
        &format!("DROP DATABASE IF EXISTS {COPY} WITH (FORCE); CREATE DATABASE {COPY} TEMPLATE {FILLED}; CHECKPOINT"),
    )
    .await;
}

/// Rows a second.
async fn run(stack: &Stack, line: Line, way: Way) -> f64 {
    copy(stack).await;
    let on = |table: &str| CLAIM.replace("{batch}", &line.batch.to_string()).replace("{table}", table);
    match way {
        Way::Ours => run_ours(stack, line).await,
        Way::Raw => run_by_hand(stack, line, &on("gateway.tenant")).await,
        Way::Bare => run_by_hand(stack, line, &on("bench.job")).await,
        Way::SameRows => run_by_hand(stack, line, &SAME_ROWS.replace("{claim}", &on("bench.job"))).await,
    }
}

async fn run_ours(stack: &Stack, line: Line) -> f64 {
    let url = SecretString::from(stack.url_of(COPY));
    let store = Store::connect(&url, "worker:bench", u32::try_from(line.claimers).unwrap()).await.unwrap();
    let claimers = (0..line.claimers).map(|_| store.claimer("bench-1234-abcd")).collect();
    let rate = race(line, claimers, async |claimer: &mut Claimer| {
        let places = Places { all: line.batch, behind: line.batch };
        claimer.claim(places, LEASE).await.unwrap().len()
    })
    .await;
    store.close().await;
    rate
}

async fn run_by_hand(stack: &Stack, line: Line, statement: &str) -> f64 {
    let mut connections = Vec::new();
    for _ in 0..line.claimers {
        connections.push(stack.server(COPY).await);
    }
    race(line, connections, async |connection: &mut PgConnection| {
        let query = sqlx::query(AssertSqlSafe(statement.to_owned())).bind("bench-1234-abcd").bind(LEASE.as_secs_f64());
        let rows: Vec<PgRow> = query.fetch_all(connection).await.unwrap();
        let rows = rows.iter().map(|row| ClaimedRow::from_row(row).unwrap());
        rows.map(std::hint::black_box).filter(|row| !row.lease_token.is_nil()).count()
    })
    .await
}

/// Lets claimers claim at once until the rows of the line are claimed, and gives rows a second.
async fn race<C>(line: Line, claimers: Vec<C>, claim: impl AsyncFn(&mut C) -> usize) -> f64 {
    let claimed = Cell::new(0_usize);
    let start = Barrier::new(line.claimers);
    let runs = claimers.into_iter().map(async |mut claimer| {
        for _ in 0..WARM {
            claim(&mut claimer).await;
        }
        start.wait().await;
        let began = Instant::now();
        while claimed.get() < line.rows() {
            let count = claim(&mut claimer).await;
            assert!(count > 0, "a claim found nothing while rows were due");
            claimed.set(claimed.get() + count);
        }
        began.elapsed().as_secs_f64()
    });
    let longest = futures::future::join_all(runs).await.into_iter().fold(0.0, f64::max);
    #[expect(clippy::cast_precision_loss, reason = "a few thousand rows")]
    let rows = claimed.get() as f64;
    rows / longest
}
