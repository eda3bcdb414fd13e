//! Arguments of `gatewayctl plan`.

use clap::{Args, Subcommand};

use crate::cli::arguments::{network, tier};
use crate::domain::plan::PlanNetwork;
use crate::domain::tenant::Tier;

/// What to do about plans.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum PlanVerb {
    /// List plans by name
    List {
        /// At most so many
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
    },
    /// Show a plan
    Show {
        /// Its name
        name: String,
    },
    /// Make a plan; a limit that is left out is as the server's settings say
    Create {
        /// 1 to 40 of a-z, 0-9 and hyphen
        name: String,
        /// What people read
        #[arg(long, value_name = "TEXT")]
        title: String,
        /// Only tenants served so may have it
        #[arg(long, value_parser = tier, value_name = "shared|dedicated")]
        tier: Option<Tier>,
        #[command(flatten)]
        limits: PlanArguments,
        /// What Docker network its tenants of the tier shared have; per-tenant when left out
        #[arg(long, value_parser = network, value_name = "per-tenant|per-pool|none")]
        network: Option<PlanNetwork>,
    },
    /// Change a plan; where its limits or its network change, its tenants get them
    Edit {
        /// Its name
        name: String,
        /// What people read
        #[arg(long, value_name = "TEXT")]
        title: Option<String>,
        #[command(flatten)]
        limits: PlanArguments,
        /// Give a limit back to the server's settings: connections, memory, cpus or pids; may be given more than once
        #[arg(long = "unset", value_name = "LIMIT", value_parser = ["connections", "memory", "cpus", "pids"])]
        unset: Vec<String>,
        /// What Docker network its tenants of the tier shared have
        #[arg(long, value_parser = network, value_name = "per-tenant|per-pool|none")]
        network: Option<PlanNetwork>,
    },
    /// Remove a plan that no tenant has, nor had when it was deleted
    Delete {
        /// Its name
        name: String,
    },
}

/// Limits.
#[derive(Clone, Copy, Debug, Args)]
pub(in crate::cli) struct PlanArguments {
    /// Connections the app's login may hold
    #[arg(long, value_name = "COUNT")]
    pub(in crate::cli) connections: Option<i32>,
    /// Longest time for a statement of the app
    #[arg(long, value_name = "SECONDS")]
    pub(in crate::cli) statement_timeout: Option<i32>,
    /// Longest time for a transaction of the app to do nothing
    #[arg(long, value_name = "SECONDS")]
    pub(in crate::cli) idle_timeout: Option<i32>,
    /// Memory of a dedicated tenant's container
    #[arg(long, value_name = "MIB")]
    pub(in crate::cli) memory: Option<i32>,
    /// CPUs of a dedicated tenant's container
    #[arg(long, value_name = "COUNT")]
    pub(in crate::cli) cpus: Option<f64>,
    /// Processes of a dedicated tenant's container
    #[arg(long, value_name = "COUNT")]
    pub(in crate::cli) pids: Option<i32>,
}
