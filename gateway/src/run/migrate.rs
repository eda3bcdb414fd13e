//! `gateway migrate`

use std::fmt::Write;
use std::process::ExitCode;

use clap::Args;
use secrecy::ExposeSecret;

use crate::api::first_run::{self, DEFAULT_OWNER, FirstAccess};
use crate::config::Settings;
use crate::run::{RunError, open_store, print};
use crate::store::migrate::{migrate, wanted_version};

/// Whom to make.
#[derive(Clone, Debug, Args)]
pub struct MigrateArguments {
    /// Address of the first owner, when there is no account yet
    #[arg(long, value_name = "EMAIL", default_value = DEFAULT_OWNER, value_parser = super::user::email)]
    pub owner: String,
}

/// Migrates, and prints the first owner's password and the first API key when it made them.
///
/// # Errors
/// See [`RunError`].
pub async fn run(settings: &Settings, arguments: &MigrateArguments) -> Result<ExitCode, RunError> {
    migrate(&settings.database_url).await?;
    let store = open_store(settings, "migrate", 2).await?;
    let made = first_run::ensure(&store, &arguments.owner).await?;
    store.close().await;
    print(&report(&made));
    Ok(ExitCode::SUCCESS)
}

fn report(made: &FirstAccess) -> String {
    let mut text = format!("The control database is at version {}.\n", wanted_version());
    if let Some((email, password)) = &made.owner {
        let _ = write!(
            text,
            "\nFirst owner, shown only now:\n  email     {email}\n  password  {}\n",
            password.expose_secret()
        );
    }
    if let Some(key) = &made.api_key {
        let _ = write!(text, "\nFirst API key, shown only now:\n  GATEWAY_API_KEY={}\n", key.expose_secret());
    }
    text
}
