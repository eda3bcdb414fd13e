//! What a step works with: the claimed tenant, the world outside, and connections kept for the length of the run.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use secrecy::SecretString;
use sqlx::postgres::PgConnection;
use tokio::sync::Notify;
use url::Url;

use crate::config::{DockerSettings, NetworkIsolation, NetworkMode, Settings, StockSettings};
use crate::domain::failure::Failure;
use crate::domain::host::{Host, HostSuffix};
use crate::domain::ids::{InstallationId, TenantId};
use crate::domain::lease::Lease;
use crate::domain::plan::{PlanNetwork, RoleLimits};
use crate::domain::ports::TenantPorts;
use crate::domain::route::RoutingMode;
use crate::domain::seal::{KeyRing, Sealed};
use crate::domain::stock::{Copies, TemplateName};
use crate::domain::tenant::{Allocation, Tenant};
use crate::infra::admin::AdminSession;
use crate::infra::credentials::Credentials;
use crate::infra::engine::Engine;
use crate::infra::probe::Probe;
use crate::infra::routes::RouteTree;
use crate::infra::schema::TenantMigrations;
use crate::provision::breaker::Breakers;
use crate::provision::credentials::CredentialStock;
use crate::provision::outcome::StepError;
use crate::provision::servers::{HeldServer, TenantServers};
use crate::store::claims::Claim;
use crate::store::steps::Learned;
use crate::store::{Store, StoreError};

/// Longest wait for a server to take note of a good-bye.
const GOODBYE: Duration = Duration::from_secs(1);

/// Everything outside the row that steps touch. One per worker.
#[derive(Debug)]
pub struct World {
    /// The control database.
    pub store: Store,
    /// Seals and opens secrets.
    pub key_ring: KeyRing,
    /// The servers tenants are placed on, as far as their credentials are held.
    pub servers: TenantServers,
    /// Docker Engine; `None` on hosts without.
    pub engine: Option<Engine>,
    /// Networks, image and limits.
    pub docker: DockerSettings,
    /// Traefik's tree.
    pub routes: RouteTree,
    /// Probing requests.
    pub probe: Probe,
    /// Traefik's entry point, for the proof.
    pub entry_url: Option<Url>,
    /// Traefik's Prometheus endpoint.
    pub metrics_url: Option<Url>,
    /// Which tenants get a router of their own.
    pub routing_mode: RoutingMode,
    /// Entry point's name in Traefik.
    pub entrypoint: String,
    /// The tenant ports as Traefik reaches them.
    pub tenant_ports: TenantPorts,
    /// Tenants get `<key>.<suffix>`.
    pub host_suffix: HostSuffix,
    /// Host of the console, which no tenant may take.
    pub admin_hostname: Option<Host>,
    /// Path of health checks and proofs.
    pub health_path: String,
    /// Directory of tenant migrations.
    pub migrations_dir: PathBuf,
    /// What is made of tenants' databases beforehand.
    pub stock: StockSettings,
    /// Passwords of tenants' logins, made beforehand.
    pub credentials: CredentialStock,
    /// Told when something of the stock was taken or missed.
    pub restock: Notify,
    /// What is known of the parts steps depend on.
    pub breakers: Breakers,
}

impl World {
    /// Connects what must be there for a worker to start, and makes pool and server of the settings known.
    ///
    /// # Errors
    /// A failure that names what is missing or cannot be reached.
    pub async fn connect(settings: &Settings, store: Store) -> Result<Self, Failure> {
        let routes = RouteTree::connect(redis_url(settings)?, &settings.edge.root_key).await?;
        store.put_default_server(&settings.tenant_server.address).await.map_err(store_failure)?;
        if let Some(backend) = &settings.tenants.app_backend_url {
            store.put_default_pool(backend).await.map_err(store_failure)?;
        }
        let world = Self::assemble(settings, store, routes).await?;
        world.tell_of_servers().await?;
        world.credentials.refill();
        Ok(world)
    }

    /// The same world for one who only looks: writes nothing, and starts while a part of it is down.
    ///
    /// # Errors
    /// A failure that names what is missing; `control_database_unavailable` when that one part is down.
    pub async fn connect_read_only(settings: &Settings, store: Store) -> Result<Self, Failure> {
        let routes = RouteTree::connect_later(redis_url(settings)?, &settings.edge.root_key)?;
        Self::assemble(settings, store, routes).await
    }

    async fn assemble(settings: &Settings, store: Store, routes: RouteTree) -> Result<Self, Failure> {
        let installation: InstallationId = store.installation().await.map_err(store_failure)?;
        Ok(Self {
            key_ring: settings.key_ring.clone(),
            servers: TenantServers::new(&settings.tenant_server, installation)?,
            engine: settings.docker.host.as_deref().map(|address| {
                let engine = Engine::new(address, installation);
                match settings.docker.network_isolation {
                    NetworkIsolation::Engine => engine,
                    NetworkIsolation::Nftables => engine.behind_walls(),
                }
            }),
            docker: settings.docker.clone(),
            routes,
            probe: Probe::new()?,
            entry_url: settings.edge.entry_url.clone(),
            metrics_url: settings.edge.metrics_url.clone(),
            routing_mode: settings.edge.routing_mode,
            entrypoint: settings.edge.entrypoint.clone(),
            tenant_ports: settings.edge.tenant_ports.clone(),
            host_suffix: settings.tenants.host_suffix.clone(),
            admin_hostname: settings.http.admin_hostname.clone(),
            health_path: settings.tenants.health_path.clone(),
            migrations_dir: settings.tenants.migrations_dir.clone(),
            stock: settings.tenant_server.stock,
            credentials: CredentialStock::default(),
            restock: Notify::new(),
            breakers: Breakers::default(),
            store,
        })
    }

    /// Whether tenants get networks here, where their plans say so.
    #[must_use]
    pub fn has_networks(&self) -> bool {
        self.engine.is_some() && self.docker.network_mode == NetworkMode::PerTenant
    }

    /// Says where credentials and rows do not fit: a name that is spelt otherwise in one place would go unseen else.
    async fn tell_of_servers(&self) -> Result<(), Failure> {
        let known = self.servers.known(&self.store).await?;
        for server in known.iter().filter(|server| server.held.is_none()) {
            tracing::info!(server = %server.name, "this worker holds no credential of a database server");
        }
        for name in self.servers.names().iter().filter(|name| !known.iter().any(|one| one.name.as_str() == **name)) {
            tracing::warn!(
                server = name,
                "a credential is set for a database server that is not known; make it by gatewayctl server create"
            );
        }
        Ok(())
    }
}

fn redis_url(settings: &Settings) -> Result<&SecretString, Failure> {
    let missing = || Failure::permanent("redis_url", "redis_url (GATEWAY_REDIS_URL) is required by the worker");
    settings.edge.redis_url.as_ref().ok_or_else(missing)
}

/// What trouble with the control database means for a step.
#[must_use]
pub fn store_failure(error: StoreError) -> Failure {
    let failure = match &error {
        StoreError::Unavailable(_) => {
            Failure::unavailable("control_database_unavailable", "the control database does not answer")
        }
        StoreError::HostTaken => Failure::permanent("host_taken", "another tenant has this host"),
        StoreError::NoSuchPool => Failure::permanent(
            "no_shared_pool",
            "there is no shared pool to serve the tenant: set app_backend_url (GATEWAY_APP_BACKEND_URL)",
        ),
        StoreError::NoServerLeft => Failure::no_room(
            "no_database_server",
            "no database server is active and has room: start one, raise what it may take, or make another known",
        ),
        StoreError::NoServerHeld => Failure::unavailable(
            "database_server_unknown",
            "no database server that this worker holds a credential of takes tenants; another worker may hold more",
        ),
        StoreError::NoPoolLeft => Failure::no_room(
            "no_pool_left",
            "no shared pool is active and has room: start one, raise a capacity, or make another",
        ),
        StoreError::PoolInUse => {
            Failure::retryable("pool_in_use", "tenants were put into the pool that is to be deleted: move them")
        }
        StoreError::NoSubnetLeft => Failure::no_room(
            "subnets_used_up",
            "the block of tenant subnets is used up: set a larger docker_network_block (GATEWAY_DOCKER_NETWORK_BLOCK)",
        ),
        other => Failure::permanent("control_database", other.to_string()),
    };
    failure.because(error)
}

/// One walk over the steps for one claimed tenant.
#[derive(Debug)]
pub struct Run {
    /// The world outside.
    pub world: Arc<World>,
    /// The right to work on the row.
    pub claim: Claim,
    /// The right to change something outside.
    pub lease: Arc<Lease>,
    /// The row as claimed; steps that write it update this copy.
    pub tenant: Tenant,
    /// The revision under which the wildcard router leads to the tenant, as the step `route` of this run left its row; every
    /// plan walks that step before the proof.
    pub route_revision: Option<String>,
    /// When Traefik was told of what the step `route` of this run changed in its tree, until it shows that.
    pub told_traefik: Option<Instant>,
    /// What the step at hand found out; goes into the row with its record.
    pub learned: Learned,
    /// The template of which this run took a spare: nobody has been in the tenant's database since it was made of that.
    pub whole_copy_of: Option<TemplateName>,
    migrations: Option<Arc<TenantMigrations>>,
    server: Option<Arc<HeldServer>>,
    admin: Option<AdminSession>,
    owner: Option<PgConnection>,
}

impl Run {
    /// A walk that has not begun.
    #[must_use]
    pub const fn new(world: Arc<World>, claim: Claim, lease: Arc<Lease>, tenant: Tenant) -> Self {
        Self {
            world,
            claim,
            lease,
            tenant,
            route_revision: None,
            told_traefik: None,
            learned: Learned { credentials: None, migration_version: None },
            whole_copy_of: None,
            migrations: None,
            server: None,
            admin: None,
            owner: None,
        }
    }

    /// The tenant's id.
    #[must_use]
    pub const fn id(&self) -> TenantId {
        self.tenant.id
    }

    /// Whether the tenant is to be served at the end of this walk.
    #[must_use]
    pub const fn serves(&self) -> bool {
        self.tenant.status.serves()
    }

    /// Whether the tenant is to have a network of its own: its plan says so, and tenants get networks here.
    #[must_use]
    pub fn has_network(&self) -> bool {
        self.tenant.network == PlanNetwork::PerTenant && self.world.has_networks()
    }

    /// What the plan allows the app's login.
    #[must_use]
    pub fn role_limits(&self) -> RoleLimits {
        self.tenant.limits.of_role(self.world.servers.connection_limit())
    }

    /// The migrations that tenants' databases get. Read once in a run, so that its steps mean the same ones.
    ///
    /// # Errors
    /// `migrations_unreadable`, permanent.
    pub async fn migrations(&mut self) -> Result<Arc<TenantMigrations>, Failure> {
        if let Some(migrations) = &self.migrations {
            return Ok(migrations.clone());
        }
        let migrations = Arc::new(TenantMigrations::read(&self.world.migrations_dir).await?);
        Ok(self.migrations.insert(migrations).clone())
    }

    /// The template of which the tenant's new database may be a copy; `None` where it is not to be one, or where the tenant
    /// has had data, which no copy brings back.
    pub async fn template(&mut self) -> Option<TemplateName> {
        if self.world.stock.copies == Copies::Never || self.tenant.migration_version.is_some() {
            return None;
        }
        // What is wrong with the migrations is said by the step that applies them.
        let migrations = self.migrations().await.ok()?;
        Some(migrations.template(self.world.servers.installation()))
    }

    /// Whether the tenant's database holds these migrations without a look into it, as what this run took it from did.
    #[must_use]
    pub fn is_whole_copy(&self, wanted: &TenantMigrations) -> bool {
        self.whole_copy_of.as_ref() == Some(&wanted.template(self.world.servers.installation()))
    }

    /// What the allocate step fixed.
    ///
    /// # Errors
    /// `not_allocated`, permanent.
    pub fn allocation(&self) -> Result<&Allocation, Failure> {
        self.tenant
            .allocation
            .as_ref()
            .ok_or_else(|| Failure::permanent("not_allocated", "the tenant has no names and secrets yet"))
    }

    /// The database server that the allocate step put the tenant on.
    ///
    /// # Errors
    /// `not_allocated`, permanent; `database_server_unknown` where this worker holds no credential of it; trouble of the
    /// control database.
    pub async fn server(&mut self) -> Result<Arc<HeldServer>, Failure> {
        if let Some(server) = &self.server {
            return Ok(server.clone());
        }
        let id = self.allocation()?.server_id;
        let server = self.world.servers.of(&self.world.store, id).await?;
        Ok(self.server.insert(server).clone())
    }

    /// Opens the password of the tenant's login role.
    ///
    /// # Errors
    /// `secret_refused`, permanent.
    pub fn password(&self) -> Result<SecretString, Failure> {
        self.open(SecretPlace::Password)
    }

    /// Opens the SCRAM verifier of that password.
    ///
    /// # Errors
    /// `secret_refused`, permanent.
    pub fn verifier(&self) -> Result<SecretString, Failure> {
        self.open(SecretPlace::Verifier)
    }

    /// Seals a password and its verifier for the tenant's row.
    ///
    /// # Errors
    /// `secret_refused`, permanent.
    pub fn seal(&self, credentials: &Credentials) -> Result<(Sealed, Sealed), Failure> {
        let seal = |place: SecretPlace, secret: &SecretString| {
            let sealed = self.world.key_ring.seal(&place.of(self.id()), secret);
            sealed.map_err(|e| Failure::permanent("secret_refused", e.to_string()).because(e))
        };
        Ok((seal(SecretPlace::Password, &credentials.password)?, seal(SecretPlace::Verifier, &credentials.verifier)?))
    }

    /// Takes note that the tenant's login has these credentials in place of those that were fixed for it.
    ///
    /// # Errors
    /// As [`Run::seal`].
    pub fn learn_credentials(&mut self, credentials: &Credentials) -> Result<(), Failure> {
        let (password, verifier) = self.seal(credentials)?;
        if let Some(allocation) = &mut self.tenant.allocation {
            (allocation.password, allocation.verifier) = (password.clone(), verifier.clone());
        }
        self.learned.credentials = Some((password, verifier));
        Ok(())
    }

    /// Takes note of the version that the tenant's database is at.
    pub const fn learn_version(&mut self, version: i64) {
        self.tenant.migration_version = Some(version);
        self.learned.migration_version = Some(version);
    }

    fn open(&self, place: SecretPlace) -> Result<SecretString, Failure> {
        let allocation = self.allocation()?;
        let sealed = match place {
            SecretPlace::Password => &allocation.password,
            SecretPlace::Verifier => &allocation.verifier,
        };
        let opened = self.world.key_ring.open(&place.of(self.id()), sealed);
        opened.map_err(|e| Failure::permanent("secret_refused", e.to_string()).because(e))
    }

    /// The administrator's session, with the tenant's lock, kept for the rest of the run. From the moment it is there, a
    /// newer claim ends it before it does anything itself.
    ///
    /// # Errors
    /// A classified failure, or a lost lease.
    pub async fn admin(&mut self) -> Result<&mut AdminSession, StepError> {
        let session = match self.admin.take() {
            Some(session) => session,
            None => {
                let held = self.server().await?;
                let session = held.server.admin(&self.lease).await?;
                self.world.store.confirm(&self.claim).await?;
                session
            }
        };
        Ok(self.admin.insert(session))
    }

    /// A session in the tenant's database as its owner, kept for the rest of the run.
    ///
    /// # Errors
    /// A classified failure.
    pub async fn owner(&mut self) -> Result<&mut PgConnection, Failure> {
        let connection = match self.owner.take() {
            Some(connection) => connection,
            None => {
                let held = self.server().await?;
                held.server.as_owner(&self.lease).await?
            }
        };
        Ok(self.owner.insert(connection))
    }

    /// Takes over a session as [`Run::owner`] would have opened it.
    pub async fn keep_owner(&mut self, connection: PgConnection) {
        self.leave_database().await;
        self.owner = Some(connection);
    }

    /// Ends the session in the tenant's database, so that it can be dropped.
    pub async fn leave_database(&mut self) {
        if let Some(connection) = self.owner.take() {
            // A connection that was cut in mid-statement may not say good-bye; dropping it ends it too.
            let _ = tokio::time::timeout(GOODBYE, sqlx::Connection::close(connection)).await;
        }
    }

    /// Gives the sessions on the database server back, and the tenant's lock there, after steps that went well.
    pub async fn leave_server(&mut self) {
        self.leave_database().await;
        if let Some(session) = self.admin.take() {
            let _ = tokio::time::timeout(GOODBYE, session.give_back()).await;
        }
    }

    /// Ends all sessions of the run, whatever they were at.
    pub async fn close(mut self) {
        self.leave_database().await;
        if let Some(session) = self.admin.take() {
            let _ = tokio::time::timeout(GOODBYE, session.close()).await;
        }
    }
}

/// Where a sealed secret belongs; a secret sealed for one place does not open at another.
#[derive(Clone, Copy, Debug)]
pub enum SecretPlace {
    /// `gateway.tenant.password_sealed`.
    Password,
    /// `gateway.tenant.verifier_sealed`.
    Verifier,
}

impl SecretPlace {
    /// The place of one tenant's secret.
    #[must_use]
    pub fn of(self, tenant: TenantId) -> String {
        match self {
            Self::Password => format!("tenant/password/{tenant}"),
            Self::Verifier => format!("tenant/verifier/{tenant}"),
        }
    }
}
