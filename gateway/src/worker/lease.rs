//! Keeps a lease while a run lasts.

use std::fmt::Display;
use std::time::{Duration, Instant};

use crate::domain::lease::Lease;
use crate::store::StoreError;

/// Renews the lease by `renew` every third of it. Returns only when it is lost, or could not be renewed for its whole length.
pub(super) async fn keep<Of: Display, F>(held: &Lease<Of>, lease: Duration, renew: impl Fn() -> F)
where
    F: Future<Output = Result<(), StoreError>>,
{
    let mut renewed = Instant::now();
    loop {
        tokio::time::sleep(lease / 3).await;
        let asked = Instant::now();
        // A connection that swallows the question must not keep a run going beyond its lease.
        let left = lease.saturating_sub(renewed.elapsed());
        match tokio::time::timeout(left, renew()).await {
            Ok(Ok(())) => {
                renewed = asked;
                held.renew(asked, lease);
            }
            Ok(Err(StoreError::LeaseLost)) => return,
            Ok(Err(_)) | Err(_) if renewed.elapsed() < lease => {}
            Ok(Err(_)) | Err(_) => {
                tracing::warn!(id = %held.of(), "the lease could not be renewed in time; leaving what it is on alone");
                return;
            }
        }
    }
}
