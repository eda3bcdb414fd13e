//! `gatewayctl audit`

use crate::api::types::AuditCheck;
use crate::cli::arguments::{AuditVerb, Output};
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::table;
use crate::cli::terminal::Terminal;

/// Does it.
///
/// # Errors
/// See [`CliError`]; [`CliError::Failed`] when the log is not whole.
pub(super) async fn run(client: &Client, terminal: &Terminal, output: Output, verb: AuditVerb) -> Result<(), CliError> {
    match verb {
        AuditVerb::List { actor, target, call, limit } => {
            let mut filter = Vec::new();
            filter.extend(actor.map(|actor| ("actor", actor)));
            filter.extend(target.map(|target| ("target", target)));
            filter.extend(call.map(|call| ("call", call)));
            let list = client.audit(&filter, limit).await?;
            table::print(terminal, output, &list, |list| table::audit(&list.items));
            Ok(())
        }
        AuditVerb::Export { limit } => export(client, terminal, limit).await,
        AuditVerb::Verify => {
            let check = client.check_audit().await?;
            let told = |check: &AuditCheck| format!("{} entries, digest {}\n", check.entries, check.digest);
            table::print(terminal, output, &check, told);
            match (check.whole, check.broken_at, check.why) {
                (true, ..) => Ok(()),
                (false, at, why) => Err(CliError::Failed {
                    message: format!(
                        "the audit log is not whole: entry {}: {}",
                        at.unwrap_or_default(),
                        why.unwrap_or_default()
                    ),
                    next: "compare with an export or a backup from before".into(),
                }),
            }
        }
    }
}

/// Page by page, so that a long log needs no memory.
async fn export(client: &Client, terminal: &Terminal, limit: u32) -> Result<(), CliError> {
    let (mut left, mut cursor) = (limit, None);
    while left > 0 {
        let page = client.audit_page(left, cursor.take()).await?;
        for entry in &page.items {
            terminal.print(&(serde_json::to_string(entry).unwrap_or_default() + "\n"));
        }
        left = left.saturating_sub(u32::try_from(page.items.len()).unwrap_or(u32::MAX));
        match page.next_cursor {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    Ok(())
}
