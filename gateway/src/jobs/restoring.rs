//! Watches over Traefik's tree in Redis: where it was lost, or an older one took its place, it is written whole at once, and a
//! key over which Traefik would take no change any more is set aside.
//!
//! Meanwhile nobody is without an answer: Traefik keeps what it has until it is told of a change, and a host without a router
//! of its own is led to the tenant port, which knows every tenant.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use crate::domain::failure::Failure;
use crate::provision::run::{World, store_failure};
use crate::reconcile::republish::restore;

/// Between two looks, each one command of Redis.
const EVERY: Duration = Duration::from_secs(1);
/// Between two looks at every key, each of which reads the whole tree.
const EVERY_KEY: Duration = Duration::from_secs(15);
/// Keys that are told one by one; who writes thousands must not fill the log too.
const MOST_TOLD: usize = 20;
/// Longest time for one restoration; a part that does not answer must not end the watch.
const LONGEST: Duration = Duration::from_secs(120);

/// Looks by the clock until `stop`.
pub async fn watch(world: Arc<World>, stop: CancellationToken) {
    let mut looked: Option<Instant> = None;
    loop {
        let is_due = looked.is_none_or(|at| at.elapsed() >= EVERY_KEY);
        let look = async {
            restore(&world).await?;
            if is_due {
                set_aside(&world).await?;
            }
            Ok::<_, Failure>(())
        };
        let seen = tokio::select! {
            seen = tokio::time::timeout(LONGEST, Box::pin(look)) => seen,
            () = stop.cancelled() => return,
        };
        // The steps of tenants and the claims tell of parts that are away.
        match seen {
            Ok(Ok(())) if is_due => looked = Some(Instant::now()),
            Ok(Ok(())) => {}
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

/// Sets aside what Traefik refuses; a tenant's own key is then missing, which the look for drift mends. One worker at a time.
async fn set_aside(world: &World) -> Result<(), Failure> {
    let Some(turn) = world.store.try_restore_tree().await.map_err(store_failure)? else { return Ok(()) };
    let done = async {
        let mut moved = 0_usize;
        for refused in world.routes.refused().await? {
            let Some(kept) = world.routes.set_aside(&refused).await? else { continue };
            moved += 1;
            if moved <= MOST_TOLD {
                let (key, why) = (refused.name(), refused.flaw.to_string());
                tracing::warn!(key, why, kept, "set aside a key over which Traefik takes no change of anybody");
            }
        }
        if moved > MOST_TOLD {
            tracing::warn!(keys = moved, "set aside further keys over which Traefik takes no change of anybody");
        }
        Ok(())
    };
    let done = done.await;
    turn.release().await;
    done
}
