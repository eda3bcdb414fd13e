//! A pass of the reconciler that finds nothing to do, over growing fleets: how long it takes, and that it writes nothing.

use std::time::{Duration, Instant};

use fred::interfaces::ClientLike;
use gateway::provision::run::World;
use gateway::reconcile::{Manner, pass};
use gateway::store::Store;

use crate::stack::{Stack, median};

const FLEETS: [usize; 4] = [125, 250, 500, 1_000];
const PASSES: usize = 45;
/// A PostgreSQL backend tells what it counted within a second when busy and within ten when idle.
const COUNTED: Duration = Duration::from_secs(11);
/// For a worker to make one fleet out of the one before, and for Traefik to have read it.
const PATIENCE: Duration = Duration::from_secs(900);
/// Redis is at rest when it worked less than this share of so many looks, a second apart, one after the other.
const BUSY: f64 = 0.02;
const LOOKS_AT_REST: u32 = 4;
const ACTIVE: &str = "SELECT count(*) FROM gateway.tenant WHERE starts_with(key, $1) AND status = 'active'";

pub(crate) async fn measure(stack: &Stack) {
    println!(
        "pass of the reconciler that finds nothing to do, shared tenants without networks; medians of {PASSES} passes"
    );
    println!("| tenants | ms | growth | rows written in control database | in server's catalogue | Redis writes |");
    println!("|---|---|---|---|---|---|");
    let mut before = None;
    let mut made = 0;
    for fleet in FLEETS {
        fill(stack, made + 1, fleet).await;
        made = fleet;
        let (milliseconds, writes) = passes(stack, fleet).await;
        let growth = before.map_or_else(String::new, |before: f64| format!("{:.2}", milliseconds / before));
        println!("| {fleet} | {milliseconds:.1} | {growth} | {} | {} | {} |", writes[0], writes[1], writes[2]);
        before = Some(milliseconds);
    }
}

/// Has a worker make tenants up to a number. It asks for no proof through Traefik, which a pass does not look at either.
async fn fill(stack: &Stack, from: usize, to: usize) {
    sqlx::query(
        "INSERT INTO gateway.tenant (key, company_name) SELECT 'idle-' || n, 'Idle ' || n FROM generate_series($1, $2) n",
    )
    .bind(i32::try_from(from).unwrap())
    .bind(i32::try_from(to).unwrap())
    .execute(&stack.control)
    .await
    .unwrap();
    let worker = stack.worker(&[("WORKER_CONCURRENCY", "16"), ("TRAEFIK_URL", "")]);
    stack.until(ACTIVE, "idle-", i64::try_from(to).unwrap(), PATIENCE).await;
    worker.stop();
}

async fn passes(stack: &Stack, fleet: usize) -> (f64, [i64; 3]) {
    let settings = stack.settings(&[]);
    let store = Store::connect(&settings.database_url, "worker:bench", 6).await.unwrap();
    let world = World::connect(&settings, store).await.unwrap();
    // What making the databases left to be written to disk would be written beside the passes, and once a minute
    // autovacuum visits each of a thousand databases.
    for statement in ["CHECKPOINT", "ALTER SYSTEM SET autovacuum = off", "SELECT pg_reload_conf()"] {
        sqlx::query(statement).execute(&stack.control).await.unwrap();
    }
    for _ in 0..3 {
        one(&world, fleet).await;
    }
    rest(stack).await;
    tokio::time::sleep(COUNTED).await;
    let before = counts(stack).await;
    let mut milliseconds = Vec::new();
    for _ in 0..PASSES {
        milliseconds.push(one(&world, fleet).await);
    }
    tokio::time::sleep(COUNTED).await;
    let after = counts(stack).await;
    world.store.close().await;
    for statement in ["ALTER SYSTEM RESET autovacuum", "SELECT pg_reload_conf()"] {
        sqlx::query(statement).execute(&stack.control).await.unwrap();
    }
    (median(&mut milliseconds), [after[0] - before[0], after[1] - before[1], after[2] - before[2]])
}

async fn one(world: &World, fleet: usize) -> f64 {
    let began = Instant::now();
    let report = Box::pin(pass(world, &Manner::repairing(20))).await.unwrap().unwrap();
    let milliseconds = began.elapsed().as_secs_f64() * 1000.0;
    let found = (report.tenants, report.drift.len(), report.orphans.len(), report.refused, report.unknown.len());
    assert_eq!(found, (fleet, 0, 0, None, 0));
    milliseconds
}

/// Rows written in the control database's tables, in the catalogue that all databases of the server share, and Redis
/// commands that may write, each since the start of its server.
async fn counts(stack: &Stack) -> [i64; 3] {
    let [control, catalogue] = [
        "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::bigint FROM pg_stat_user_tables",
        "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::bigint FROM pg_stat_sys_tables s
           JOIN pg_class c ON c.oid = s.relid WHERE c.relisshared",
    ]
    .map(|query| sqlx::query_scalar::<_, i64>(query).fetch_one(&stack.control));
    [control.await.unwrap(), catalogue.await.unwrap(), redis_writes(stack).await]
}

async fn redis(stack: &Stack) -> fred::clients::Client {
    let config = fred::types::config::Config::from_url(stack.text("DEV_REDIS_URL")).unwrap();
    let client = fred::clients::Client::new(config, None, None, None);
    client.init().await.unwrap();
    client
}

/// Waits until Traefik has read what was published: it reads the whole tree once for every route that came, and goes on long
/// after the last one, on a core that the passes would share with it.
async fn rest(stack: &Stack) {
    let client = redis(stack).await;
    let (began, mut before, mut quiet) = (Instant::now(), f64::NEG_INFINITY, 0);
    while quiet < LOOKS_AT_REST {
        let told: String = client.custom(fred::cmd!("INFO"), vec!["cpu".to_owned()]).await.unwrap();
        let seconds = |name: &str| told.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<f64>().ok());
        let now = seconds("used_cpu_user:").unwrap() + seconds("used_cpu_sys:").unwrap();
        quiet = if now - before < BUSY { quiet + 1 } else { 0 };
        before = now;
        assert!(began.elapsed() < PATIENCE, "Traefik still reads");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    client.quit().await.unwrap();
}

async fn redis_writes(stack: &Stack) -> i64 {
    let client = redis(stack).await;
    let writing = ["LIST", "FILTERBY", "ACLCAT", "write"].map(str::to_owned).to_vec();
    let mut writing: Vec<String> = client.custom(fred::cmd!("COMMAND"), writing).await.unwrap();
    // A script may write, and a message makes Traefik read everything again.
    writing.extend(["eval", "evalsha", "fcall", "publish", "spublish"].map(str::to_owned));
    let told: String = client.custom(fred::cmd!("INFO"), vec!["commandstats".to_owned()]).await.unwrap();
    client.quit().await.unwrap();
    let counted = told.lines().filter_map(|line| {
        let (name, counts) = line.strip_prefix("cmdstat_")?.split_once(":calls=")?;
        let calls: i64 = counts.split(',').next()?.parse().ok()?;
        writing.iter().any(|command| command.eq_ignore_ascii_case(name)).then_some(calls)
    });
    counted.sum()
}
