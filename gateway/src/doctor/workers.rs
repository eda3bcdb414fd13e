//! Whether workers work.

use std::time::Duration;

use crate::doctor::Look;
use crate::doctor::report::{Check, Finding};
use crate::provision::run::store_failure;
use crate::store::StoreError;
use crate::store::capacity::QueueUse;

/// Workers look at Traefik every few seconds where its API is known; with several looks missed there is none.
const SILENT: Duration = Duration::from_secs(30);
/// Without Traefik's API the sign of a worker that has nothing to do is a look at the database servers.
const SILENT_WITHOUT_API: Duration = Duration::from_secs(600);
/// What has been due for this long is not taken.
const WAITED: Duration = Duration::from_secs(60);

/// Looks at what workers left in the control database.
pub(super) async fn look(look: &Look<'_>) -> Vec<Finding> {
    let Some(store) = &look.store else { return Vec::new() };
    let read = async { Ok::<_, StoreError>((store.worker_seen_ago().await?, store.queue_use().await?)) };
    match read.await {
        Ok((seen, queue)) => {
            let silent = if look.settings.edge.api_url.is_some() { SILENT } else { SILENT_WITHOUT_API };
            vec![judge(seen, silent), queue_judged(&queue)]
        }
        Err(error) => vec![Finding::failed(Check::Workers, &store_failure(error), "look at the control database")],
    }
}

fn judge(seen_ago: Option<f64>, silent: Duration) -> Finding {
    let advice = "start `gateway worker`, and read its log where it ends at once";
    match seen_ago {
        None => Finding::problem(Check::Workers, "no worker has ever been there", advice),
        Some(ago) if ago > silent.as_secs_f64() => {
            let found = format!("no worker has left a sign for {ago:.0} s");
            Finding::problem(Check::Workers, found, advice)
        }
        Some(ago) => Finding::ok(Check::Workers, format!("a worker was there {ago:.0} s ago")),
    }
}

fn queue_judged(queue: &QueueUse) -> Finding {
    match queue.oldest_seconds {
        Some(waited) if waited > WAITED.as_secs_f64() => {
            let found =
                format!("{} tenants are due, and the oldest of them waits for {waited:.0} s", queue.due + queue.behind);
            Finding::warning(
                Check::Queue,
                found,
                "run more workers, or raise worker_concurrency; read the workers' logs",
            )
        }
        _ => Finding::ok(Check::Queue, format!("{} tenants are due, and are taken", queue.due + queue.behind)),
    }
}
