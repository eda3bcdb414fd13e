//! The operators' command line, `gatewayctl`: speaks to the admin API and to nothing else.
//!
//! Data goes to standard output, everything else to standard error.

mod arguments;
mod audit;
mod batch;
mod capacity;
mod client;
mod confirm;
mod drift;
mod error;
mod event;
mod fleet;
mod inspection;
mod job;
mod key;
mod mail;
mod manual;
mod operation;
mod orphan;
mod part;
mod plan;
mod pool;
mod progress;
pub mod reference;
mod report;
mod route;
mod secret;
mod series;
mod server;
mod signup;
mod stream;
mod table;
mod tenant;
mod terminal;
mod user;
mod version;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::api::types::JobParameters;
use crate::cli::arguments::{Arguments, KeysVerb, Verb};
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::terminal::Terminal;

/// Holds the API key. It is no argument, as those can be seen by everybody on the machine.
const API_KEY: &str = "GATEWAY_API_KEY";

/// Reads the arguments of the process and does what they say.
pub async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let terminal = Terminal::new(arguments.no_color);
    match run(arguments, &terminal).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            terminal.tell(&error.shown());
            ExitCode::from(error.exit_code())
        }
    }
}

async fn run(arguments: Arguments, terminal: &Terminal) -> Result<(), CliError> {
    let connect = || Client::new(&arguments.url, terminal::variable(API_KEY), arguments.api_key_file.as_deref());
    let output = arguments.output;
    match arguments.verb {
        Verb::Tenant(verb) => tenant::run(&connect()?, terminal, output, verb).await,
        Verb::Batch(verb) => batch::run(&connect()?, terminal, output, verb).await,
        Verb::Operation(verb) => operation::run(&connect()?, terminal, output, verb).await,
        Verb::Verify { tenants, quick, limit } => {
            fleet::verify(&connect()?, terminal, tenants, quick, limit.longest()).await
        }
        Verb::Reconcile { dry_run, limit } => {
            fleet::reconcile(&connect()?, terminal, output, dry_run, limit.longest()).await
        }
        Verb::Gc { dry_run: _, yes, quarantine, kinds, limit } => {
            let parameters = JobParameters {
                dry_run: Some(!yes),
                quarantine_seconds: quarantine,
                kinds: Some(kinds).filter(|kinds| !kinds.is_empty()),
                ..JobParameters::default()
            };
            fleet::collect(&connect()?, terminal, output, parameters, limit.longest()).await
        }
        Verb::Orphan(verb) => orphan::run(&connect()?, terminal, output, verb).await,
        Verb::Route(verb) => route::run(&connect()?, terminal, output, verb).await,
        Verb::Capacity => capacity::run(&connect()?, terminal, output).await,
        Verb::Series(asked) => series::run(&connect()?, terminal, output, asked).await,
        Verb::Drift(verb) => drift::run(&connect()?, terminal, output, verb).await,
        Verb::Traefik => route::traefik(&connect()?, terminal, output).await,
        Verb::Event(verb) => event::run(&connect()?, terminal, output, verb).await,
        Verb::Plan(verb) => plan::run(&connect()?, terminal, output, verb).await,
        Verb::Server(verb) => server::run(&connect()?, terminal, output, verb).await,
        Verb::Pool(verb) => pool::run(&connect()?, terminal, output, verb).await,
        Verb::Signup(verb) => signup::run(&connect()?, terminal, output, verb).await,
        Verb::Key(verb) => key::run(&connect()?, terminal, output, verb).await,
        Verb::User(verb) => user::run(&connect()?, terminal, output, verb).await,
        Verb::Keys(KeysVerb::Rotate { dry_run, limit }) => {
            fleet::reseal(&connect()?, terminal, output, dry_run, limit.longest()).await
        }
        Verb::Secret(verb) => {
            secret::run(*terminal, verb);
            Ok(())
        }
        Verb::Audit(verb) => audit::run(&connect()?, terminal, output, verb).await,
        Verb::Mail(verb) => mail::run(&connect()?, terminal, verb).await,
        Verb::Version => version::run(&connect()?, terminal, output).await,
        Verb::Completion { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "gatewayctl", &mut script);
            terminal.print(&String::from_utf8_lossy(&script));
            Ok(())
        }
        Verb::Man { directory, date } => manual::write(&directory, &date)
            .map_err(|error| CliError::Local(format!("no pages can be written to {}", directory.display()), error)),
        Verb::Reference => {
            terminal.print(&reference::markdown());
            Ok(())
        }
    }
}
