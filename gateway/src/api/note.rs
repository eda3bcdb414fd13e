//! What becomes known of a request while it is answered, for the layers around the handlers.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use crate::store::change::Via;

/// A note that travels with a request. Cloning shares it.
#[derive(Clone, Debug, Default)]
pub(super) struct CallNote(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    request_id: String,
    caller: OnceLock<(String, Via)>,
    is_recorded: AtomicBool,
}

impl CallNote {
    /// The note of a request with this id.
    #[must_use]
    pub(super) fn new(request_id: String) -> Self {
        Self(Arc::new(Inner { request_id, ..Inner::default() }))
    }

    /// The request's id.
    #[must_use]
    pub(super) fn request_id(&self) -> &str {
        &self.0.request_id
    }

    /// Notes who calls; the first word counts.
    pub(super) fn set_caller(&self, actor: String, via: Via) {
        let _ = self.0.caller.set((actor, via));
    }

    /// Who calls, once that is known.
    #[must_use]
    pub(super) fn caller(&self) -> Option<(&str, Via)> {
        self.0.caller.get().map(|(actor, via)| (actor.as_str(), *via))
    }

    /// Notes that the audit log tells of this call.
    pub(super) fn set_recorded(&self) {
        self.0.is_recorded.store(true, Ordering::Relaxed);
    }

    /// Whether the audit log tells of this call.
    #[must_use]
    pub(super) fn is_recorded(&self) -> bool {
        self.0.is_recorded.load(Ordering::Relaxed)
    }
}
