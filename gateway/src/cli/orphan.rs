//! `gatewayctl orphan`

use crate::cli::arguments::{OrphanVerb, Output};
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::table;
use crate::cli::terminal::Terminal;

/// Does it.
///
/// # Errors
/// See [`CliError`].
pub(super) async fn run(
    client: &Client,
    terminal: &Terminal,
    output: Output,
    verb: OrphanVerb,
) -> Result<(), CliError> {
    match verb {
        OrphanVerb::List { limit } => {
            let list = client.orphans(limit).await?;
            table::print(terminal, output, &list, |list| table::orphans(&list.items));
            if output == Output::Table && list.next_cursor.is_some() {
                terminal.tell("There are more; raise --limit to see them.");
            }
            Ok(())
        }
    }
}
