//! Arguments of `gatewayctl server`.

use clap::Subcommand;

use crate::domain::server::ServerState;

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
    /// Make a database server known
    Create {
        /// 1 to 40 of a-z, 0-9 and hyphen; workers hold its credential by this name
        name: String,
        /// host:port as the tenants' apps reach it
        #[arg(long, value_name = "HOST:PORT")]
        address: String,
        /// Whether it takes new tenants: active, draining or offline
        #[arg(long, value_parser = state)]
        state: Option<ServerState>,
        /// Tenants it takes at most
        #[arg(long, value_name = "COUNT")]
        capacity: Option<i32>,
        /// New tenants go where tenants divided by weight are fewest
        #[arg(long, value_name = "WEIGHT")]
        weight: Option<i32>,
        /// How many times its connections may be promised to tenants; 1 for never more than there are
        #[arg(long, value_name = "TIMES")]
        overcommit: Option<f64>,
        /// Where it stands, in your own words
        #[arg(long, value_name = "TEXT")]
        region: Option<String>,
    },
    /// Change a database server
    Edit {
        /// Name or id
        server: String,
        /// host:port as the tenants' apps reach it; only while no tenant is on it
        #[arg(long, value_name = "HOST:PORT")]
        address: Option<String>,
        /// Whether it takes new tenants: active, draining or offline
        #[arg(long, value_parser = state)]
        state: Option<ServerState>,
        /// Tenants it takes at most
        #[arg(long, value_name = "COUNT", conflicts_with = "unlimited")]
        capacity: Option<i32>,
        /// Take any number of tenants
        #[arg(long)]
        unlimited: bool,
        /// Its weight
        #[arg(long, value_name = "WEIGHT")]
        weight: Option<i32>,
        /// How many times its connections may be promised to tenants; 1 for never more than there are
        #[arg(long, value_name = "TIMES", conflicts_with = "any_overcommit")]
        overcommit: Option<f64>,
        /// Promise its connections any number of times
        #[arg(long)]
        any_overcommit: bool,
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
    /// Remove a database server that no tenant is on
    #[command(visible_alias = "remove")]
    Delete {
        /// Name or id
        server: String,
    },
}

fn state(text: &str) -> Result<ServerState, String> {
    let words: Vec<&str> = ServerState::ALL.iter().map(|state| state.as_str()).collect();
    ServerState::parse(text).ok_or_else(|| format!("must be one of {}", words.join(", ")))
}
