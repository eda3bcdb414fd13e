//! What keeps networks apart comes back at once and for all of them, before the tenants are converged one after the other.

use std::collections::BTreeSet;

use ipnet::Ipv4Net;

use crate::config::{NetworkIsolation, Settings};
use crate::domain::failure::Failure;
use crate::domain::subnet::tenant_parts;
use crate::infra::engine::Engine;
use crate::infra::walls::{SeenWalls, Walls};
use crate::inventory::Inventory;
use crate::inventory::engine::EngineObjects;
use crate::provision::run::{World, store_failure};
use crate::store::Store;

/// Raises the walls of all networks that rows have, before anything else is asked for: the kernel of a machine that was
/// started has none, and Docker Engine, Redis and Traefik may come later.
///
/// # Errors
/// A classified failure.
pub async fn restore(settings: &Settings, store: &Store) -> Result<(), Failure> {
    if settings.docker.host.is_none() || settings.docker.network_isolation == NetworkIsolation::Engine {
        return Ok(());
    }
    let walls = Walls::of(store.installation().await.map_err(store_failure)?);
    let subnets: Vec<Ipv4Net> = store.owned_subnets().await.map_err(store_failure)?.into_iter().collect();
    walls.raise(&subnets).await?;
    tracing::info!(table = walls.table(), networks = subnets.len(), "networks are kept apart by nftables");
    Ok(())
}

/// Raises the walls of every network with our label where some are missing, also of one that no row knows, and forgets
/// subnets that are nobody's. Trouble is logged: the steps of the tenants meet it too, and say so.
pub(super) async fn mend(world: &World, seen: &Inventory) {
    if let Err(failure) = try_mend(world, seen).await {
        tracing::error!(code = failure.code, cause = failure.cause_chain(), "{failure}");
    }
}

async fn try_mend(world: &World, seen: &Inventory) -> Result<(), Failure> {
    let (Some(engine), Some(Some(listed)), Some(Some(walls))) =
        (&world.engine, seen.engine.known(), seen.walls.known())
    else {
        return Ok(());
    };
    let subnets: Vec<Ipv4Net> = listed.networks.iter().flat_map(|network| network.subnets.iter().copied()).collect();
    let open = subnets.iter().filter(|subnet| !walls.keep(**subnet)).count();
    if open > 0 || !walls.stand {
        engine.raise_walls(&subnets).await?;
        tracing::warn!(networks = open, "networks were not kept apart, and are again");
    }
    let idle = without_network(walls, listed);
    if idle.is_empty() { Ok(()) } else { lower(&world.store, engine, idle).await }
}

/// Lowers the walls that stand around nothing and that no row has. Nobody but the look lowers one, and only while nobody can
/// take the subnet behind it: who takes one raises its wall afterwards.
async fn lower(store: &Store, engine: &Engine, mut idle: BTreeSet<Ipv4Net>) -> Result<(), Failure> {
    let mut turn = store.subnet_turn().await.map_err(store_failure)?;
    let lowered = async {
        for part in store.owned_subnets().await.map_err(store_failure)?.into_iter().flat_map(tenant_parts) {
            idle.remove(&part);
        }
        let idle: Vec<Ipv4Net> = idle.into_iter().collect();
        if turn.is_held().await { engine.lower_walls(&idle).await } else { Ok(()) }
    };
    let lowered = lowered.await;
    turn.release().await;
    lowered
}

fn without_network(walls: &SeenWalls, listed: &EngineObjects) -> BTreeSet<Ipv4Net> {
    let of_networks = listed.networks.iter().flat_map(|network| network.subnets.iter().copied());
    let kept: BTreeSet<Ipv4Net> = of_networks.flat_map(tenant_parts).collect();
    walls.subnets.difference(&kept).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::infra::listing::{Labels, ListedNetwork};

    #[test]
    fn a_network_needs_the_walls_of_all_its_parts() {
        let nets = ["10.88.0.0/28", "10.88.0.32/28", "10.88.0.48/28"].map(|text| text.parse().unwrap());
        let walls = SeenWalls { stand: true, subnets: nets.into() };
        let pool = "10.88.0.32/27".parse().unwrap();
        let network =
            ListedNetwork { id: "n".into(), name: "n".into(), labels: Labels::default(), subnets: vec![pool] };
        let listed = EngineObjects { networks: vec![network], containers: Vec::new() };
        assert_eq!(without_network(&walls, &listed), BTreeSet::from([nets[0]]));
    }
}
