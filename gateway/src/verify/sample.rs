//! A small fleet in perfect order, for tests that break one thing of it: `acme` is shared, `globex` dedicated.

use std::collections::BTreeMap;

use jiff::Timestamp;
use secrecy::SecretString;
use uuid::Uuid;

use crate::domain::host::{Host, HostSuffix};
use crate::domain::ids::{Generation, PoolId, ServerId, TenantId};
use crate::domain::key::TenantKey;
use crate::domain::names;
use crate::domain::plan::{PlanLimits, PlanNetwork};
use crate::domain::pool::PoolState;
use crate::domain::ports::TenantPorts;
use crate::domain::route::RoutingMode;
use crate::domain::seal::Sealed;
use crate::domain::status::Status;
use crate::domain::subnet::container_address;
use crate::domain::tenant::Tier;
use crate::infra::catalog::{FoundDatabase, FoundRole, StoredPassword, VerifierDigest};
use crate::infra::listing::{Attachment, Labels, ListedContainer, ListedNetwork, Running};
use crate::infra::render::sentinel_key;
use crate::infra::tree::StoredFence;
use crate::inventory::catalog::{Catalog, CatalogEntry};
use crate::inventory::engine::EngineObjects;
use crate::inventory::routing::Routing;
use crate::inventory::rows::Rows;
use crate::inventory::tree::Tree;
use crate::inventory::wanted::{Secrets, Wanted};
use crate::store::fleet::{TenantRow, Tombstone};
use crate::store::places::SharedPool;
use crate::verify::violation::{Invariant, Violation};

pub(super) struct Sample {
    pub(super) shared: TenantId,
    pub(super) dedicated: TenantId,
    pub(super) rows: Rows,
    pub(super) catalog: Catalog,
    pub(super) engine: EngineObjects,
    pub(super) tree: Tree,
    pub(super) secrets: Secrets,
    pub(super) wanted: Wanted,
}

/// One thing that is broken, by name.
pub(super) type Flaw = (&'static str, fn(&mut Sample));

/// The one violation there is, in short.
pub(super) fn only(found: &[Violation]) -> (Invariant, Option<TenantId>) {
    assert_eq!(found.len(), 1, "{found:#?}");
    (found[0].invariant, found[0].tenant_id)
}

fn row(number: u8, key: &str, tier: Tier, pool: &SharedPool) -> TenantRow {
    TenantRow {
        id: TenantId::from_uuid(Uuid::from_u128(u128::from(number))),
        key: TenantKey::parse(key).unwrap(),
        company_name: key.to_owned(),
        tier,
        status: Status::Active,
        paused: false,
        host: Some(Host::parse(&format!("{key}.localhost")).unwrap()),
        pool: (tier == Tier::Shared).then(|| pool.clone()),
        limits: PlanLimits::default(),
        network: PlanNetwork::PerTenant,
        server_id: Some(ServerId::from_uuid(Uuid::from_u128(1))),
        subnet: Some(format!("10.88.{number}.0/28").parse().unwrap()),
        network_id: Some(format!("network-{key}")),
        container_id: (tier == Tier::Dedicated).then(|| format!("container-{key}")),
        migration_version: Some(3),
        password: Some(Sealed::from_stored(format!("v1.a.{key}"))),
        verifier: Some(Sealed::from_stored(format!("v1.a.{key}"))),
        credentials: 1,
        credentials_made: 1,
        generation: Generation::from_i64(1),
        observed_generation: Generation::from_i64(1),
        fence: 4,
        due_at: None,
        lease_held: false,
        operation: None,
        repair: false,
        purge_at: None,
        route_revision: None,
        route_pinned: false,
        updated_at: Timestamp::UNIX_EPOCH,
    }
}

fn entry(row: &TenantRow, wanted: &Wanted, verifier: VerifierDigest) -> CatalogEntry {
    let (owner, login) = (names::owner_role(row.id), names::login_role(row.id));
    let role = |name: &str, can_login: bool| FoundRole {
        name: name.to_owned(),
        can_login,
        elevated: false,
        expires: false,
        connection_limit: if can_login { wanted.connection_limit } else { -1 },
        settings: if can_login { wanted.role_limits(row).settings().to_vec() } else { Vec::new() },
        files_limited: Some(can_login),
        password: if can_login { StoredPassword::Is(verifier) } else { StoredPassword::None },
        mark: Some(wanted.mark(row.id)),
    };
    CatalogEntry {
        database: Some(FoundDatabase {
            name: names::database(row.id),
            owner: owner.clone(),
            open: true,
            invalid: false,
            public_may: false,
            connect: vec![login.clone()],
            connection_limit: -1,
        }),
        retired: None,
        owner: Some(role(&owner, false)),
        login: Some(role(&login, true)),
    }
}

impl Sample {
    pub(super) fn new() -> Self {
        let wanted = Wanted {
            fence_prefix: "gateway/fence/traefik/".into(),
            routing: Routing {
                entrypoint: "web".into(),
                tenant_ports: TenantPorts::of(vec!["http://127.0.0.1:8000".parse().unwrap()]).unwrap(),
                app_port: 8080,
                host_suffix: HostSuffix::parse("localhost").unwrap(),
                mode: RoutingMode::PerTenant,
            },
            has_networks: true,
            installation_mark: "gateway here".into(),
            connection_limit: 20,
            host_suffix: HostSuffix::parse("localhost").unwrap(),
            migration_version: Some(3),
        };
        let pool = SharedPool {
            id: PoolId::from_uuid(Uuid::from_u128(1)),
            name: "default".into(),
            members: vec!["http://127.0.0.1:9000".parse().unwrap()],
            state: PoolState::Active,
        };
        let all = [row(1, "acme", Tier::Shared, &pool), row(2, "globex", Tier::Dedicated, &pool)];
        let (shared, dedicated) = (all[0].id, all[1].id);
        let (mut engine, mut secrets, mut catalog) = (EngineObjects::default(), Secrets::default(), Catalog::default());
        let mut tree = Tree { keys: wanted.routing.shared(), fences: BTreeMap::new() };
        tree.keys.insert(sentinel_key(), "7".into());
        for row in &all {
            let labels =
                Labels { tenant: Some(row.id), pool: None, key: Some(row.key.to_string()), spec: None, fence: Some(2) };
            let subnet = row.subnet.unwrap();
            engine.networks.push(ListedNetwork {
                id: row.network_id.clone().unwrap(),
                name: names::network(row.id),
                labels: labels.clone(),
                subnets: vec![subnet],
            });
            engine.containers.extend(row.container_id.clone().map(|id| ListedContainer {
                id,
                name: names::container(row.id),
                labels,
                running: Running::Yes,
                image_id: "sha256:1".into(),
                attachments: vec![Attachment {
                    network_id: row.network_id.clone().unwrap(),
                    address: Some(container_address(subnet)),
                }],
            }));
            let password = SecretString::from(format!("password of {}", row.key));
            let verifier = VerifierDigest::of(&password);
            secrets.passwords.insert(row.id, password);
            secrets.verifiers.insert(row.id, verifier);
            catalog.entries.insert(row.id, entry(row, &wanted, verifier));
            tree.keys.extend(wanted.routing.render(row, wanted.routing.app(row).unwrap()).unwrap().keys);
            tree.fences.insert(row.id.to_string(), StoredFence { fence: Some(4), expires: false });
        }
        let rows =
            Rows { tenants: all.into_iter().map(|row| (row.id, row)).collect(), pools: vec![pool], ..Rows::default() };
        Self { shared, dedicated, rows, catalog, engine, tree, secrets, wanted }
    }

    /// The server that all are on, with what stands there.
    pub(super) fn here(&self) -> (ServerId, &Catalog) {
        (ServerId::from_uuid(Uuid::from_u128(1)), &self.catalog)
    }

    /// The shared tenant's row.
    pub(super) fn row(&mut self) -> &mut TenantRow {
        self.rows.tenants.get_mut(&self.shared).unwrap()
    }

    /// What stands on the database server in the shared tenant's name.
    pub(super) fn entry(&mut self) -> &mut CatalogEntry {
        self.catalog.entries.get_mut(&self.shared).unwrap()
    }

    /// Gives the shared tenant's database its tombstone name.
    pub(super) fn retire(&mut self) {
        let name = names::TombstoneName::of(self.shared).as_str().to_owned();
        let entry = self.entry();
        entry.retired = entry.database.take().map(|database| FoundDatabase { name, open: false, ..database });
    }

    /// Both rows at once.
    pub(super) fn two_mut(&mut self, change: impl FnOnce(&mut TenantRow, &mut TenantRow)) {
        let mut both: Vec<&mut TenantRow> = self.rows.tenants.values_mut().collect();
        let (first, second) = both.split_at_mut(1);
        change(first[0], second[0]);
    }

    /// Takes a row away, or leaves its tombstone only; everything outside stays.
    pub(super) fn forget(&mut self, id: TenantId, deleted: bool) {
        let row = self.rows.tenants.remove(&id).unwrap();
        if deleted {
            let at = Some(Timestamp::UNIX_EPOCH);
            let tombstone = Tombstone {
                id,
                key: row.key.to_string(),
                host: row.host,
                fence: row.fence,
                purge_at: at,
                deleted_at: at,
            };
            self.rows.tombstones.insert(id, tombstone);
        }
    }
}
