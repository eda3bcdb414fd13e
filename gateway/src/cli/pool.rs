//! `gatewayctl pool`

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::api::types::{CreatePool, EditPool, Pool};
use crate::cli::arguments::{ContainerArguments, Output, PoolVerb, Waiting};
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::table;
use crate::cli::terminal::{Mark, Terminal};

/// Time between two looks at a pool that is waited for.
const EVERY: Duration = Duration::from_millis(200);

/// Does it.
///
/// # Errors
/// See [`CliError`].
pub(super) async fn run(client: &Client, terminal: &Terminal, output: Output, verb: PoolVerb) -> Result<(), CliError> {
    let (pool, waiting) = match verb {
        PoolVerb::List { limit } => {
            let list = client.pools(limit).await?;
            table::print(terminal, output, &list, |list| table::pools(&list.items));
            return Ok(());
        }
        PoolVerb::Members { pool } => {
            let list = client.pool_members(&pool).await?;
            table::print(terminal, output, &list, |list| table::pool_members(&list.items));
            return Ok(());
        }
        PoolVerb::Show { pool } => {
            table::print(terminal, output, &client.pool(&pool).await?, table::pool);
            return Ok(());
        }
        PoolVerb::Delete { pool, waiting } => return delete(client, terminal, &pool, waiting).await,
        PoolVerb::Create { name, backends, containers, capacity, weight, waiting } => {
            let members = Some(backends).filter(|backends| !backends.is_empty());
            let new = create(CreatePool { name, members, capacity, weight, ..CreatePool::default() }, containers)?;
            (client.create_pool(&new).await?, waiting)
        }
        PoolVerb::Edit { pool, backends, containers, unset_env, unset, capacity, unlimited, weight, waiting } => {
            let members = Some(backends).filter(|backends| !backends.is_empty());
            let capacity = if unlimited { Some(None) } else { capacity.map(Some) };
            let edit = EditPool { members, capacity, weight, ..EditPool::default() };
            let edit = change(edit, containers, unset_env, &unset)?;
            (client.edit_pool(&pool, &edit).await?, waiting)
        }
        PoolVerb::Provision { pool, waiting } => (client.put_pool(&pool, "provision").await?, waiting),
        PoolVerb::Restart { pool, waiting } => (client.put_pool(&pool, "restart").await?, waiting),
        PoolVerb::Stop { pool, waiting } => (client.put_pool(&pool, "stop").await?, waiting),
        PoolVerb::Start { pool, waiting } => (client.put_pool(&pool, "start").await?, waiting),
        PoolVerb::Drain { pool } => {
            table::print(terminal, output, &client.put_pool(&pool, "drain").await?, table::pool);
            return Ok(());
        }
    };
    let pool = if waiting.wait { await_true(client, terminal, pool, waiting.longest()).await? } else { pool };
    table::print(terminal, output, &pool, table::pool);
    Ok(())
}

fn create(new: CreatePool, given: ContainerArguments) -> Result<CreatePool, CliError> {
    let environment = given.env_file.as_deref().map(read_environment).transpose()?;
    let ContainerArguments { image, replicas, port, memory, cpus, pids, .. } = given;
    Ok(CreatePool { image, replicas, port, environment, memory_mib: memory, cpus, pids, ..new })
}

fn change(
    edit: EditPool,
    given: ContainerArguments,
    unset_env: Vec<String>,
    unset: &[String],
) -> Result<EditPool, CliError> {
    let set = given.env_file.as_deref().map(read_environment).transpose()?.unwrap_or_default();
    let set = set.into_iter().map(|(name, value)| (name, Some(value)));
    let environment: BTreeMap<_, _> = set.chain(unset_env.into_iter().map(|name| (name, None))).collect();
    let is_unset = |name: &str| unset.iter().any(|one| one == name);
    Ok(EditPool {
        image: given.image,
        replicas: given.replicas,
        port: if is_unset("port") { Some(None) } else { given.port.map(Some) },
        environment: Some(environment).filter(|environment| !environment.is_empty()),
        memory_mib: if is_unset("memory") { Some(None) } else { given.memory.map(Some) },
        cpus: if is_unset("cpus") { Some(None) } else { given.cpus.map(Some) },
        pids: if is_unset("pids") { Some(None) } else { given.pids.map(Some) },
        ..edit
    })
}

/// Variables from a file, so that no secret stands among the arguments of a process. Empty lines and those that begin with #
/// are passed over.
fn read_environment(file: &Path) -> Result<BTreeMap<String, String>, CliError> {
    let failed = |error| CliError::Local(format!("cannot read {}", file.display()), error);
    let text = if file == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map_err(failed)?;
        text
    } else {
        std::fs::read_to_string(file).map_err(failed)?
    };
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    let variables = lines.map(|(number, line)| {
        let wrong = || CliError::Usage(format!("line {} of {} is not NAME=VALUE", number + 1, file.display()));
        line.split_once('=').map(|(name, value)| (name.trim().to_owned(), value.to_owned())).ok_or_else(wrong)
    });
    variables.collect()
}

/// Waits until a pool is as wanted.
async fn await_true(client: &Client, terminal: &Terminal, mut pool: Pool, longest: Duration) -> Result<Pool, CliError> {
    let began = Instant::now();
    let (id, wanted) = (pool.id.to_string(), pool.revision);
    loop {
        if pool.observed_revision >= wanted {
            return Ok(pool);
        }
        let trouble = pool.problem.as_ref().map(|problem| format!("{}: {}", problem.code, problem.message));
        if let Some(trouble) =
            trouble.as_ref().filter(|_| pool.problem.as_ref().is_some_and(|problem| !problem.retried))
        {
            let next = format!("mend it, then gatewayctl pool provision {}", pool.name);
            return Err(CliError::Failed {
                message: format!("the pool {} is not as wanted: {trouble}", pool.name),
                next,
            });
        }
        if began.elapsed() > longest {
            let message = format!("a worker is still at the pool {}", pool.name);
            return Err(CliError::TimedOut { message, next: format!("gatewayctl pool show {}", pool.name) });
        }
        let trouble = trouble.map(|trouble| format!(", {trouble}")).unwrap_or_default();
        let text = format!("{} members answer{trouble}", pool.healthy_members);
        terminal.tell_for_now(&format!("{} {text}", terminal.mark(Mark::Running)));
        tokio::time::sleep(EVERY).await;
        pool = client.pool(&id).await?;
    }
}

async fn delete(client: &Client, terminal: &Terminal, pool: &str, waiting: Waiting) -> Result<(), CliError> {
    let pool = client.delete_pool(pool).await?;
    if !pool.managed {
        terminal.tell(&format!("Removed {}.", pool.name));
        return Ok(());
    }
    if !waiting.wait {
        terminal.tell(&format!("{} is being removed.", pool.name));
        return Ok(());
    }
    let (began, id) = (Instant::now(), pool.id.to_string());
    while began.elapsed() <= waiting.longest() {
        match client.pool(&id).await {
            Err(CliError::Refused(problem)) if problem.code == "pool_not_found" => {
                terminal.tell(&format!("Removed {}.", pool.name));
                return Ok(());
            }
            other => drop(other?),
        }
        tokio::time::sleep(EVERY).await;
    }
    let message = format!("a worker is still removing {}", pool.name);
    Err(CliError::TimedOut { message, next: format!("gatewayctl pool show {}", pool.name) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_is_read_line_by_line() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("env");
        std::fs::write(&file, "# comment\n\nURL=postgres://u:p@h/d?a=b\nEMPTY=\n").unwrap();
        let read = read_environment(&file).unwrap();
        assert_eq!(read.get("URL").map(String::as_str), Some("postgres://u:p@h/d?a=b"));
        assert_eq!((read.get("EMPTY").map(String::as_str), read.len()), (Some(""), 2));
        std::fs::write(&file, "URL\n").unwrap();
        assert!(read_environment(&file).unwrap_err().shown().contains("line 1"));
    }
}
