//! Objects with the mark of this control plane that no tenant and no managed pool owns. Pure.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::domain::ids::{ServerId, TenantId};
use crate::domain::key::TenantKey;
use crate::domain::orphan::OrphanKind;
use crate::domain::plan::PlanNetwork;
use crate::domain::server::ServerName;
use crate::domain::status::Status;
use crate::domain::tenant::Tier;
use crate::infra::listing::{Labels, ListedContainer, ListedNetwork};
use crate::infra::render;
use crate::inventory::Inventory;
use crate::inventory::catalog::Catalog;
use crate::inventory::engine::EngineObjects;
use crate::inventory::rows::Rows;
use crate::inventory::servers::{Servers, lives_elsewhere};
use crate::inventory::tree::Tree;
use crate::inventory::wanted::Wanted;
use crate::reconcile::drift::Orphan;
use crate::reconcile::storable;

/// What the place of databases and roles begins with; behind a slash stands the name of their server.
const DATABASE_SERVER: &str = "database-server";
/// Place of networks and containers.
pub const DOCKER: &str = "docker";
/// Place of keys.
pub const REDIS: &str = "redis";
/// Stands in the detail of what is astray.
const ONLY_COPY: &str = "only_copy";

/// Orphans, and where more may be.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Orphans {
    /// Those found.
    pub found: Vec<Orphan>,
    /// Places that could not be looked at.
    pub unknown: BTreeSet<String>,
}

/// The place of what stands on a database server.
#[must_use]
pub fn place_of(server: &ServerName) -> String {
    format!("{DATABASE_SERVER}/{server}")
}

/// The database server that a place is; `None` for another kind of place.
#[must_use]
pub fn server_at(place: &str) -> Option<ServerName> {
    place.strip_prefix(DATABASE_SERVER)?.strip_prefix('/').and_then(ServerName::parse)
}

/// Every orphan; `None` while a source is unknown that is no single database server, since a list with holes would be taken
/// for an all-clear.
#[must_use]
pub fn orphans(inventory: &Inventory, wanted: &Wanted) -> Option<Orphans> {
    let rows = inventory.rows.known()?;
    let servers = inventory.servers.known()?;
    let mut found = Vec::new();
    for (id, name, catalog) in servers.known() {
        found.extend(on_server(rows, servers, (id, name), catalog, wanted));
    }
    if let Some(engine) = inventory.engine.known()? {
        found.extend(on_engine(rows, engine));
    }
    found.extend(in_tree(rows, inventory.tree.known()?, wanted));
    found.sort_by(|a, b| (a.kind, &a.place, &a.name).cmp(&(b.kind, &b.place, &b.name)));
    Some(Orphans { found, unknown: servers.unknown().map(|(name, _)| place_of(name)).collect() })
}

/// What no tenant owns, and what stands here of one that lives on another server.
fn on_server(
    rows: &Rows,
    servers: &Servers,
    (here, name): (ServerId, &ServerName),
    catalog: &Catalog,
    wanted: &Wanted,
) -> Vec<Orphan> {
    let mut found = Vec::new();
    for (tenant, entry) in &catalog.entries {
        let astray = lives_elsewhere(rows, *tenant, here);
        if (rows.owns(*tenant) && astray.is_none())
            || entry.is_foreign(&wanted.mark(*tenant))
            || (entry.owner.is_none() && entry.login.is_none())
        {
            // Without a role that carries our mark nothing says that the database is ours.
            continue;
        }
        let detail = |mut detail: Value| {
            if let Some(row) = astray {
                let home = row.server_id.and_then(|id| servers.name_of(id));
                let is_at_home = servers.catalog_of(row).and_then(|catalog| catalog.of(*tenant));
                let is_at_home = is_at_home.is_some_and(|entry| entry.database.is_some() || entry.retired.is_some());
                detail["lives_on"] = json!(home.map(ServerName::as_str));
                detail[ONLY_COPY] = json!(!is_at_home);
            }
            detail
        };
        let orphan = |kind, name_there: &str, about| Orphan {
            kind,
            place: place_of(name),
            name: name_there.to_owned(),
            tenant_id: Some(*tenant),
            detail: detail(about),
        };
        for database in [&entry.database, &entry.retired].into_iter().flatten() {
            let about = json!({ "invalid": database.invalid, "open": database.open });
            found.push(orphan(OrphanKind::Database, &database.name, about));
        }
        for role in [&entry.owner, &entry.login].into_iter().flatten() {
            found.push(orphan(OrphanKind::Role, &role.name, json!({})));
        }
    }
    found
}

/// Whether an orphan may be all that there is of a tenant's data: its row names another server, which was not seen to have
/// it.
#[must_use]
pub fn may_be_the_only_copy(orphan: &Orphan) -> bool {
    orphan.detail.get(ONLY_COPY).and_then(Value::as_bool) == Some(true)
}

/// Whether a tenant or a managed pool that is there, or was a moment ago, has an object with these labels.
#[must_use]
pub fn is_owned(rows: &Rows, labels: &Labels) -> bool {
    match (labels.tenant, labels.pool) {
        (Some(tenant), _) => rows.owns(tenant),
        (None, Some(pool)) => rows.owns_pool(pool),
        (None, None) => false,
    }
}

fn on_engine(rows: &Rows, engine: &EngineObjects) -> Vec<Orphan> {
    let is_orphan = |labels: &Labels| !is_owned(rows, labels);
    let orphan = |kind, id: &str, tenant_id, detail| Orphan {
        kind,
        place: DOCKER.to_owned(),
        name: id.to_owned(),
        tenant_id,
        detail,
    };
    // A tenant whose plan gives it no network of its own has none but what a step made and its row still knows of.
    let has_none = |tenant: Option<TenantId>| {
        tenant.and_then(|tenant| rows.settled(tenant)).is_some_and(|row| {
            let is_made = matches!(row.status, Status::Active | Status::Suspended);
            is_made && row.network != PlanNetwork::PerTenant && row.network_id.is_none() && row.subnet.is_none()
        })
    };
    let is_idle = |network: &&ListedNetwork| is_orphan(&network.labels) || has_none(network.labels.tenant);
    let networks = engine.networks.iter().filter(is_idle);
    let networks = networks.map(|network| {
        let subnets: Vec<String> = network.subnets.iter().map(ToString::to_string).collect();
        let detail = json!({ "name": network.name, "subnets": subnets, "fence": network.labels.fence });
        orphan(OrphanKind::Network, &network.id, network.labels.tenant, detail)
    });
    // A tenant of the shared tier has none, whatever a label says.
    let is_shared = |tenant: Option<TenantId>| {
        tenant.and_then(|tenant| rows.settled(tenant)).is_some_and(|row| row.tier == Tier::Shared)
    };
    let is_stray = |container: &&ListedContainer| is_orphan(&container.labels) || is_shared(container.labels.tenant);
    let containers = engine.containers.iter().filter(is_stray);
    let containers = containers.map(|container| {
        let detail = json!({ "name": container.name, "image": container.image_id, "fence": container.labels.fence });
        orphan(OrphanKind::Container, &container.id, container.labels.tenant, detail)
    });
    networks.chain(containers).collect()
}

/// Whether a key has a name that this control plane gives. Nothing between two slashes counts as nothing, to Traefik too.
fn is_ours(key: &str) -> bool {
    let mut parts = key.split('/').filter(|part| !part.is_empty());
    let object = parts.nth(2).unwrap_or_default();
    ["tenant-", "gateway-", "pool-"].iter().any(|prefix| object.starts_with(prefix))
}

fn in_tree(rows: &Rows, tree: &Tree, wanted: &Wanted) -> Vec<Orphan> {
    let mut known: BTreeSet<String> = wanted.routing.shared().into_keys().collect();
    known.insert(render::sentinel_key());
    for row in rows.tenants.values() {
        known.extend(render::possible_keys(&row.key));
    }
    // Purged while the world was read: its keys may have been seen before they went.
    for tombstone in rows.tombstones.values().filter(|tombstone| rows.moved.contains(&tombstone.id)) {
        known.extend(TenantKey::parse(&tombstone.key).iter().flat_map(render::possible_keys));
    }
    let orphan = |name: String, tenant_id, detail| Orphan {
        kind: OrphanKind::Route,
        place: REDIS.to_owned(),
        name,
        tenant_id,
        detail,
    };
    let is_pool = |key: &str| key.starts_with("http/services/pool-") && key.contains("/loadbalancer/servers/");
    // Rows that cannot be understood own keys nobody can tell; those that came or went in between may own these.
    let is_certain = rows.unreadable.is_empty();
    let keys = tree.keys.iter().filter(|(key, _)| is_certain && is_ours(key) && !known.contains(*key) && !is_pool(key));
    let keys = keys.map(|(key, value)| orphan(storable(key), None, json!({ "value": storable(value) })));
    let fences = tree.fences.iter().filter_map(|(name, fence)| {
        let tenant = uuid::Uuid::try_parse(name).ok().map(TenantId::from_uuid);
        let owned = tenant.is_some_and(|tenant| rows.owns(tenant));
        let key = format!("{}{name}", wanted.fence_prefix);
        let value = fence.fence.map(|fence| fence.to_string());
        (!owned && !fence.expires).then(|| orphan(key, tenant, json!({ "value": value })))
    });
    keys.chain(fences).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_ours_is_seen_however_it_is_spelt() {
        for key in ["http/routers/tenant-x/rule", "http//routers/tenant-x/rule", "http/routers//gateway-x//rule"] {
            assert!(is_ours(key), "{key}");
        }
        for key in ["http/routers/x/rule", "http/routers/x/tenant-y", "tenant-x", ""] {
            assert!(!is_ours(key), "{key}");
        }
    }

    #[test]
    fn a_place_names_its_server() {
        let name = ServerName::parse("eu-1").unwrap();
        assert_eq!(server_at(&place_of(&name)), Some(name));
        for other in ["docker", "redis", "database-server", "database-server/", "database-server/A", "database-serverx"]
        {
            assert_eq!(server_at(other), None, "{other}");
        }
    }
}
