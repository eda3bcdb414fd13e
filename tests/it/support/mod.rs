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
pub(crate) mod mailbox;
pub(crate) mod namespace;
pub(crate) mod parts;
pub(crate) mod pools;
pub(crate) mod postgres;
pub(crate) mod report;
pub(crate) mod rig;
pub(crate) mod snapshot;
pub(crate) mod stack;
pub(crate) mod worker;
pub(crate) mod world;

use std::future::Future;
use std::time::{Duration, Instant};

/// Longest wait for anything the worker does in a test; generous, as CI machines are slow.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A tenant key nobody else has: the tests share one fleet.
pub(crate) fn unique_key(prefix: &str) -> String {
    format!("{prefix}-{:08x}", rand::random::<u32>())
}

/// Looks until `look` finds something, and panics with the last thing seen when it takes too long.
pub(crate) async fn wait_for<T, F>(what: &str, patience: Duration, mut look: impl FnMut() -> F) -> T
where
    F: Future<Output = Result<T, String>>,
{
    let deadline = Instant::now() + patience;
    loop {
        match look().await {
            Ok(found) => return found,
            Err(seen) if Instant::now() >= deadline => panic!("waited {patience:?} for {what}; last seen: {seen}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

/// A runtime and the TLS provider, for a test body.
pub(crate) fn run(test: impl Future<Output = ()>) {
    // Another test of this process may have installed it.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(test);
}
