//! The worker in a process.

use tokio_util::sync::CancellationToken;

use crate::config::{Settings, WorkerSettings};
use crate::domain::failure::Failure;
use crate::provision::run::{World, store_failure};
use crate::store::Store;
use crate::worker::Worker;

/// Connections to the control database besides one for each tenant worked on: claims and notifications.
const EXTRA_CONNECTIONS: u32 = 3;

/// A name that tells workers apart in the records: host, process, and four random hex digits against recycled ids.
#[must_use]
pub fn worker_name() -> String {
    let host = nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok()).unwrap_or_default();
    format!("{host}-{}-{:04x}", std::process::id(), rand::random::<u16>())
}

/// Connects a worker to everything it needs.
///
/// # Errors
/// A failure that names what is missing, not migrated or not reachable.
pub async fn connect(settings: &Settings, pace: WorkerSettings) -> Result<Worker, Failure> {
    let name = worker_name();
    let connections = pace.concurrency.saturating_add(EXTRA_CONNECTIONS);
    let actor = format!("worker:{name}");
    let store = Store::connect(&settings.database_url, &actor, connections).await.map_err(store_failure)?;
    store.require_migrated().await.map_err(store_failure)?;
    let world = World::connect(settings, store).await?;
    Ok(Worker::new(world, pace, name))
}

/// Works until `stop`.
///
/// # Errors
/// As [`connect`]; a worker that runs does not fail.
pub async fn work(settings: &Settings, pace: WorkerSettings, stop: CancellationToken) -> Result<(), Failure> {
    let worker = connect(settings, pace).await?;
    worker.run(stop).await;
    Ok(())
}
