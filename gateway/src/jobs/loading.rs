//! Looks by the clock how far Traefik is with the changes of its tree: what Redis has counted, beside the count that Traefik's own
//! API shows of the sentinel. One worker looks, whoever comes first; what it finds stands in the control database for all.
//!
//! A failed look concludes nothing: the steps of tenants and the health of Traefik tell of parts that are away.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use url::Url;

use crate::domain::failure::Failure;
use crate::provision::run::{World, store_failure};

/// Between two looks of all workers together.
const EVERY: Duration = Duration::from_secs(4);
/// Between two questions of one worker whether it is to look.
const ASKED: Duration = Duration::from_secs(5);
/// Longest look.
const LONGEST: Duration = Duration::from_secs(10);

/// Looks by the clock until `stop`; never without Traefik's API.
pub async fn watch(world: Arc<World>, api: Option<Url>, stop: CancellationToken) {
    let Some(api) = api else { return stop.cancelled().await };
    loop {
        let looked = tokio::select! {
            looked = tokio::time::timeout(LONGEST, look(&world, &api)) => looked,
            () = stop.cancelled() => return,
        };
        match looked {
            Ok(Ok(())) => {}
            Ok(Err(failure)) => tracing::debug!(code = failure.code, "cannot say how far Traefik is; trying on"),
            Err(_elapsed) => tracing::debug!("a look how far Traefik is took too long; trying on"),
        }
        tokio::select! {
            () = tokio::time::sleep(ASKED.mul_f64(0.9 + 0.2 * rand::random::<f64>())) => {}
            () = stop.cancelled() => return,
        }
    }
}

async fn look(world: &World, api: &Url) -> Result<(), Failure> {
    if !world.store.may_look_at_load(EVERY).await.map_err(store_failure)? {
        return Ok(());
    }
    // In this order: a change that is written in between may be loaded already, and never counts as one that is not.
    let written = world.routes.written().await.ok().flatten();
    let loaded = world.probe.loaded(api).await.ok();
    world.store.put_load(written, loaded).await.map_err(store_failure)
}
