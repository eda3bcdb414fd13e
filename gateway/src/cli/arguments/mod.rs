//! What the command line understands. The reference in `gateway/docs/cli.md` is made from this.

mod access;
mod batch;
mod event;
mod plan;
mod pool;
mod route;
mod secret;
mod series;
mod server;
mod signup;
mod tenant;
mod user;

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::FalseyValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use uuid::Uuid;

use crate::domain::operation::{OperationKind, OperationState};
use crate::domain::orphan::OrphanKind;
use crate::domain::plan::PlanNetwork;
use crate::domain::status::Status;
use crate::domain::tenant::Tier;

pub(super) use access::{AuditVerb, KeyVerb};
pub(super) use batch::{BatchArguments, BatchVerbs};
pub(super) use event::{EventFilter, EventVerb};
pub(super) use plan::PlanVerb;
pub(super) use pool::{ContainerArguments, PoolVerb};
pub(super) use route::{DriftVerb, RouteVerb};
pub(super) use secret::SecretVerb;
pub(super) use series::SeriesArguments;
pub(super) use server::ServerVerb;
pub(super) use signup::SignupVerb;
pub(super) use tenant::TenantVerb;
pub(super) use user::{SessionVerb, UserVerb};

const EXAMPLES: &str = "\
Examples:
  gatewayctl tenant create acme --company 'Acme Corporation' --wait
  gatewayctl tenant list --status error
  gatewayctl tenant show acme -o json
  gatewayctl tenant delete acme --force --yes --wait
  gatewayctl tenant undelete acme --wait
  gatewayctl verify
  gatewayctl event follow --kind tenant.failed

The API key comes from GATEWAY_API_KEY, or from the file that GATEWAY_API_KEY_FILE names.

Exit codes:
  0  done
  1  failed
  2  wrong arguments
  3  not found
  4  not authenticated, or not allowed
  5  refused: taken, not in this state, or wrong fields
  6  timed out waiting";

/// Operate a gateway: tenants, the work on them, and the fleet they are
#[derive(Debug, Parser)]
#[command(name = "gatewayctl", version, after_help = EXAMPLES, disable_help_subcommand = true)]
pub(super) struct Arguments {
    /// Where the admin API answers
    #[arg(long, global = true, env = "GATEWAY_URL", default_value = "http://127.0.0.1:8001", hide_env_values = true)]
    pub(super) url: String,
    /// File that holds the API key
    #[arg(long, global = true, env = "GATEWAY_API_KEY_FILE", value_name = "PATH", hide_env_values = true)]
    pub(super) api_key_file: Option<PathBuf>,
    /// How data is printed
    #[arg(short, long, global = true, value_enum, default_value_t = Output::Table)]
    pub(super) output: Output,
    /// Print no colours
    #[arg(long, global = true, env = "NO_COLOR", value_parser = FalseyValueParser::new(), hide_env_values = true)]
    pub(super) no_color: bool,
    /// What to do
    #[command(subcommand)]
    pub(super) verb: Verb,
}

/// How data is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Output {
    /// For people
    Table,
    /// As the API answers it
    Json,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Tenants
    #[command(subcommand)]
    Tenant(TenantVerb),
    /// Batches: the same wish about many tenants
    #[command(subcommand)]
    Batch(BatchVerbs),
    /// Operations: the work on tenants, step by step
    #[command(subcommand)]
    Operation(OperationVerb),
    /// Look whether everything is as promised, change nothing, and print the report as JSON; fails when something is not
    Verify {
        /// Only this tenant, by key or id; may be given more than once
        #[arg(long = "tenant", value_name = "TENANT")]
        tenants: Vec<String>,
        /// Leave out what takes long
        #[arg(long)]
        quick: bool,
        #[command(flatten)]
        limit: TimeLimit,
    },
    /// Look for drift now and ask for repairs
    Reconcile {
        /// Only say what differs
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        limit: TimeLimit,
    },
    /// Remove objects that no tenant owns; says what would go, unless --yes is given
    Gc {
        /// Only say what would go, which is the default
        #[arg(long, conflicts_with = "yes")]
        dry_run: bool,
        /// Remove it for good
        #[arg(long)]
        yes: bool,
        /// How long an orphan must have been seen, instead of the server's setting
        #[arg(long, value_name = "SECONDS")]
        quarantine: Option<f64>,
        /// Only objects of this kind; may be given more than once
        #[arg(long = "kind", value_parser = orphan_kind, value_name = "KIND")]
        kinds: Vec<OrphanKind>,
        #[command(flatten)]
        limit: TimeLimit,
    },
    /// Objects that no tenant owns
    #[command(subcommand)]
    Orphan(OrphanVerb),
    /// Routes: what tenants want of Traefik, what it holds, and who answers a URL
    #[command(subcommand)]
    Route(RouteVerb),
    /// Show what is used up and what is left: subnets, servers, pools, Docker, the queue of work
    Capacity,
    /// Show numbers over time: requests, latency, queue, tenants, databases
    Series(SeriesArguments),
    /// What is not as tenants' rows say
    #[command(subcommand)]
    Drift(DriftVerb),
    /// Show whether Traefik answers and holds what is published; fails when it does not
    Traefik,
    /// Plans: the limits that tenants have in common
    #[command(subcommand)]
    Plan(PlanVerb),
    /// Database servers that tenants are placed on
    #[command(subcommand)]
    Server(ServerVerb),
    /// Shared pools
    #[command(subcommand)]
    Pool(PoolVerb),
    /// What strangers asked for
    #[command(subcommand)]
    Signup(SignupVerb),
    /// Events: what happened and what happens
    #[command(subcommand)]
    Event(EventVerb),
    /// API keys
    #[command(subcommand)]
    Key(KeyVerb),
    /// People who may log in
    #[command(subcommand)]
    User(UserVerb),
    /// The keys that seal secrets at rest (GATEWAY_SECRET_KEYS)
    #[command(subcommand)]
    Keys(KeysVerb),
    /// Secrets to put into settings
    #[command(subcommand)]
    Secret(SecretVerb),
    /// The record of what was done
    #[command(subcommand)]
    Audit(AuditVerb),
    /// The mail server
    #[command(subcommand)]
    Mail(MailVerb),
    /// Versions of this program and of the server
    Version,
    /// Print the completion script of a shell
    Completion {
        /// The shell
        shell: Shell,
    },
    /// Write the pages of the manual, one for each command, into a directory
    Man {
        /// The directory; it must be there
        directory: PathBuf,
        /// Date of the pages, such as 2030-01-31
        #[arg(long, default_value = "")]
        date: String,
    },
    /// Print the page gateway/docs/cli.md
    #[command(hide = true)]
    Reference,
}

/// Whether to wait, and how long.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Waiting {
    /// Show the steps until the work ends; done only when it succeeded
    #[arg(long)]
    pub(super) wait: bool,
    /// How long to wait at most
    #[arg(long, value_name = "SECONDS", default_value_t = 300, requires = "wait")]
    timeout: u32,
}

impl Waiting {
    /// How long to wait at most.
    pub(super) fn longest(self) -> Duration {
        Duration::from_secs(self.timeout.into())
    }
}

/// How long to wait.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct TimeLimit {
    /// How long to wait at most
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    timeout: u32,
}

impl TimeLimit {
    /// How long to wait at most.
    pub(super) fn longest(self) -> Duration {
        Duration::from_secs(self.timeout.into())
    }
}

/// What to do about objects that no tenant owns.
#[derive(Debug, Subcommand)]
pub(super) enum OrphanVerb {
    /// List them as they were last seen
    List {
        /// At most so many
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
    },
}

/// What to do about the keys that seal secrets.
#[derive(Debug, Subcommand)]
pub(super) enum KeysVerb {
    /// Seal every secret again with the first key, while everything goes on
    Rotate {
        /// Only say how many secrets each key has sealed
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        limit: TimeLimit,
    },
}

/// What to do about mail.
#[derive(Debug, Subcommand)]
pub(super) enum MailVerb {
    /// Send a mail to see that mail arrives
    Test {
        /// To whom
        to: String,
    },
}

/// What to do about operations.
#[derive(Debug, Subcommand)]
pub(super) enum OperationVerb {
    /// List operations, newest first
    List {
        /// Only those of this tenant: key or id
        #[arg(long, value_name = "TENANT")]
        tenant: Option<String>,
        /// Only those in this state; may be given more than once
        #[arg(long, value_parser = operation_state)]
        state: Vec<OperationState>,
        /// Only those of this kind; may be given more than once
        #[arg(long, value_parser = operation_kind)]
        kind: Vec<OperationKind>,
        /// At most so many
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
    },
    /// Show an operation with its steps
    Show {
        /// Its id
        #[arg(value_parser = id)]
        id: Uuid,
    },
    /// Show an operation's steps until it ends; done only when it succeeded
    Watch {
        /// Its id
        #[arg(value_parser = id)]
        id: Uuid,
        #[command(flatten)]
        limit: TimeLimit,
    },
    /// End open work that makes or changes a tenant, which is in error then until a retry
    Cancel {
        /// Its id
        #[arg(value_parser = id)]
        id: Uuid,
    },
    /// Try again at once what failed or waits
    Retry {
        /// Its id
        #[arg(value_parser = id)]
        id: Uuid,
    },
}

fn label(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| "must be NAME=VALUE".to_owned())?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Reads an id, and says what one is where it is none.
fn id(text: &str) -> Result<Uuid, String> {
    Uuid::try_parse(text)
        .map_err(|_| "must be an id (a UUID), such as 1b4e28ba-2fa1-41d2-883f-0016d3cca427; lists show them".to_owned())
}

fn tier(word: &str) -> Result<Tier, String> {
    Tier::parse(word).ok_or_else(|| "must be shared or dedicated".to_owned())
}

fn network(word: &str) -> Result<PlanNetwork, String> {
    PlanNetwork::parse(word).ok_or_else(|| "must be per-tenant, per-pool or none".to_owned())
}

fn orphan_kind(word: &str) -> Result<OrphanKind, String> {
    OrphanKind::parse(word).ok_or_else(|| {
        let words: Vec<&str> = OrphanKind::ALL.iter().map(|kind| kind.as_str()).collect();
        format!("must be one of {}", words.join(", "))
    })
}

fn operation_state(word: &str) -> Result<OperationState, String> {
    OperationState::parse(word).ok_or_else(|| {
        let words: Vec<&str> = OperationState::ALL.iter().map(|state| state.as_str()).collect();
        format!("must be one of {}", words.join(", "))
    })
}

fn operation_kind(word: &str) -> Result<OperationKind, String> {
    OperationKind::parse(word).ok_or_else(|| {
        let words: Vec<&str> = OperationKind::ALL.iter().map(|kind| kind.as_str()).collect();
        format!("must be one of {}", words.join(", "))
    })
}

fn status(word: &str) -> Result<Status, String> {
    Status::parse(word).ok_or_else(|| {
        let words: Vec<&str> = Status::ALL.iter().map(|status| status.as_str()).collect();
        format!("must be one of {}", words.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_collection_is_in_earnest_or_not() {
        assert!(Arguments::try_parse_from(["gatewayctl", "gc", "--dry-run", "--yes"]).is_err());
        assert!(
            Arguments::try_parse_from(["gatewayctl", "gc", "--yes", "--quarantine", "0", "--kind", "role"]).is_ok()
        );
        assert!(Arguments::try_parse_from(["gatewayctl", "gc", "--kind", "volume"]).is_err());
    }

    #[test]
    fn a_url_to_explain_is_not_that_of_the_admin_api() {
        let given = ["gatewayctl", "route", "explain", "http://acme.test/", "--url", "http://127.0.0.1:9"];
        let arguments = Arguments::try_parse_from(given).unwrap();
        assert_eq!(arguments.url, "http://127.0.0.1:9");
        assert!(
            matches!(arguments.verb, Verb::Route(RouteVerb::Explain { asked, .. }) if asked == "http://acme.test/")
        );
    }

    #[test]
    fn a_time_limit_goes_with_waiting() {
        assert!(Arguments::try_parse_from(["gatewayctl", "tenant", "suspend", "a", "--timeout", "3"]).is_err());
        assert!(
            Arguments::try_parse_from(["gatewayctl", "tenant", "suspend", "a", "--wait", "--timeout", "3"]).is_ok()
        );
    }
}
