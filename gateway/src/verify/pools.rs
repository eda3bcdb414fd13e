//! What is promised of managed pools: I1, that one in use has its network and containers; I2, that of a stopped one none
//! runs; I3, that none shares a subnet with a tenant and each network is kept apart; I12, that nothing carries a pool's label without being known to it.

use serde_json::{Value, json};

use crate::infra::walls::SeenWalls;
use crate::inventory::engine::EngineObjects;
use crate::inventory::rows::Rows;
use crate::reconcile::orphans::is_owned;
use crate::reconcile::pools::{PoolFlaw, drift};
use crate::verify::violation::{Invariant, Violation};

/// Compares the rows of managed pools with the engine.
#[must_use]
pub fn of_engine(rows: &Rows, engine: &EngineObjects, walls: Option<&SeenWalls>) -> Vec<Violation> {
    let mut found: Vec<Violation> = drift(rows, engine, walls)
        .into_iter()
        .map(|one| {
            let invariant = match one.flaw {
                PoolFlaw::Network | PoolFlaw::Container => Invariant::I1,
                PoolFlaw::Running => Invariant::I2,
                PoolFlaw::Wall => Invariant::I3,
                PoolFlaw::Stray => Invariant::I12,
            };
            let what = format!("of the pool {}, {}", one.pool, one.what);
            Violation::about(invariant, rows, None, &what, Value::Null, json!({ "pool_id": one.pool_id }))
        })
        .collect();
    let networks = engine.networks.iter().map(|one| ("network", &one.labels, &one.id, &one.name));
    let containers = engine.containers.iter().map(|one| ("container", &one.labels, &one.id, &one.name));
    for (kind, labels, id, name) in networks.chain(containers) {
        if labels.pool.is_some() && !is_owned(rows, labels) {
            let is = json!({ "id": id, "name": name });
            found.push(Violation::about(Invariant::I12, rows, None, &format!("a {kind} of no pool"), Value::Null, is));
        }
    }
    found
}

/// Compares the subnets of managed pools with those of tenants.
#[must_use]
pub fn of_rows(rows: &Rows) -> Vec<Violation> {
    let mut found = Vec::new();
    for pool in rows.managed.values() {
        let Some(net) = pool.subnet else { continue };
        let overlaps = |other: ipnet::Ipv4Net| net.contains(&other.network()) || other.contains(&net.network());
        for tenant in rows.tenants.values().filter(|row| row.subnet.is_some_and(overlaps)) {
            let what = format!("the subnet of the pool {} overlaps", pool.name);
            let (expected, is) = (tenant.subnet.map(|net| net.to_string()), net.to_string());
            found.push(Violation::of(Invariant::I3, tenant, &what, expected, is));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::ids::PoolId;
    use crate::domain::pool::PoolState;
    use crate::store::managed_pools::ManagedRow;
    use crate::verify::sample::{Sample, only};

    #[test]
    fn what_carries_the_label_of_a_pool_has_to_be_a_pools() {
        let mut sample = Sample::new();
        assert_eq!(of_engine(&sample.rows, &sample.engine, None), []);
        let pool = sample.rows.pools[0].id;
        let network = &mut sample.engine.networks[0];
        (network.labels.tenant, network.labels.pool) = (None, Some(PoolId::from_uuid(Uuid::from_u128(77))));
        assert_eq!(only(&of_engine(&sample.rows, &sample.engine, None)), (Invariant::I12, None));
        sample.engine.networks[0].labels.pool = Some(pool);
        assert_eq!(of_engine(&sample.rows, &sample.engine, None), []);
    }

    #[test]
    fn a_pool_that_shares_a_tenants_subnet_is_found() {
        let mut sample = Sample::new();
        let pool_id = sample.rows.pools[0].id;
        let mut row = ManagedRow {
            pool_id,
            name: "eu".into(),
            state: PoolState::Active,
            replicas: 1,
            network_id: None,
            subnet: Some("10.88.9.0/27".parse().unwrap()),
            revision: 1,
            is_settled: false,
            members: Vec::new(),
        };
        sample.rows.managed.insert(pool_id, row.clone());
        assert_eq!(of_rows(&sample.rows), []);
        row.subnet = Some("10.88.1.0/27".parse().unwrap());
        sample.rows.managed.insert(pool_id, row);
        assert_eq!(only(&of_rows(&sample.rows)), (Invariant::I3, Some(sample.shared)));
    }
}
