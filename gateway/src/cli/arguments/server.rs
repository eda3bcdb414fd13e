//! Arguments of `gatewayctl server`.

use clap::Subcommand;

/// What to do about database servers.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ServerVerb {
    /// List database servers by name
    List {
        /// At most so many
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
    },
    /// Show a database server
    Show {
        /// Name or id
        server: String,
    },
    /// Change a database server
    Edit {
        /// Name or id
        server: String,
        /// Tenants it takes at most
        #[arg(long, value_name = "COUNT", conflicts_with = "unlimited")]
        capacity: Option<i32>,
        /// Take any number of tenants
        #[arg(long)]
        unlimited: bool,
        /// Where it stands, in your own words
        #[arg(long, value_name = "TEXT")]
        region: Option<String>,
    },
    /// Place no new tenants on a database server
    Drain {
        /// Name or id
        server: String,
    },
    /// Place new tenants on a database server again
    Start {
        /// Name or id
        server: String,
    },
}
