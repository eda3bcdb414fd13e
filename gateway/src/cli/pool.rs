//! `gatewayctl pool`

use crate::api::types::{CreatePool, EditPool, Pool};
use crate::cli::arguments::{Output, PoolVerb};
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::table;
use crate::cli::terminal::Terminal;

/// Does it.
///
/// # Errors
/// See [`CliError`].
pub(super) async fn run(client: &Client, terminal: &Terminal, output: Output, verb: PoolVerb) -> Result<(), CliError> {
    let show = |pool: &Pool| table::print(terminal, output, pool, |pool| table::pools(std::slice::from_ref(pool)));
    match verb {
        PoolVerb::List { limit } => {
            let list = client.pools(limit).await?;
            table::print(terminal, output, &list, |list| table::pools(&list.items));
        }
        PoolVerb::Show { pool } => show(&client.pool(&pool).await?),
        PoolVerb::Create { name, backend } => {
            show(&client.create_pool(&CreatePool { name, backend_url: backend }).await?);
        }
        PoolVerb::Edit { pool, backend } => {
            show(&client.edit_pool(&pool, &EditPool { backend_url: backend }).await?);
        }
        PoolVerb::Delete { pool } => {
            let pool = client.delete_pool(&pool).await?;
            terminal.tell(&format!("Removed {}.", pool.name));
        }
    }
    Ok(())
}
