//! `gateway worker`

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use crate::config::{Settings, WorkerSettings};
use crate::run::{RunError, open_store};

/// Connections to the control database beside those of the tenants worked on.
const CONNECTIONS: u32 = 16;

/// The worker's pace, over the settings.
#[derive(Clone, Debug, Args)]
pub struct WorkerArguments {
    /// Look for due tenants this often
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub poll_timeout_seconds: Option<f64>,
    /// Claim at most so many at once
    #[arg(long, value_name = "TENANTS", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub batch_size: Option<u32>,
    /// Claims spent on a tenant before it goes to error
    #[arg(long, value_name = "CLAIMS", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub max_attempts: Option<u32>,
}

/// The same bounds as those of the setting.
fn seconds(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "must be a number".to_owned())?;
    if (0.05..=3600.0).contains(&value) { Ok(value) } else { Err("must be a number from 0.05 to 3600".to_owned()) }
}

impl WorkerArguments {
    /// Puts what was given over the settings.
    pub fn apply(&self, settings: &mut WorkerSettings) {
        if let Some(seconds) = self.poll_timeout_seconds {
            settings.poll = Duration::from_secs_f64(seconds);
        }
        settings.batch_size = self.batch_size.unwrap_or(settings.batch_size);
        settings.max_attempts = self.max_attempts.unwrap_or(settings.max_attempts);
    }
}

/// Works until it is asked to end.
///
/// # Errors
/// See [`RunError`].
pub async fn run(mut settings: Settings, arguments: &WorkerArguments) -> Result<ExitCode, RunError> {
    arguments.apply(&mut settings.worker);
    let _store = open_store(&settings, "worker", CONNECTIONS).await?;
    Err(missing())
}

/// The answer of a build without the worker.
pub(super) fn missing() -> RunError {
    RunError::Refused("the worker is not part of this build".into())
}
