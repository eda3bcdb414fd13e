//! `gateway migrate`

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
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
    /// Write the first owner's password and the first API key to this file, which only its owner may read, instead of
    /// printing them
    #[arg(long, value_name = "PATH")]
    pub access_file: Option<PathBuf>,
}

/// Migrates, and prints the first owner's password and the first API key when it made them.
///
/// # Errors
/// See [`RunError`].
pub async fn run(settings: &Settings, arguments: &MigrateArguments) -> Result<ExitCode, RunError> {
    // Before anything is made, as the secrets are known only now.
    let file = arguments.access_file.as_deref().map(open_private).transpose()?;
    let version = migrate(&settings.database_url).await?;
    let store = open_store(settings, "migrate", 2).await?;
    let made = first_run::ensure(&store, &arguments.owner).await?;
    store.close().await;
    print(&format!("The control database is at version {version}.\n"));
    if version > wanted_version() {
        print(&format!("This program is for version {}, and may still run on it.\n", wanted_version()));
    }
    let text = report(&made);
    match (file, &arguments.access_file) {
        (Some(mut file), Some(path)) if !text.is_empty() => {
            file.write_all(text.trim_start().as_bytes())?;
            print(&format!("The first access is in {}.\n", path.display()));
        }
        (Some(file), Some(path)) if file.metadata()?.len() == 0 => std::fs::remove_file(path)?,
        (Some(_), _) => {}
        (None, _) => print(&text),
    }
    Ok(ExitCode::SUCCESS)
}

/// What stands there already stays.
fn open_private(path: &Path) -> Result<File, RunError> {
    let opened = OpenOptions::new().append(true).create(true).mode(0o600).open(path);
    opened.map_err(|error| RunError::Argument(format!("--access-file {}: {error}", path.display())))
}

/// Empty when nothing was made.
fn report(made: &FirstAccess) -> String {
    let mut text = String::new();
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
