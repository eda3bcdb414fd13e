//! The tenant's Docker network: made where its plan gives it one, taken away where it no longer does.

use std::time::Duration;

use ipnet::Ipv4Net;
use serde_json::json;

use crate::domain::failure::Failure;
use crate::domain::tenant::Allocation;
use crate::infra::engine::Engine;
use crate::infra::networks::MadeNetwork;
use crate::provision::outcome::{Effect, Observed, StepError};
use crate::provision::run::Run;
use crate::provision::steps::{QUARANTINE, engine, no_engine};

/// How long a subnet that something else on the host holds is left alone.
const FOREIGN_SUBNET_REST: Duration = Duration::from_secs(24 * 3600);
/// Subnets tried in one attempt; more in a row means that the block itself is in use on the host.
const TRIES: usize = 16;

pub(super) fn not_needed(run: &Run) -> Option<&'static str> {
    if !run.world.has_networks() {
        return Some("tenants get no network here");
    }
    (!run.has_network() && !has_leftover(run)).then_some("its plan gives it no network of its own")
}

/// Whether the row knows of a network or a subnet. What it does not know of is looked for where there is to be one, or where
/// the tenant goes; else the look for drift finds it.
fn has_leftover(run: &Run) -> bool {
    run.tenant.network_id.is_some() || run.tenant.allocation.as_ref().is_some_and(|known| known.subnet.is_some())
}

pub(super) async fn observe(run: &mut Run) -> Result<Observed, StepError> {
    if !run.has_network() {
        return Ok(Observed::Wanting);
    }
    // One that the row does not know is looked for by who makes it.
    let Some(known) = run.tenant.network_id.as_deref() else { return Ok(Observed::Wanting) };
    let engine = engine(&run.world, "network")?;
    let subnet = subnet(run)?;
    let found = engine.find_networks(run.id()).await?;
    if let [one] = found.as_slice()
        && one.subnet == Some(subnet)
        && one.id == known
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
    if !run.has_network() {
        return give_up(run).await;
    }
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

/// Takes the network away and gives the subnet back, in this order: nobody gets the subnet of a network that is there.
async fn give_up(run: &mut Run) -> Result<Effect, StepError> {
    let world = run.world.clone();
    let removed = remove_all(run, engine(&world, "network")?).await?;
    world.store.clear_network(&run.claim, QUARANTINE).await?;
    run.tenant.network_id = None;
    if let Some(allocation) = &mut run.tenant.allocation {
        allocation.subnet = None;
    }
    Ok(Effect::Changed(json!({ "removed": removed, "subnet_free_after_seconds": QUARANTINE.as_secs() })))
}

async fn remove_all(run: &Run, engine: &Engine) -> Result<usize, StepError> {
    let found = engine.find_networks(run.id()).await?;
    for network in &found {
        engine.remove_network(&run.lease, &network.id).await?;
    }
    Ok(found.len())
}

pub(super) async fn remove(run: &mut Run) -> Result<Effect, StepError> {
    let world = run.world.clone();
    let Some(engine) = &world.engine else { return no_engine(run.tenant.network_id.is_some(), "network") };
    let removed = remove_all(run, engine).await?;
    world.store.record_network(&run.claim, None).await?;
    run.tenant.network_id = None;
    if removed == 0 {
        Ok(Effect::nothing("there was none"))
    } else {
        Ok(Effect::Changed(json!({ "removed": removed })))
    }
}
