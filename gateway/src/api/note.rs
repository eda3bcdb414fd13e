//! What becomes known of a request while it is answered, for the layers around the handlers.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use crate::store::change::Via;

/// A note that travels with a request. Cloning shares it.
#[derive(Clone, Debug, Default)]
pub(super) struct CallNote(Arc<Inner>);

/// Who calls.
#[derive(Debug)]
pub(super) struct NotedCaller {
    /// The word in records.
    pub(super) actor: String,
    /// Tells it from every other caller, whatever their names.
    pub(super) principal: String,
    /// How they showed it.
    pub(super) via: Via,
}

#[derive(Debug, Default)]
struct Inner {
    request_id: String,
    caller: OnceLock<NotedCaller>,
    is_recorded: AtomicBool,
    is_dry: AtomicBool,
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
    pub(super) fn set_caller(&self, caller: NotedCaller) {
        let _ = self.0.caller.set(caller);
    }

    /// Who calls, once that is known.
    #[must_use]
    pub(super) fn caller(&self) -> Option<&NotedCaller> {
        self.0.caller.get()
    }

    /// Notes that the audit log tells of this call.
    pub(super) fn set_recorded(&self) {
        self.0.is_recorded.store(true, Ordering::Relaxed);
    }

    /// Notes whether nothing is to be done, only told.
    pub(super) fn set_dry(&self, is_dry: bool) {
        self.0.is_dry.store(is_dry, Ordering::Relaxed);
    }

    /// Whether nothing is to be done, only told.
    #[must_use]
    pub(super) fn is_dry(&self) -> bool {
        self.0.is_dry.load(Ordering::Relaxed)
    }

    /// Whether the audit log tells of this call.
    #[must_use]
    pub(super) fn is_recorded(&self) -> bool {
        self.0.is_recorded.load(Ordering::Relaxed)
    }
}
