//! `gatewayctl plan`

use crate::api::types::{CreatePlan, EditPlan, Plan};
use crate::cli::arguments::{Output, PlanVerb};
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::table;
use crate::cli::terminal::Terminal;

/// Does it.
///
/// # Errors
/// See [`CliError`].
pub(super) async fn run(client: &Client, terminal: &Terminal, output: Output, verb: PlanVerb) -> Result<(), CliError> {
    let show = |plan: &Plan| table::print(terminal, output, plan, |plan| table::plans(std::slice::from_ref(plan)));
    match verb {
        PlanVerb::List { limit } => {
            let list = client.plans(limit).await?;
            table::print(terminal, output, &list, |list| table::plans(&list.items));
        }
        PlanVerb::Show { name } => show(&client.plan(&name).await?),
        PlanVerb::Create { name, title, tier, limits, network } => {
            let new = CreatePlan {
                name,
                title,
                tier,
                connection_limit: limits.connections,
                statement_timeout_seconds: limits.statement_timeout,
                idle_in_transaction_timeout_seconds: limits.idle_timeout,
                memory_mib: limits.memory,
                cpus: limits.cpus,
                pids: limits.pids,
                network,
            };
            show(&client.create_plan(&new).await?);
        }
        PlanVerb::Edit { name, title, limits, unset, network } => {
            let is_unset = |limit: &str| unset.iter().any(|one| one == limit);
            let edit = EditPlan {
                title,
                connection_limit: limits.connections.map(Some).or(is_unset("connections").then_some(None)),
                statement_timeout_seconds: limits.statement_timeout,
                idle_in_transaction_timeout_seconds: limits.idle_timeout,
                memory_mib: limits.memory.map(Some).or(is_unset("memory").then_some(None)),
                cpus: limits.cpus.map(Some).or(is_unset("cpus").then_some(None)),
                pids: limits.pids.map(Some).or(is_unset("pids").then_some(None)),
                network,
            };
            show(&client.edit_plan(&name, &edit).await?);
        }
        PlanVerb::Delete { name } => {
            let plan = client.delete_plan(&name).await?;
            terminal.tell(&format!("Removed {}.", plan.name));
        }
    }
    Ok(())
}
