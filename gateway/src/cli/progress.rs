//! Follows an operation and shows its steps as they end.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::api::types::{Operation, Step, Tenant};
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::table::{milliseconds, time};
use crate::cli::terminal::{Mark, Terminal};
use crate::domain::operation::{Action, OperationKind, OperationState, StepState};
use crate::domain::status::Status;

/// Time between two looks, where there is no stream.
const EVERY: Duration = Duration::from_millis(100);

fn line(terminal: Terminal, step: &Step) -> String {
    let mark = match step.state {
        StepState::Succeeded => Mark::Done,
        StepState::Skipped => Mark::Skipped,
        StepState::Failed | StepState::Abandoned => Mark::Failed,
        StepState::Started => Mark::Running,
    };
    let mut text = format!("{} {}", terminal.mark(mark), step.step);
    if step.state == StepState::Skipped {
        let reason = step.result.as_ref().and_then(|result| result.get("reason")).and_then(|reason| reason.as_str());
        text.push_str(&reason.map_or_else(|| " unchanged".to_owned(), |reason| format!(" skipped: {reason}")));
    } else {
        text.push_str(match (step.action, step.state) {
            (_, StepState::Abandoned) => " abandoned: its worker died or lost the tenant",
            (Action::Ensure, _) => "",
            (Action::Retire, StepState::Succeeded) => " retired",
            (Action::Retire, _) => " retirement",
            (Action::Remove, StepState::Succeeded) => " removed",
            (Action::Remove, _) => " removal",
        });
        if let Some(ms) = step.duration_ms {
            text.push_str(&format!(" {}", milliseconds(ms)));
        }
    }
    if let Some(error) = &step.error {
        let fate = if error.retryable { "will be tried again" } else { "needs you" };
        text.push_str(&format!(" {}: {} ({fate})", error.code, error.message));
    }
    text
}

/// What was shown of an operation.
struct Shown {
    terminal: Terminal,
    ended: HashSet<i64>,
}

impl Shown {
    /// Shows a step: where it has ended for good, and once; else where lines can be replaced.
    fn step(&mut self, step: &Step) {
        if step.state == StepState::Started {
            self.terminal.tell_for_now(&line(self.terminal, step));
        } else if self.ended.insert(step.id) {
            self.terminal.tell(&line(self.terminal, step));
        }
    }

    fn waiting(&self) {
        self.terminal.tell_for_now(&format!("{} waiting for a worker", self.terminal.mark(Mark::Running)));
    }

    /// Shows an operation as a look finds it.
    fn operation(&mut self, operation: &Operation) {
        let steps = operation.steps.as_deref().unwrap_or_default();
        steps.iter().for_each(|step| self.step(step));
        if !operation.state.is_open() {
            self.terminal.tell_for_now("");
        } else if steps.last().is_none_or(|step| step.state != StepState::Started) {
            self.waiting();
        }
    }
}

/// Follows an operation by its stream. `None` where there is none, or it ends too early: a look tells more.
async fn listen(client: &Client, id: Uuid, shown: &mut Shown, longest: Duration) -> Option<Operation> {
    let mut messages = client.follow_operation(id, longest).await.ok()?;
    while let Some(message) = messages.next().await {
        match &*message.name {
            "step" => shown.step(&serde_json::from_str(&message.data).ok()?),
            "operation" => {
                let operation: Operation = serde_json::from_str(&message.data).ok()?;
                if operation.state == OperationState::Pending {
                    shown.waiting();
                }
            }
            "ended" => {
                shown.terminal.tell_for_now("");
                // With its steps, as a look gives it.
                return client.operation(id).await.ok();
            }
            _ => {}
        }
    }
    None
}

/// Follows an operation to its end: by its stream, and by looks where that is not to be had.
///
/// # Errors
/// [`CliError::TimedOut`] after `longest`; the work goes on then.
pub(super) async fn follow(
    client: &Client,
    terminal: Terminal,
    id: Uuid,
    longest: Duration,
) -> Result<Operation, CliError> {
    let deadline = Instant::now() + longest;
    let mut shown = Shown { terminal, ended: HashSet::new() };
    if let Some(operation) = listen(client, id, &mut shown, longest).await {
        return Ok(operation);
    }
    loop {
        let operation = client.operation(id).await?;
        shown.operation(&operation);
        if !operation.state.is_open() {
            return Ok(operation);
        }
        if Instant::now() >= deadline {
            let message = format!(
                "{} of {} is still {} after {} s; it goes on without this command",
                operation.kind,
                operation.tenant_key,
                operation.state,
                longest.as_secs()
            );
            return Err(CliError::TimedOut {
                message,
                next: format!("gatewayctl tenant watch {}", operation.tenant_id),
            });
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Follows the tenant's latest operation, then looks whether the tenant is as wanted; any state is fine without a wish.
///
/// # Errors
/// [`CliError::Failed`] when it is not; see also [`follow`].
pub(super) async fn settle(
    client: &Client,
    terminal: Terminal,
    tenant: &Tenant,
    wanted: Option<Status>,
    longest: Duration,
) -> Result<Tenant, CliError> {
    let Some(operation) = &tenant.operation else { return Ok(tenant.clone()) };
    let ended = follow(client, terminal, operation.id, longest).await?;
    let id = tenant.id.to_string();
    let tenant = client.tenant(&id).await?;
    let next = || format!("gatewayctl operation show {}", ended.id);
    match ended.state {
        OperationState::Failed => {
            let why = ended
                .error
                .as_ref()
                .map_or_else(String::new, |e| format!(" in {}: {} ({})", e.step, e.message, e.code));
            let message = format!("{} of {} failed{why}", ended.kind, ended.tenant_key);
            Err(CliError::Failed { message, next: format!("{}, then gatewayctl tenant retry {}", next(), tenant.key) })
        }
        OperationState::Cancelled => {
            let is_called_off = ended.error.as_ref().is_some_and(|error| error.code == "cancelled");
            let (what, next) =
                if is_called_off { ("somebody cancelled", "retry") } else { ("a newer request replaced", "watch") };
            let message = format!("{what} this {} of {}", ended.kind, ended.tenant_key);
            Err(CliError::Failed { message, next: format!("gatewayctl tenant {next} {id}") })
        }
        _ if wanted.is_some_and(|wanted| wanted != tenant.status) => {
            let message = format!("{} is {} and not as wanted", tenant.key, tenant.status);
            Err(CliError::Failed { message, next: next() })
        }
        _ => Ok(tenant),
    }
}

/// Whether a deletion goes on without anybody asking: its data is being removed, or its grace was none and is over.
fn goes_on(tenant: &Tenant) -> bool {
    match tenant.status {
        Status::Purging => true,
        // Both are the control database's time, so this machine's clock does not matter.
        Status::Deleting => tenant.purge_at.is_some_and(|at| at <= tenant.updated_at),
        _ => false,
    }
}

/// Follows a deletion until the tenant's data waits out its grace, or, where there is no grace, until the tenant is
/// deleted.
///
/// # Errors
/// [`CliError::Failed`] when the tenant is neither then; see also [`settle`].
pub(super) async fn remove(
    client: &Client,
    terminal: Terminal,
    tenant: &Tenant,
    longest: Duration,
) -> Result<Tenant, CliError> {
    let deadline = Instant::now() + longest;
    let left = || deadline.saturating_duration_since(Instant::now());
    let id = tenant.id.to_string();
    let mut tenant = settle(client, terminal, tenant, None, longest).await?;
    while goes_on(&tenant) {
        if left().is_zero() {
            let message = format!("{} is still {} after {} s", tenant.key, tenant.status, longest.as_secs());
            return Err(CliError::TimedOut { message, next: format!("gatewayctl tenant show {id}") });
        }
        if tenant.operation.as_ref().is_some_and(|operation| operation.kind == OperationKind::Purge) {
            tenant = settle(client, terminal, &tenant, None, left()).await?;
        } else {
            terminal.tell_for_now(&format!("{} waiting for the purge to begin", terminal.mark(Mark::Running)));
            tokio::time::sleep(EVERY).await;
            tenant = client.tenant(&id).await?;
        }
    }
    match (tenant.status, tenant.purge_at) {
        (Status::Deleting, Some(until)) => {
            terminal.tell(&format!(
                "Its data is kept until {}; take it back until then with: gatewayctl tenant undelete {}",
                time(until),
                tenant.key
            ));
            Ok(tenant)
        }
        (Status::Deleted, _) => Ok(tenant),
        (status, _) => {
            let message = format!("{} is {status} and not as wanted", tenant.key);
            Err(CliError::Failed { message, next: format!("gatewayctl tenant show {id}") })
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_deletion_goes_on_where_no_grace_holds_it() {
        let tenant = |status: &str, purge_at: Option<&str>| -> Tenant {
            serde_json::from_value(json!({
                "id": Uuid::nil(), "key": "a1", "company_name": "A", "labels": {}, "notes": "", "tier": "shared",
                "plan": "default", "network": "per-tenant", "route_pinned": false, "status": status, "paused": false,
                "generation": 2, "observed_generation": 2, "attempt": 0, "purge_at": purge_at,
                "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-02T00:00:00Z",
            }))
            .unwrap()
        };
        assert!(goes_on(&tenant("purging", None)));
        assert!(goes_on(&tenant("deleting", Some("2026-01-02T00:00:00Z"))), "no grace");
        assert!(!goes_on(&tenant("deleting", Some("2026-01-09T00:00:00Z"))));
        assert!(!goes_on(&tenant("deleting", None)) && !goes_on(&tenant("active", None)));
    }
}
