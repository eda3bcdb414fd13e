//! Arguments of `gatewayctl tenant`.

use clap::Subcommand;
use jiff::Timestamp;
use uuid::Uuid;

use crate::cli::arguments::{BatchArguments, Waiting, id, label, status, tier};
use crate::domain::status::Status;
use crate::domain::tenant::Tier;

/// What to do about tenants.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum TenantVerb {
    /// Create a tenant
    Create {
        /// What people call it: 2 to 40 of a-z, 0-9 and hyphen
        key: String,
        /// The customer's name
        #[arg(long, value_name = "NAME")]
        company: String,
        /// How it is served
        #[arg(long, value_parser = tier, default_value = "shared", value_name = "shared|dedicated")]
        tier: Tier,
        /// A host name of its own instead of the key below the server's suffix
        #[arg(long)]
        host: Option<String>,
        /// The shared pool to serve it instead of the default one
        #[arg(long, value_name = "ID", value_parser = id)]
        pool: Option<Uuid>,
        /// The plan that limits it, instead of the default one
        #[arg(long, value_name = "NAME")]
        plan: Option<String>,
        /// A label; may be given more than once
        #[arg(long = "label", value_name = "NAME=VALUE", value_parser = label)]
        labels: Vec<(String, String)>,
        /// Free text for people
        #[arg(long, value_name = "TEXT")]
        notes: Option<String>,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Print the last lines that the app of a dedicated tenant wrote; each reading is in the audit log
    Logs {
        /// Key or id
        tenant: String,
        /// The last so many
        #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=2000))]
        lines: u32,
        /// Only those written at this time or later, such as 2030-01-31T12:00:00Z
        #[arg(long, value_name = "TIME")]
        since: Option<Timestamp>,
    },
    /// Show what the container of a dedicated tenant uses
    Stats {
        /// Key or id
        tenant: String,
    },
    /// Change a tenant's name, labels or notes, which needs no work, or its plan or whether its route is pinned, which does
    Edit {
        /// Key or id
        tenant: String,
        /// The customer's name
        #[arg(long, value_name = "NAME")]
        company: Option<String>,
        /// Another plan
        #[arg(long, value_name = "NAME")]
        plan: Option<String>,
        /// Whether it is to have a router of its own also in the routing mode wildcard
        #[arg(long, value_name = "true|false", hide_possible_values = true)]
        route_pinned: Option<bool>,
        /// A label to set; may be given more than once
        #[arg(long = "label", value_name = "NAME=VALUE", value_parser = label)]
        labels: Vec<(String, String)>,
        /// A label to remove; may be given more than once
        #[arg(long = "remove-label", value_name = "NAME")]
        removed: Vec<String>,
        /// Free text for people
        #[arg(long, value_name = "TEXT")]
        notes: Option<String>,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// List tenants, newest first unless sorted otherwise
    List {
        /// Only those in this state; deleted ones are shown only so
        #[arg(long, value_parser = status)]
        status: Option<Status>,
        /// Only those with this label; may be given more than once
        #[arg(long = "label", value_name = "NAME=VALUE", value_parser = label)]
        labels: Vec<(String, String)>,
        /// Only those served so
        #[arg(long, value_parser = tier, value_name = "shared|dedicated")]
        tier: Option<Tier>,
        /// Only those in this shared pool
        #[arg(long, value_name = "ID", value_parser = id)]
        pool: Option<Uuid>,
        /// Only those with the plan of this name
        #[arg(long, value_name = "NAME")]
        plan: Option<String>,
        /// Only those on this database server
        #[arg(long, value_name = "NAME")]
        server: Option<String>,
        /// created_at, updated_at, key or company_name; with - before it the highest first
        #[arg(long, value_name = "FIELD", default_value = "-created_at", allow_hyphen_values = true)]
        sort: String,
        /// Only those with this in key, company name or host
        #[arg(long, value_name = "TEXT")]
        search: Option<String>,
        /// At most so many
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
        /// Only these fields, as columns in this order: names of the API, such as key,status,url
        #[arg(long, value_name = "NAME,NAME", value_delimiter = ',')]
        fields: Vec<String>,
    },
    /// Show a tenant
    Show {
        /// Key or id
        tenant: String,
        /// Only these fields, in this order: names of the API, such as key,status,url
        #[arg(long, value_name = "NAME,NAME", value_delimiter = ',')]
        fields: Vec<String>,
    },
    /// Take a tenant out of service and delete it; its data is kept for the server's grace, during which undelete works
    Delete {
        /// Key or id
        tenant: String,
        /// Even while it is active
        #[arg(long)]
        force: bool,
        /// Remove its data at once and for good. There is no way back
        #[arg(long)]
        purge: bool,
        /// Do not ask for the key to be typed
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Take back a deletion whose grace is not over
    Undelete {
        /// Key or id
        tenant: String,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Make a tenant's host answer 503, and remove nothing
    Suspend {
        /// Key or id
        tenant: String,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Bring a suspended or failed tenant back
    Reactivate {
        /// Key or id
        tenant: String,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Try again at once what failed or waits
    Retry {
        /// Key or id
        tenant: String,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Draw the app's database password anew
    Rotate {
        /// Key or id
        tenant: String,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Let another shared pool serve a tenant
    Move {
        /// Key or id
        tenant: String,
        /// The pool
        #[arg(long, value_name = "ID", value_parser = id)]
        pool: Uuid,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Wish the same of many tenants: of those named, or of all that a filter matches
    Batch(BatchArguments),
    /// Have the workers leave a tenant alone
    Pause {
        /// Key or id
        tenant: String,
    },
    /// Have the workers take a paused tenant up again
    Resume {
        /// Key or id
        tenant: String,
    },
    /// Show the steps of the latest operation until it ends
    Watch {
        /// Key or id
        tenant: String,
        /// How long to wait at most
        #[arg(long, value_name = "SECONDS", default_value_t = 300)]
        timeout: u32,
    },
}
