//! Settings: defaults, file, environment; all errors at once, each naming its key.

mod check;
#[cfg(test)]
mod example;
mod production;
mod read;
pub mod reference;
mod servers;
mod settings;
mod signup;
mod source;

use std::collections::BTreeMap;

pub use servers::{FurtherServer, StockSettings, TenantServerSettings};
pub use settings::{
    DockerSettings, EdgeSettings, Environment, EventSettings, HttpSettings, LogFormat, LogSettings, MailSettings,
    NetworkIsolation, NetworkMode, ReconcileSettings, RetentionSettings, Settings, StaticKey, TenantSettings,
    WorkerSettings,
};
pub use signup::{SignupBudgets, SignupSettings};
pub use source::DEFAULTS;

/// One wrong setting. Never holds the value, which may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} ({variable}) {why}", variable = variable_name(name))]
pub struct ConfigError {
    /// The setting's name as in `defaults.toml`.
    pub name: String,
    /// What is wrong, as the end of a sentence.
    pub why: String,
}

/// Everything that is wrong with the settings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl ConfigError {
    fn new(name: &str, why: impl Into<String>) -> Self {
        Self { name: name.to_owned(), why: why.into() }
    }
}

fn variable_name(name: &str) -> String {
    format!("GATEWAY_{}", name.to_uppercase())
}

/// The variables of this process that begin with `GATEWAY_`.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place where the environment is read")]
pub fn process_environment() -> BTreeMap<String, String> {
    std::env::vars().filter(|(name, _)| name.starts_with("GATEWAY_")).collect()
}

/// Checks that every variable here is a setting, for a caller that takes over only some of them.
///
/// # Errors
/// Every unknown name, every name set twice and every file named that cannot be read, at once.
pub fn check_names(environment: &BTreeMap<String, String>) -> Result<(), ConfigErrors> {
    let errors = source::collect(environment).errors;
    if errors.is_empty() { Ok(()) } else { Err(ConfigErrors(errors)) }
}

/// Reads and checks all settings.
///
/// # Errors
/// Every wrong, missing and unknown setting at once.
pub fn load(environment: &BTreeMap<String, String>) -> Result<Settings, ConfigErrors> {
    let collected = source::collect(environment);
    let mut reader = read::Reader::new(collected.values, collected.errors);
    let settings = check::build(&mut reader);
    match settings {
        Some(settings) if reader.errors.is_empty() => Ok(settings),
        _ => Err(ConfigErrors(reader.errors)),
    }
}
