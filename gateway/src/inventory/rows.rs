//! What the rows desire.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::failure::Failure;
use crate::domain::ids::TenantId;
use crate::provision::run::{World, store_failure};
use crate::store::fleet::{Fleet, TenantRow, Tombstone, UnreadableRow};
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
        self
    }
}

impl From<Fleet> for Rows {
    fn from(fleet: Fleet) -> Self {
        Self {
            tenants: fleet.tenants.into_iter().map(|row| (row.id, row)).collect(),
            tombstones: fleet.tombstones.into_iter().map(|row| (row.id, row)).collect(),
            unreadable: fleet.unreadable.into_iter().map(|row| (row.id, row)).collect(),
            pools: fleet.pools,
            moved: BTreeSet::new(),
        }
    }
}

/// One query.
///
/// # Errors
/// A classified failure; then nothing is known.
pub async fn load(world: &World) -> Result<Rows, Failure> {
    world.store.fleet().await.map(Rows::from).map_err(store_failure)
}
