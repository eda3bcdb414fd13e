//! How far a caller sees: which tenants are there for it at all.

use uuid::Uuid;

use crate::domain::ids::{PoolId, TenantId};

/// The tenants somebody sees. What lies outside is, for them, not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    tenants: Option<Vec<Uuid>>,
    pools: Option<Vec<Uuid>>,
}

impl Reach {
    /// Every tenant.
    pub const EVERYTHING: Self = Self { tenants: None, pools: None };

    /// Tenants that are both among `tenants` and in one of `pools`; `None` sets no limit.
    #[must_use]
    pub const fn new(tenants: Option<Vec<Uuid>>, pools: Option<Vec<Uuid>>) -> Self {
        Self { tenants, pools }
    }

    /// Whether every tenant is seen.
    #[must_use]
    pub const fn is_everything(&self) -> bool {
        self.tenants.is_none() && self.pools.is_none()
    }

    /// The ids it is limited to, as a query takes them.
    #[must_use]
    pub fn tenants(&self) -> Option<&[Uuid]> {
        self.tenants.as_deref()
    }

    /// The shared pools it is limited to, as a query takes them.
    #[must_use]
    pub fn pools(&self) -> Option<&[Uuid]> {
        self.pools.as_deref()
    }

    /// Whether a tenant is seen.
    #[must_use]
    pub fn holds(&self, tenant: TenantId, pool: Option<Uuid>) -> bool {
        let is_named = self.tenants.as_ref().is_none_or(|ids| ids.contains(&tenant.as_uuid()));
        is_named && self.holds_pool(pool)
    }

    /// Whether a tenant that does not exist yet would be seen.
    #[must_use]
    pub fn holds_new(&self, pool: Option<PoolId>) -> bool {
        self.tenants.is_none() && self.holds_pool(pool.map(PoolId::as_uuid))
    }

    fn holds_pool(&self, pool: Option<Uuid>) -> bool {
        self.pools.as_ref().is_none_or(|pools| pool.is_some_and(|pool| pools.contains(&pool)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reach_holds_what_meets_both_limits() {
        let [one, two] = [1, 2].map(Uuid::from_u128);
        let tenant = TenantId::from_uuid(one);
        assert!(Reach::EVERYTHING.holds(tenant, None) && Reach::EVERYTHING.holds_new(None));
        let named = Reach::new(Some(vec![one]), None);
        assert!(named.holds(tenant, None) && !named.holds(TenantId::from_uuid(two), None) && !named.holds_new(None));
        let pooled = Reach::new(None, Some(vec![two]));
        assert!(pooled.holds(tenant, Some(two)) && !pooled.holds(tenant, Some(one)) && !pooled.holds(tenant, None));
        assert!(pooled.holds_new(Some(PoolId::from_uuid(two))) && !pooled.holds_new(None));
        let both = Reach::new(Some(vec![one]), Some(vec![two]));
        assert!(both.holds(tenant, Some(two)) && !both.holds(tenant, None));
    }
}
