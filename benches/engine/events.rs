//! What telling of changes costs those who make them, and how long it takes until clients hear of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use gateway::store::Store;
use gateway::store::claimer::Places;
use gateway::store::migrate::migrate;
use secrecy::SecretString;
use serde_json::{Value, json};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, raw_sql};
use tokio::sync::Barrier;

use crate::stack::{Stack, median};

/// Runs of each way.
const ROUNDS: usize = 7;
/// Tenants made, and claimed, in a run.
const TENANTS: usize = 2_000;
const BATCH: u32 = 10;
const DATABASE: &str = "bench_events";
/// Streams, over this many keys, and changes they hear of, this far apart.
const CLIENTS: usize = 200;
const KEYS: usize = 10;
const CHANGES: usize = 200;
const APART: Duration = Duration::from_millis(50);

const TRIGGERS: [(&str, &str); 4] = [
    ("event_of_new_tenant", "tenant"),
    ("tenant_event", "tenant"),
    ("operation_opened", "operation"),
    ("operation_ended", "operation"),
];

pub(crate) async fn measure(stack: &Stack) {
    costs(stack).await;
    delivery(stack).await;
}

/// Milliseconds for each tenant made, by a transaction each, and for each tenant claimed.
async fn costs(stack: &Stack) {
    let mut times = [const { [const { Vec::new() }; 2] }; 2];
    for round in 0..ROUNDS {
        for turn in 0..2 {
            let told = (turn + round) % 2;
            let [made, claimed] = run(stack, told == 1).await;
            times[0][told].push(made);
            times[1][told].push(claimed);
        }
    }
    println!("milliseconds a tenant; medians of {ROUNDS} rounds of {TENANTS} tenants, in turns");
    println!("| | without events | with | ratio |\n|---|---|---|---|");
    for (what, [without, with]) in ["made", "claimed, 10 at once"].into_iter().zip(&mut times) {
        let mut ratios: Vec<f64> = with.iter().zip(without.iter()).map(|(with, without)| with / without).collect();
        println!("| {what} | {:.3} | {:.3} | {:.2} |", median(without), median(with), median(&mut ratios));
    }
}

async fn sql(connection: &mut PgConnection, statement: String) {
    raw_sql(AssertSqlSafe(statement)).execute(connection).await.unwrap();
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand tenants")]
async fn run(stack: &Stack, with_events: bool) -> [f64; 2] {
    let mut server = stack.server("postgres").await;
    for statement in [format!("DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)"), format!("CREATE DATABASE {DATABASE}")]
    {
        sql(&mut server, statement).await;
    }
    let url = SecretString::from(stack.url_of(DATABASE));
    migrate(&url).await.unwrap();
    let mut database = stack.server(DATABASE).await;
    if !with_events {
        for (trigger, table) in TRIGGERS {
            sql(&mut database, format!("ALTER TABLE gateway.{table} DISABLE TRIGGER {trigger}")).await;
        }
    }
    sql(&mut server, "CHECKPOINT".into()).await;
    let began = Instant::now();
    for n in 0..TENANTS {
        let made = sqlx::query("INSERT INTO gateway.tenant (key, company_name) VALUES ($1, 'Company')");
        made.bind(format!("tenant-{n}")).execute(&mut database).await.unwrap();
    }
    let made = began.elapsed();
    sql(&mut database, "VACUUM ANALYZE".into()).await;
    sql(&mut server, "CHECKPOINT".into()).await;
    let store = Store::connect(&url, "worker:bench", 1).await.unwrap();
    let mut claimer = store.claimer("bench-1234-abcd");
    let began = Instant::now();
    let mut claimed = 0;
    while claimed < TENANTS {
        let places = Places { all: BATCH, behind: BATCH };
        claimed += claimer.claim(places, Duration::from_secs(300)).await.unwrap().len();
    }
    let claiming = began.elapsed();
    drop(claimer);
    store.close().await;
    database.close().await.unwrap();
    sql(&mut server, format!("DROP DATABASE {DATABASE} WITH (FORCE)")).await;
    [made, claiming].map(|time| time.as_secs_f64() * 1000.0 / TENANTS as f64)
}

/// From before the statement of a change until each client has its event.
async fn delivery(stack: &Stack) {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = stack.text("URL").trim_end_matches('/').to_owned();
    let mut keys = Vec::new();
    for n in 0..KEYS {
        let new = json!({ "name": format!("bench-{n}"), "scopes": ["tenants:read"] });
        let made = http.post(format!("{url}/api/gateway/api-keys")).bearer_auth(stack.text("API_KEY")).json(&new);
        let made: Value = made.send().await.unwrap().json().await.unwrap();
        keys.push(made["key"].as_str().unwrap().to_owned());
    }
    let sent: Arc<Mutex<HashMap<String, Instant>>> = Arc::default();
    let opened = Arc::new(Barrier::new(CLIENTS + 1));
    let mut clients = tokio::task::JoinSet::new();
    for n in 0..CLIENTS {
        let request =
            http.get(format!("{url}/api/gateway/events/stream?kind=tenant.created")).bearer_auth(&keys[n % KEYS]);
        clients.spawn(listen(request, Arc::clone(&sent), Arc::clone(&opened)));
    }
    opened.wait().await;
    let mut committed = Vec::new();
    for n in 0..CHANGES {
        let key = format!("bench-{n}-{:04x}", rand::random::<u16>());
        let began = Instant::now();
        sent.lock().unwrap().insert(key.clone(), began);
        sqlx::query("INSERT INTO gateway.tenant (key, company_name) VALUES ($1, 'Company')")
            .bind(&key)
            .execute(&stack.control)
            .await
            .unwrap();
        committed.push(began.elapsed().as_secs_f64() * 1000.0);
        tokio::time::sleep(APART).await;
    }
    let mut all: Vec<f64> = clients.join_all().await.into_iter().flatten().collect();
    assert_eq!(all.len(), CLIENTS * CHANGES, "each client hears each change once");
    all.sort_by(f64::total_cmp);
    let at = |share: usize| all[(all.len() * share / 100).min(all.len() - 1)];
    println!(
        "\nfrom the statement to the client, milliseconds: {CLIENTS} clients, {CHANGES} changes, {} ms apart",
        APART.as_millis()
    );
    println!("| commit p50 | heard p50 | heard p99 | heard at most |\n|---|---|---|---|");
    println!("| {:.1} | {:.1} | {:.1} | {:.1} |", median(&mut committed), at(50), at(99), all[all.len() - 1]);
}

/// Hears of every change and says how long each took.
async fn listen(
    request: reqwest::RequestBuilder,
    sent: Arc<Mutex<HashMap<String, Instant>>>,
    opened: Arc<Barrier>,
) -> Vec<f64> {
    let mut response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    // The first words come before the stream listens; a moment is enough for that.
    response.chunk().await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    opened.wait().await;
    let (mut text, mut times) = (String::new(), Vec::new());
    while times.len() < CHANGES {
        let chunk = response.chunk().await.unwrap().unwrap();
        let now = Instant::now();
        text.push_str(std::str::from_utf8(&chunk).unwrap());
        while let Some((block, rest)) = text.split_once("\n\n") {
            if let Some(data) = block.lines().find_map(|line| line.strip_prefix("data: ")) {
                let event: Value = serde_json::from_str(data).unwrap();
                let began = sent.lock().unwrap()[event["tenant_key"].as_str().unwrap()];
                times.push((now - began).as_secs_f64() * 1000.0);
            }
            text = rest.to_owned();
        }
    }
    times
}
