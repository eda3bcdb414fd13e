//! `gateway config`

use std::process::ExitCode;

use clap::Subcommand;

use crate::config::reference;
use crate::run::{RunError, print, settings};

/// What to do about the settings.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum ConfigVerb {
    /// Read all settings and name every one that is wrong
    Check,
    /// Print every setting with its default
    Reference,
}

/// Does it.
///
/// # Errors
/// [`RunError::Settings`] with every wrong setting.
pub fn run(verb: ConfigVerb) -> Result<ExitCode, RunError> {
    match verb {
        ConfigVerb::Check => {
            let warnings = settings()?.warnings;
            let told: String = warnings.iter().map(|warning| format!("Look at {warning}\n")).collect();
            print(&format!("{told}The settings are fine.\n"));
        }
        ConfigVerb::Reference => print(&reference::markdown()),
    }
    Ok(ExitCode::SUCCESS)
}
