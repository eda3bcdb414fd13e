//! The pool's Docker network, on a subnet of the block that the tenants' come from.

use std::time::Duration;

use ipnet::Ipv4Net;

use crate::domain::failure::Failure;
use crate::infra::engine::Engine;
use crate::infra::networks::MadeNetwork;
use crate::provision::outcome::StepError;
use crate::provision::pools::PoolRun;

/// How long a subnet that something else on the host holds is left alone.
const FOREIGN_SUBNET_REST: Duration = Duration::from_secs(24 * 3600);
/// Subnets tried in one attempt; more in a row means that the block itself is in use on the host.
const TRIES: usize = 16;

/// The network's id and subnet; makes it where it is not there.
pub(super) async fn ensure(run: &mut PoolRun, engine: &Engine) -> Result<(String, Ipv4Net), StepError> {
    let (world, id) = (run.world.clone(), run.id());
    let block = world.docker.network_block;
    let mut subnet = match run.pool.subnet {
        Some(subnet) => subnet,
        None => world.store.pool_subnet(&run.claim, block, None).await?,
    };
    let mut kept = None;
    for network in engine.find_pool_networks(id).await? {
        if network.subnet == Some(subnet) && kept.is_none() {
            kept = Some(network.id);
        } else {
            run.confirm().await?;
            // Its containers are in the wrong network, so they are none of the pool's any more.
            super::remove_strays(run, engine, &[]).await?;
            engine.remove_network(&run.lease, &network.id).await?;
        }
    }
    for _ in 0..TRIES {
        if let Some(network_id) = kept {
            if !engine.is_walled(subnet).await? {
                run.confirm().await?;
                engine.raise_walls(&[subnet]).await?;
            }
            run.pool.subnet = Some(subnet);
            if run.pool.network_id.as_ref() != Some(&network_id) {
                world.store.record_pool_network(&run.claim, Some(&network_id)).await?;
                run.pool.network_id = Some(network_id.clone());
            }
            return Ok((network_id, subnet));
        }
        run.confirm().await?;
        match engine.create_pool_network(&run.lease, &run.pool.name, subnet).await? {
            MadeNetwork::Made(made) => kept = Some(made),
            MadeNetwork::SubnetTaken => {
                // The holder may be our own, made by a worker that was cut off while the engine worked on.
                let own = engine.find_pool_networks(id).await?.into_iter().find(|own| own.subnet == Some(subnet));
                if let Some(own) = own {
                    kept = Some(own.id);
                    continue;
                }
                tracing::info!(pool.id = %id, %subnet, "another network on the host holds the subnet; taking the next");
                subnet = world.store.pool_subnet(&run.claim, block, Some(FOREIGN_SUBNET_REST)).await?;
            }
        }
    }
    let text =
        format!("{TRIES} subnets in a row are held by other networks of the host; set another docker_network_block");
    Err(Failure::retryable("subnets_taken", text).into())
}
