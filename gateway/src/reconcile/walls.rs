//! What keeps networks apart comes back at once and for all of them, before the tenants are converged one after the other.

use std::collections::BTreeSet;

use ipnet::Ipv4Net;

use crate::domain::failure::Failure;
use crate::domain::subnet::tenant_parts;
use crate::infra::engine::Engine;
use crate::infra::walls::SeenWalls;
use crate::inventory::Inventory;
use crate::inventory::engine::EngineObjects;
use crate::inventory::rows::{self, Rows};
use crate::provision::run::{World, store_failure};

/// Raises the walls of all networks that rows have, before any work is begun: the kernel of a machine that was started has
/// none. Docker Engine need not be there yet.
///
/// # Errors
/// A classified failure.
pub async fn restore(world: &World) -> Result<(), Failure> {
    let Some(walls) = world.engine.as_ref().and_then(Engine::walls) else { return Ok(()) };
    let rows = rows::load(world).await?;
    let of_tenants = rows.tenants.values().filter_map(|row| row.subnet);
    let subnets: Vec<Ipv4Net> = of_tenants.chain(rows.managed.values().filter_map(|row| row.subnet)).collect();
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
    let Some(rows) = seen.rows.known() else { return Ok(()) };
    if unowned(walls, listed, rows).is_empty() {
        return Ok(());
    }
    lower(world, engine, walls, listed).await
}

/// Nobody but the look lowers a wall, and only while nobody can take the subnet behind it: who takes one raises its wall
/// afterwards.
async fn lower(world: &World, engine: &Engine, walls: &SeenWalls, listed: &EngineObjects) -> Result<(), Failure> {
    let mut turn = world.store.subnet_turn().await.map_err(store_failure)?;
    let lowered = async {
        let rows = rows::load(world).await?;
        if turn.is_held().await { engine.lower_walls(&unowned(walls, listed, &rows)).await } else { Ok(()) }
    };
    let lowered = lowered.await;
    turn.release().await;
    lowered
}

/// Those that neither a network nor a row has. A row has its subnet before there is a network on it, and until after it went.
fn unowned(walls: &SeenWalls, listed: &EngineObjects, rows: &Rows) -> Vec<Ipv4Net> {
    let of_networks = listed.networks.iter().flat_map(|network| network.subnets.iter().copied());
    let of_tenants = rows.tenants.values().filter_map(|row| row.subnet);
    let of_pools = rows.managed.values().filter_map(|row| row.subnet);
    let owned: BTreeSet<Ipv4Net> = of_networks.chain(of_tenants).chain(of_pools).flat_map(tenant_parts).collect();
    let is_sure = rows.unreadable.is_empty() && rows.moved.is_empty() && rows.moved_pools.is_empty();
    if is_sure { walls.subnets.difference(&owned).copied().collect() } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::infra::listing::{Labels, ListedNetwork};

    #[test]
    fn only_a_subnet_of_nobody_is_forgotten() {
        let nets = ["10.88.0.0/28", "10.88.0.32/28", "10.88.0.48/28"].map(|text| text.parse().unwrap());
        let walls = SeenWalls { stand: true, subnets: nets.into() };
        let pool = "10.88.0.32/27".parse().unwrap();
        let network =
            ListedNetwork { id: "n".into(), name: "n".into(), labels: Labels::default(), subnets: vec![pool] };
        let listed = EngineObjects { networks: vec![network], containers: Vec::new() };
        let mut rows = Rows::default();
        assert_eq!(unowned(&walls, &listed, &rows), [nets[0]]);
        rows.moved.insert(crate::domain::ids::TenantId::from_uuid(uuid::Uuid::from_u128(1)));
        assert_eq!(unowned(&walls, &listed, &rows), [], "somebody may have taken it meanwhile");
    }
}
