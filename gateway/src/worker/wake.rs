//! Turns notifications of the control database into wake-ups, and comes back after every loss of connection.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::store::Store;

/// Pause before the connection is tried again; polling goes on meanwhile.
const PAUSE: Duration = Duration::from_secs(1);

/// Wakes all of these whenever a tenant changed, until `stop`.
pub(super) async fn listen(store: Store, wake: [Arc<Notify>; 2], stop: CancellationToken) {
    while !stop.is_cancelled() {
        tokio::select! {
            () = listen_once(&store, &wake) => {}
            () = stop.cancelled() => return,
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = stop.cancelled() => return,
        }
    }
}

async fn listen_once(store: &Store, wake: &[Arc<Notify>; 2]) {
    let wake_all = || wake.iter().for_each(|one| one.notify_one());
    let mut changes = match store.tenant_changes().await {
        Ok(changes) => changes,
        Err(error) => {
            tracing::debug!(%error, "cannot listen for changed tenants; polling goes on");
            return;
        }
    };
    // Something may have changed while nobody listened.
    wake_all();
    while changes.changed().await.is_ok() {
        wake_all();
    }
}
