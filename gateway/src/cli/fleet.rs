//! `gatewayctl verify`, `gatewayctl reconcile` and `gatewayctl gc`: jobs on the whole fleet.

use std::time::Duration;

use serde_json::Value;

use crate::api::types::{CreateJob, JobParameters};
use crate::cli::arguments::Output;
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::report::{self, Collected, Reconciled, Resealed, Verified, sources};
use crate::cli::terminal::Terminal;
use crate::cli::{job, table};
use crate::domain::job::JobKind;

fn failed(message: String, next: &str) -> CliError {
    CliError::Failed { message, next: next.to_owned() }
}

/// Prints the auditor's report, always as JSON.
///
/// # Errors
/// [`CliError::Failed`] when something is not as promised, or could not be looked at; see also [`job::run`].
pub(super) async fn verify(
    client: &Client,
    terminal: &Terminal,
    tenants: Vec<String>,
    quick: bool,
    longest: Duration,
) -> Result<(), CliError> {
    let parameters = JobParameters {
        tenants: Some(tenants).filter(|tenants| !tenants.is_empty()),
        quick: Some(quick),
        ..JobParameters::default()
    };
    let result =
        job::run(client, *terminal, &CreateJob { kind: JobKind::Verify, parameters: Some(parameters) }, longest)
            .await?;
    table::print(terminal, Output::Json, &result, |_| String::new());
    judge(&report::read(&result)?, terminal)
}

/// Whether the report is a clean one. What is not known is not well.
fn judge(found: &Verified, terminal: &Terminal) -> Result<(), CliError> {
    let tenants = match &found.tenants {
        Value::Array(list) => list.len().to_string(),
        number => number.to_string(),
    };
    if !found.settling.is_empty() {
        terminal.tell(&format!("being worked on and not judged: {}", found.settling.len()));
    }
    match (found.violations.len(), &*found.unknown) {
        (0, []) => {
            terminal.tell(&format!("everything is as promised; tenants: {tenants}"));
            Ok(())
        }
        (0, unknown) => Err(failed(
            format!("not everything could be looked at: {}", sources(unknown)),
            "mend what does not answer, then gatewayctl verify",
        )),
        (count, _) => Err(failed(
            format!("not everything is as promised; violations in the report: {count}"),
            "gatewayctl reconcile",
        )),
    }
}

/// Prints what was found and what is repaired.
///
/// # Errors
/// [`CliError::Failed`] when repairs were refused or something could not be looked at; see also [`job::run`].
pub(super) async fn reconcile(
    client: &Client,
    terminal: &Terminal,
    output: Output,
    dry_run: bool,
    longest: Duration,
) -> Result<(), CliError> {
    let parameters = JobParameters { dry_run: Some(dry_run), ..JobParameters::default() };
    let result =
        job::run(client, *terminal, &CreateJob { kind: JobKind::Reconcile, parameters: Some(parameters) }, longest)
            .await?;
    let found: Reconciled = report::read(&result)?;
    table::print(terminal, output, &result, |_| table::reconciled(&found));
    terminal.tell(&format!(
        "tenants: {}; differences: {}; objects without an owner: {}",
        found.tenants,
        found.drift.len(),
        found.orphans.len()
    ));
    if let Some(refused) = &found.refused {
        let message = format!("repairs were refused: {} ({})", refused.message, refused.code);
        return Err(failed(message, "find out why so much differs before anything is repaired"));
    }
    if found.unknown.is_empty() {
        return Ok(());
    }
    let message = format!("not everything could be looked at: {}", sources(&found.unknown));
    Err(failed(message, "mend what does not answer, then gatewayctl reconcile"))
}

/// Prints what went or would go, and what stays and why.
///
/// # Errors
/// See [`job::run`].
pub(super) async fn collect(
    client: &Client,
    terminal: &Terminal,
    output: Output,
    parameters: JobParameters,
    longest: Duration,
) -> Result<(), CliError> {
    let result =
        job::run(client, *terminal, &CreateJob { kind: JobKind::Collect, parameters: Some(parameters) }, longest)
            .await?;
    let done: Collected = report::read(&result)?;
    table::print(terminal, output, &result, |_| table::collected(&done));
    let count = done.collected.len();
    if done.dry_run {
        let next = if count > 0 { "; remove for good with: gatewayctl gc --yes" } else { "" };
        terminal.tell(&format!("would go: {count}{next}"));
    } else {
        terminal.tell(&format!("removed: {count}; kept: {}", done.kept.len()));
    }
    Ok(())
}

/// Seals secrets again with the first key, and prints which keys may go.
///
/// # Errors
/// [`CliError::Failed`] when secrets are sealed with a key that the workers do not have; see also [`job::run`].
pub(super) async fn reseal(
    client: &Client,
    terminal: &Terminal,
    output: Output,
    dry_run: bool,
    longest: Duration,
) -> Result<(), CliError> {
    let parameters = JobParameters { dry_run: Some(dry_run), ..JobParameters::default() };
    let result =
        job::run(client, *terminal, &CreateJob { kind: JobKind::Reseal, parameters: Some(parameters) }, longest)
            .await?;
    let done: Resealed = report::read(&result)?;
    table::print(terminal, output, &result, |_| table::sealed_by(&done));
    if !done.dry_run {
        terminal.tell(&format!("sealed again with {}: {}", done.key, done.resealed));
    }
    if done.unreadable > 0 {
        return Err(failed(
            format!("secrets that no key of the workers opens: {}", done.unreadable),
            "put the key that sealed them back into GATEWAY_SECRET_KEYS of the workers",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_violated_or_unknown_fails() {
        let terminal = Terminal::new(true);
        let judged = |violations: Value, unknown: Value| {
            let report = json!({
                "checked_at": "2026-01-01T00:00:00Z", "tenants": 3, "settling": [], "violations": violations, "unknown": unknown,
            });
            judge(&report::read(&report).unwrap(), &terminal)
        };
        assert!(judged(json!([]), json!([])).is_ok());
        let violated = judged(json!([{"invariant": "I1", "what": "no route"}]), json!([])).unwrap_err();
        assert_eq!(violated.exit_code(), 1);
        let unknown = json!([{"source": "redis", "code": "redis_unreachable", "message": "no answer"}]);
        let unknown = judged(json!([]), unknown).unwrap_err();
        assert!(unknown.exit_code() == 1 && unknown.to_string().contains("redis (no answer)"), "{unknown}");
        assert!(report::read::<Verified>(&json!({ "tenants": 1 })).is_err());
    }
}
