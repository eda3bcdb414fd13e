//! `gateway user`

use std::io::Read;
use std::process::ExitCode;

use clap::Subcommand;
use secrecy::{ExposeSecret, SecretString};

use crate::api::auth::password::{MAX_PASSWORD, MIN_PASSWORD};
use crate::api::first_run::hash;
use crate::config::Settings;
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
}

/// Reads an address as accounts hold it: lower case.
pub(super) fn email(text: &str) -> Result<String, String> {
    let text = text.to_lowercase();
    let is_address = text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
    let is_plain = text.matches('@').count() == 1 && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    if is_address && is_plain && text.len() <= 254 { Ok(text) } else { Err("must be an address with one @".to_owned()) }
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
    let UserVerb::SetPassword { email } = verb;
    let store = open_store(settings, "user", 2).await?;
    let hash = hash(read_password()?).await?;
    let is_known = store.set_user_password(&email, &hash).await?;
    store.close().await;
    if !is_known {
        return Err(RunError::Refused(format!("there is no account {email}")));
    }
    print(&format!("The password of {email} is set, and its sessions are over.\n"));
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_folded_and_checked() {
        assert_eq!(email("Owner@LocalHost"), Ok("owner@localhost".into()));
        for bad in ["", "a", "@b", "a@", "a@b@c", "a b@c"] {
            assert!(email(bad).is_err(), "{bad}");
        }
    }
}
