//! Keeps a lease while a run lasts.

use std::time::{Duration, Instant};

use crate::domain::lease::Lease;
use crate::store::claims::Claim;
use crate::store::{Store, StoreError};

/// Renews the lease every third of it. Returns only when it is lost, or could not be renewed for its whole length.
pub(super) async fn keep(store: &Store, claim: Claim, held: &Lease, lease: Duration) {
    let mut renewed = Instant::now();
    loop {
        tokio::time::sleep(lease / 3).await;
        let asked = Instant::now();
        // A connection that swallows the question must not keep a run going beyond its lease.
        let left = lease.saturating_sub(renewed.elapsed());
        match tokio::time::timeout(left, store.heartbeat(&claim, lease)).await {
            Ok(Ok(())) => {
                renewed = asked;
                held.renew(asked, lease);
            }
            Ok(Err(StoreError::LeaseLost)) => return,
            Ok(Err(_)) | Err(_) if renewed.elapsed() < lease => {}
            Ok(Err(_)) | Err(_) => {
                tracing::warn!(tenant.id = %claim.tenant_id, "the lease could not be renewed in time; leaving the tenant alone");
                return;
            }
        }
    }
}
