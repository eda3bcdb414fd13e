//! `gatewayctl key`

use crate::api::types::{CreateApiKey, NewApiKey, RotateApiKey};
use crate::cli::arguments::{KeyVerb, Output};
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::table;
use crate::cli::terminal::Terminal;

/// Does it.
///
/// # Errors
/// See [`CliError`].
pub(super) async fn run(client: &Client, terminal: &Terminal, output: Output, verb: KeyVerb) -> Result<(), CliError> {
    match verb {
        KeyVerb::Create { name, scopes, tenants, pools, expires } => {
            let some = |ids: Vec<_>| Some(ids).filter(|ids| !ids.is_empty());
            let new = CreateApiKey { name, scopes, tenants: some(tenants), pools: some(pools), expires_at: expires };
            show(terminal, output, &client.create_api_key(&new).await?);
        }
        KeyVerb::List { ended, limit } => {
            let list = client.api_keys(ended, limit).await?;
            table::print(terminal, output, &list, |list| table::api_keys(&list.items));
        }
        KeyVerb::Rotate { id, overlap } => {
            let how = RotateApiKey { overlap_seconds: Some(overlap) };
            show(terminal, output, &client.rotate_api_key(&id, &how).await?);
        }
        KeyVerb::Revoke { id } => {
            let key = client.revoke_api_key(&id).await?;
            table::print(terminal, output, &key, |key| table::api_keys(std::slice::from_ref(key)));
        }
    }
    Ok(())
}

/// The key alone on standard output, so that it can be led into a file.
fn show(terminal: &Terminal, output: Output, made: &NewApiKey) {
    if output == Output::Table {
        terminal.tell(&format!("Key {} of {}. It is shown this once:", made.api_key.id, made.api_key.name));
    }
    table::print(terminal, output, made, |made| made.key.clone() + "\n");
}
