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
        PoolVerb::Create { name, backends, capacity, weight } => {
            let new = CreatePool { name, backend_url: None, members: Some(backends), capacity, weight };
            show(&client.create_pool(&new).await?);
        }
        PoolVerb::Edit { pool, backends, capacity, unlimited, weight } => {
            let members = Some(backends).filter(|backends| !backends.is_empty());
            let capacity = if unlimited { Some(None) } else { capacity.map(Some) };
            show(&client.edit_pool(&pool, &EditPool { backend_url: None, members, capacity, weight }).await?);
        }
        PoolVerb::Drain { pool } => show(&client.put_pool(&pool, "drain").await?),
        PoolVerb::Stop { pool } => show(&client.put_pool(&pool, "stop").await?),
        PoolVerb::Start { pool } => show(&client.put_pool(&pool, "start").await?),
        PoolVerb::Delete { pool } => {
            let pool = client.delete_pool(&pool).await?;
            terminal.tell(&format!("Removed {}.", pool.name));
        }
    }
    Ok(())
}
