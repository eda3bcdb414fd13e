//! Arguments of `gatewayctl event`.

use clap::{Args, Subcommand};

/// Which events.
#[derive(Clone, Debug, Args)]
pub(in crate::cli) struct EventFilter {
    /// Only those about this tenant: key or id
    #[arg(long, value_name = "TENANT")]
    pub(in crate::cli) tenant: Option<String>,
    /// Only this kind, such as tenant.failed, or a family, such as operation.*; may be given more than once
    #[arg(long = "kind", value_name = "KIND")]
    pub(in crate::cli) kinds: Vec<String>,
    /// Only those after the event with this id
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) after: Option<u64>,
}

/// What to do about events.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum EventVerb {
    /// List events, oldest first
    List {
        #[command(flatten)]
        filter: EventFilter,
        /// At most so many
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
    },
    /// Print events as they happen, from now on or after an event; as JSON one a line
    Follow {
        #[command(flatten)]
        filter: EventFilter,
    },
}
