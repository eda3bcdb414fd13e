//! I12: nothing with our mark stands anywhere without an owner, and none of a settled tenant that its row does not know.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::domain::ids::{ServerId, TenantId};
use crate::domain::status::Status;
use crate::domain::tenant::Tier;
use crate::inventory::catalog::Catalog;
use crate::inventory::engine::EngineObjects;
use crate::inventory::rows::Rows;
use crate::inventory::servers::lives_elsewhere;
use crate::inventory::tree::Tree;
use crate::inventory::wanted::Wanted;
use crate::store::fleet::TenantRow;
use crate::verify::violation::{Invariant, Violation};

/// Databases, live and retired, and roles: those of no tenant, and those of one that lives on another server.
#[must_use]
pub fn of_catalog(rows: &Rows, (here, catalog): (ServerId, &Catalog), wanted: &Wanted) -> Vec<Violation> {
    let mut found = Vec::new();
    for (id, entry) in &catalog.entries {
        let astray = lives_elsewhere(rows, *id, here);
        if rows.owns(*id) && astray.is_none() {
            continue;
        }
        // Another control plane may share the server; its comments begin as ours do, with its own id.
        let marks = [&entry.owner, &entry.login].into_iter().flatten().filter_map(|role| role.mark.as_deref());
        if marks.into_iter().any(|mark| mark.starts_with("gateway ") && mark != wanted.mark(*id)) {
            continue;
        }
        let databases = [&entry.database, &entry.retired].into_iter().flatten().map(|one| ("database", &one.name));
        let roles = [&entry.owner, &entry.login].into_iter().flatten().map(|one| ("role", &one.name));
        found.extend(databases.chain(roles).map(|(kind, name)| match astray {
            Some(row) => {
                let what = format!("a {kind} of a tenant that lives on another database server");
                Violation::of(Invariant::I12, row, &what, Value::Null, json!(name))
            }
            None => leak(rows, Some(*id), kind, json!(name)),
        }));
    }
    found
}

/// Networks and containers.
#[must_use]
pub fn of_engine(rows: &Rows, engine: &EngineObjects, wanted: &Wanted) -> Vec<Violation> {
    let mut found = Vec::new();
    for network in engine.networks.iter().filter(|one| one.labels.pool.is_none()) {
        let is = json!({ "id": network.id, "name": network.name });
        let is_meant = |row: &TenantRow| !wanted.has_networks || wanted.has_network(row);
        let recorded = |row: &TenantRow| row.network_id.clone().filter(|_| is_meant(row));
        found.extend(of_object(rows, network.labels.tenant, "network", &network.id, is, recorded));
    }
    for container in engine.containers.iter().filter(|one| one.labels.pool.is_none()) {
        let is = json!({ "id": container.id, "name": container.name });
        let recorded = |row: &TenantRow| row.container_id.clone().filter(|_| row.tier == Tier::Dedicated);
        found.extend(of_object(rows, container.labels.tenant, "container", &container.id, is, recorded));
    }
    found
}

fn of_object(
    rows: &Rows,
    tenant: Option<TenantId>,
    kind: &str,
    id: &str,
    is: Value,
    recorded: impl Fn(&TenantRow) -> Option<String>,
) -> Option<Violation> {
    let owner = tenant.filter(|tenant| rows.owns(*tenant));
    let Some(owner) = owner else { return Some(leak(rows, tenant, kind, is)) };
    let row = rows.settled(owner)?;
    // Work that failed may have ended between the making of an object and the record of it.
    if row.status == Status::Error || recorded(row).as_deref() == Some(id) {
        return None;
    }
    let what = format!("a {kind} with the tenant's label that its row does not know");
    Some(Violation::of(Invariant::I12, row, &what, recorded(row), is))
}

/// Keys of routes, and fences that would stay for ever.
#[must_use]
pub fn of_tree(rows: &Rows, tree: &Tree) -> Vec<Violation> {
    let live: BTreeSet<&str> = rows.tenants.values().map(|row| row.key.as_str()).collect();
    let unreadable: BTreeSet<&str> = rows.unreadable.values().map(|row| row.key.as_str()).collect();
    let mut leaked: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for name in tree.keys.keys() {
        if let Some(key) = tenant_key(name).filter(|key| !live.contains(key) && !unreadable.contains(key)) {
            leaked.entry(key).or_default().push(name);
        }
    }
    let mut found = Vec::new();
    for (key, names) in leaked {
        let gone = rows.tombstones.values().filter(|row| row.key == key).max_by_key(|row| row.deleted_at);
        if gone.is_some_and(|row| rows.moved.contains(&row.id)) {
            continue;
        }
        let mut violation = leak(rows, gone.map(|row| row.id), "route", json!(names));
        violation.tenant_key = Some(key.to_owned());
        found.push(violation);
    }
    for (name, fence) in tree.fences.iter().filter(|(_, fence)| !fence.expires) {
        let id = name.parse().ok().map(TenantId::from_uuid);
        if !id.is_some_and(|id| rows.owns(id)) {
            let is = json!({ "name": name, "fence": fence.fence });
            found.push(leak(rows, id, "fence that never expires", is));
        }
    }
    found
}

/// The tenant's key in the name of a key of Traefik's tree; `None` for what belongs to no single tenant.
#[must_use]
pub fn tenant_key(name: &str) -> Option<&str> {
    name.split('/').nth(2)?.strip_prefix("tenant-")
}

fn leak(rows: &Rows, tenant: Option<TenantId>, kind: &str, is: Value) -> Violation {
    let deleted = tenant.is_some_and(|id| rows.tombstones.contains_key(&id));
    let what = format!("a {kind} of {}", if deleted { "a deleted tenant" } else { "no tenant" });
    Violation::about(Invariant::I12, rows, tenant, &what, Value::Null, is)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::plan::PlanNetwork;
    use crate::infra::tree::StoredFence;
    use crate::verify::sample::{Sample, only};

    fn check(sample: &Sample) -> Vec<Violation> {
        let mut found = of_catalog(&sample.rows, sample.here(), &sample.wanted);
        found.extend(of_engine(&sample.rows, &sample.engine, &sample.wanted));
        found.extend(of_tree(&sample.rows, &sample.tree));
        found
    }

    #[test]
    fn a_good_fleet_leaks_nothing_also_while_work_is_open() {
        let mut sample = Sample::new();
        assert_eq!(check(&sample), []);
        sample.row().status = Status::Deleting;
        assert_eq!(check(&sample), []);
    }

    #[test]
    fn everything_of_a_tenant_that_never_was_or_is_deleted_is_found() {
        for deleted in [false, true] {
            let mut sample = Sample::new();
            let id = sample.dedicated;
            sample.forget(id, deleted);
            let found = check(&sample);
            let kinds: Vec<&str> = found.iter().map(|v| v.what.split(" of ").next().unwrap()).collect();
            let fence = "a fence that never expires";
            let all = ["a database", "a role", "a role", "a network", "a container", "a route", fence];
            assert_eq!(kinds, all);
            assert!(found.iter().all(|v| v.invariant == Invariant::I12));
            assert!(found.iter().all(|v| v.what.ends_with("a deleted tenant") == (deleted)), "{found:?}");
        }
    }

    #[test]
    fn a_tenant_deleted_a_moment_ago_and_another_control_plane_are_left_alone() {
        let mut sample = Sample::new();
        let id = sample.dedicated;
        sample.forget(id, true);
        sample.rows.moved.insert(id);
        assert_eq!(check(&sample), []);
        let mut sample = Sample::new();
        sample.forget(id, false);
        let entry = sample.catalog.entries.get_mut(&id).unwrap();
        entry.owner.as_mut().unwrap().mark = Some(format!("gateway other {id}"));
        assert_eq!(of_catalog(&sample.rows, sample.here(), &sample.wanted), []);
    }

    #[test]
    fn a_retired_database_of_no_tenant_is_found() {
        let mut sample = Sample::new();
        let id = sample.dedicated;
        sample.forget(id, true);
        let entry = sample.catalog.entries.get_mut(&id).unwrap();
        (entry.retired, entry.database, entry.owner, entry.login) = (entry.database.take(), None, None, None);
        let found = of_catalog(&sample.rows, sample.here(), &sample.wanted);
        assert_eq!(only(&found), (Invariant::I12, Some(id)));
    }

    #[test]
    fn what_stands_on_another_server_than_the_row_says_is_found() {
        let mut sample = Sample::new();
        let id = sample.shared;
        sample.row().server_id = Some(ServerId::from_uuid(uuid::Uuid::from_u128(2)));
        let found = of_catalog(&sample.rows, sample.here(), &sample.wanted);
        assert_eq!(found.len(), 3, "a database and two roles: {found:#?}");
        assert!(found.iter().all(|one| one.invariant == Invariant::I12 && one.tenant_id == Some(id)));
        assert!(found.iter().all(|one| one.what.ends_with("lives on another database server")), "{found:#?}");
        sample.rows.moved.insert(id);
        assert_eq!(of_catalog(&sample.rows, sample.here(), &sample.wanted), []);
        sample.rows.moved.clear();
        sample.row().server_id = None;
        assert_eq!(of_catalog(&sample.rows, sample.here(), &sample.wanted), [], "it is on none yet");
    }

    #[test]
    fn a_second_network_and_an_object_without_a_tenant_are_found() {
        let mut sample = Sample::new();
        let mut second = sample.engine.networks[0].clone();
        second.id = "second".into();
        let id = second.labels.tenant;
        sample.engine.networks.push(second);
        assert_eq!(only(&of_engine(&sample.rows, &sample.engine, &sample.wanted)), (Invariant::I12, id));
        let mut sample = Sample::new();
        sample.engine.containers[0].labels.tenant = None;
        assert_eq!(only(&of_engine(&sample.rows, &sample.engine, &sample.wanted)), (Invariant::I12, None));
    }

    #[test]
    fn a_network_that_the_plan_does_not_give_is_found() {
        let mut sample = Sample::new();
        let id = sample.shared;
        for network in [PlanNetwork::PerPool, PlanNetwork::None] {
            sample.row().network = network;
            assert_eq!(only(&of_engine(&sample.rows, &sample.engine, &sample.wanted)), (Invariant::I12, Some(id)));
        }
        sample.wanted.has_networks = false;
        assert_eq!(
            of_engine(&sample.rows, &sample.engine, &sample.wanted),
            [],
            "the setting leaves alone what is there"
        );
    }

    #[test]
    fn a_fence_may_outlive_its_tenant_for_a_while_only() {
        let mut sample = Sample::new();
        let id = sample.dedicated;
        sample.tree = Tree::default();
        sample.forget(id, true);
        sample.tree.fences.insert(id.to_string(), StoredFence { fence: Some(1), expires: true });
        assert_eq!(of_tree(&sample.rows, &sample.tree), []);
        sample.tree.fences.insert(id.to_string(), StoredFence { fence: Some(1), expires: false });
        assert_eq!(only(&of_tree(&sample.rows, &sample.tree)), (Invariant::I12, Some(id)));
    }
}
