//! `gatewayctl operation`

use crate::cli::arguments::{OperationVerb, Output};
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::terminal::Terminal;
use crate::cli::{progress, table};
use crate::domain::operation::OperationState;

/// Words as a filter takes them; none where it is left out.
fn joined(words: &[impl ToString]) -> Option<String> {
    let words: Vec<String> = words.iter().map(ToString::to_string).collect();
    Some(words.join(",")).filter(|text| !text.is_empty())
}

/// Does it.
///
/// # Errors
/// See [`CliError`].
pub(super) async fn run(
    client: &Client,
    terminal: &Terminal,
    output: Output,
    verb: OperationVerb,
) -> Result<(), CliError> {
    match verb {
        OperationVerb::List { tenant, state, kind, limit } => {
            let mut filter: Vec<_> = tenant.map(|tenant| ("tenant", tenant)).into_iter().collect();
            filter.extend(joined(&state).map(|states| ("state", states)));
            filter.extend(joined(&kind).map(|kinds| ("kind", kinds)));
            let list = client.operations(&filter, limit).await?;
            table::print(terminal, output, &list, |list| table::operations(&list.items));
        }
        OperationVerb::Show { id } => {
            let operation = client.operation(id).await?;
            table::print(terminal, output, &operation, table::operation);
        }
        OperationVerb::Watch { id, limit } => {
            let operation = progress::follow(client, *terminal, id, limit.longest()).await?;
            table::print(terminal, output, &operation, table::operation);
            if operation.state != OperationState::Succeeded {
                let message = format!("{} of {} is {}", operation.kind, operation.tenant_key, operation.state);
                return Err(CliError::Failed {
                    message,
                    next: format!("gatewayctl tenant show {}", operation.tenant_id),
                });
            }
        }
        OperationVerb::Cancel { id } => {
            let operation = client.wish_of_operation(id, "cancel").await?;
            terminal
                .tell(&format!("Cancelled; take it up again with: gatewayctl tenant retry {}", operation.tenant_key));
            table::print(terminal, output, &operation, table::operation);
        }
        OperationVerb::Retry { id } => {
            let operation = client.wish_of_operation(id, "retry").await?;
            terminal.tell(&format!("Accepted; follow it with: gatewayctl tenant watch {}", operation.tenant_key));
            table::print(terminal, output, &operation, table::operation);
        }
    }
    Ok(())
}
