//! Arguments of `gatewayctl route`.

use clap::Subcommand;

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
        url: String,
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
}

fn state(word: &str) -> Result<RouteState, String> {
    RouteState::parse(word).ok_or_else(|| {
        let words: Vec<&str> = RouteState::ALL.iter().map(|state| state.as_str()).collect();
        format!("must be one of {}", words.join(", "))
    })
}
