//! Arguments of `gatewayctl signup`.

use clap::Subcommand;
use uuid::Uuid;

use crate::cli::arguments::id;
use crate::domain::signup::SignupState;

/// What to do about signups.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum SignupVerb {
    /// List signups, newest first
    List {
        /// Only those in this state, such as waiting_approval
        #[arg(long, value_parser = state)]
        state: Option<SignupState>,
        /// At most so many
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
    },
    /// Show a signup
    Show {
        /// Its id
        #[arg(value_parser = id)]
        id: Uuid,
    },
    /// Approve a signup that waits for that, which makes its tenant
    Approve {
        /// Its id
        #[arg(value_parser = id)]
        id: Uuid,
    },
    /// Refuse a signup that waits
    Refuse {
        /// Its id
        #[arg(value_parser = id)]
        id: Uuid,
        /// Why; for operators
        #[arg(long)]
        reason: Option<String>,
    },
}

fn state(word: &str) -> Result<SignupState, String> {
    SignupState::parse(word).ok_or_else(|| {
        let words: Vec<&str> = SignupState::ALL.iter().map(|state| state.as_str()).collect();
        format!("must be one of {}", words.join(", "))
    })
}
