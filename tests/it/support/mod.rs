//! What tests stand on: the running stack, names of their own, and waiting for a condition instead of for time.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on says so")]

pub(crate) mod autopsy;
pub(crate) mod bystanders;
pub(crate) mod chaos;
pub(crate) mod dockerd;
pub(crate) mod edge;
pub(crate) mod history;
pub(crate) mod instance;
pub(crate) mod lifeline;
pub(crate) mod listener;
pub(crate) mod login;
pub(crate) mod mailbox;
pub(crate) mod namespace;
pub(crate) mod parts;
pub(crate) mod pools;
pub(crate) mod postgres;
pub(crate) mod report;
pub(crate) mod rig;
pub(crate) mod schema;
pub(crate) mod snapshot;
pub(crate) mod stack;
pub(crate) mod tls;
pub(crate) mod worker;
pub(crate) mod world;

use std::future::Future;
use std::time::{Duration, Instant};

/// Longest wait for anything the worker does in a test; generous, as CI machines are slow.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Leaves the control database as a later release does whose migration only adds.
pub(crate) const NEWER_SCHEMA: &str = "INSERT INTO gateway.schema_migration
    SELECT (jsonb_populate_record(m, '{\"version\": 1001}')).* FROM gateway.schema_migration m ORDER BY version DESC LIMIT 1";

/// A tenant key nobody else has: the tests share one fleet.
pub(crate) fn unique_key(prefix: &str) -> String {
    format!("{prefix}-{:08x}", rand::random::<u32>())
}

/// Looks until `look` finds something, and panics with the last thing seen when it takes too long. Between two looks at least as
/// long passes as one takes: what is waited for needs the processor too.
pub(crate) async fn wait_for<T, F>(what: &str, patience: Duration, mut look: impl FnMut() -> F) -> T
where
    F: Future<Output = Result<T, String>>,
{
    let deadline = Instant::now() + patience;
    loop {
        let began = Instant::now();
        match look().await {
            Ok(found) => return found,
            Err(seen) if Instant::now() >= deadline => panic!("waited {patience:?} for {what}; last seen: {seen}"),
            Err(_) => tokio::time::sleep(began.elapsed().max(Duration::from_millis(20))).await,
        }
    }
}

/// A runtime and the TLS provider, for a test body.
pub(crate) fn run(test: impl Future<Output = ()>) {
    // Another test of this process may have installed it.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(test);
}
