//! What callers may do, in words.

use crate::api::types::Role;

/// Something a caller may be allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// See tenants.
    TenantsRead,
    /// Create and change tenants.
    TenantsWrite,
    /// Read what tenants' apps log, which may hold data of their customers.
    TenantsLogs,
    /// See operations and their steps.
    OperationsRead,
    /// Learn how an app reaches its tenant's database.
    CredentialsReveal,
    /// See jobs on the whole fleet, and orphans.
    FleetRead,
    /// Ask for jobs on the whole fleet.
    FleetWrite,
    /// See API keys.
    KeysRead,
    /// Make, exchange and revoke API keys that may do no more than the caller.
    KeysWrite,
    /// See the audit log.
    AuditRead,
    /// See people and their sessions.
    UsersRead,
    /// Invite, change and remove people who may do no more than the caller, and end their sessions.
    UsersWrite,
    /// See signups.
    SignupsRead,
    /// Decide about signups.
    SignupsWrite,
}

/// The scope that stands for all others.
pub const EVERYTHING: &str = "*";

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 14] = [
        Self::TenantsRead,
        Self::TenantsWrite,
        Self::TenantsLogs,
        Self::OperationsRead,
        Self::CredentialsReveal,
        Self::FleetRead,
        Self::FleetWrite,
        Self::KeysRead,
        Self::KeysWrite,
        Self::AuditRead,
        Self::UsersRead,
        Self::UsersWrite,
        Self::SignupsRead,
        Self::SignupsWrite,
    ];

    /// Whether it is about single tenants, so that a caller who sees only some of them can use it.
    #[must_use]
    pub const fn is_about_tenants(self) -> bool {
        match self {
            Self::TenantsRead
            | Self::TenantsWrite
            | Self::TenantsLogs
            | Self::OperationsRead
            | Self::CredentialsReveal => true,
            Self::FleetRead
            | Self::FleetWrite
            | Self::KeysRead
            | Self::KeysWrite
            | Self::AuditRead
            | Self::UsersRead
            | Self::UsersWrite
            | Self::SignupsRead
            | Self::SignupsWrite => false,
        }
    }

    /// The word in keys, answers and the document.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TenantsRead => "tenants:read",
            Self::TenantsWrite => "tenants:write",
            Self::TenantsLogs => "tenants:logs",
            Self::OperationsRead => "operations:read",
            Self::CredentialsReveal => "credentials:reveal",
            Self::FleetRead => "fleet:read",
            Self::FleetWrite => "fleet:write",
            Self::KeysRead => "keys:read",
            Self::KeysWrite => "keys:write",
            Self::AuditRead => "audit:read",
            Self::UsersRead => "users:read",
            Self::UsersWrite => "users:write",
            Self::SignupsRead => "signups:read",
            Self::SignupsWrite => "signups:write",
        }
    }
}

impl Role {
    /// What people with this role may do.
    #[must_use]
    pub const fn scopes(self) -> &'static [Scope] {
        match self {
            Self::Owner => &Scope::ALL,
            Self::Operator => &[
                Scope::TenantsRead,
                Scope::TenantsWrite,
                Scope::TenantsLogs,
                Scope::OperationsRead,
                Scope::FleetRead,
                Scope::FleetWrite,
                Scope::AuditRead,
                Scope::SignupsRead,
                Scope::SignupsWrite,
            ],
            Self::Viewer | Self::Support => {
                &[Scope::TenantsRead, Scope::OperationsRead, Scope::FleetRead, Scope::SignupsRead]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_owners_reveal_credentials_and_only_owners_and_operators_write() {
        for (role, write, reveal) in [
            (Role::Owner, true, true),
            (Role::Operator, true, false),
            (Role::Viewer, false, false),
            (Role::Support, false, false),
        ] {
            let scopes = role.scopes();
            assert!(scopes.contains(&Scope::TenantsRead) && scopes.contains(&Scope::OperationsRead));
            assert!(scopes.contains(&Scope::FleetRead));
            assert_eq!(scopes.contains(&Scope::TenantsWrite), write, "{role:?}");
            assert_eq!(scopes.contains(&Scope::FleetWrite), write, "{role:?}");
            assert_eq!(scopes.contains(&Scope::TenantsLogs), write, "{role:?}");
            assert_eq!(scopes.contains(&Scope::CredentialsReveal), reveal, "{role:?}");
            assert_eq!(scopes.contains(&Scope::UsersWrite), role == Role::Owner, "{role:?}");
            assert_eq!(scopes.contains(&Scope::UsersRead), role == Role::Owner, "{role:?}");
        }
    }
}
