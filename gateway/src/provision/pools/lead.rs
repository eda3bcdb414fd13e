//! Where a pool's tenants are led to: written into its row, published to Traefik, and awaited there.

use std::time::{Duration, Instant};

use url::Url;

use crate::domain::failure::Failure;
use crate::domain::names;
use crate::infra::probe::Pauses;
use crate::provision::outcome::StepError;
use crate::provision::pools::PoolRun;
use crate::provision::steps::publish_shared;

/// Longest wait for Traefik to take note of a change, which it does within 0.2 s.
const LONGEST: Duration = Duration::from_secs(15);
/// What a tenant port gets to take note of a change, and requests under way to reach the member they were sent to. Where
/// Traefik's API is not set, Traefik gets no more than that, too.
const DRAIN: Duration = Duration::from_secs(2);

/// Leads the pool's tenants to these members, or to the page where there are none. Writes nothing where they are led there
/// already; the first time in a run it is published all the same, as a worker may have died before it was.
pub(super) async fn lead_to(run: &mut PoolRun, members: &[Url]) -> Result<(), StepError> {
    let is_led = run.world.store.shared_pool(run.id()).await?.members == members;
    if !is_led {
        run.confirm().await?;
        run.world.store.lead_to_members(&run.claim, members).await?;
    }
    if !is_led || !run.published {
        publish_shared(&run.world).await?;
        run.published = true;
    }
    Ok(())
}

/// Returns when nobody is led to these members any more.
pub(super) async fn await_left(run: &PoolRun, left: &[Url]) -> Result<(), StepError> {
    if let Some(api) = &run.traefik_api {
        let service = names::pool_service(&run.pool.name);
        let left: Vec<&str> = left.iter().map(|url| url.as_str().trim_end_matches('/')).collect();
        let began = Instant::now();
        let mut pauses = Pauses::default();
        loop {
            let servers = run.world.probe.servers(api, &service).await?;
            if !servers.iter().any(|server| left.contains(&server.as_str())) {
                break;
            }
            if began.elapsed() > LONGEST {
                let text = "Traefik still leads to a container that is to go, so it stays";
                return Err(Failure::retryable("traefik_behind", text).into());
            }
            pauses.next().await;
        }
    }
    tokio::time::sleep(DRAIN).await;
    run.confirm().await
}
