//! `gatewayctl drift`

use crate::api::types::{Drift, RepairDrift};
use crate::cli::arguments::{DriftVerb, Output};
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::table::{self, NONE, aligned, optional, time};
use crate::cli::terminal::Terminal;
use crate::cli::{fleet, job};

/// Does it.
///
/// # Errors
/// See [`CliError`].
pub(super) async fn run(client: &Client, terminal: &Terminal, output: Output, verb: DriftVerb) -> Result<(), CliError> {
    match verb {
        DriftVerb::List { tenant, kind, limit } => {
            let mut filter = Vec::new();
            filter.extend(tenant.map(|tenant| ("tenant", tenant)));
            filter.extend(kind.map(|kind| ("kind", kind.to_string())));
            let list = client.drift(&filter, limit).await?;
            table::print(terminal, output, &list, |list| drift(&list.items));
            match &list.look {
                None => terminal.tell("No worker has looked for drift yet."),
                Some(look) => {
                    terminal.tell(&format!(
                        "Looked at {} tenants at {} or later; objects without an owner: {}.",
                        look.tenants,
                        time(look.looked_at),
                        look.orphans
                    ));
                    for trouble in look.refused.iter().chain(&look.unknown) {
                        let place = trouble.source.as_ref().map_or_else(String::new, |source| format!("{source}: "));
                        terminal.tell(&format!(
                            "{place}{} ({}), since {}",
                            trouble.message,
                            trouble.code,
                            time(look.since)
                        ));
                    }
                }
            }
            if output == Output::Table && list.next_cursor.is_some() {
                terminal.tell("There are more; raise --limit to see them.");
            }
            Ok(())
        }
        DriftVerb::Repair { tenants, limit } => {
            let asked = RepairDrift { tenants: Some(tenants).filter(|tenants| !tenants.is_empty()) };
            let made = client.repair_drift(&asked).await?;
            let result = job::follow(client, *terminal, made, limit.longest()).await?;
            fleet::tell_reconciled(terminal, output, &result)
        }
    }
}

fn drift(items: &[Drift]) -> String {
    let row = |one: &Drift| {
        let contrast = match (&one.wanted, &one.observed) {
            (None, None) => NONE.to_owned(),
            (wanted, observed) => format!("{} / {}", optional(wanted.as_ref()), optional(observed.as_ref())),
        };
        vec![
            one.tenant_key.clone(),
            one.kind.to_string(),
            one.what.clone(),
            contrast,
            one.repair.to_string(),
            time(one.first_seen_at),
        ]
    };
    let header = ["tenant", "kind", "what", "wanted / observed", "repair", "first seen"];
    aligned(Some(&header), items.iter().map(row).collect())
}
