//! The tenant's Docker network.

use std::time::Duration;

use ipnet::Ipv4Net;
use serde_json::json;

use crate::domain::failure::Failure;
use crate::domain::tenant::Allocation;
use crate::infra::networks::MadeNetwork;
use crate::provision::outcome::{Effect, Observed, StepError};
use crate::provision::run::Run;
use crate::provision::steps::{engine, no_engine};

/// How long a subnet that something else on the host holds is left alone.
const FOREIGN_SUBNET_REST: Duration = Duration::from_secs(24 * 3600);
/// Subnets tried in one attempt; more in a row means that the block itself is in use on the host.
const TRIES: usize = 16;

pub(super) fn not_needed(run: &Run) -> Option<&'static str> {
    (!run.has_networks()).then_some("tenants get no network here")
}

pub(super) async fn observe(run: &mut Run) -> Result<Observed, StepError> {
    let engine = engine(&run.world, "network")?;
    let subnet = subnet(run)?;
    let found = engine.find_networks(run.id()).await?;
    if let [one] = found.as_slice()
        && one.subnet == Some(subnet)
        && run.tenant.network_id.as_deref() == Some(&one.id)
        && engine.is_walled(subnet).await?
    {
        return Ok(Observed::AsDesired(json!({ "id": one.id, "subnet": subnet.to_string() })));
    }
    Ok(Observed::Wanting)
}

fn subnet(run: &Run) -> Result<Ipv4Net, Failure> {
    let Allocation { subnet, .. } = run.allocation()?;
    subnet.ok_or_else(|| Failure::permanent("not_allocated", "the tenant has no subnet yet"))
}

pub(super) async fn ensure(run: &mut Run) -> Result<Effect, StepError> {
    let world = run.world.clone();
    let engine = engine(&world, "network")?;
    let mut subnet = subnet(run)?;
    let mut kept = None;
    for network in engine.find_networks(run.id()).await? {
        if network.subnet == Some(subnet) && kept.is_none() {
            kept = Some(network.id);
        } else {
            engine.remove_network(&run.lease, &network.id).await?;
        }
    }
    for _ in 0..TRIES {
        if let Some(id) = kept {
            run.lease.require()?;
            engine.raise_walls(&[subnet]).await?;
            world.store.record_network(&run.claim, Some(&id)).await?;
            let result = json!({ "id": id, "subnet": subnet.to_string() });
            run.tenant.network_id = Some(id);
            return Ok(Effect::Changed(result));
        }
        match engine.create_network(&run.lease, &run.tenant.key, subnet).await? {
            MadeNetwork::Made(id) => kept = Some(id),
            MadeNetwork::SubnetTaken => {
                // The holder may be our own, made by a worker that was cut off while the engine worked on.
                let own = engine.find_networks(run.id()).await?.into_iter().find(|own| own.subnet == Some(subnet));
                if let Some(own) = own {
                    kept = Some(own.id);
                    continue;
                }
                tracing::info!(tenant.id = %run.id(), %subnet, "another network on the host holds the subnet; taking the next");
                let block = world.docker.network_block;
                subnet = world.store.replace_subnet(&run.claim, block, FOREIGN_SUBNET_REST).await?;
                if let Some(allocation) = &mut run.tenant.allocation {
                    allocation.subnet = Some(subnet);
                }
            }
        }
    }
    let text =
        format!("{TRIES} subnets in a row are held by other networks of the host; set another docker_network_block");
    Err(Failure::retryable("subnets_taken", text).into())
}

pub(super) async fn remove(run: &mut Run) -> Result<Effect, StepError> {
    let world = run.world.clone();
    let Some(engine) = &world.engine else { return no_engine(run.tenant.network_id.is_some(), "network") };
    let found = engine.find_networks(run.id()).await?;
    for network in &found {
        engine.remove_network(&run.lease, &network.id).await?;
    }
    world.store.record_network(&run.claim, None).await?;
    run.tenant.network_id = None;
    if found.is_empty() {
        Ok(Effect::nothing("there was none"))
    } else {
        Ok(Effect::Changed(json!({ "removed": found.len() })))
    }
}
