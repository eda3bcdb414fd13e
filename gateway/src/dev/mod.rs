//! `gateway dev`: the whole stack on one machine, from one command.
//!
//! It starts PostgreSQL, Redis, Traefik, the demo app and, where needed, Docker Engine as supervised children whose data
//! is in one directory, and runs the gateway itself inside this process through [`Hosted`]. Nothing listens beyond
//! loopback, but for PostgreSQL on the address of Docker's default bridge, for the containers of tenants.

mod account;
mod args;
mod banner;
mod binaries;
mod child;
mod demo;
mod docker;
mod environment;
mod error;
mod hosted;
mod image;
mod layout;
mod logging;
mod parts;
mod ports;
mod postgres;
mod probe;
mod redis;
mod reset;
mod secrets;
mod spawn;
mod stack;
mod start;
mod state;
mod status;
mod stop;
mod terminal;
mod traefik;

use std::process::ExitCode;
use std::sync::Arc;

pub use args::{DevArguments, DevCommand, StatusOutput};
pub use error::{DevError, EXIT_RUNNING};
pub use hosted::{Environment, FirstRun, Hosted, HostedError, Tell};
pub use layout::Layout;
pub use state::Phase;
pub use status::Status;

/// Runs `gateway dev` and its subcommands. Errors are told on standard error.
///
/// Exit codes: 0 when it did what it was asked, [`EXIT_RUNNING`] when the stack runs already, 1 for all else.
pub async fn run(arguments: DevArguments, hosted: Arc<dyn Hosted>) -> ExitCode {
    let data_dir = arguments.data_dir.clone();
    let done = match arguments.command.clone() {
        None => Box::pin(start::start(arguments, hosted)).await,
        Some(command) => match Layout::new(&data_dir) {
            Ok(layout) => Box::pin(follow_up(&layout, command)).await,
            Err(error) => Err(error),
        },
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(DevError::Told(_)) => ExitCode::FAILURE,
        Err(DevError::Running) => tell_running(&data_dir),
        Err(error) => {
            terminal::note(format_args!("error: {}", error.chain()));
            ExitCode::FAILURE
        }
    }
}

async fn follow_up(layout: &Layout, command: DevCommand) -> Result<(), DevError> {
    match command {
        DevCommand::Status { output } => status::show(layout, output),
        DevCommand::Stop => stop::stop(layout).await,
        DevCommand::Reset { yes } => reset::reset(layout, yes).await,
    }
}

/// The status of a data directory, for programs that use the stack, such as tests.
///
/// # Errors
/// When a file of the stack cannot be read.
pub fn status(layout: &Layout) -> Result<(Status, Environment), DevError> {
    status::read(layout)
}

fn tell_running(data_dir: &std::path::Path) -> ExitCode {
    terminal::note("It runs already:");
    let shown = Layout::new(data_dir).and_then(|layout| status::show(&layout, StatusOutput::Table));
    if let Err(error) = shown {
        terminal::note(format_args!("error: {}", error.chain()));
    }
    ExitCode::from(EXIT_RUNNING)
}
