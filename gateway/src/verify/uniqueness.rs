//! I3: no two tenants share a database, role, subnet, network, container, address, host, secret or key in Redis. The
//! rows are compared with each other, and so is what really stands outside.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::Ipv4Net;
use serde_json::{Value, json};

use crate::domain::ids::TenantId;
use crate::domain::names;
use crate::infra::catalog::StoredPassword;
use crate::infra::listing::ListedNetwork;
use crate::infra::walls::SeenWalls;
use crate::inventory::catalog::Catalog;
use crate::inventory::engine::EngineObjects;
use crate::inventory::rows::Rows;
use crate::inventory::tree::Tree;
use crate::inventory::wanted::Secrets;
use crate::verify::violation::{Invariant, Violation};

/// Compares the rows, and the secrets in them.
#[must_use]
pub fn of_rows(rows: &Rows, secrets: &Secrets) -> Vec<Violation> {
    let all = || rows.tenants.values();
    let mut found = Vec::new();
    let text = |value: &str| json!(value);
    same(rows, "host", all().filter_map(|r| Some((r.host.as_ref()?.as_str(), r.id))), |k| text(k), &mut found);
    same(rows, "key", all().map(|r| (r.key.as_str(), r.id)), |k| text(k), &mut found);
    same(rows, "network", all().filter_map(|r| Some((r.network_id.as_deref()?, r.id))), |k| text(k), &mut found);
    same(rows, "container", all().filter_map(|r| Some((r.container_id.as_deref()?, r.id))), |k| text(k), &mut found);
    same(rows, "password", secrets.password_digests(), |_| Value::Null, &mut found);
    overlaps(rows, all().filter_map(|r| Some((r.subnet?, r.id))).collect(), &mut found);
    found
}

/// Compares the databases and roles.
#[must_use]
pub fn of_catalog(rows: &Rows, catalog: &Catalog) -> Vec<Violation> {
    let mut found = Vec::new();
    for (id, entry) in &catalog.entries {
        let (owner, login) = (names::owner_role(*id), names::login_role(*id));
        for database in [&entry.database, &entry.retired].into_iter().flatten() {
            let others: Vec<&String> =
                database.connect.iter().filter(|role| **role != login && **role != owner).collect();
            if !others.is_empty() {
                let what = format!("others may connect to the database {}", database.name);
                found.push(Violation::about(Invariant::I3, rows, Some(*id), &what, json!([login]), json!(others)));
            }
            if database.owner != owner && names_tenant(&database.owner) {
                let what = format!("the database {} belongs to another tenant's role", database.name);
                found.push(Violation::about(
                    Invariant::I3,
                    rows,
                    Some(*id),
                    &what,
                    owner.clone(),
                    database.owner.clone(),
                ));
            }
        }
    }
    let passwords = catalog.entries.iter().filter_map(|(id, entry)| match entry.login.as_ref()?.password {
        StoredPassword::Is(verifier) => Some((verifier, *id)),
        StoredPassword::Unknown | StoredPassword::None => None,
    });
    same(rows, "password on the database server", passwords, |_| Value::Null, &mut found);
    found
}

fn names_tenant(role: &str) -> bool {
    names::tenant_of(role).is_some()
}

/// Whether the networks of tenants are kept apart, where that is not the engine's to do. One that was made or removed
/// meanwhile proves nothing.
#[must_use]
pub fn of_walls(rows: &Rows, engine: &EngineObjects, walls: &SeenWalls) -> Vec<Violation> {
    let settled = |network: &ListedNetwork| network.labels.tenant.filter(|id| rows.settled(*id).is_some());
    let open = |network: &ListedNetwork| network.subnets.iter().copied().find(|subnet| !walls.keep(*subnet));
    let found = engine.networks.iter().filter_map(|network| Some((network, settled(network)?, open(network)?)));
    let what = "nothing keeps the tenant's network apart from others";
    let violation = |(network, id, subnet): (&ListedNetwork, TenantId, Ipv4Net)| {
        let is = json!({ "network": network.id, "subnet": subnet.to_string() });
        Violation::about(Invariant::I3, rows, Some(id), what, Value::Null, is)
    };
    found.map(violation).collect()
}

/// Compares networks and containers.
#[must_use]
pub fn of_engine(rows: &Rows, engine: &EngineObjects) -> Vec<Violation> {
    let mut found = Vec::new();
    let networks = || engine.networks.iter().filter_map(|network| Some((network, network.labels.tenant?)));
    let containers = || engine.containers.iter().filter_map(|container| Some((container, container.labels.tenant?)));
    let subnets = networks().flat_map(|(network, id)| network.subnets.iter().map(move |net| (*net, id)));
    overlaps(rows, subnets.collect(), &mut found);
    let addresses =
        containers().flat_map(|(one, id)| one.attachments.iter().filter_map(move |at| Some((at.address?, id))));
    same(rows, "address of a container", addresses, |address| json!(address.to_string()), &mut found);
    let owners: BTreeMap<&str, TenantId> = networks().map(|(network, id)| (network.id.as_str(), id)).collect();
    for (container, id) in containers() {
        for attachment in &container.attachments {
            if let Some(other) = owners.get(attachment.network_id.as_str()).filter(|other| **other != id) {
                let what = format!("the container {} is in another tenant's network", container.name);
                let at = json!({ "network": attachment.network_id, "tenant": other });
                found.push(Violation::about(Invariant::I3, rows, Some(id), &what, Value::Null, at));
            }
        }
    }
    let made: BTreeMap<&str, TenantId> =
        owners.into_iter().chain(containers().map(|(container, id)| (container.id.as_str(), id))).collect();
    for row in rows.tenants.values() {
        for recorded in [&row.network_id, &row.container_id].into_iter().flatten() {
            if let Some(other) = made.get(recorded.as_str()).filter(|other| **other != row.id) {
                let what = "the row names an object that was made for another tenant";
                let is = json!({ "id": recorded, "tenant": other });
                found.push(Violation::of(Invariant::I3, row, what, row.id.to_string(), is));
            }
        }
    }
    found
}

/// Compares what routers in Redis answer to, and whose identity they send on.
#[must_use]
pub fn of_tree(rows: &Rows, tree: &Tree) -> Vec<Violation> {
    let mut rules: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut identities: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (key, value) in &tree.keys {
        let mut parts = key.split('/');
        let (Some("http"), Some(kind), Some(name)) = (parts.next(), parts.next(), parts.next()) else { continue };
        if kind == "routers" && parts.next() == Some("rule") {
            rules.entry(value).or_default().push(name);
        } else if kind == "middlewares" && key.ends_with("/X-Tenant-Id") {
            identities.entry(value).or_default().push(name);
        }
    }
    let mut found = Vec::new();
    for (what, shared) in [("routers answer to the same rule", rules), ("routes send on the same identity", identities)]
    {
        for (value, names) in shared.into_iter().filter(|(_, names)| names.len() > 1) {
            for name in &names {
                let key = name.strip_prefix("tenant-").unwrap_or(name);
                let id = rows.tenants.values().find(|row| row.key.as_str() == key).map(|row| row.id);
                let is = json!({ "value": value, "names": names });
                found.push(Violation::about(Invariant::I3, rows, id, &format!("several {what}"), json!([name]), is));
            }
        }
    }
    found
}

/// Says of each tenant in a group of more than one that it shares what they have in common.
fn same<K: Ord>(
    rows: &Rows,
    what: &str,
    items: impl Iterator<Item = (K, TenantId)>,
    show: impl Fn(&K) -> Value,
    found: &mut Vec<Violation>,
) {
    let mut groups: BTreeMap<K, BTreeSet<TenantId>> = BTreeMap::new();
    for (key, id) in items {
        groups.entry(key).or_default().insert(id);
    }
    for (key, ids) in groups.into_iter().filter(|(_, ids)| ids.len() > 1) {
        for id in &ids {
            let is = json!({ "value": show(&key), "tenants": ids });
            let what = format!("another tenant has the same {what}");
            found.push(Violation::about(Invariant::I3, rows, Some(*id), &what, json!([id]), is));
        }
    }
}

/// Finds every subnet that overlaps one of another tenant: sorted by their start, it is enough to remember the one that
/// reaches furthest.
fn overlaps(rows: &Rows, mut subnets: Vec<(Ipv4Net, TenantId)>, found: &mut Vec<Violation>) {
    subnets.sort_unstable();
    subnets.dedup();
    let mut furthest: Option<(Ipv4Net, TenantId)> = None;
    for (net, id) in subnets {
        if let Some((other_net, other)) = furthest
            && other != id
            && net.network() <= other_net.broadcast()
        {
            for (mine, me, theirs, they) in [(net, id, other_net, other), (other_net, other, net, id)] {
                let is = json!({ "subnet": theirs.to_string(), "tenant": they });
                let what = "another tenant's subnet overlaps";
                found.push(Violation::about(Invariant::I3, rows, Some(me), what, mine.to_string(), is));
            }
        }
        if furthest.is_none_or(|(other, _)| net.broadcast() >= other.broadcast()) {
            furthest = Some((net, id));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::infra::listing::Attachment;
    use crate::verify::sample::{Flaw, Sample, only};

    #[test]
    fn a_good_fleet_shares_nothing() {
        let sample = Sample::new();
        let mut found = of_rows(&sample.rows, &sample.secrets);
        found.extend(of_catalog(&sample.rows, &sample.catalog));
        found.extend(of_engine(&sample.rows, &sample.engine));
        found.extend(of_tree(&sample.rows, &sample.tree));
        assert_eq!(found, []);
    }

    #[test]
    fn every_column_that_two_rows_share_is_found() {
        let shares: [Flaw; 5] = [
            ("host", |s| s.two_mut(|a, b| b.host = a.host.clone())),
            ("key", |s| s.two_mut(|a, b| b.key = a.key.clone())),
            ("network", |s| s.two_mut(|a, b| b.network_id = a.network_id.clone())),
            ("container", |s| {
                s.two_mut(|a, b| {
                    (a.container_id, b.container_id) = (Some("x".into()), Some("x".into()));
                });
            }),
            ("subnet", |s| s.two_mut(|a, b| b.subnet = a.subnet)),
        ];
        for (what, share) in shares {
            let mut sample = Sample::new();
            share(&mut sample);
            let found = of_rows(&sample.rows, &sample.secrets);
            assert_eq!(found.len(), 2, "{what}: one for each: {found:?}");
            assert!(found.iter().all(|v| v.what.contains(what) && v.invariant == Invariant::I3), "{found:?}");
        }
        let mut sample = Sample::new();
        sample.two_mut(|_, b| b.subnet = Some("10.88.0.0/16".parse().unwrap()));
        assert_eq!(of_rows(&sample.rows, &sample.secrets).len(), 2, "a larger subnet around another");
    }

    #[test]
    fn a_shared_secret_is_found_and_not_shown() {
        let mut sample = Sample::new();
        let password = sample.secrets.passwords[&sample.shared].clone();
        sample.secrets.passwords.insert(sample.dedicated, password.clone());
        let found = of_rows(&sample.rows, &sample.secrets);
        assert_eq!(found.len(), 2);
        let text = serde_json::to_string(&found).unwrap();
        assert!(!text.contains(secrecy::ExposeSecret::expose_secret(&password)), "{text}");
        let password = sample.catalog.entries[&sample.shared].login.as_ref().unwrap().password;
        sample.catalog.entries.get_mut(&sample.dedicated).unwrap().login.as_mut().unwrap().password = password;
        assert_eq!(of_catalog(&sample.rows, &sample.catalog).len(), 2);
    }

    #[test]
    fn a_database_that_another_tenant_may_enter_or_owns_is_found() {
        let mut sample = Sample::new();
        let (mine, theirs) = (sample.shared, sample.dedicated);
        let database = sample.catalog.entries.get_mut(&mine).unwrap().database.as_mut().unwrap();
        database.connect.push(names::login_role(theirs));
        assert_eq!(only(&of_catalog(&sample.rows, &sample.catalog)), (Invariant::I3, Some(mine)));
        let mut sample = Sample::new();
        sample.catalog.entries.get_mut(&mine).unwrap().database.as_mut().unwrap().owner = names::owner_role(theirs);
        assert_eq!(only(&of_catalog(&sample.rows, &sample.catalog)), (Invariant::I3, Some(mine)));
    }

    #[test]
    fn a_container_in_another_tenants_network_is_found() {
        let mut sample = Sample::new();
        let network_id = sample.rows.tenants[&sample.shared].network_id.clone().unwrap();
        sample.engine.containers[0].attachments.push(Attachment { network_id, address: None });
        assert_eq!(only(&of_engine(&sample.rows, &sample.engine)), (Invariant::I3, Some(sample.dedicated)));
        let mut sample = Sample::new();
        let theirs = sample.engine.containers[0].id.clone();
        sample.rows.tenants.get_mut(&sample.shared).unwrap().container_id = Some(theirs);
        assert_eq!(only(&of_engine(&sample.rows, &sample.engine)), (Invariant::I3, Some(sample.shared)));
    }

    #[test]
    fn two_routers_for_one_host_and_one_identity_sent_on_twice_are_found() {
        let mut sample = Sample::new();
        let rule = sample.tree.keys["http/routers/tenant-acme/rule"].clone();
        sample.tree.keys.insert("http/routers/tenant-globex/rule".into(), rule);
        assert_eq!(of_tree(&sample.rows, &sample.tree).len(), 2);
        let mut sample = Sample::new();
        let key = crate::infra::render::identity_key(&sample.rows.tenants[&sample.dedicated].key);
        sample.tree.keys.insert(key, sample.shared.to_string());
        assert_eq!(of_tree(&sample.rows, &sample.tree).len(), 2);
    }
}
