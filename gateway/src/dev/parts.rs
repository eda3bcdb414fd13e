//! The running parts, and the order in which they stop.

use std::sync::OnceLock;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::dev::child::Supervised;
use crate::dev::docker::Engine;

/// Time the hosted gateway gets to end.
const HOSTED_LIMIT: Duration = Duration::from_secs(5);

/// The hosted gateway, running in a task.
#[derive(Debug)]
pub(super) struct HostedTask {
    /// Asks it to end.
    pub stop: CancellationToken,
    /// It has ended.
    pub ended: CancellationToken,
}

/// What was started so far.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// Docker Engine.
    pub engine: OnceLock<Engine>,
    /// PostgreSQL.
    pub postgres: OnceLock<Supervised>,
    /// Redis.
    pub redis: OnceLock<Supervised>,
    /// Traefik.
    pub traefik: OnceLock<Supervised>,
    /// The demo app.
    pub demo_app: OnceLock<Supervised>,
    /// The gateway itself.
    pub hosted: OnceLock<HostedTask>,
}

/// Keeps a part. Each is started once, so the cell is empty.
pub(super) fn keep<T>(cell: &OnceLock<T>, part: T) -> &T {
    cell.get_or_init(|| part)
}

impl Parts {
    /// Stops everything in order: each part before those it needs.
    pub(super) async fn stop(&self) {
        if let Some(hosted) = self.hosted.get() {
            hosted.stop.cancel();
            // It holds no data of its own; a step it leaves is taken up at the next start.
            drop(tokio::time::timeout(HOSTED_LIMIT, hosted.ended.cancelled()).await);
        }
        for child in [&self.traefik, &self.demo_app, &self.redis, &self.postgres] {
            if let Some(child) = child.get() {
                child.stop().await;
            }
        }
        if let Some(engine) = self.engine.get() {
            engine.stop().await;
        }
    }
}
