//! Bad input, entry by entry: `tests/data/corpus/*.jsonl`, each with the verdict on it. Everything is refused, or taken as
//! the value it is; nothing is half made, nobody else notices, and no line above INFO is logged.

mod calls;
mod entry;
mod identifiers;
mod keys;
mod names;
pub(super) mod watch;
mod wire;

use std::collections::BTreeMap;

use super::{Api, ROOT};
use crate::support::stack::ctl_of;
use sqlx::Row;

/// What a test found wrong, all at once: one run shows every entry that fails.
#[derive(Default)]
struct Findings(Vec<String>);

impl Findings {
    fn note(&mut self, entry: &str, what: impl std::fmt::Display) {
        self.0.push(format!("{entry}\n    {what}"));
    }

    fn assert_none(&self) {
        assert!(self.0.is_empty(), "{} entries fail:\n{}", self.0.len(), self.0.join("\n"));
    }
}

/// Rows of every table but the audit log, which tells of refused calls too.
async fn rows(api: &Api) -> BTreeMap<String, i64> {
    let mut database = api.database().await;
    let tables = sqlx::query(
        "SELECT table_name::text AS name,
                (xpath('/row/c/text()', query_to_xml(format('SELECT count(*) AS c FROM gateway.%I', table_name), false, true, '')))[1]::text::bigint AS count
           FROM information_schema.tables
          WHERE table_schema = 'gateway' AND table_type = 'BASE TABLE' AND table_name <> 'audit'",
    );
    let tables = tables.fetch_all(&mut database).await.unwrap();
    tables.iter().map(|row| (row.get("name"), row.get("count"))).collect()
}

/// Runs `gatewayctl` against an API, away from the runtime's threads.
async fn ctl(api: &Api, arguments: Vec<String>) -> std::process::Output {
    let (url, key) = (api.url.clone(), ROOT.to_owned());
    tokio::task::spawn_blocking(move || ctl_of(&url, &key, &arguments)).await.unwrap()
}
