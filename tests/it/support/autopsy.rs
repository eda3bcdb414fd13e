//! What a stack was doing when a test gave up waiting for a tenant: said with the failure, since the stack is gone by then.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use sqlx::AssertSqlSafe;

use super::stack::Stack;

/// Lines of each log.
const LINES: usize = 12;
/// Characters of each line.
const WIDTH: usize = 400;
/// Attempts of steps, the newest first.
const STEPS: &str = "SELECT format('%s %s %s #%s %s %s, began %s s ago, took %s s', o.kind, s.step, s.action, s.attempt, s.state, s.error_code,
           round(extract(epoch FROM clock_timestamp() - s.started_at), 1), round(extract(epoch FROM s.ended_at - s.started_at), 2))
      FROM gateway.step_attempt s JOIN gateway.operation o ON o.id = s.operation_id JOIN gateway.tenant t ON t.id = s.tenant_id
     WHERE t.key = $1 ORDER BY s.id DESC LIMIT 30";
/// The lease and what is due.
const ROW: &str = "SELECT format('%s, attempt %s, fence %s, due %s, lease until %s, now %s', status, attempt, fence, due_at, lease_expires_at, now())
      FROM gateway.tenant WHERE key = $1";
/// Sessions that are at something, or wait in a transaction. Whose tenant it is about is bound to each of these questions.
const SESSIONS: &str = "SELECT format('%s %s %s/%s %s s: %s', application_name, state, wait_event_type, wait_event,
           round(extract(epoch FROM clock_timestamp() - query_start), 1), left(query, 120))
      FROM pg_stat_activity WHERE state <> 'idle' AND pid <> pg_backend_pid() AND $1 <> ''";

impl Stack {
    /// The tenant's steps, the server's sessions and the ends of all logs.
    pub(crate) async fn autopsy(&self, key: &str) -> String {
        let mut text = String::new();
        for (what, sql) in [("row", ROW), ("steps", STEPS), ("sessions", SESSIONS)] {
            let found = sqlx::query_scalar(AssertSqlSafe(sql)).bind(key).fetch_all(&self.control).await;
            let lines: Vec<String> = found.unwrap_or_else(|error| vec![error.to_string()]);
            let _ = writeln!(text, "\n{what}:\n  {}", lines.join("\n  "));
        }
        for log in logs_in(&self.data_dir).into_iter().chain(logs_in(&self.data_dir.join("logs"))) {
            let said = std::fs::read_to_string(&log).unwrap_or_else(|error| error.to_string());
            let lines: Vec<&str> = said.lines().collect();
            let _ = writeln!(text, "{}:", log.display());
            for line in &lines[lines.len().saturating_sub(LINES)..] {
                let _ = writeln!(text, "  {}", line.chars().take(WIDTH).collect::<String>());
            }
        }
        text
    }
}

fn logs_in(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    found.retain(|path| path.extension().is_some_and(|ending| ending == "log"));
    found.sort();
    found
}
