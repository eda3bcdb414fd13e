//! The databases and roles of one of the tenants' servers, by tenant.

use std::collections::BTreeMap;

use crate::domain::ids::TenantId;
use crate::domain::names::{self, TombstoneName};
use crate::infra::catalog::{FoundDatabase, FoundRole};

/// What stands on the server in one tenant's name, whoever made it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CatalogEntry {
    /// `t_<hex>`.
    pub database: Option<FoundDatabase>,
    /// `gone_t_<hex>`: retired, waiting to be purged.
    pub retired: Option<FoundDatabase>,
    /// `t_<hex>_owner`.
    pub owner: Option<FoundRole>,
    /// `t_<hex>_app`.
    pub login: Option<FoundRole>,
}

impl CatalogEntry {
    /// Whether a role carries a comment other than `mark`, or none: then nothing here may be touched.
    #[must_use]
    pub fn is_foreign(&self, mark: &str) -> bool {
        [&self.owner, &self.login].into_iter().flatten().any(|role| role.mark.as_deref() != Some(mark))
    }
}

/// Every database and role that is named like a tenant's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalog {
    /// By the tenant whose name it is.
    pub entries: BTreeMap<TenantId, CatalogEntry>,
}

impl Catalog {
    /// Sorts what was found by the tenant it is named after. Names of another form are left out.
    #[must_use]
    pub fn new(databases: Vec<FoundDatabase>, roles: Vec<FoundRole>) -> Self {
        let mut entries: BTreeMap<TenantId, CatalogEntry> = BTreeMap::new();
        for database in databases {
            let Some((tenant, is_retired)) = database_owner(&database.name) else { continue };
            let entry = entries.entry(tenant).or_default();
            *(if is_retired { &mut entry.retired } else { &mut entry.database }) = Some(database);
        }
        for role in roles {
            let Some(tenant) = names::tenant_of(&role.name) else { continue };
            let entry = entries.entry(tenant).or_default();
            if role.name == names::owner_role(tenant) {
                entry.owner = Some(role);
            } else if role.name == names::login_role(tenant) {
                entry.login = Some(role);
            }
        }
        Self { entries }
    }

    /// What stands in a tenant's name; `None` for nothing at all.
    #[must_use]
    pub fn of(&self, tenant: TenantId) -> Option<&CatalogEntry> {
        self.entries.get(&tenant)
    }
}

/// The tenant a database is named after, and whether the name is that of a retired one.
#[must_use]
pub fn database_owner(name: &str) -> Option<(TenantId, bool)> {
    if let Some(tenant) = TombstoneName::parse(name).and_then(|tombstone| tombstone.tenant()) {
        return Some((tenant, true));
    }
    let tenant = names::tenant_of(name)?;
    (names::database(tenant) == name).then_some((tenant, false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::infra::catalog::StoredPassword;

    #[test]
    fn names_tell_whose_and_whether_retired() {
        let id = TenantId::from_uuid(uuid::Uuid::from_u128(0xabc));
        let live = names::database(id);
        assert_eq!(database_owner(&live), Some((id, false)));
        assert_eq!(database_owner(&format!("gone_{live}")), Some((id, true)));
        for other in ["postgres", "t_1", "t_0000000000000000000000000000000G", &live.to_uppercase(), "gone_postgres"] {
            assert_eq!(database_owner(other), None, "{other}");
        }
    }

    #[test]
    fn everything_of_one_tenant_stands_together() {
        let id = TenantId::from_uuid(uuid::Uuid::from_u128(7));
        let base = names::database(id);
        let database = |name: String| FoundDatabase {
            name,
            owner: format!("{base}_owner"),
            open: true,
            invalid: false,
            public_may: false,
            connect: Vec::new(),
            connection_limit: -1,
        };
        let role = |name: String| FoundRole {
            name,
            can_login: false,
            elevated: false,
            expires: false,
            connection_limit: -1,
            settings: Vec::new(),
            files_limited: None,
            password: StoredPassword::Unknown,
            mark: Some("gateway a b".into()),
        };
        let databases = vec![database(base.clone()), database(format!("gone_{base}"))];
        let roles = vec![role(format!("{base}_owner")), role(format!("{base}_app"))];
        let catalog = Catalog::new(databases, roles);
        assert_eq!(catalog.entries.len(), 1);
        let entry = catalog.of(id).unwrap();
        assert!(entry.database.is_some() && entry.retired.is_some() && entry.owner.is_some() && entry.login.is_some());
        assert!(!entry.is_foreign("gateway a b"));
        assert!(entry.is_foreign("gateway a c"));
    }
}
