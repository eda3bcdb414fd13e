//! The end of old signups, and of what they left.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::store::Store;

/// Between two sweeps. A signup that waited for too long counts as expired before one comes by.
const EVERY: Duration = Duration::from_secs(60);

/// Ends signups that waited for too long, and removes those that ended longer ago than `keep`, until it is told to stop.
/// Several processes may do so at once.
pub async fn sweep(store: Store, keep: Duration, stop: CancellationToken) {
    loop {
        match store.sweep_signups(keep).await {
            Ok((0, 0)) => {}
            Ok((expired, removed)) => tracing::info!(expired, removed, "old signups were swept"),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "old signups are not swept");
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}
