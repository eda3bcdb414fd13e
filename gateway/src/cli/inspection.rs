//! `gatewayctl tenant logs` and `gatewayctl tenant stats`

use std::time::{Duration, Instant};

use crate::api::types::{ReadLogs, TenantLogs, TenantStats};
use crate::cli::arguments::Output;
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::table::{self, aligned, optional, time};
use crate::cli::terminal::Terminal;

/// Longest wait for a worker.
const LONGEST: Duration = Duration::from_secs(30);
/// Between two looks.
const EVERY: Duration = Duration::from_millis(200);

/// Prints the last lines of a tenant's log.
///
/// # Errors
/// [`CliError::Failed`] where a worker could not read it, [`CliError::TimedOut`] where none did.
pub(super) async fn logs(
    client: &Client,
    terminal: &Terminal,
    output: Output,
    tenant: &str,
    asked: &ReadLogs,
) -> Result<(), CliError> {
    let deadline = Instant::now() + LONGEST;
    let mut logs = client.read_logs(tenant, asked).await?;
    while logs.state.is_open() {
        if Instant::now() >= deadline {
            let message = format!("no worker read the log within {} s", LONGEST.as_secs());
            return Err(CliError::TimedOut { message, next: "see that a worker runs, then ask again".into() });
        }
        tokio::time::sleep(EVERY).await;
        logs = client.logs(tenant, logs.id).await?;
    }
    if let Some(error) = &logs.error {
        let message = format!("{} ({})", error.message, error.code);
        return Err(CliError::Failed { message, next: format!("gatewayctl tenant stats {tenant}") });
    }
    table::print(terminal, output, &logs, lines);
    if logs.cut == Some(true) {
        terminal.tell("Earlier lines, or the ends of long ones, were left out.");
    }
    Ok(())
}

fn lines(logs: &TenantLogs) -> String {
    let mut text = String::new();
    for line in logs.lines.iter().flatten() {
        let at = optional(line.at.map(time).as_ref());
        text.push_str(&format!("{at} {} {}\n", line.stream, line.text));
    }
    text
}

/// Prints what a tenant's container uses.
///
/// # Errors
/// [`CliError::Failed`] where nothing is known.
pub(super) async fn stats(client: &Client, terminal: &Terminal, output: Output, tenant: &str) -> Result<(), CliError> {
    let found = client.stats(tenant).await?;
    if let (false, Some(message)) = (found.known, &found.message) {
        let message = message.clone();
        return Err(CliError::Failed { message, next: format!("gatewayctl tenant show {tenant}") });
    }
    table::print(terminal, output, &found, usage);
    Ok(())
}

fn usage(found: &TenantStats) -> String {
    let number = |value: Option<f64>| optional(value.map(|value| format!("{value:.2}")).as_ref());
    let rows = [
        ("state", optional(found.state.as_ref()), String::new()),
        ("image", optional(found.image.as_ref()), String::new()),
        ("started", optional(found.started_at.map(time).as_ref()), String::new()),
        ("restarts", optional(found.restarts.as_ref()), String::new()),
        ("exit code", optional(found.exit_code.as_ref()), String::new()),
        ("cpus", number(found.cpus_used), number(found.cpus_limit)),
        ("memory bytes", optional(found.memory_bytes.as_ref()), optional(found.memory_limit_bytes.as_ref())),
        ("processes", optional(found.pids.as_ref()), optional(found.pids_limit.as_ref())),
        ("received bytes", optional(found.received_bytes.as_ref()), String::new()),
        ("sent bytes", optional(found.sent_bytes.as_ref()), String::new()),
    ];
    let rows = rows.into_iter().map(|(name, value, limit)| vec![name.to_owned(), value, limit]);
    aligned(Some(&["what", "is", "limit"]), rows.collect())
}
