//! The difference between what rows want and what is there. Pure: the same inventory gives the same answer.
//!
//! About a tenant whose work is open, or whose row changed while the world was read, nothing is concluded, and nothing is
//! concluded from a source that could not be read.

use std::collections::BTreeSet;

use crate::domain::drift::DriftKind;
use crate::domain::ids::TenantId;
use crate::domain::names;
use crate::domain::route::Way;
use crate::domain::status::Status;
use crate::domain::tenant::Tier;
use crate::infra::listing::Running;
use crate::infra::render::{Keys, is_pool_key};
use crate::infra::walls::SeenWalls;
use crate::inventory::Inventory;
use crate::inventory::catalog::{Catalog, CatalogEntry};
use crate::inventory::engine::EngineObjects;
use crate::inventory::routing::Published;
use crate::inventory::rows::Rows;
use crate::inventory::tree::Tree;
use crate::inventory::wanted::{Secrets, Wanted};
use crate::reconcile::drift::Drift;
use crate::store::fleet::TenantRow;

/// Everything about tenants that is not as their rows say, tenant by tenant.
#[must_use]
pub fn drift(inventory: &Inventory, wanted: &Wanted, secrets: &Secrets) -> Vec<Drift> {
    let Some(rows) = inventory.rows.known() else { return Vec::new() };
    let mut found = Vec::new();
    for row in rows.tenants.values().filter(|row| is_judged(rows, row)) {
        let mut finding = Finding { row, found: &mut found };
        if let Some(catalog) = inventory.servers.known().and_then(|servers| servers.catalog_of(row)) {
            server(&mut finding, catalog, wanted, secrets);
        }
        if let Some(Some(engine)) = inventory.engine.known()
            && wanted.has_networks
        {
            network(&mut finding, engine, inventory.walls.known().and_then(Option::as_ref), wanted);
            container(&mut finding, engine);
        }
        if let Some(tree) = inventory.tree.known() {
            route(&mut finding, tree, wanted);
        }
    }
    found
}

/// Whether a row says exactly what should stand outside. Failed work may have ended anywhere.
pub(super) fn is_judged(rows: &Rows, row: &TenantRow) -> bool {
    let says = match row.status {
        Status::Active | Status::Suspended => true,
        Status::Deleting => row.purge_at.is_some(),
        Status::Pending | Status::Provisioning | Status::Purging | Status::Deleted | Status::Error => false,
    };
    says && row.is_allocated() && !row.paused && rows.is_settled(row) && row.observed_generation == row.generation
}

/// Whether everything that a tenant stands on could be read, so that what is not found is not there, and a repair can reach
/// it. A tenant without a row, or on no server, stands on none.
pub(super) fn is_in_sight(inventory: &Inventory, tenant: TenantId) -> bool {
    let (Some(rows), Some(servers)) = (inventory.rows.known(), inventory.servers.known()) else { return false };
    let is_blind = rows.tenants.get(&tenant).is_some_and(|row| servers.is_unknown_to(row));
    let is_engine_seen = inventory.engine.known().is_some() && inventory.walls.known().is_some();
    !is_blind && is_engine_seen && inventory.tree.known().is_some()
}

struct Finding<'a> {
    row: &'a TenantRow,
    found: &'a mut Vec<Drift>,
}

impl Finding<'_> {
    fn add(&mut self, kind: DriftKind, what: String) {
        self.push(kind, what, None, None);
    }

    /// Where it can be said in a few words how something is wanted and how it was.
    fn contrast(&mut self, kind: DriftKind, what: String, wanted: &str, observed: &str) {
        self.push(kind, what, Some(wanted.to_owned()), Some(observed.to_owned()));
    }

    fn push(&mut self, kind: DriftKind, what: String, wanted: Option<String>, observed: Option<String>) {
        self.found.push(Drift {
            tenant_id: self.row.id,
            tenant_key: self.row.key.to_string(),
            generation: self.row.generation,
            kind,
            what,
            wanted,
            observed,
            repaired: false,
        });
    }

    fn is_deleted(&self) -> bool {
        self.row.status == Status::Deleting
    }
}

fn server(finding: &mut Finding<'_>, catalog: &Catalog, wanted: &Wanted, secrets: &Secrets) {
    let row = finding.row;
    let entry = catalog.of(row.id).cloned().unwrap_or_default();
    let (owner, login) = (names::owner_role(row.id), names::login_role(row.id));
    // A deletion leaves the roles alone until the purge, so they are nobody's business meanwhile.
    if !finding.is_deleted() {
        roles(finding, &entry, wanted, secrets);
    }
    let name = names::database(row.id);
    match (&entry.database, &entry.retired) {
        // Deleted before its database was made: there were no data to lose.
        (None, None) if finding.is_deleted() && row.migration_version.is_none() => {}
        (None, None) => finding.add(DriftKind::DatabaseLost, format!("there is no database {name}, nor a retired one")),
        (Some(database), _) if database.invalid => {
            finding.add(DriftKind::DatabaseLost, format!("the database {name} was half dropped"));
        }
        (Some(_), _) if finding.is_deleted() => {
            finding.add(DriftKind::Returned, format!("the database {name} is in use again"));
        }
        (Some(database), None) => {
            let same_rights = !database.public_may && database.connect == [login.as_str()];
            if !database.open || !same_rights || database.connection_limit != -1 || database.owner != owner {
                let what = format!("the database {name} is closed or open to other roles");
                let mut may: Vec<&str> = database.connect.iter().map(String::as_str).collect();
                may.extend(database.public_may.then_some("everybody"));
                let state = if database.open { "open" } else { "closed" };
                let observed = format!("{state} to {}, owned by {}", may.join(", "), database.owner);
                finding.contrast(
                    DriftKind::DatabaseDiffers,
                    what,
                    &format!("open to {login}, owned by {owner}"),
                    &observed,
                );
            }
        }
        (Some(_), Some(_)) => {
            finding.add(DriftKind::DatabaseDiffers, format!("the database {name} exists in use and retired"));
        }
        (None, Some(_)) if !finding.is_deleted() => {
            finding.add(DriftKind::DatabaseDiffers, format!("the database {name} is retired"));
        }
        (None, Some(_)) => {}
    }
}

fn roles(finding: &mut Finding<'_>, entry: &CatalogEntry, wanted: &Wanted, secrets: &Secrets) {
    let row = finding.row;
    let (owner, login) = (names::owner_role(row.id), names::login_role(row.id));
    for (name, role) in [(&owner, &entry.owner), (&login, &entry.login)] {
        if role.is_none() {
            finding.add(DriftKind::RoleMissing, format!("the role {name} does not exist"));
        }
    }
    if let Some(role) = &entry.owner
        && (role.can_login || role.elevated)
    {
        finding.add(DriftKind::RoleDiffers, format!("the role {owner} may log in or has rights it must not have"));
    }
    if let Some(role) = &entry.login {
        let limits = wanted.role_limits(row);
        let is_limited = role.connection_limit == limits.connections
            && limits.settings().iter().all(|setting| role.settings.contains(setting))
            && role.files_limited != Some(false);
        if !role.can_login || role.elevated || role.expires || !is_limited {
            finding.add(DriftKind::RoleDiffers, format!("the role {login} has other rights or limits"));
        }
        if secrets.verifiers.get(&row.id).is_some_and(|verifier| role.password.differs_from(Some(*verifier))) {
            finding.add(DriftKind::RoleDiffers, format!("the role {login} has another password"));
        }
    }
}

fn network(finding: &mut Finding<'_>, engine: &EngineObjects, walls: Option<&SeenWalls>, wanted: &Wanted) {
    let row = finding.row;
    let found: Vec<_> = engine.networks_of(row.id).collect();
    match found.as_slice() {
        [] if finding.is_deleted() => {}
        [one, ..] if finding.is_deleted() => {
            finding.add(DriftKind::Returned, format!("there is a network {} ({})", one.name, one.id));
        }
        // One that its row does not know of is an orphan: nothing says that a step made it.
        _ if !wanted.has_network(row) => {
            if row.network_id.is_some() || row.subnet.is_some() {
                let what = "the tenant has a network or a subnet that its plan does not give it".to_owned();
                let subnet = row.subnet.map_or_else(|| "none".to_owned(), |subnet| subnet.to_string());
                let observed = format!("{} on {subnet}", row.network_id.as_deref().unwrap_or("none"));
                finding.contrast(DriftKind::NetworkDiffers, what, "none", &observed);
            }
        }
        [] => finding.add(DriftKind::NetworkMissing, format!("there is no network {}", names::network(row.id))),
        [one] => {
            let same_subnet = row.subnet.is_some_and(|subnet| one.subnets == [subnet]);
            if !same_subnet || row.network_id.as_deref() != Some(one.id.as_str()) {
                let what = format!("the network {} is not the one recorded", one.id);
                let subnets: Vec<String> = one.subnets.iter().map(ToString::to_string).collect();
                let subnet = row.subnet.map_or_else(|| "none".to_owned(), |subnet| subnet.to_string());
                let wanted = format!("{} on {subnet}", row.network_id.as_deref().unwrap_or("none"));
                finding.contrast(
                    DriftKind::NetworkDiffers,
                    what,
                    &wanted,
                    &format!("{} on {}", one.id, subnets.join(", ")),
                );
            }
            if let Some(subnet) = one.subnets.iter().find(|subnet| walls.is_some_and(|walls| !walls.keep(**subnet))) {
                finding.add(DriftKind::WallMissing, format!("nothing keeps {subnet} apart from other networks"));
            }
        }
        more => {
            let text = format!("there are {} networks {}", more.len(), names::network(row.id));
            finding.add(DriftKind::NetworkDuplicate, text);
        }
    }
}

fn container(finding: &mut Finding<'_>, engine: &EngineObjects) {
    let row = finding.row;
    let name = names::container(row.id);
    if row.tier == Tier::Shared {
        return;
    }
    let found = engine.containers_of(row.id).find(|container| container.name == name);
    if engine.containers_of(row.id).any(|container| container.name != name) {
        let kind = if finding.is_deleted() { DriftKind::Returned } else { DriftKind::ContainerDiffers };
        finding.add(kind, format!("there is a second container beside {name}"));
    }
    match (found, row.status) {
        (None, Status::Active) => {
            finding.add(DriftKind::ContainerMissing, format!("there is no container {name}"));
        }
        (None, _) => {}
        (Some(one), Status::Deleting) => {
            finding.add(DriftKind::Returned, format!("there is a container {name} ({})", one.id));
        }
        (Some(one), status) => {
            if row.container_id.as_deref() != Some(one.id.as_str()) {
                let what = format!("the container {name} is not the one recorded");
                let recorded = row.container_id.as_deref().unwrap_or("none");
                finding.contrast(DriftKind::ContainerDiffers, what, recorded, &one.id);
            }
            if status == Status::Active && one.running != Running::Yes {
                let what = format!("the container {name} does not run");
                finding.contrast(DriftKind::ContainerStopped, what, "running", "not running");
            }
            if status == Status::Suspended && one.running == Running::Yes {
                let what = format!("the container {name} runs");
                finding.contrast(DriftKind::ContainerRunning, what, "not running", "running");
            }
        }
    }
}

fn route(finding: &mut Finding<'_>, tree: &Tree, wanted: &Wanted) {
    let row = finding.row;
    if let Some((is, to_be)) = wanted.routing.ways(row)
        && is != to_be
    {
        let told = |way| match way {
            Way::Own => "a router of its own",
            Way::Wildcard => "the wildcard router and the tenant port",
        };
        let what = format!("the tenant is led to by {}", told(is));
        finding.contrast(DriftKind::RouteMode, what, told(to_be), told(is));
    }
    let present = own_keys(tree, row);
    match wanted.routing.route(row) {
        Published::Anything => {}
        Published::ByWildcard(revision) => {
            if let Some(first) = present.keys().next() {
                let text =
                    format!("Traefik has {} keys of a tenant that has no router, such as {first}", present.len());
                finding.add(DriftKind::RouteDiffers, text);
            }
            let recorded = row.route_revision.as_deref().unwrap_or("none");
            if recorded != revision {
                let what = "the tenant port answers with another revision than that of the tenant's route".to_owned();
                finding.contrast(DriftKind::RouteDiffers, what, &revision, recorded);
            }
        }
        Published::Nothing if present.is_empty() => {}
        Published::Nothing => {
            let kind = if finding.is_deleted() { DriftKind::Returned } else { DriftKind::RouteDiffers };
            finding.add(kind, format!("Traefik has {} keys of the tenant", present.len()));
        }
        Published::Exactly(rendered) => {
            let (missing, other) = compare_keys(&rendered.keys, &present, &tree.keys);
            if let Some(first) = missing.first() {
                let text = format!("{} of Traefik's keys are missing, such as {first}", missing.len());
                finding.add(DriftKind::RouteMissing, text);
            }
            if let Some(first) = other {
                let value = |keys: &Keys| keys.get(first).cloned().unwrap_or_else(|| "none".to_owned());
                let what = format!("the key {first} was changed");
                finding.contrast(DriftKind::RouteDiffers, what, &value(&rendered.keys), &value(&tree.keys));
            }
        }
    }
}

/// Which of a tenant's keys are missing, and the first that has another value or should not be there. Where its pool is
/// belongs to no tenant: each pass publishes it before it looks, and what changed since is published by whoever changed it.
fn compare_keys<'a>(wanted: &'a Keys, present: &'a Keys, tree: &Keys) -> (Vec<&'a String>, Option<&'a String>) {
    let own = || wanted.iter().filter(|(key, _)| !is_pool_key(key));
    let missing = own().filter(|(key, _)| !tree.contains_key(*key)).map(|(key, _)| key).collect();
    let others = own().filter(|(key, value)| tree.get(*key).is_some_and(|there| there != *value)).map(|(key, _)| key);
    let others: BTreeSet<&String> = others.collect();
    let more = present.keys().filter(|key| !wanted.contains_key(*key));
    (missing, others.into_iter().chain(more).next())
}

/// Those keys a step removes and sets for this tenant. Others that look like its own are orphans.
fn own_keys(tree: &Tree, row: &TenantRow) -> Keys {
    let possible = crate::infra::render::possible_keys(&row.key);
    possible.into_iter().filter_map(|key| tree.keys.get(&key).map(|value| (key.clone(), value.clone()))).collect()
}

/// The tenants with something to take away, for the guard.
#[must_use]
pub fn removals(drift: &[Drift]) -> BTreeSet<TenantId> {
    drift.iter().filter(|one| one.kind.removes()).map(|one| one.tenant_id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::host::Host;
    use crate::domain::key::TenantKey;
    use crate::infra::render::{self, Route, Upstream};

    #[test]
    fn where_a_pool_is_is_no_drift_of_its_tenants() {
        let (key, host) = (TenantKey::parse("acme").unwrap(), Host::parse("acme.localhost").unwrap());
        let urls = ["http://10.0.0.2:80", "http://10.0.0.3:80"].map(|url| url.parse().unwrap()).to_vec();
        let upstream = Upstream::Pool { name: "eu".into(), urls };
        let tenant = TenantId::from_uuid(uuid::Uuid::from_u128(1));
        let wanted = render::route(&Route { tenant, key: &key, host: &host, upstream, entrypoint: "web" }).keys;
        let present = Keys::new();
        let mut tree = wanted.clone();
        assert_eq!(compare_keys(&wanted, &present, &tree), (vec![], None));
        // A member came, and is not published yet; another one is somewhere else by now.
        let of_pool: Vec<String> = wanted.keys().filter(|key| is_pool_key(key)).cloned().collect();
        tree.remove(&of_pool[1]);
        tree.insert(of_pool[0].clone(), "http://10.0.0.9:80".into());
        assert_eq!(compare_keys(&wanted, &present, &tree), (vec![], None));
        let rule = "http/routers/tenant-acme/rule".to_owned();
        tree.insert(rule.clone(), "Host(`other`)".into());
        assert_eq!(compare_keys(&wanted, &present, &tree), (vec![], Some(&rule)));
        tree.remove(&rule);
        assert_eq!(compare_keys(&wanted, &present, &tree), (vec![&rule], None));
    }
}
