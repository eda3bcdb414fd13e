//! Writes down what the tenant port was asked: at the end of each span, and once more at the end of the process.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::domain::ids::TenantId;
use crate::domain::series::Tally;
use crate::jobs::sampling::boundary;
use crate::proxy::Traffic;
use crate::store::Store;

/// Longest time for writing; at the end of a process it holds up the rest.
const LONGEST: Duration = Duration::from_secs(10);

/// Writes at the end of each span in which there was a request, until `stop`. What cannot be written is kept, and written
/// with the next span.
pub(super) async fn write(traffic: Arc<Traffic>, store: Store, interval: Duration, stop: CancellationToken) {
    loop {
        let (begins, wait) = boundary(Timestamp::now(), interval);
        let is_over = tokio::select! {
            () = tokio::time::sleep(wait) => false,
            () = stop.cancelled() => true,
        };
        write_once(&traffic, &store, begins, interval).await;
        if is_over {
            return;
        }
    }
}

async fn write_once(traffic: &Traffic, store: &Store, begins: Timestamp, interval: Duration) {
    let taken = traffic.take();
    if taken.is_empty() {
        return;
    }
    let counted: Vec<(Option<TenantId>, Tally)> =
        taken.iter().map(|(id, tally)| (id.map(TenantId::from_uuid), *tally)).collect();
    let writing = store.add_traffic(begins, interval, &counted);
    match tokio::time::timeout(LONGEST, writing).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            tracing::debug!(%error, "requests cannot be written down; trying on");
            traffic.put_back(taken);
        }
        // It may have been written: rather a gap than a count that is too high.
        Err(_elapsed) => tracing::debug!("writing down requests took too long"),
    }
}
