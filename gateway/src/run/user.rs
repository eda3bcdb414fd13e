//! `gateway user`

use std::io::Read;
use std::process::ExitCode;

use clap::Subcommand;
use secrecy::{ExposeSecret, SecretString};

use crate::api::auth::password::{MAX_PASSWORD, MIN_PASSWORD};
use crate::api::first_run::hash;
use crate::config::Settings;
use crate::domain::email::{Email, EmailError};
use crate::run::{RunError, open_store, print};

/// What to do about accounts.
#[derive(Clone, Debug, Subcommand)]
pub enum UserVerb {
    /// Read a new password from standard input, set it, and end all sessions of the account
    SetPassword {
        /// The account
        #[arg(value_parser = email)]
        email: String,
    },
    /// Take the second factor off an account whose person lost it, and end all sessions of the account
    RemoveTotp {
        /// The account
        #[arg(value_parser = email)]
        email: String,
    },
}

/// Reads an address as accounts hold it: lower case.
pub(super) fn email(text: &str) -> Result<String, EmailError> {
    Email::parse(text).map(|email| email.to_string())
}

fn read_password() -> Result<SecretString, RunError> {
    let mut text = String::new();
    std::io::stdin().lock().take(MAX_PASSWORD as u64 + 2).read_to_string(&mut text)?;
    let password = SecretString::from(text.trim_end_matches(['\r', '\n']).to_owned());
    let length = password.expose_secret().chars().count();
    if length < MIN_PASSWORD || password.expose_secret().len() > MAX_PASSWORD {
        let text =
            format!("the password must have {MIN_PASSWORD} characters at least and {MAX_PASSWORD} bytes at most");
        return Err(RunError::Refused(text));
    }
    Ok(password)
}

/// Does it.
///
/// # Errors
/// [`RunError::Refused`] for a bad password or an unknown account.
pub async fn run(settings: &Settings, verb: UserVerb) -> Result<ExitCode, RunError> {
    let store = open_store(settings, "user", 2).await?;
    let (email, is_known, done) = match verb {
        UserVerb::SetPassword { email } => {
            let hash = hash(read_password()?).await?;
            let is_known = store.set_user_password(&email, &hash).await?;
            (email, is_known, "The password is set")
        }
        UserVerb::RemoveTotp { email } => {
            let is_known = store.remove_totp(&email).await?;
            (email, is_known, "No code is asked for any more")
        }
    };
    store.close().await;
    if !is_known {
        return Err(RunError::Refused(format!("there is no account {email}")));
    }
    print(&format!("{done}, and the sessions of {email} are over.\n"));
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_folded_and_checked() {
        assert_eq!(email("Owner@LocalHost").unwrap(), "owner@localhost");
        for bad in ["", "a", "@b", "a@", "a@b@c", "a b@c"] {
            assert!(email(bad).is_err(), "{bad}");
        }
    }
}
