//! Arguments of `gatewayctl user`.

use clap::Subcommand;
use uuid::Uuid;

use crate::cli::arguments::id;
use crate::domain::person::{Role, UserState};

/// What to do about people.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum UserVerb {
    /// List people by address
    List {
        /// Only those with this role
        #[arg(long, value_parser = role)]
        role: Option<Role>,
        /// Only those that are invited, active or disabled
        #[arg(long, value_parser = state)]
        state: Option<UserState>,
        /// At most so many
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
    },
    /// Show a person's account
    Show {
        /// Address or id
        user: String,
    },
    /// List the roles and what they allow
    Roles,
    /// Make an account for somebody, who gets a link by mail, or from you where the server sends no mail
    Invite {
        /// Their address
        email: String,
        /// owner, operator, viewer or support
        #[arg(long, value_parser = role)]
        role: Role,
        /// What people call them
        #[arg(long)]
        name: Option<String>,
    },
    /// Invite somebody again who has not accepted; the link before no longer works
    Reinvite {
        /// Address or id
        user: String,
    },
    /// Change an account; another role, or disabling, ends its sessions
    Edit {
        /// Address or id
        user: String,
        /// What people call them
        #[arg(long)]
        name: Option<String>,
        /// owner, operator, viewer or support
        #[arg(long, value_parser = role)]
        role: Option<Role>,
        /// Shut them out
        #[arg(long, conflicts_with = "enable")]
        disable: bool,
        /// Let them in again
        #[arg(long)]
        enable: bool,
    },
    /// Remove an account with its sessions
    #[command(visible_alias = "remove")]
    Delete {
        /// Address or id
        user: String,
    },
    /// Make a link with which somebody sets another password, which goes to them by mail, or from you
    Reset {
        /// Address or id
        user: String,
    },
    /// Take the second factor off an account whose person lost it
    RemoveTotp {
        /// Address or id
        user: String,
    },
    /// Logins of a person
    #[command(subcommand)]
    Session(SessionVerb),
}

/// What to do about somebody's logins.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum SessionVerb {
    /// List those that are not over, newest first
    List {
        /// Address or id of the person
        user: String,
        /// At most so many
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
    },
    /// End one of them, or all
    End {
        /// Address or id of the person
        user: String,
        /// Id of the session; all when left out
        #[arg(long, value_name = "ID", value_parser = id)]
        session: Option<Uuid>,
    },
}

fn role(word: &str) -> Result<Role, String> {
    Role::parse(word).ok_or_else(|| "must be owner, operator, viewer or support".to_owned())
}

fn state(word: &str) -> Result<UserState, String> {
    UserState::parse(word).ok_or_else(|| "must be invited, active or disabled".to_owned())
}
