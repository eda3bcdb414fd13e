//! `gatewayctl tenant batch` and `gatewayctl batch`

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::api::types::{Batch, BatchTenantFilter, CreateBatch};
use crate::cli::arguments::{BatchArguments, BatchVerbs, Output};
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::table;
use crate::cli::terminal::{Mark, Terminal};
use crate::domain::batch::BatchState;

/// Time between two looks.
const EVERY: Duration = Duration::from_millis(200);

/// Does it.
///
/// # Errors
/// See [`CliError`].
pub(super) async fn run(
    client: &Client,
    terminal: &Terminal,
    output: Output,
    verb: BatchVerbs,
) -> Result<(), CliError> {
    match verb {
        BatchVerbs::List { limit } => {
            let list = client.batches(limit).await?;
            table::print(terminal, output, &list, |list| table::batches(&list.items));
            Ok(())
        }
        BatchVerbs::Show { id } => {
            table::print(terminal, output, &client.batch(id).await?, table::batch);
            Ok(())
        }
        BatchVerbs::Cancel { id } => {
            table::print(terminal, output, &client.cancel_batch(id).await?, table::batch);
            Ok(())
        }
        BatchVerbs::Watch { id, timeout } => {
            follow(client, terminal, output, id, Duration::from_secs(timeout.into())).await
        }
    }
}

/// Makes a batch, and waits for its end where asked to.
///
/// # Errors
/// See [`CliError`].
pub(super) async fn create(
    client: &Client,
    terminal: &Terminal,
    output: Output,
    given: BatchArguments,
) -> Result<(), CliError> {
    let (waiting, is_dry) = (given.waiting, given.dry_run);
    let batch = client.create_batch(&asked(given)?, is_dry).await?;
    if is_dry {
        terminal.tell("Nothing was done: this is what would be.");
    } else if waiting.wait {
        return follow(client, terminal, output, batch.id, waiting.longest()).await;
    } else {
        terminal.tell(&format!("Accepted; follow it with: gatewayctl batch watch {}", batch.id));
    }
    table::print(terminal, output, &batch, table::batch);
    Ok(())
}

fn asked(given: BatchArguments) -> Result<CreateBatch, CliError> {
    let labels: BTreeMap<_, _> = given.labels.into_iter().collect();
    let filter = BatchTenantFilter {
        status: Some(given.status).filter(|status| !status.is_empty()),
        tier: given.tier,
        pool_id: given.pool,
        plan: given.plan,
        server: given.server,
        labels: Some(labels).filter(|labels| !labels.is_empty()),
        q: given.search,
    };
    let is_filtered = filter.status.is_some()
        || filter.tier.is_some()
        || filter.pool_id.is_some()
        || filter.plan.is_some()
        || filter.server.is_some()
        || filter.labels.is_some()
        || filter.q.is_some();
    if given.tenants.is_empty() && !is_filtered && !given.all {
        return Err(CliError::Usage("name tenants, or give a filter, or --all".into()));
    }
    Ok(CreateBatch {
        verb: given.verb,
        filter: given.tenants.is_empty().then_some(filter),
        tenants: Some(given.tenants).filter(|tenants| !tenants.is_empty()),
        expect_count: given.expect_count,
        force: given.force.then_some(true),
        pool_id: given.to_pool,
        parallelism: given.parallelism,
        max_failures: given.max_failures,
    })
}

fn progress(batch: &Batch) -> String {
    let counts = batch.counts;
    let ended = counts.succeeded + counts.failed + counts.refused + counts.left;
    let all = ended + counts.waiting + counts.running;
    format!("{}: {ended} of {all}, {} failed, {} refused", batch.verb, counts.failed, counts.refused)
}

/// Shows how far a batch is until it has ended.
async fn follow(
    client: &Client,
    terminal: &Terminal,
    output: Output,
    id: Uuid,
    longest: Duration,
) -> Result<(), CliError> {
    let deadline = Instant::now() + longest;
    let mut batch = client.batch(id).await?;
    while batch.state == BatchState::Running {
        if Instant::now() >= deadline {
            let message =
                format!("the batch is still running after {} s; it goes on without this command", longest.as_secs());
            return Err(CliError::TimedOut { message, next: format!("gatewayctl batch watch {id}") });
        }
        terminal.tell_for_now(&format!("{} {}", terminal.mark(Mark::Running), progress(&batch)));
        tokio::time::sleep(EVERY).await;
        batch = client.batch(id).await?;
    }
    terminal.tell_for_now("");
    table::print(terminal, output, &batch, table::batch);
    if batch.state == BatchState::Succeeded {
        return Ok(());
    }
    let message = format!("the batch {id} {}: {}", batch.state, progress(&batch));
    Err(CliError::Failed { message, next: format!("gatewayctl batch show {id}") })
}
