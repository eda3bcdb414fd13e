//! Names of everything a tenant or a managed pool owns outside, made from its id alone.
//!
//! PostgreSQL cuts identifiers at 63 bytes and shows all database and role names to every tenant, so names have a
//! fixed length and hold nothing a customer could recognise or choose.

use crate::domain::ids::{PoolId, TenantId};
use crate::domain::key::TenantKey;

/// Longest identifier PostgreSQL keeps whole (`NAMEDATALEN` − 1).
pub const MAX_IDENTIFIER: usize = 63;

fn base(id: TenantId) -> String {
    format!("t_{}", id.as_uuid().simple())
}

/// The tenant's database.
#[must_use]
pub fn database(id: TenantId) -> String {
    base(id)
}

/// The name under which a retired database waits for its end. Only a database of such a name is ever dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TombstoneName(String);

/// What a tombstone name begins with.
const TOMBSTONE: &str = "gone_";

impl TombstoneName {
    /// The tombstone name of a tenant's database.
    #[must_use]
    pub fn of(id: TenantId) -> Self {
        Self(format!("{TOMBSTONE}{}", database(id)))
    }

    /// Reads a name found on a server; `None` when it is not the tombstone name of a tenant's database.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let id = tenant_of(name.strip_prefix(TOMBSTONE)?)?;
        let tombstone = Self::of(id);
        (tombstone.0 == name).then_some(tombstone)
    }

    /// Whose database it is.
    #[must_use]
    pub fn tenant(&self) -> Option<TenantId> {
        tenant_of(self.0.strip_prefix(TOMBSTONE)?)
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The tenant whose database, role, network or container has this name; `None` when it is none of ours.
#[must_use]
pub fn tenant_of(name: &str) -> Option<TenantId> {
    let rest = name.strip_prefix("t_")?;
    let (hex, ending) = rest.split_at_checked(32)?;
    let known = matches!(ending, "" | "_app" | "_owner") && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if known { uuid::Uuid::try_parse(hex).ok().map(TenantId::from_uuid) } else { None }
}

/// The role that owns database and tables; nobody can log in with it.
#[must_use]
pub fn owner_role(id: TenantId) -> String {
    format!("{}_owner", base(id))
}

/// The role the tenant's app logs in with.
#[must_use]
pub fn login_role(id: TenantId) -> String {
    format!("{}_app", base(id))
}

/// The tenant's Docker network.
#[must_use]
pub fn network(id: TenantId) -> String {
    base(id)
}

/// The container of a dedicated tenant.
#[must_use]
pub fn container(id: TenantId) -> String {
    format!("{}_app", base(id))
}

/// The Docker network of a managed pool.
#[must_use]
pub fn pool_network(id: PoolId) -> String {
    format!("p_{}", id.as_uuid().simple())
}

/// The container at one place of a managed pool.
#[must_use]
pub fn pool_container(id: PoolId, place: u8) -> String {
    format!("{}_{place}", pool_network(id))
}

/// Service of a pool in Traefik's tree.
#[must_use]
pub fn pool_service(name: &str) -> String {
    format!("pool-{name}")
}

/// Router, and where it has its own also service and middleware, in Traefik's tree.
#[must_use]
pub fn router(key: &TenantKey) -> String {
    format!("tenant-{key}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_back_to_its_tenant_and_only_tombstones_are_tombstones() {
        let id = TenantId::from_uuid(uuid::Uuid::from_u128(0xabc));
        for name in [database, owner_role, login_role, network, container] {
            assert_eq!(tenant_of(&name(id)), Some(id));
            assert_eq!(TombstoneName::parse(&name(id)), None, "a live name is no tombstone");
        }
        assert_eq!(TombstoneName::parse(TombstoneName::of(id).as_str()), Some(TombstoneName::of(id)));
        for other in
            ["postgres", "t_12", "gone_postgres", "gone_t_12", "gone_gone_t_1", "t_ABCDEF00000000000000000000000000"]
        {
            assert_eq!(tenant_of(other), None, "{other}");
            assert_eq!(TombstoneName::parse(other), None, "{other}");
        }
        assert_eq!(TombstoneName::parse(&format!("gone_{}", owner_role(id))), None);
    }

    #[test]
    fn names_are_fixed_in_length_and_fit() {
        let id = TenantId::from_uuid(uuid::Uuid::from_u128(u128::MAX));
        let low = TenantId::from_uuid(uuid::Uuid::from_u128(0));
        for name in [database, owner_role, login_role, network, container] {
            assert_eq!(name(id).len(), name(low).len());
            assert!(name(id).len() <= MAX_IDENTIFIER);
            assert!(name(id).bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_')));
        }
    }
}
