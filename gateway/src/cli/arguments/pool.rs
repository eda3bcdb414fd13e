//! Arguments of `gatewayctl pool`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::arguments::Waiting;

/// What the containers of a pool are made from; what is left out is, in a new pool, as the server's settings say.
#[derive(Debug, Args)]
pub(in crate::cli) struct ContainerArguments {
    /// What the containers run
    #[arg(long, value_name = "IMAGE")]
    pub(in crate::cli) image: Option<String>,
    /// How many containers there are
    #[arg(long, value_name = "COUNT")]
    pub(in crate::cli) replicas: Option<i32>,
    /// The port they listen on
    #[arg(long, value_name = "PORT")]
    pub(in crate::cli) port: Option<i32>,
    /// File of their environment, a line NAME=VALUE for each variable; - for the standard input
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) env_file: Option<PathBuf>,
    /// Memory of each in MiB
    #[arg(long, value_name = "MIB")]
    pub(in crate::cli) memory: Option<i32>,
    /// CPUs of each
    #[arg(long, value_name = "CPUS")]
    pub(in crate::cli) cpus: Option<f64>,
    /// Processes of each
    #[arg(long, value_name = "COUNT")]
    pub(in crate::cli) pids: Option<i32>,
}

/// What to do about shared pools.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum PoolVerb {
    /// List pools by name
    List {
        /// At most so many
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
    },
    /// Show a pool
    Show {
        /// Name or id
        pool: String,
    },
    /// Make a pool: of members that somebody else runs (--backend), or of containers (--image or --replicas)
    Create {
        /// 1 to 40 of a-z, 0-9 and hyphen
        name: String,
        /// Where a member answers, as Traefik and the server reach it; may be given more than once
        #[arg(long = "backend", value_name = "URL", required_unless_present_any = ["image", "replicas"])]
        backends: Vec<String>,
        #[command(flatten)]
        containers: ContainerArguments,
        /// Tenants it takes at most
        #[arg(long, value_name = "COUNT")]
        capacity: Option<i32>,
        /// New tenants go where tenants divided by weight are fewest
        #[arg(long, value_name = "WEIGHT")]
        weight: Option<i32>,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Change a pool; containers are replaced one after the other
    Edit {
        /// Name or id
        pool: String,
        /// Where a member answers now, in place of those it has; may be given more than once
        #[arg(long = "backend", value_name = "URL")]
        backends: Vec<String>,
        #[command(flatten)]
        containers: ContainerArguments,
        /// Remove a variable from the containers' environment; may be given more than once
        #[arg(long = "unset-env", value_name = "NAME")]
        unset_env: Vec<String>,
        /// Give one back to the server's settings: port, memory, cpus or pids; may be given more than once
        #[arg(long = "unset", value_name = "WHAT", value_parser = ["port", "memory", "cpus", "pids"])]
        unset: Vec<String>,
        /// Tenants it takes at most
        #[arg(long, value_name = "COUNT", conflicts_with = "unlimited")]
        capacity: Option<i32>,
        /// Take any number of tenants
        #[arg(long)]
        unlimited: bool,
        /// Its weight
        #[arg(long, value_name = "WEIGHT")]
        weight: Option<i32>,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Show how the members of a pool are
    Members {
        /// Name or id
        pool: String,
    },
    /// Have the containers of a pool looked at and mended now
    Provision {
        /// Name or id
        pool: String,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Replace the containers of a pool, one after the other
    Restart {
        /// Name or id
        pool: String,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Put no new tenants into a pool
    Drain {
        /// Name or id
        pool: String,
    },
    /// Have the tenants of a pool answer 503, put no new ones into it, and stop its containers
    Stop {
        /// Name or id
        pool: String,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Take a pool into use again
    Start {
        /// Name or id
        pool: String,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Remove a pool that no tenant is in, nor was when it was deleted
    Delete {
        /// Name or id
        pool: String,
        #[command(flatten)]
        waiting: Waiting,
    },
}
