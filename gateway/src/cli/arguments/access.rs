//! Arguments of `gatewayctl key` and `gatewayctl audit`.

use clap::Subcommand;
use jiff::Timestamp;
use uuid::Uuid;

use crate::cli::arguments::id;

/// What to do about API keys.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum KeyVerb {
    /// Make a key and print it, this once
    Create {
        /// Shown in records of what it does
        name: String,
        /// What it may do; may be given more than once
        #[arg(long = "scope", value_name = "SCOPE", required = true)]
        scopes: Vec<String>,
        /// Id of a tenant it sees; may be given more than once. All when left out
        #[arg(long = "tenant", value_name = "ID", value_parser = id)]
        tenants: Vec<Uuid>,
        /// Id of a shared pool whose tenants it sees; may be given more than once. All when left out
        #[arg(long = "pool", value_name = "ID", value_parser = id)]
        pools: Vec<Uuid>,
        /// When it stops working, such as 2030-01-31T12:00:00Z
        #[arg(long, value_name = "TIME")]
        expires: Option<Timestamp>,
    },
    /// List keys, newest first
    List {
        /// Those that no longer work too
        #[arg(long)]
        ended: bool,
        /// At most so many
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
    },
    /// Exchange a key's secret and print the new key, this once
    Rotate {
        /// Id of the key
        id: String,
        /// How long the former secret still works
        #[arg(long, value_name = "SECONDS", default_value_t = 86_400.0)]
        overlap: f64,
    },
    /// End a key at once
    Revoke {
        /// Id of the key
        id: String,
    },
}

/// What to do about the audit log.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum AuditVerb {
    /// List entries, newest first
    List {
        /// Only by this actor, such as user:owner@localhost
        #[arg(long)]
        actor: Option<String>,
        /// Only about this target, such as tenant: and its id
        #[arg(long)]
        target: Option<String>,
        /// Only this call, such as suspend_tenant
        #[arg(long)]
        call: Option<String>,
        /// At most so many
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
    },
    /// Print entries as lines of JSON, newest first
    Export {
        /// At most so many
        #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
    },
    /// Look whether every entry is there as it was written; fails when one is not
    Verify,
}
