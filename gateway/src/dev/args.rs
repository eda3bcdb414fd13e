//! Arguments of `gateway dev`.

use std::path::PathBuf;

/// Where `gateway dev` keeps everything unless told otherwise.
pub(super) const DEFAULT_DATA_DIR: &str = ".gateway";

/// Runs the whole stack on this machine: PostgreSQL, Redis, Traefik, Docker and the gateway, until Ctrl-C.
#[derive(clap::Args, Clone, Debug)]
#[command(args_conflicts_with_subcommands = false)]
pub struct DevArguments {
    /// What to do; without it the stack is started.
    #[command(subcommand)]
    pub command: Option<DevCommand>,
    /// Directory that holds all data, logs and secrets of this stack.
    #[arg(long, global = true, value_name = "DIR", env = "GATEWAY_DEV_DATA_DIR", default_value = DEFAULT_DATA_DIR)]
    pub data_dir: PathBuf,
    /// Added to 8000, 8001 and 8080, so that two stacks run side by side; Docker Engine is one for the machine. Kept for the next start.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(0..=50_000))]
    pub port_offset: Option<u16>,
    /// Create two tenants to look at: acme (shared) and globex (dedicated).
    #[arg(long)]
    pub demo: bool,
    /// Do not provision tenants in this process: `gateway worker` runs elsewhere.
    #[arg(long)]
    pub without_worker: bool,
    /// Show what the parts log.
    #[arg(short, long)]
    pub verbose: bool,
    /// Directory with initdb and postgres (15 or newer). Default: the newest below /usr/lib/postgresql, then PATH.
    #[arg(long, value_name = "DIR", env = "GATEWAY_DEV_POSTGRES_BIN")]
    pub postgres_bin: Option<PathBuf>,
    /// The Traefik executable. Default: .venv/bin/traefik, then PATH.
    #[arg(long, value_name = "FILE", env = "GATEWAY_DEV_TRAEFIK_BIN")]
    pub traefik_bin: Option<PathBuf>,
}

/// What to do with a stack that was started before.
#[derive(clap::Subcommand, Clone, Debug)]
pub enum DevCommand {
    /// Print whether the stack runs, and where.
    Status {
        /// table, json, or env: the settings as `export` lines for a shell.
        #[arg(short, long, value_enum, default_value_t = StatusOutput::Table)]
        output: StatusOutput,
    },
    /// Stop the running stack and wait for it.
    Stop,
    /// Stop the stack if it runs, and delete all of its data: its databases, and what its tenants have in Docker.
    Reset {
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
}

/// Forms of `gateway dev status`.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusOutput {
    /// For people.
    Table,
    /// For programs.
    Json,
    /// For a shell's `eval`.
    Env,
}
