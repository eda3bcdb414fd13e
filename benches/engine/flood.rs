//! A flood of signups from loopback beside somebody who reads tenants: how many signups it makes, and how much longer reads
//! take than before and after it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::reads::{Api, Times, fill};
use crate::stack::Stack;

/// Signups that the budget allows at once; another one comes after each [`REFILL`].
const BUDGET: u32 = 100;
const REFILL: Duration = Duration::from_secs(36);
/// Calls of the flood: fifty times as many.
const CALLS: u32 = 50 * BUDGET;
/// Connections that call as fast as they get answers.
const CONNECTIONS: u32 = 256;
/// Networks the calls say to come from, so that the budget of all is what counts and not that of one network.
const NETWORKS: u32 = 250;
/// Reads of each kind before the flood, and again after it.
const QUIET: usize = 1_500;
const WARM_UP: usize = 300;
/// Longest flood; the rest of it is then left.
const LONGEST: Duration = Duration::from_secs(120);
/// The goal: the slowest of a hundred reads takes at most so many times as long.
const GOAL: f64 = 1.5;
const READS: [(&str, &str); 2] =
    [("one by key", "/api/gateway/tenants/read-7777"), ("page of 50", "/api/gateway/tenants?limit=50")];

/// How calls of the flood were answered.
#[derive(Debug, Default)]
struct Answers {
    sent: AtomicU32,
    accepted: AtomicU32,
    refused: AtomicU32,
    /// Anything but 202 and 429.
    others: AtomicU32,
}

pub(crate) async fn measure(stack: &Stack) {
    fill(stack).await;
    let budget = BUDGET.to_string();
    let settings = [
        ("SIGNUP_ENABLED", "true"),
        ("SIGNUP_MAIL_PROOF", "false"),
        ("SIGNUP_PER_HOUR", budget.as_str()),
        ("SIGNUP_NETWORK_PER_HOUR", budget.as_str()),
    ];
    let (server, url) = stack.serve(&settings).await;
    let api = Api::at(stack, url.clone()).await;
    let mut quiet = READS.map(|_| Times::default());
    read(&api, WARM_UP, &mut READS.map(|_| Times::default())).await;
    read(&api, QUIET, &mut quiet).await;

    let answers = Arc::new(Answers::default());
    let address = url.trim_start_matches("http://");
    let began = Instant::now();
    let mut flood = JoinSet::new();
    for _ in 0..CONNECTIONS {
        flood.spawn(call_on(address.to_owned(), Arc::clone(&answers)));
    }
    let mut loud = READS.map(|_| Times::default());
    while !flood.is_empty() && began.elapsed() < LONGEST {
        read(&api, 10, &mut loud).await;
        while let Some(ended) = flood.try_join_next() {
            ended.unwrap();
        }
    }
    let took = began.elapsed();
    flood.shutdown().await;
    read(&api, QUIET, &mut quiet).await;

    let mut worst: f64 = 0.0;
    println!("{CALLS} signups over {CONNECTIONS} connections beside reads of 10,000 tenants; milliseconds");
    println!("| read | quiet p50 | quiet p99 | flood p50 | flood p99 | reads in the flood | ratio p50 | ratio p99 |");
    println!("|---|---|---|---|---|---|---|---|");
    for (place, (what, _)) in READS.into_iter().enumerate() {
        let (quiet, loud) = (&mut quiet[place], &mut loud[place]);
        let [q50, q99, l50, l99] =
            [quiet.percentile(50), quiet.percentile(99), loud.percentile(50), loud.percentile(99)];
        worst = worst.max(l99 / q99);
        let (count, r50, r99) = (loud.len(), l50 / q50, l99 / q99);
        println!("| {what} | {q50:.2} | {q99:.2} | {l50:.2} | {l99:.2} | {count} | {r50:.2} | {r99:.2} |");
    }
    let count = |one: &AtomicU32| one.load(Ordering::Relaxed);
    let allowed = BUDGET + u32::try_from(took.as_secs() / REFILL.as_secs()).unwrap();
    let made: i64 = sqlx::query_scalar("SELECT count(*) FROM gateway.tenant WHERE starts_with(key, 'flood-')")
        .fetch_one(&stack.control)
        .await
        .unwrap();
    println!(
        "{} calls in {:.1} s: {} accepted, {} refused, {} others; {made} tenants made of {allowed} that the budget allows",
        count(&answers.sent),
        took.as_secs_f64(),
        count(&answers.accepted),
        count(&answers.refused),
        count(&answers.others),
    );
    println!("the budget is {}", if made == i64::from(allowed) { "met exactly" } else { "missed" });
    println!("the goal of {GOAL} is {}", if worst <= GOAL { "met" } else { "missed" });
    server.stop();
}

/// So many reads of each kind, in turns.
async fn read(api: &Api, rounds: usize, times: &mut [Times; READS.len()]) {
    for _ in 0..rounds {
        for (place, (what, path)) in READS.into_iter().enumerate() {
            let began = Instant::now();
            let bytes = api.read(path).await;
            times[place].add(began);
            assert!(bytes > 100, "{what}: {bytes} bytes");
        }
    }
}

/// Calls over one connection until all calls were made. It speaks HTTP by hand: a client's own work would take from the same cores.
async fn call_on(address: String, answers: Arc<Answers>) {
    let mut stream = TcpStream::connect(&address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let number = answers.sent.fetch_add(1, Ordering::Relaxed);
        if number >= CALLS {
            answers.sent.fetch_sub(1, Ordering::Relaxed);
            return;
        }
        let body = format!(r#"{{"key":"flood-{number}","company_name":"Flood {number}"}}"#);
        let network = number % NETWORKS;
        let call = format!(
            "POST /api/gateway/public/signup HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
             x-forwarded-for: 198.18.{network}.7\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(call.as_bytes()).await.unwrap();
        let counted = match status_of(&mut stream, &mut buffer).await {
            202 => &answers.accepted,
            429 => &answers.refused,
            _ => &answers.others,
        };
        counted.fetch_add(1, Ordering::Relaxed);
    }
}

/// Reads one answer to its end and gives its status.
async fn status_of(stream: &mut TcpStream, buffer: &mut [u8]) -> u16 {
    let mut filled = 0;
    loop {
        let read = stream.read(&mut buffer[filled..]).await.unwrap();
        assert!(read > 0, "the server hung up");
        filled += read;
        let text = String::from_utf8_lossy(&buffer[..filled]);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head
            .lines()
            .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
        if body.len() >= length.unwrap_or(0_usize) {
            return head.split(' ').nth(1).unwrap().parse().unwrap();
        }
    }
}
