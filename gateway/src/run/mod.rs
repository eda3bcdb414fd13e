//! The verbs of the program `gateway`: what each starts, and how it ends.

pub mod config;
pub mod dev;
pub mod doctor;
pub mod health;
pub mod lifecycle;
mod manual;
pub mod migrate;
pub mod notify;
pub mod secrets;
pub mod serve;
pub mod tenant_port;
mod traffic;
pub mod user;
pub mod verify;
pub mod worker;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

use crate::api::auth::password::PasswordError;
use crate::api::first_run::FirstRunError;
use crate::api::openapi;
use crate::config::{ConfigErrors, Settings, load, process_environment};
use crate::dev::DevArguments;
use crate::domain::failure::Failure;
use crate::store::{Store, StoreError};
use crate::telemetry::{self, TelemetryError};

/// Exit code for wrong settings and wrong arguments, as clap uses it.
const EXIT_SETTINGS: u8 = 2;
/// Exit code for a control database of a version that this program cannot run on (GW010).
const EXIT_NOT_MIGRATED: u8 = 10;

/// Gives every tenant of a SaaS its own database, network and route
///
/// Settings are environment variables that begin with GATEWAY_; `gateway config reference` lists them.
#[derive(Debug, Parser)]
#[command(name = "gateway", version, propagate_version = true, disable_help_subcommand = true)]
pub struct Arguments {
    /// What to do
    #[command(subcommand)]
    pub verb: Verb,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Run the whole stack on this machine, for development
    Dev(Box<DevArguments>),
    /// Serve the tenant port and the admin port
    Serve(serve::ServeArguments),
    /// Claim tenants and make them what they should be
    Worker(worker::WorkerArguments),
    /// Bring the control database up, and make the first owner and API key
    Migrate(migrate::MigrateArguments),
    /// Print the document of the admin API
    Openapi,
    /// Check or explain the settings
    #[command(subcommand)]
    Config(config::ConfigVerb),
    /// Ask a process of this machine or container whether it is well; fails when it is not
    Health(health::HealthArguments),
    /// Write the secrets of a deployment with compose into files, those that are missing
    Secrets(secrets::SecretsArguments),
    /// Compare everything outside with what the rows promise; changes nothing
    Verify(verify::VerifyArguments),
    /// Look whether everything around the gateway is ready to go live; changes nothing
    Doctor(doctor::DoctorArguments),
    /// Manage the accounts of people
    #[command(subcommand)]
    User(user::UserVerb),
    /// Print the completion script of a shell
    Completion {
        /// The shell
        shell: Shell,
    },
    /// Write the pages of the manual, one for each command, into a directory
    Man {
        /// The directory; it must be there
        directory: PathBuf,
        /// Date of the pages, such as 2030-01-31
        #[arg(long, default_value = "")]
        date: String,
    },
}

/// Why a verb could not be done.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Settings are wrong.
    #[error(transparent)]
    Settings(#[from] ConfigErrors),
    /// Logging could not be set up.
    #[error(transparent)]
    Telemetry(#[from] TelemetryError),
    /// The control database failed, or is not migrated.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A port could not be opened.
    #[error("cannot listen on {0}")]
    Listen(std::net::SocketAddr, #[source] std::io::Error),
    /// Signals cannot be heard, or standard input not read.
    #[error("the operating system refused")]
    System(#[from] std::io::Error),
    /// The process lacks something it needs.
    #[error(transparent)]
    Worker(#[from] Failure),
    /// A password could not be hashed.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The first access could not be made.
    #[error(transparent)]
    FirstRun(#[from] FirstRunError),
    /// The document could not be written.
    #[error("the document cannot be written")]
    Document(#[from] serde_json::Error),
    /// An argument names something that is not there.
    #[error("{0}")]
    Argument(String),
    /// Something asked for is not there or not allowed; the text says what to do.
    #[error("{0}")]
    Refused(String),
}

impl RunError {
    /// What the process ends with: 2 wrong settings, 10 a control database of an unfit version, else 1.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Settings(_) | Self::Argument(_) => EXIT_SETTINGS,
            Self::Store(StoreError::NotMigrated { .. } | StoreError::Outgrown { .. }) => EXIT_NOT_MIGRATED,
            _ => 1,
        }
    }
}

/// Does a verb to its end.
///
/// # Errors
/// See [`RunError`].
pub async fn run(verb: Verb) -> Result<ExitCode, RunError> {
    match verb {
        Verb::Dev(arguments) => Ok(crate::dev::run(*arguments, Arc::new(dev::InProcess)).await),
        Verb::Serve(arguments) => serve::run(settings_with_log()?, &arguments).await,
        Verb::Worker(arguments) => worker::run(settings_with_log()?, &arguments).await,
        Verb::Migrate(arguments) => migrate::run(&settings()?, &arguments).await,
        Verb::Openapi => {
            print(&openapi::text()?);
            Ok(ExitCode::SUCCESS)
        }
        Verb::Config(verb) => config::run(verb),
        Verb::Health(arguments) => health::run(&settings()?, &arguments).await,
        Verb::Secrets(arguments) => secrets::run(&arguments),
        Verb::Verify(arguments) => Box::pin(verify::run(&settings()?, &arguments)).await,
        Verb::Doctor(arguments) => doctor::run(&settings()?, arguments).await,
        Verb::User(verb) => user::run(&settings()?, verb).await,
        Verb::Completion { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "gateway", &mut script);
            print(&String::from_utf8_lossy(&script));
            Ok(ExitCode::SUCCESS)
        }
        Verb::Man { directory, date } => {
            manual::write(&directory, &date)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn settings() -> Result<Settings, ConfigErrors> {
    load(&process_environment())
}

fn settings_with_log() -> Result<Settings, RunError> {
    let settings = settings()?;
    telemetry::init(&settings.log)?;
    for warning in &settings.warnings {
        tracing::warn!(setting = warning.name, why = warning.why, "a setting that is seldom right in production");
    }
    Ok(settings)
}

/// Connects to a control database of the right version.
async fn open_store(settings: &Settings, actor: &str, connections: u32) -> Result<Store, StoreError> {
    let store = Store::connect(&settings.database_url, actor, connections).await?;
    store.require_migrated().await?;
    Ok(store)
}

/// Prints the verb's answer. A reader that went away, as in `gateway openapi | head`, wants no more.
fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
