//! `gatewayctl capacity`

use crate::api::types::{Amount, Capacity};
use crate::cli::arguments::Output;
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::table::{self, NONE, aligned, optional, time};
use crate::cli::terminal::Terminal;

/// Prints it.
///
/// # Errors
/// See [`CliError`].
pub(super) async fn run(client: &Client, terminal: &Terminal, output: Output) -> Result<(), CliError> {
    let found = client.capacity().await?;
    table::print(terminal, output, &found, capacity);
    Ok(())
}

fn line(what: String, amount: &Amount, note: String) -> Vec<String> {
    let number = |value: Option<i64>| optional(value.as_ref());
    let since = optional(amount.measured_at.map(time).as_ref());
    vec![what, number(amount.used), number(amount.limit), number(amount.free), since, note]
}

fn count(what: String, used: i64, note: String) -> Vec<String> {
    line(what, &Amount { used: Some(used), limit: None, free: None, measured_at: None }, note)
}

fn capacity(found: &Capacity) -> String {
    let none = || NONE.to_owned();
    let subnets = &found.subnets;
    let mut rows = vec![line(
        "subnets".to_owned(),
        &subnets.amount,
        format!("{}; resting {}", subnets.block, subnets.quarantined),
    )];
    for server in &found.servers {
        let of = |what: &str| format!("{what} on {}", server.name);
        rows.push(count(of("tenants"), server.tenants, server.state.clone()));
        rows.push(line(of("connections"), &server.connections, none()));
        rows.push(line(of("databases"), &server.databases, none()));
        rows.push(line(of("bytes"), &server.database_bytes, none()));
    }
    for pool in &found.pools {
        rows.push(count(format!("tenants in {}", pool.name), pool.tenants, none()));
    }
    rows.push(line("networks".to_owned(), &found.networks, none()));
    rows.push(line("containers".to_owned(), &found.containers, none()));
    let queue = &found.queue;
    let oldest = queue.oldest_seconds.map_or_else(none, |seconds| format!("oldest {seconds:.0} s"));
    rows.push(count("due".to_owned(), queue.due, oldest));
    rows.push(count("due behind".to_owned(), queue.behind, none()));
    rows.push(count("due later".to_owned(), queue.later, format!("paused {}", queue.paused)));
    rows.push(count("claimed".to_owned(), queue.claimed, none()));
    for worker in &found.workers {
        rows.push(count(format!("at {}", worker.name), worker.tenants, format!("jobs {}", worker.jobs)));
    }
    aligned(Some(&["what", "used", "limit", "free", "since", "note"]), rows)
}
