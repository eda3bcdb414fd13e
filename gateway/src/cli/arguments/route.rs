//! Arguments of `gatewayctl route` and `gatewayctl drift`.

use clap::Subcommand;

use crate::cli::arguments::TimeLimit;
use crate::domain::drift::DriftKind;
use crate::domain::route::RouteState;

/// What to do about routes.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum RouteVerb {
    /// List what the row of each tenant wants of Traefik beside what Traefik holds
    List {
        /// Only this tenant's: key or id
        #[arg(long, value_name = "TENANT")]
        tenant: Option<String>,
        /// Only routes in this state
        #[arg(long, value_parser = state, value_name = "STATE")]
        state: Option<RouteState>,
        /// At most so many
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
    },
    /// Say which router, service, server and tenant answer a URL, and why; fails when that is not as the row wants
    Explain {
        /// The URL, with http or https
        #[arg(value_name = "URL")]
        asked: String,
        /// Method of the request
        #[arg(short = 'X', long, default_value = "GET")]
        method: String,
        /// Header of the request, such as 'X-Plan: gold'; may be given more than once
        #[arg(short = 'H', long = "header", value_name = "HEADER")]
        headers: Vec<String>,
        /// Entry point it comes in by, instead of the one of tenants
        #[arg(long, value_name = "NAME")]
        entry_point: Option<String>,
        /// Address it comes from, for rules that ask
        #[arg(long, value_name = "ADDRESS")]
        client: Option<String>,
    },
    /// Send a request to a tenant's host through Traefik, and show what comes back; fails when nothing does
    Test {
        /// The host of a tenant
        host: String,
        /// Path with its query
        #[arg(default_value = "/")]
        path: String,
        /// Ask for the head alone
        #[arg(long)]
        head: bool,
    },
    /// Have Traefik's whole tree written again, also where it looks right
    Republish {
        #[command(flatten)]
        limit: TimeLimit,
    },
}

/// What to do about drift.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum DriftVerb {
    /// List what the last look of a worker found that was not as rows say, and what was done about it
    List {
        /// Only this tenant's: key or id
        #[arg(long, value_name = "TENANT")]
        tenant: Option<String>,
        /// Only drift of this kind
        #[arg(long, value_parser = drift_kind, value_name = "KIND")]
        kind: Option<DriftKind>,
        /// At most so many
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
    },
    /// Look for drift at once and have it repaired
    Repair {
        /// Only this tenant's, by key or id; may be given more than once
        #[arg(long = "tenant", value_name = "TENANT")]
        tenants: Vec<String>,
        #[command(flatten)]
        limit: TimeLimit,
    },
}

fn drift_kind(word: &str) -> Result<DriftKind, String> {
    DriftKind::parse(word).ok_or_else(|| {
        let words: Vec<&str> = DriftKind::ALL.iter().map(|kind| kind.as_str()).collect();
        format!("must be one of {}", words.join(", "))
    })
}

fn state(word: &str) -> Result<RouteState, String> {
    RouteState::parse(word).ok_or_else(|| {
        let words: Vec<&str> = RouteState::ALL.iter().map(|state| state.as_str()).collect();
        format!("must be one of {}", words.join(", "))
    })
}
