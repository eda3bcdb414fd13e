//! `gatewayctl version`

use serde::Serialize;

use crate::api::types::Version;
use crate::cli::arguments::Output;
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::table;
use crate::cli::terminal::Terminal;

#[derive(Serialize)]
struct Versions {
    client: &'static str,
    server: Version,
}

/// Prints both versions, and warns where they differ.
///
/// # Errors
/// See [`CliError`].
pub(super) async fn run(client: &Client, terminal: &Terminal, output: Output) -> Result<(), CliError> {
    let versions = Versions { client: env!("CARGO_PKG_VERSION"), server: client.version().await? };
    if versions.client != versions.server.version {
        terminal.tell("warning: the versions differ; use the gatewayctl that came with the server");
    }
    table::print(terminal, output, &versions, |versions| {
        format!("gatewayctl {}\n{} {}\n", versions.client, versions.server.name, versions.server.version)
    });
    Ok(())
}
