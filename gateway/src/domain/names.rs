//! Names of everything a tenant owns outside, made from its id alone.
//!
//! PostgreSQL cuts identifiers at 63 bytes and shows all database and role names to every tenant, so names have a
//! fixed length and hold nothing a customer could recognise or choose.

use crate::domain::ids::TenantId;
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

/// Router, and where it has its own also service and middleware, in Traefik's tree.
#[must_use]
pub fn router(key: &TenantKey) -> String {
    format!("tenant-{key}")
}

#[cfg(test)]
mod tests {
    use super::*;

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
