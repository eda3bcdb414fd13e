//! The settings by section. A value of these types was checked; an unchecked one cannot be made.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::{IpNet, Ipv4Net};
use lettre::message::Mailbox;
use secrecy::SecretString;
use url::Url;

use crate::config::ConfigError;
use crate::config::servers::TenantServerSettings;
use crate::config::signup::SignupSettings;
use crate::domain::host::{Host, HostSuffix};
use crate::domain::ports::TenantPorts;
use crate::domain::route::RoutingMode;
use crate::domain::seal::KeyRing;
use crate::domain::series::Keeping;

/// What refuses to start and what is convenient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// Convenient.
    Development,
    /// Strict.
    Production,
}

/// All settings of a process.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Development or production.
    pub environment: Environment,
    /// URL of the control database.
    pub database_url: SecretString,
    /// Seals and opens secrets.
    pub key_ring: KeyRing,
    /// The two ports.
    pub http: HttpSettings,
    /// Tenant hosts and the app behind them.
    pub tenants: TenantSettings,
    /// What strangers may ask for.
    pub signup: SignupSettings,
    /// The worker's pace.
    pub worker: WorkerSettings,
    /// File in which the worker says that it works.
    pub pulse_file: Option<PathBuf>,
    /// Looking for drift.
    pub reconcile: ReconcileSettings,
    /// Streams.
    pub events: EventSettings,
    /// How long what has ended is kept.
    pub retention: RetentionSettings,
    /// Numbers over time.
    pub series: Keeping,
    /// The servers tenants are placed on.
    pub tenant_server: TenantServerSettings,
    /// Traefik and its Redis.
    pub edge: EdgeSettings,
    /// Docker Engine.
    pub docker: DockerSettings,
    /// The mail server; without one, links that would be sent are shown to who asked for them.
    pub mail: Option<MailSettings>,
    /// Logging.
    pub log: LogSettings,
    /// What may be right in production and seldom is; for the log.
    pub warnings: Vec<ConfigError>,
}

/// An API key given by setting.
#[derive(Clone, Debug)]
pub struct StaticKey {
    /// Shown in records.
    pub name: String,
    /// The whole key.
    pub secret: SecretString,
    /// What it may do; `*` is everything.
    pub scopes: Vec<String>,
}

/// The two ports and who may call them.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// Address of the tenant port.
    pub listen_address: IpAddr,
    /// The tenant port.
    pub port: u16,
    /// Address of the admin port.
    pub admin_listen_address: IpAddr,
    /// The admin port.
    pub admin_port: u16,
    /// How long both go on after the process was asked to end.
    pub stop_delay: Duration,
    /// Host of the admin port through Traefik.
    pub admin_hostname: Option<Host>,
    /// Where people reach the console; links in mail begin with it. Ends with a slash.
    pub console_url: Url,
    /// Keys beside those in the control database.
    pub api_keys: Vec<StaticKey>,
    /// Serve API documentation.
    pub enable_api_docs: bool,
    /// Exact origins allowed by CORS.
    pub cors_allowed_origins: Vec<String>,
    /// Pattern of whole origins allowed by CORS.
    pub cors_allow_origin_regex: Option<regex::Regex>,
    /// Peers whose identity and forwarding headers are believed.
    pub trusted_proxies: Vec<IpNet>,
}

/// Tenant hosts and the app behind them.
#[derive(Clone, Debug)]
pub struct TenantSettings {
    /// Tenants get `<key>.<suffix>`.
    pub host_suffix: HostSuffix,
    /// Backend of the default shared pool.
    pub app_backend_url: Option<Url>,
    /// Path asked for in health checks and proofs; begins with a slash.
    pub health_path: String,
    /// Directory of tenant migrations.
    pub migrations_dir: PathBuf,
}

/// The worker's pace.
#[derive(Clone, Copy, Debug)]
pub struct WorkerSettings {
    /// Time between looks for due rows.
    pub poll: Duration,
    /// Rows claimed at once.
    pub batch_size: u32,
    /// Claims before a tenant goes to error.
    pub max_attempts: u32,
    /// Tenants worked on at once.
    pub concurrency: u32,
    /// How long a claim lasts unrenewed.
    pub lease: Duration,
    /// First wait after a retryable failure.
    pub retry_base: Duration,
    /// Longest time for one step.
    pub step_timeout: Duration,
    /// How long the data of a deleted tenant is kept.
    pub delete_grace: Duration,
    /// Time between two looks at the members of shared pools; zero for none.
    pub member_look: Duration,
}

/// Looking for drift.
#[derive(Clone, Copy, Debug)]
pub struct ReconcileSettings {
    /// Time between two passes; zero for none by the clock.
    pub every: Duration,
    /// When something would be taken from more tenants than this at once, nothing is repaired.
    pub budget: u32,
    /// How long an orphan must have been seen before it may be collected.
    pub quarantine: Duration,
}

/// How long what has ended is kept.
#[derive(Clone, Copy, Debug)]
pub struct RetentionSettings {
    /// Events.
    pub events: Duration,
    /// Jobs and batches.
    pub jobs: Duration,
}

/// The streams that tell of events.
#[derive(Clone, Copy, Debug)]
pub struct EventSettings {
    /// Streams that a process serves at once.
    pub streams: usize,
    /// Of these to one caller.
    pub streams_per_caller: usize,
}

/// Traefik and the Redis it reads.
#[derive(Clone, Debug)]
pub struct EdgeSettings {
    /// Which tenants get a router of their own.
    pub routing_mode: RoutingMode,
    /// URL of Traefik's Redis; the worker needs it.
    pub redis_url: Option<SecretString>,
    /// URL of the Redis in which limits are counted, `redis_url` where no other is set; the server needs it.
    pub limits_redis_url: Option<SecretString>,
    /// Root of Traefik's tree.
    pub root_key: String,
    /// Entry point of tenant routers.
    pub entrypoint: String,
    /// That entry point as the worker reaches it.
    pub entry_url: Option<Url>,
    /// Traefik's API.
    pub api_url: Option<Url>,
    /// Traefik's Prometheus endpoint.
    pub metrics_url: Option<Url>,
    /// The tenant ports as Traefik reaches them.
    pub tenant_ports: TenantPorts,
}

/// Whether tenants get networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkMode {
    /// A Docker network each.
    PerTenant,
    /// None.
    None,
}

/// What keeps the networks of tenants apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkIsolation {
    /// Docker Engine, by rules of its own for each network.
    Engine,
    /// The gateway, by one nftables table, where the engine makes no rules.
    Nftables,
}

/// Docker Engine and the containers of dedicated tenants.
#[derive(Clone, Debug)]
pub struct DockerSettings {
    /// Its address; `None` means there is no engine.
    pub host: Option<String>,
    /// Networks or not; [`NetworkMode::None`] without an engine.
    pub network_mode: NetworkMode,
    /// What keeps networks apart.
    pub network_isolation: NetworkIsolation,
    /// Block out of which tenants get a subnet.
    pub network_block: Ipv4Net,
    /// Image of dedicated tenants.
    pub app_image: Option<String>,
    /// Port that image listens on.
    pub app_port: u16,
    /// More environment for it.
    pub app_environment: BTreeMap<String, String>,
    /// Memory limit in MiB.
    pub memory_mib: u32,
    /// CPU limit.
    pub cpus: f64,
    /// Process limit.
    pub pids: u32,
}

/// The mail server.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// Its URL, with the user and password it asks for.
    pub smtp_url: SecretString,
    /// Who mail comes from.
    pub from: Mailbox,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Pretty on a terminal, else JSON.
    Auto,
    /// One JSON object a line.
    Json,
    /// For people.
    Pretty,
}

/// Logging.
#[derive(Clone, Debug)]
pub struct LogSettings {
    /// How lines look.
    pub format: LogFormat,
    /// What is logged.
    pub filter: String,
}
