//! `gateway doctor`

use std::fmt::Write;
use std::process::ExitCode;

use clap::Args;

use crate::config::{Settings, load, process_environment};
use crate::doctor::report::{Report, State};
use crate::doctor::{Judged, examine};
use crate::run::verify::Form;
use crate::run::{RunError, print};

/// What to judge as, and how to say it.
#[derive(Clone, Copy, Debug, Args)]
pub struct DoctorArguments {
    /// Judge as production, whatever GATEWAY_ENV says
    #[arg(long)]
    pub production: bool,
    /// How the checklist is printed
    #[arg(short, long, value_enum, default_value_t = Form::Table)]
    pub output: Form,
}

/// Looks at everything, prints the checklist, and ends with 0 when nothing is a problem.
///
/// # Errors
/// [`RunError::Document`]; trouble with a place is part of the checklist.
pub async fn run(settings: &Settings, arguments: DoctorArguments) -> Result<ExitCode, RunError> {
    let judged = if arguments.production {
        as_production()
    } else {
        Judged { doubted: settings.warnings.clone(), ..Judged::default() }
    };
    let report = Box::pin(examine(settings, &judged)).await;
    match arguments.output {
        Form::Json => print(&(serde_json::to_string_pretty(&report)? + "\n")),
        Form::Table => print(&table(&report)),
    }
    Ok(if report.is_ready() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The same settings read as production reads them.
fn as_production() -> Judged {
    let mut environment = process_environment();
    environment.remove("GATEWAY_ENV_FILE");
    environment.insert("GATEWAY_ENV".to_owned(), "production".to_owned());
    let (refused, doubted) = match load(&environment) {
        Ok(settings) => (Vec::new(), settings.warnings),
        Err(errors) => (errors.0, Vec::new()),
    };
    Judged { as_production: true, refused, doubted }
}

fn table(report: &Report) -> String {
    let mut text = String::new();
    for finding in &report.checks {
        let state = match finding.state {
            State::Ok => "ok",
            State::Warning => "warning",
            State::Problem => "PROBLEM",
            State::Skipped => "-",
        };
        let _ = writeln!(text, "{state:<8} {:<20} {}", finding.code.code(), finding.found);
        if let Some(advice) = &finding.advice {
            let _ = writeln!(text, "{:<29} → {advice}", "");
        }
    }
    let count = |state| report.checks.iter().filter(|finding| finding.state == state).count();
    let (problems, warnings) = (count(State::Problem), count(State::Warning));
    let judged = if report.production { "as production" } else { "as development" };
    let _ = writeln!(text, "\n{} checks {judged}: {problems} problems, {warnings} warnings", report.checks.len());
    text
}
