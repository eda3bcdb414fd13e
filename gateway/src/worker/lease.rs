//! Keeps a lease while a run lasts.

use std::time::{Duration, Instant};

use crate::store::claims::Claim;
use crate::store::{Store, StoreError};

/// Renews the lease every third of it. Returns only when it is lost, or could not be renewed for its whole length.
pub(super) async fn keep(store: &Store, claim: Claim, lease: Duration) {
    let mut renewed = Instant::now();
    loop {
        tokio::time::sleep(lease / 3).await;
        match store.heartbeat(&claim, lease).await {
            Ok(()) => renewed = Instant::now(),
            Err(StoreError::LeaseLost) => return,
            Err(error) => {
                if renewed.elapsed() >= lease {
                    tracing::warn!(tenant.id = %claim.tenant_id, %error, "the lease could not be renewed in time; leaving the tenant alone");
                    return;
                }
            }
        }
    }
}
