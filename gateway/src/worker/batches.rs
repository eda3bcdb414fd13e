//! Opens the wishes of batches. Each step is one transaction of the control database, so that any worker does the next one
//! and a worker that dies in the middle leaves nothing behind.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::store::{Store, StoreError};

/// Pause after a look. Changes of tenants come in crowds, and one look is about all of them.
const PAUSE: Duration = Duration::from_millis(50);

/// Advances all open batches whenever it is woken, and every `poll` at the latest, until `stop`.
pub(super) async fn open(store: Store, turn: Arc<Notify>, poll: Duration, stop: CancellationToken) {
    let mut outage = false;
    loop {
        let woken = turn.notified();
        tokio::pin!(woken);
        woken.as_mut().enable();
        let looked = tokio::select! {
            looked = advance(&store) => looked,
            () = stop.cancelled() => return,
        };
        match looked {
            Ok(()) => outage = false,
            Err(error) => {
                if !std::mem::replace(&mut outage, true) {
                    let cause = std::error::Error::source(&error).map(ToString::to_string);
                    tracing::warn!(%error, cause, "cannot open the wishes of batches; trying on");
                }
            }
        }
        tokio::select! {
            () = async { tokio::time::sleep(PAUSE).await; woken.await } => {}
            () = tokio::time::sleep(poll) => {}
            () = stop.cancelled() => return,
        }
    }
}

/// Opens what may be opened at present. Trouble with one batch does not hold up the others.
async fn advance(store: &Store) -> Result<(), StoreError> {
    let mut trouble = None;
    for batch in store.open_batches().await? {
        loop {
            match store.advance_batch(batch).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    trouble = Some(error);
                    break;
                }
            }
        }
    }
    trouble.map_or(Ok(()), Err)
}
