//! What the rows desire.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::failure::Failure;
use crate::domain::ids::{PoolId, TenantId};
use crate::infra::render::is_pool_key;
use crate::provision::run::{World, store_failure};
use crate::store::fleet::{Fleet, TenantRow, Tombstone, UnreadableRow};
use crate::store::managed_pools::ManagedRow;
use crate::store::places::SharedPool;

/// Every tenant there is or was.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// Those not deleted.
    pub tenants: BTreeMap<TenantId, TenantRow>,
    /// Deleted ones.
    pub tombstones: BTreeMap<TenantId, Tombstone>,
    /// Rows that cannot be understood. They own what carries their name.
    pub unreadable: BTreeMap<TenantId, UnreadableRow>,
    /// Every shared pool, used or not.
    pub pools: Vec<SharedPool>,
    /// What stands of those whose containers the gateway runs.
    pub managed: BTreeMap<PoolId, ManagedRow>,
    /// Pools that went while the world was looked at: they own what was seen of them.
    pub gone_pools: Vec<SharedPool>,
    /// Pools that came, went or changed meanwhile. Nothing may be concluded about them.
    pub moved_pools: BTreeSet<PoolId>,
    /// Tenants that came, went or changed while the world was looked at. Nothing may be concluded about them.
    pub moved: BTreeSet<TenantId>,
}

impl Rows {
    /// The row of a tenant that may be judged: it is there, no work is open on it and it did not change meanwhile.
    #[must_use]
    pub fn settled(&self, tenant: TenantId) -> Option<&TenantRow> {
        self.tenants.get(&tenant).filter(|row| self.is_settled(row))
    }

    /// Whether no work is open on a tenant and its row did not change while the world was looked at.
    #[must_use]
    pub fn is_settled(&self, row: &TenantRow) -> bool {
        !row.is_settling() && !self.moved.contains(&row.id)
    }

    /// Whether something that carries a tenant's name or label has an owner: a row that is not deleted, was not a moment
    /// ago, or cannot be understood.
    #[must_use]
    pub fn owns(&self, tenant: TenantId) -> bool {
        self.tenants.contains_key(&tenant) || self.moved.contains(&tenant) || self.unreadable.contains_key(&tenant)
    }

    /// Whether something that carries a pool's label has an owner: a pool that is there, or was a moment ago.
    #[must_use]
    pub fn owns_pool(&self, pool: PoolId) -> bool {
        self.pools.iter().chain(&self.gone_pools).any(|one| one.id == pool)
    }

    /// The managed pools that may be judged: their last wish was made true, nobody works on them, and they did not change
    /// meanwhile.
    pub fn settled_pools(&self) -> impl Iterator<Item = &ManagedRow> {
        self.managed.values().filter(|row| row.is_settled && !self.moved_pools.contains(&row.pool_id))
    }

    /// The pool whose service a key of Traefik's tree belongs to, and whether it may be judged.
    #[must_use]
    pub fn pool_of_key(&self, key: &str) -> Option<(&SharedPool, bool)> {
        let name = pool_name(key)?;
        let pool = self.pools.iter().chain(&self.gone_pools).find(|pool| pool.name == name)?;
        let is_open = self.managed.get(&pool.id).is_some_and(|row| !row.is_settled);
        Some((pool, !is_open && !self.moved_pools.contains(&pool.id)))
    }

    /// The tenant with this id, deleted or not, or the one that is not deleted with this key.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<TenantId> {
        let by_id = name.parse().ok().map(TenantId::from_uuid);
        let known = |id: &TenantId| self.tenants.contains_key(id) || self.tombstones.contains_key(id);
        let by_key = || self.tenants.values().find(|row| row.key.as_str() == name).map(|row| row.id);
        by_id.filter(known).or_else(by_key)
    }

    /// These rows, with what changed since an earlier look.
    #[must_use]
    pub fn since(mut self, before: &Self) -> Self {
        let ids = self.tenants.keys().chain(self.tombstones.keys()).chain(before.tenants.keys());
        let moved = ids.filter(|id| {
            let same_tenant = self.tenants.get(id) == before.tenants.get(id);
            let same_tombstone = self.tombstones.contains_key(id) == before.tombstones.contains_key(id);
            !(same_tenant && same_tombstone)
        });
        self.moved = moved.copied().collect();
        let is_there = |pool: &&SharedPool| self.pools.iter().any(|one| one.id == pool.id);
        self.gone_pools = before.pools.iter().filter(|pool| !is_there(pool)).cloned().collect();
        let same = |pool: &&SharedPool| {
            before.pools.contains(pool) && before.managed.get(&pool.id) == self.managed.get(&pool.id)
        };
        let moved = self.pools.iter().filter(|pool| !same(pool)).chain(&self.gone_pools).map(|pool| pool.id);
        self.moved_pools = moved.collect();
        self
    }
}

/// The name of the pool whose service a key of Traefik's tree belongs to.
fn pool_name(key: &str) -> Option<&str> {
    is_pool_key(key).then(|| key.split('/').nth(2)?.strip_prefix("pool-")).flatten()
}

impl From<Fleet> for Rows {
    fn from(fleet: Fleet) -> Self {
        Self {
            tenants: fleet.tenants.into_iter().map(|row| (row.id, row)).collect(),
            tombstones: fleet.tombstones.into_iter().map(|row| (row.id, row)).collect(),
            unreadable: fleet.unreadable.into_iter().map(|row| (row.id, row)).collect(),
            pools: fleet.pools,
            managed: fleet.managed.into_iter().map(|row| (row.pool_id, row)).collect(),
            ..Self::default()
        }
    }
}

/// The tenants in one query, and the pools.
///
/// # Errors
/// A classified failure; then nothing is known.
pub async fn load(world: &World) -> Result<Rows, Failure> {
    world.store.fleet().await.map(Rows::from).map_err(store_failure)
}
