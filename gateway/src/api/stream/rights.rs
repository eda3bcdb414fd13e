//! Looks again and again whether those who read streams still may: a key or a session that ends takes its streams with it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use tokio_util::sync::CancellationToken;

use crate::api::AppState;
use crate::api::auth::Caller;
use crate::api::auth::credential::Credential;
use crate::api::server::Link;

/// Between two looks. With the looks themselves a stream ends within a second.
const EVERY: Duration = Duration::from_millis(500);

/// The callers of all streams of this process.
#[derive(Debug, Default)]
pub(in crate::api) struct Rights(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    next: u64,
    held: HashMap<u64, Held>,
    /// Whether somebody looks; nobody does while there are no streams.
    is_watched: bool,
}

#[derive(Clone, Debug)]
struct Held {
    credential: Credential,
    caller: Caller,
    lost: CancellationToken,
}

/// The rights that a stream was opened with.
#[derive(Debug)]
pub(in crate::api) struct Hold {
    rights: Arc<Rights>,
    number: u64,
    lost: CancellationToken,
}

impl Hold {
    /// Returns when they are gone, or are others.
    pub(in crate::api) async fn lost(&self) {
        self.lost.cancelled().await;
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.rights.inner().held.remove(&self.number);
    }
}

impl Rights {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Watches over the rights of a caller for as long as the answer is kept.
    pub(in crate::api) fn hold(
        self: &Arc<Self>,
        state: &AppState,
        link: &Link,
        credential: Credential,
        caller: Caller,
    ) -> Hold {
        let lost = CancellationToken::new();
        let mut inner = self.inner();
        let number = inner.next;
        inner.next += 1;
        inner.held.insert(number, Held { credential, caller, lost: lost.clone() });
        if !inner.is_watched {
            inner.is_watched = true;
            link.tasks.spawn(watch(state.clone(), Watch(Some(Arc::clone(self))), link.stopping.clone()));
        }
        Hold { rights: Arc::clone(self), number, lost }
    }
}

/// Somebody who looks. Where the looking ends with streams still open, however it ends, they end with it: no stream goes on
/// that nobody watches over.
struct Watch(Option<Arc<Rights>>);

impl Drop for Watch {
    fn drop(&mut self) {
        let Some(rights) = self.0.take() else { return };
        let mut inner = rights.inner();
        inner.is_watched = false;
        inner.held.values().for_each(|held| held.lost.cancel());
    }
}

impl Watch {
    /// Who is to be looked at; `None` when there is nobody, and the looking ends.
    fn callers(&mut self) -> Option<HashMap<Credential, Vec<Held>>> {
        let rights = self.0.as_ref()?;
        let mut inner = rights.inner();
        if inner.held.is_empty() {
            inner.is_watched = false;
            drop(inner);
            self.0 = None;
            return None;
        }
        let mut callers: HashMap<Credential, Vec<Held>> = HashMap::new();
        for held in inner.held.values() {
            callers.entry(held.credential.clone()).or_default().push(held.clone());
        }
        Some(callers)
    }
}

async fn watch(state: AppState, mut watch: Watch, stopping: CancellationToken) {
    while let Some(callers) = watch.callers() {
        for (credential, held) in callers {
            // Streams do not keep a session alive: nobody may be sitting there.
            let now = match credential.caller(&state, None).await {
                Ok(caller) => Some(caller),
                Err(refusal) if refusal.status() == StatusCode::UNAUTHORIZED => None,
                // Nothing is known; and nothing is told while the control database does not answer.
                Err(_) => continue,
            };
            for one in held {
                if now.as_ref().is_none_or(|now| !now.equals(&one.caller)) {
                    one.lost.cancel();
                }
            }
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            // All streams end then.
            () = stopping.cancelled() => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::reach::Reach;

    #[test]
    fn no_stream_goes_on_that_nobody_watches_over() {
        let rights = Arc::new(Rights::default());
        let caller = Caller::key("key/a".into(), "app".into(), Vec::new(), Reach::EVERYTHING, None);
        let lost = CancellationToken::new();
        let held = Held { credential: Credential::Session([1; 32]), caller, lost: lost.clone() };
        rights.inner().held.insert(1, held);
        rights.inner().is_watched = true;
        let mut watch = Watch(Some(Arc::clone(&rights)));
        assert_eq!(watch.callers().map(|callers| callers.len()), Some(1));
        drop(watch);
        assert!(lost.is_cancelled() && !rights.inner().is_watched, "as after a panic");

        rights.inner().held.clear();
        rights.inner().is_watched = true;
        assert!(
            Watch(Some(Arc::clone(&rights))).callers().is_none() && !rights.inner().is_watched,
            "with the last stream"
        );
    }
}
