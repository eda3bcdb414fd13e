//! `gateway verify`

use std::fmt::Write;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::config::{ConfigError, ConfigErrors, Settings};
use crate::provision::run::{World, store_failure};
use crate::run::{RunError, print};
use crate::store::{Store, StoreError};
use crate::verify::violation::Report;
use crate::verify::{self, Scope};

/// Connections to the control database: one for each query of records made at once.
const CONNECTIONS: u32 = 3;

/// What to look at, and how to say it.
#[derive(Clone, Debug, Args)]
pub struct VerifyArguments {
    /// Look at this tenant only; may be given more than once
    #[arg(long = "tenant", value_name = "KEY or ID")]
    pub tenants: Vec<String>,
    /// Believe the server's catalogue instead of entering every tenant's database
    #[arg(long)]
    pub quick: bool,
    /// How the report is printed
    #[arg(short, long, value_enum, default_value_t = Form::Json)]
    pub output: Form,
}

/// How a report is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// For programs
    Json,
    /// For people
    Table,
}

/// Audits, prints the report, and ends with 0 when all was looked at and is as promised.
///
/// # Errors
/// [`RunError::Settings`], [`RunError::Argument`]; trouble with a place is part of the report.
pub async fn run(settings: &Settings, arguments: &VerifyArguments) -> Result<ExitCode, RunError> {
    if settings.edge.redis_url.is_none() {
        let why = "is required to verify".to_owned();
        return Err(ConfigErrors(vec![ConfigError { name: "redis_url".to_owned(), why }]).into());
    }
    let report = audit(settings, arguments).await?;
    match arguments.output {
        Form::Json => print(&(serde_json::to_string_pretty(&report)? + "\n")),
        Form::Table => print(&table(&report)),
    }
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn audit(settings: &Settings, arguments: &VerifyArguments) -> Result<Report, RunError> {
    let store = match Store::connect_read_only(&settings.database_url, CONNECTIONS).await {
        Ok(store) => store,
        Err(error @ StoreError::Unavailable(_)) => return Ok(verify::unknown_rows(&store_failure(error))),
        Err(error) => return Err(error.into()),
    };
    store.require_migrated().await?;
    let world = World::connect_read_only(settings, store).await?;
    let scope = Scope { tenants: arguments.tenants.clone(), quick: arguments.quick };
    let report = verify::audit(&world, settings.edge.api_url.as_ref(), &scope).await;
    world.store.close().await;
    report.map_err(|error| RunError::Argument(error.to_string()))
}

fn table(report: &Report) -> String {
    let mut text = String::new();
    let one = |plural: usize| if plural == 1 { "tenant" } else { "tenants" };
    let _ = writeln!(
        text,
        "{} {}, {} with open work, {} violations, {} unknown",
        report.tenants,
        one(report.tenants),
        report.settling.len(),
        report.violations.len(),
        report.unknown.len()
    );
    for violation in &report.violations {
        let id = violation.tenant_id.map(|id| id.to_string());
        let who = violation.tenant_key.clone().or(id).unwrap_or_else(|| "-".to_owned());
        let invariant = format!("{:?}", violation.invariant);
        let _ = writeln!(text, "{invariant:<4} {who}: {}", violation.what);
        let _ = writeln!(text, "       expected {}\n       found    {}", violation.expected, violation.found);
    }
    for unknown in &report.unknown {
        let _ = writeln!(text, "?    {}: {} ({})", unknown.source, unknown.message, unknown.code);
    }
    for skipped in &report.skipped {
        let _ = writeln!(text, "-    {skipped}");
    }
    text
}
