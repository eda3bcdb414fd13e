//! What rows mean outside, as far as settings decide it. Shared by all who compare rows with the world.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::domain::host::{Host, HostSuffix};
use crate::domain::ids::TenantId;
use crate::domain::plan::{PlanNetwork, RoleLimits};
use crate::domain::seal::{KeyRing, Sealed};
use crate::infra::catalog::VerifierDigest;
use crate::inventory::routing::Routing;
use crate::inventory::rows::Rows;
use crate::provision::run::{SecretPlace, World};
use crate::store::fleet::TenantRow;

/// The settings that rows are read with.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What the keys of fences begin with in Redis.
    pub fence_prefix: String,
    /// What rows mean for Traefik.
    pub routing: Routing,
    /// Whether tenants get networks, where their plans say so.
    pub has_networks: bool,
    /// What the comments on our roles begin with.
    pub installation_mark: String,
    /// Connections a login role may hold where its plan does not say.
    pub connection_limit: i32,
    /// Tenants get `<key>.<suffix>`.
    pub host_suffix: HostSuffix,
    /// The version every tenant's database is to be at; `None` when the files cannot be read.
    pub migration_version: Option<i64>,
}

impl Wanted {
    /// The settings of a world.
    #[must_use]
    pub fn of(world: &World, migration_version: Option<i64>) -> Self {
        Self {
            fence_prefix: world.routes.fence_prefix().to_owned(),
            routing: Routing {
                entrypoint: world.entrypoint.clone(),
                tenant_ports: world.tenant_ports.clone(),
                app_port: world.docker.app_port,
                host_suffix: world.host_suffix.clone(),
                mode: world.routing_mode,
            },
            has_networks: world.has_networks(),
            installation_mark: world.servers.installation_mark(),
            connection_limit: world.servers.connection_limit(),
            host_suffix: world.host_suffix.clone(),
            migration_version,
        }
    }

    /// Whether a tenant is to have a network of its own.
    #[must_use]
    pub fn has_network(&self, row: &TenantRow) -> bool {
        self.has_networks && row.network == PlanNetwork::PerTenant
    }

    /// What a tenant's plan allows its app's login.
    #[must_use]
    pub fn role_limits(&self, row: &TenantRow) -> RoleLimits {
        row.limits.of_role(self.connection_limit)
    }

    /// The comment on a tenant's roles.
    #[must_use]
    pub fn mark(&self, tenant: TenantId) -> String {
        format!("{} {tenant}", self.installation_mark)
    }

    /// The host a row has or would get.
    #[must_use]
    pub fn host(&self, row: &TenantRow) -> Host {
        row.host.clone().unwrap_or_else(|| Host::of_tenant(&row.key, &self.host_suffix))
    }
}

/// The secrets of all live tenants, opened. In memory only; `Debug` shows none.
#[derive(Debug, Default)]
pub struct Secrets {
    /// Passwords of login roles.
    pub passwords: BTreeMap<TenantId, SecretString>,
    /// Digests of their verifiers.
    pub verifiers: BTreeMap<TenantId, VerifierDigest>,
    /// Tenants of whom something does not open, and why.
    pub refused: BTreeMap<TenantId, String>,
}

impl Secrets {
    /// Opens what is stored.
    #[must_use]
    pub fn open(rows: &Rows, key_ring: &KeyRing) -> Self {
        let mut secrets = Self::default();
        for row in rows.tenants.values() {
            let mut open = |place: SecretPlace, sealed: &Sealed| match key_ring.open(&place.of(row.id), sealed) {
                Ok(secret) => Some(secret),
                Err(error) => {
                    secrets.refused.insert(row.id, error.to_string());
                    None
                }
            };
            let password = row.password.as_ref().and_then(|sealed| open(SecretPlace::Password, sealed));
            let verifier = row.verifier.as_ref().and_then(|sealed| open(SecretPlace::Verifier, sealed));
            secrets.passwords.extend(password.map(|secret| (row.id, secret)));
            secrets.verifiers.extend(verifier.map(|secret| (row.id, VerifierDigest::of(&secret))));
        }
        secrets
    }

    /// Digests of all passwords, to compare them.
    pub fn password_digests(&self) -> impl Iterator<Item = ([u8; 32], TenantId)> {
        self.passwords.iter().map(|(id, secret)| (Sha256::digest(secret.expose_secret().as_bytes()).into(), *id))
    }
}
