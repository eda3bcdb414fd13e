//! Answers that go on: server-sent events (the HTML standard, section 9.2), with what bounds and ends them.

mod outlet;
mod places;
mod rights;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::HeaderName;
use axum::http::request::Parts;
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::Caller;
use crate::api::auth::credential::Credential;
use crate::api::call::wait_of;
use crate::api::problem::Refusal;
use crate::api::server::Link;
use crate::api::types::FieldError;
use crate::config::EventSettings;

use outlet::Bounds;
pub(super) use outlet::{End, Outlet};
use places::Places;
use rights::Rights;

/// Names the last event that a client has; browsers send it when they connect again.
pub(super) const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// When clients should connect again after a stream has ended.
pub(super) const RETRY: Duration = Duration::from_secs(2);

/// What all streams of a process share.
#[derive(Debug)]
pub(super) struct Streams {
    places: Places,
    rights: Arc<Rights>,
}

impl Streams {
    /// No streams, with room for as many as the settings say.
    pub(super) fn new(settings: EventSettings) -> Self {
        Self { places: Places::new(settings), rights: Arc::default() }
    }
}

/// A request for a stream.
#[derive(Debug)]
pub(super) struct Opening {
    credential: Credential,
    link: Link,
    last: Option<Result<String, Refusal>>,
    longest: Option<Duration>,
}

impl<S> FromRequestParts<S> for Opening
where
    AppState: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let credential = Credential::of(&AppState::from_ref(state), parts)?;
        let last = parts.headers.get(LAST_EVENT_ID).filter(|value| !value.is_empty());
        let last = last.map(|value| value.to_str().map(str::to_owned).map_err(|_| wrong_last()));
        let link = parts.extensions.get::<Link>().cloned().unwrap_or_default();
        Ok(Self { credential, link, last, longest: wait_of(&parts.headers) })
    }
}

/// 422 for a last event id that is none.
pub(super) fn wrong_last() -> Refusal {
    let (pointer, code) = (format!("/{LAST_EVENT_ID}"), "cursor".to_owned());
    Refusal::validation(vec![FieldError { pointer, code, message: "must be the id of an event of this stream".into() }])
}

impl Opening {
    /// The last event that the client has, as it says.
    ///
    /// # Errors
    /// 422 where that is no text.
    pub(super) fn last(&mut self) -> Result<Option<String>, Refusal> {
        self.last.take().transpose()
    }

    /// Answers with what `produce` writes, within the bounds of all streams.
    ///
    /// # Errors
    /// 429 when there are too many.
    pub(super) fn serve<P, F>(self, state: &AppState, caller: &Caller, produce: P) -> Result<Response, Refusal>
    where
        P: FnOnce(Outlet) -> F + Send + 'static,
        F: Future<Output = End> + Send + 'static,
    {
        let streams = state.streams();
        let place = streams.places.take(caller.principal())?;
        let hold = streams.rights.hold(state, &self.link, self.credential, caller.clone());
        Ok(outlet::serve(Bounds { link: self.link, hold, place, longest: self.longest }, produce))
    }
}
