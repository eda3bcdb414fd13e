//! Arguments of `gatewayctl tenant batch` and `gatewayctl batch`.

use clap::{Args, Subcommand};
use uuid::Uuid;

use crate::cli::arguments::{Waiting, id, label, status, tier};
use crate::domain::batch::BatchVerb;
use crate::domain::status::Status;
use crate::domain::tenant::Tier;

/// What to wish, and of whom.
#[derive(Debug, Args)]
pub(in crate::cli) struct BatchArguments {
    /// suspend, reactivate, retry, pause, resume, rotate_credentials, delete, undelete or move
    #[arg(value_parser = verb)]
    pub(in crate::cli) verb: BatchVerb,
    /// Keys or ids of tenants, 1000 at most; a filter when left out
    #[arg(conflicts_with_all = ["all", "status", "labels", "tier", "pool", "plan", "server", "search"])]
    pub(in crate::cli) tenants: Vec<String>,
    /// Every tenant that is not deleted
    #[arg(long)]
    pub(in crate::cli) all: bool,
    /// Every tenant in this state; may be given more than once
    #[arg(long, value_parser = status)]
    pub(in crate::cli) status: Vec<Status>,
    /// Every tenant with this label; may be given more than once
    #[arg(long = "label", value_name = "NAME=VALUE", value_parser = label)]
    pub(in crate::cli) labels: Vec<(String, String)>,
    /// Every tenant served so
    #[arg(long, value_parser = tier, value_name = "shared|dedicated")]
    pub(in crate::cli) tier: Option<Tier>,
    /// Every tenant in this shared pool
    #[arg(long, value_name = "ID", value_parser = id)]
    pub(in crate::cli) pool: Option<Uuid>,
    /// Every tenant with the plan of this name
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) plan: Option<String>,
    /// Every tenant on the database server of this name
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) server: Option<String>,
    /// Every tenant with this in key, company name or host
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) search: Option<String>,
    /// How many tenants the filter has to match, or nothing is done; needed to suspend, delete or rotate credentials by one
    #[arg(long, value_name = "COUNT")]
    pub(in crate::cli) expect_count: Option<i64>,
    /// delete: active tenants too
    #[arg(long)]
    pub(in crate::cli) force: bool,
    /// move: the pool that is to serve them
    #[arg(long, value_name = "ID", value_parser = id)]
    pub(in crate::cli) to_pool: Option<Uuid>,
    /// Operations that may be open at once
    #[arg(long, value_name = "COUNT")]
    pub(in crate::cli) parallelism: Option<i32>,
    /// Failed operations after which the tenants whose turn has not come are left alone
    #[arg(long, value_name = "COUNT")]
    pub(in crate::cli) max_failures: Option<i32>,
    /// Only say which tenants would be taken, and which refused
    #[arg(long, conflicts_with = "wait")]
    pub(in crate::cli) dry_run: bool,
    #[command(flatten)]
    pub(in crate::cli) waiting: Waiting,
}

/// What to do about batches.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum BatchVerbs {
    /// List batches, newest first
    List {
        /// At most so many
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
    },
    /// Show a batch and how far it is with each tenant
    Show {
        /// Its id
        #[arg(value_parser = id)]
        id: Uuid,
    },
    /// Open no further wish of a batch; operations that it opened go on
    Cancel {
        /// Its id
        #[arg(value_parser = id)]
        id: Uuid,
    },
    /// Wait until a batch has ended
    Watch {
        /// Its id
        #[arg(value_parser = id)]
        id: Uuid,
        /// How long to wait at most
        #[arg(long, value_name = "SECONDS", default_value_t = 300)]
        timeout: u32,
    },
}

fn verb(word: &str) -> Result<BatchVerb, String> {
    BatchVerb::parse(word).ok_or_else(|| {
        let words: Vec<&str> = BatchVerb::ALL.iter().map(|verb| verb.as_str()).collect();
        format!("must be one of {}", words.join(", "))
    })
}
