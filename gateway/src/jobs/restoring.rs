//! Watches over Traefik's tree in Redis: where it was lost, or an older one took its place, it is written whole at once, and a
//! key over which Traefik would take no change any more is set aside.
//!
//! Meanwhile nobody is without an answer: Traefik keeps what it has until it is told of a change, and a host without a router
//! of its own is led to the tenant port, which knows every tenant.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use crate::domain::failure::Failure;
use crate::provision::run::World;
use crate::reconcile::republish::restore;

/// Between two looks, each two commands of Redis.
const EVERY: Duration = Duration::from_secs(1);
/// The same after a look at every key that found something: Traefik takes a change only in a moment in which no key is wrong, and
/// it tries seldom.
const SOONEST: Duration = Duration::from_millis(250);
/// Between two looks at every key, whoever makes them: each reads the whole tree.
const EVERY_KEY: Duration = Duration::from_secs(15);
/// How long after a look that found something the next ones come soon: whoever writes one key that Traefik refuses often writes
/// another.
const ALERT: Duration = Duration::from_secs(60);
/// How many times as long as the last look nobody looks at every key meanwhile.
const REST: u32 = 4;
/// Keys that are told one by one; who writes thousands must not fill the log too.
const MOST_TOLD: usize = 20;
/// Longest time for one restoration; a part that does not answer must not end the watch.
const LONGEST: Duration = Duration::from_secs(120);

/// Looks by the clock until `stop`.
pub async fn watch(world: Arc<World>, stop: CancellationToken) {
    let (mut refused, mut alert) = (None, false);
    loop {
        let look = async {
            let refusal = try_on(Box::pin(restore(&world))).await;
            refusal.or(try_on(Box::pin(set_aside(&world, &mut alert))).await)
        };
        let refusal = tokio::select! {
            refusal = look => refusal,
            () = stop.cancelled() => return,
        };
        // Said once, as nothing changes by itself.
        if let Some(failure) = refusal.as_ref().filter(|_| refused.is_none()) {
            tracing::warn!(code = failure.code, message = %failure, "cannot watch over Traefik's tree until somebody mends this");
        }
        refused = refusal.map(|failure| failure.code);
        let pause = if alert { SOONEST } else { EVERY };
        tokio::select! {
            () = tokio::time::sleep(pause.mul_f64(0.9 + 0.2 * rand::random::<f64>())) => {}
            () = stop.cancelled() => return,
        }
    }
}

/// The steps of tenants and the claims tell of parts that are away. Gives a failure that does not pass by itself, such as a
/// command that Redis does not allow.
async fn try_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Option<Failure> {
    match tokio::time::timeout(LONGEST, work).await {
        Ok(Ok(_)) => None,
        Ok(Err(failure)) if !failure.is_retryable() => Some(failure),
        Ok(Err(failure)) => {
            tracing::debug!(code = failure.code, message = %failure, "cannot watch over Traefik's tree; trying on");
            None
        }
        Err(_elapsed) => {
            tracing::debug!("a look at Traefik's tree took too long; trying on");
            None
        }
    }
}

/// Sets aside what Traefik refuses, where nobody has looked lately, and says whether it or a look before it found something. A
/// tenant's own key is then missing, which the look for drift mends.
async fn set_aside(world: &World, alert: &mut bool) -> Result<(), Failure> {
    let tree = &world.routes;
    if !tree.may_look(EVERY_KEY).await? {
        return Ok(());
    }
    let began = Instant::now();
    let mut moved = 0_usize;
    for refused in tree.refused().await? {
        let key = refused.name();
        match tree.set_aside(&refused).await {
            Ok(None) => {}
            Ok(Some(kept)) => {
                moved += 1;
                if moved <= MOST_TOLD {
                    let why = refused.flaw.to_string();
                    tracing::warn!(key, why, kept, "set aside a key over which Traefik takes no change of anybody");
                }
            }
            Err(failure) => tracing::debug!(key, message = %failure, "cannot set a key aside; trying on"),
        }
    }
    if moved > MOST_TOLD {
        let further = moved - MOST_TOLD;
        tracing::warn!(keys = further, "set aside further keys over which Traefik takes no change of anybody");
    }
    if moved > 0 {
        tree.tell().await?;
    }
    *alert = tree.found_lately(moved > 0, ALERT).await?;
    if *alert {
        tree.look_again_after((began.elapsed() * REST).clamp(SOONEST / 2, EVERY_KEY)).await?;
    }
    Ok(())
}
