//! The database servers that this process holds an administrator's credential for.
//!
//! Settings name servers, rows have ids. What a name's id is can be learnt at any time, as a server may be made known while
//! a worker runs; neither ever changes for a server that tenants are on.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::SecretString;

use crate::config::TenantServerSettings;
use crate::domain::failure::Failure;
use crate::domain::ids::{InstallationId, ServerId};
use crate::domain::server::ServerName;
use crate::infra::tenant_server::{TenantServer, installation_mark};
use crate::provision::breaker::Breaker;
use crate::provision::run::store_failure;
use crate::store::Store;

/// A server whose administrator this process can be.
#[derive(Debug)]
pub struct HeldServer {
    /// Its name.
    pub name: ServerName,
    /// The administrator's view of it.
    pub server: TenantServer,
    /// Whether it answers.
    pub breaker: Breaker,
}

/// A server that has a row.
#[derive(Clone, Debug)]
pub struct KnownServer {
    /// Its id.
    pub id: ServerId,
    /// Its name.
    pub name: ServerName,
    /// The way to it; `None` without a credential.
    pub held: Option<Arc<HeldServer>>,
}

/// All servers whose credential is held.
#[derive(Debug)]
pub struct TenantServers {
    held: BTreeMap<ServerName, Arc<HeldServer>>,
    names: Mutex<HashMap<ServerId, ServerName>>,
    connection_limit: i32,
    installation: InstallationId,
}

impl TenantServers {
    /// The servers of the settings; connects nowhere yet.
    ///
    /// # Errors
    /// `database_url`, permanent, when a URL is not one of PostgreSQL.
    pub fn new(settings: &TenantServerSettings, installation: InstallationId) -> Result<Self, Failure> {
        let hold = |name: ServerName, admin_url: &SecretString| {
            let server = TenantServer::new(admin_url, installation)?;
            let breaker = Breaker::of_server(&name);
            Ok::<_, Failure>((name.clone(), Arc::new(HeldServer { name, server, breaker })))
        };
        let own = hold(ServerName::of_settings(), &settings.admin_url);
        let further = settings.further.iter().map(|one| hold(one.name.clone(), &one.admin_url));
        Ok(Self {
            held: std::iter::once(own).chain(further).collect::<Result<_, _>>()?,
            names: Mutex::default(),
            connection_limit: i32::try_from(settings.connection_limit).unwrap_or(i32::MAX),
            installation,
        })
    }

    /// Connections a tenant's login role may hold where its plan does not say.
    #[must_use]
    pub const fn connection_limit(&self) -> i32 {
        self.connection_limit
    }

    /// The control plane that the servers are held for.
    #[must_use]
    pub const fn installation(&self) -> InstallationId {
        self.installation
    }

    /// What every comment of this control plane begins with, followed by a blank and a tenant's id.
    #[must_use]
    pub fn installation_mark(&self) -> String {
        installation_mark(self.installation)
    }

    /// The names of all.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.held.keys().map(ToString::to_string).collect()
    }

    /// The names of those that were found unreachable and have not answered since.
    #[must_use]
    pub fn resting(&self) -> Vec<String> {
        let resting = self.held.values().filter(|one| one.breaker.is_resting());
        resting.map(|one| one.name.to_string()).collect()
    }

    /// A server by its name; `None` without a credential.
    #[must_use]
    pub fn named(&self, name: &ServerName) -> Option<&Arc<HeldServer>> {
        self.held.get(name)
    }

    /// Every server that has a row, with the way to it.
    ///
    /// # Errors
    /// Trouble of the control database.
    pub async fn known(&self, store: &Store) -> Result<Vec<KnownServer>, Failure> {
        let rows = store.server_names().await.map_err(store_failure)?;
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.extend(rows.iter().cloned());
        drop(names);
        let known = rows.into_iter().map(|(id, name)| KnownServer { held: self.named(&name).cloned(), id, name });
        Ok(known.collect())
    }

    fn name_of(&self, id: ServerId) -> Option<ServerName> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// The server that a row names.
    ///
    /// # Errors
    /// `database_server_unknown`, unavailable, without a credential for it: another worker may hold one. Trouble of the
    /// control database.
    pub async fn of(&self, store: &Store, id: ServerId) -> Result<Arc<HeldServer>, Failure> {
        let mut name = self.name_of(id);
        if name.is_none() {
            self.known(store).await?;
            name = self.name_of(id);
        }
        let held = name.as_ref().and_then(|name| self.named(name)).cloned();
        held.ok_or_else(|| not_held(name.as_ref().map_or("with an id that is unknown", ServerName::as_str)))
    }
}

/// The failure where a credential is missing.
#[must_use]
pub fn not_held(name: &str) -> Failure {
    let text = format!(
        "this worker holds no credential of the database server {name}: add it to tenant_database_urls (GATEWAY_TENANT_DATABASE_URLS)"
    );
    Failure::unavailable("database_server_unknown", text)
}
