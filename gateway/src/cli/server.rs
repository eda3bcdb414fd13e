//! `gatewayctl server`

use crate::api::types::{DatabaseServer, EditDatabaseServer};
use crate::cli::arguments::{Output, ServerVerb};
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
    verb: ServerVerb,
) -> Result<(), CliError> {
    let show = |server: &DatabaseServer| {
        table::print(terminal, output, server, |one| table::servers(std::slice::from_ref(one)));
    };
    match verb {
        ServerVerb::List { limit } => {
            let list = client.servers(limit).await?;
            table::print(terminal, output, &list, |list| table::servers(&list.items));
        }
        ServerVerb::Show { server } => show(&client.server(&server).await?),
        ServerVerb::Edit { server, capacity, unlimited, region } => {
            let capacity = if unlimited { Some(None) } else { capacity.map(Some) };
            show(&client.edit_server(&server, &EditDatabaseServer { capacity, region }).await?);
        }
        ServerVerb::Drain { server } => show(&client.put_server(&server, "drain").await?),
        ServerVerb::Start { server } => show(&client.put_server(&server, "start").await?),
    }
    Ok(())
}
