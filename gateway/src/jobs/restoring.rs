//! Watches over Traefik's tree in Redis: where it was lost, or an older one took its place, it is written whole at once.
//!
//! Meanwhile nobody is without an answer: Traefik keeps what it has until it is told of a change, and a host without a router
//! of its own is led to the tenant port, which knows every tenant.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::provision::run::World;
use crate::reconcile::republish::restore;

/// Between two looks, each one command of Redis.
const EVERY: Duration = Duration::from_secs(1);
/// Longest time for one restoration; a part that does not answer must not end the watch.
const LONGEST: Duration = Duration::from_secs(120);

/// Looks by the clock until `stop`.
pub async fn watch(world: Arc<World>, stop: CancellationToken) {
    loop {
        let restored = tokio::select! {
            restored = tokio::time::timeout(LONGEST, Box::pin(restore(&world))) => restored,
            () = stop.cancelled() => return,
        };
        // The steps of tenants and the claims tell of parts that are away.
        match restored {
            Ok(Ok(_)) => {}
            Ok(Err(failure)) => {
                tracing::debug!(code = failure.code, message = %failure, "cannot watch over Traefik's tree; trying on");
            }
            Err(_elapsed) => tracing::debug!("writing Traefik's tree took too long; trying on"),
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY.mul_f64(0.9 + 0.2 * rand::random::<f64>())) => {}
            () = stop.cancelled() => return,
        }
    }
}
