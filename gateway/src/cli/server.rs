//! `gatewayctl server`

use crate::api::types::{CreateDatabaseServer, DatabaseServer, EditDatabaseServer};
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
        ServerVerb::Create { name, address, state, capacity, weight, overcommit, region } => {
            let new = CreateDatabaseServer { name, address, state, capacity, weight, overcommit, region };
            show(&client.create_server(&new).await?);
        }
        ServerVerb::Edit {
            server,
            address,
            state,
            capacity,
            unlimited,
            weight,
            overcommit,
            any_overcommit,
            region,
        } => {
            let capacity = if unlimited { Some(None) } else { capacity.map(Some) };
            let overcommit = if any_overcommit { Some(None) } else { overcommit.map(Some) };
            let edit = EditDatabaseServer { address, state, capacity, weight, overcommit, region };
            show(&client.edit_server(&server, &edit).await?);
        }
        ServerVerb::Drain { server } => show(&client.put_server(&server, "drain").await?),
        ServerVerb::Start { server } => show(&client.put_server(&server, "start").await?),
        ServerVerb::Delete { server } => {
            let server = client.delete_server(&server).await?;
            terminal.tell(&format!("Removed {}.", server.name));
        }
    }
    Ok(())
}
