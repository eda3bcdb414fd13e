//! A call that changes something: its input, its conditions, and the one way it is carried out.
//!
//! A handler reads [`Call::body`] and [`Call::query`], then [`Call::begin`]s a change, makes it, and [`Call::finish`]es it
//! with what it did. Between the two it asks nothing else of the store.

mod conditions;
mod digest;
mod effect;
mod wait;

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRef, FromRequest, FromRequestParts, MatchedPath, Request};
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::api::auth::peer::Peer;
use crate::api::auth::stranger::Stranger;
use crate::api::auth::{Acts, session};
use crate::api::extract::{Fields, QueryFields, read_json};
use crate::api::note::{CallNote, NotedCaller};
use crate::api::problem::Refusal;
use crate::api::{AppState, bounds, openapi};
use crate::domain::version::Version;
use crate::provision::failpoint;
use crate::store::StoreError;
use crate::store::change::{Answer, Begun, By, Change, Location, Once, Terms, Told, Via};

pub(super) use conditions::IDEMPOTENCY_KEY;
pub(super) use digest::Digests;
pub(super) use effect::{Awaited, Effect, etag};
pub(super) use wait::{PREFER, wait_of};

/// Says that an answer was given before.
pub(super) const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// Says that nothing was done.
pub(super) const DRY_RUN: HeaderName = HeaderName::from_static("dry-run");

/// An answer that ends a handler early: a refusal, or what the same call was answered before.
#[derive(Debug)]
pub(super) enum Early {
    /// It is refused.
    Refused(Refusal),
    /// It was done before.
    Again(Box<Response>),
}

impl From<Refusal> for Early {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for Early {
    fn from(error: StoreError) -> Self {
        Self::Refused(error.into())
    }
}

impl IntoResponse for Early {
    fn into_response(self) -> Response {
        match self {
            Self::Refused(refusal) => refusal.into_response(),
            Self::Again(response) => *response,
        }
    }
}

/// A call that changes something.
#[derive(Debug)]
pub(super) struct Call {
    /// The fields of its body; none where it has no body.
    pub(super) body: Fields,
    /// Its parameters, without those every such call has.
    pub(super) query: Fields,
    peer: Peer,
    user_agent: String,
    session: Option<[u8; 32]>,
    request_id: String,
    note: CallNote,
    path: String,
    name: &'static str,
    /// Tells the call from another under its key; nothing where it has no key.
    fingerprint: [u8; 32],
    key: Option<String>,
    expected: Option<Version>,
    wait: Option<Duration>,
    dry_run: bool,
}

impl<S> FromRequest<S> for Call
where
    AppState: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let state = AppState::from_ref(state);
        let (mut parts, body) = request.into_parts();
        let QueryFields(mut query) = QueryFields::from_request_parts(&mut parts, &state).await?;
        let dry_run = query.choice("dry_run");
        let name = name_of(&parts)?;
        let note = parts.extensions.get::<CallNote>().cloned().unwrap_or_default();
        note.set_dry(dry_run);
        let peer = Peer::of(&parts, &state.settings.http.trusted_proxies);
        let mut call = Self {
            body: Fields::default(),
            query,
            peer,
            user_agent: user_agent_of(&parts.headers),
            session: session::token_hash(&parts.headers, peer.is_https),
            request_id: note.request_id().to_owned(),
            note,
            path: parts.uri.path().chars().take(200).collect(),
            name,
            fingerprint: [0; 32],
            key: conditions::key_of(&parts.headers)?,
            expected: conditions::expected_of(&parts.headers),
            wait: wait_of(&parts.headers),
            dry_run,
        };
        let asked = format!("{} {}", parts.method, parts.uri);
        let (headers, is_patch) = (parts.headers.clone(), parts.method == Method::PATCH);
        let bytes = Bytes::from_request(Request::from_parts(parts, body), &state);
        let bytes = tokio::time::timeout(bounds::BODY_TIME, bytes).await.map_err(|_elapsed| bounds::slow_body())?;
        let bytes = bytes.map_err(|rejection| Refusal::of_status(rejection.status()))?;
        if call.key.is_some() {
            call.fingerprint = state.digests().digest(&state, &asked, &bytes).await?;
        }
        if bytes.is_empty() && is_patch {
            let detail = "a merge patch is required; {} changes nothing";
            return Err(Refusal::new(StatusCode::BAD_REQUEST, "body_required", "Body required", detail));
        }
        if !bytes.is_empty() {
            call.body = read_json(&headers, &bytes)?;
        }
        Ok(call)
    }
}

/// The document's name of what a request asks for.
fn name_of(parts: &Parts) -> Result<&'static str, Refusal> {
    let route = parts.extensions.get::<MatchedPath>().map(MatchedPath::as_str);
    route.and_then(|route| openapi::call_of(&parts.method, route)).ok_or_else(Refusal::no_such_route)
}

/// Longest name of a browser that is kept, in characters.
const MAX_USER_AGENT: usize = 100;

fn user_agent_of(headers: &HeaderMap) -> String {
    let given = headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    given.chars().take(MAX_USER_AGENT).collect()
}

impl Call {
    /// Ends the reading of a call that takes no body.
    ///
    /// # Errors
    /// A 422 that names every field.
    pub(super) fn without_body(&mut self) -> Result<(), Refusal> {
        std::mem::take(&mut self.body).finish()
    }

    /// Whether nothing is to be done, only told.
    pub(super) const fn is_dry_run(&self) -> bool {
        self.dry_run
    }

    /// Where it comes from.
    pub(super) const fn peer(&self) -> Peer {
        self.peer
    }

    /// What the browser calls itself, cut short.
    pub(super) fn user_agent(&self) -> &str {
        &self.user_agent
    }

    /// What is stored of the session token that came along, whether or not it is one.
    pub(super) const fn session(&self) -> Option<&[u8; 32]> {
        self.session.as_ref()
    }

    /// Passes over the idempotency key, the wish for a dry run, and the version that was seen.
    pub(super) fn only_once(&mut self) {
        self.key = None;
        self.dry_run = false;
        self.note.set_dry(false);
        self.expected = None;
    }

    /// Ends the reading of a call that cannot be tried: what it answers with is what it is for.
    ///
    /// # Errors
    /// A 422 where a dry run is asked for.
    pub(super) fn without_dry_run(&self) -> Result<(), Refusal> {
        let mut fields = Fields::default();
        if self.dry_run {
            fields.refuse("dry_run", "unknown", "is not a parameter here");
        }
        fields.finish()
    }

    /// Notes an attempt to log in, for the audit log of those that fail.
    pub(super) fn note_attempt(&self, email: &str) {
        let actor = format!("login:{email}");
        self.note.set_caller(NotedCaller { principal: actor.clone(), actor, via: Via::Anonymous });
    }

    /// Somebody nobody knows, who does this as `actor`. Their Idempotency-Key counts for this call from this address
    /// alone: no other stranger can be answered with what was meant for them.
    pub(super) fn stranger(&self, actor: String) -> Stranger {
        let mut digest = Sha256::new();
        digest.update(self.peer.address.to_string());
        digest.update(self.fingerprint);
        Stranger::new(actor, &digest.finalize())
    }

    /// A name of the call that repetitions under its Idempotency-Key share; `None` where it has no key.
    pub(super) fn once(&self, caller: &impl Acts) -> Option<String> {
        self.key.as_ref().filter(|_| !self.dry_run).map(|_| self.place(&caller.principal()))
    }

    /// Answers a repetition with what the same call was answered before. For calls that check what the first of them used
    /// up or changed, such as a code or a password: they ask this before.
    ///
    /// # Errors
    /// The answer, where there is one; a refusal.
    pub(super) async fn again(&self, state: &AppState, principal: &str) -> Result<(), Early> {
        let Some(once) = self.remembered_as(principal) else { return Ok(()) };
        match state.store.answer(&once).await? {
            Some(answer) => Err(self.repeat(state, principal, &answer)?),
            None => Ok(()),
        }
    }

    /// Under what its answer is kept.
    fn remembered_as(&self, principal: &str) -> Option<Once> {
        let key = self.key.clone().filter(|_| !self.dry_run)?;
        Some(Once { principal: principal.to_owned(), key, fingerprint: self.fingerprint })
    }

    fn repeat(&self, state: &AppState, principal: &str, answer: &Answer) -> Result<Early, Refusal> {
        self.note.set_recorded();
        Ok(Early::Again(Box::new(replay(state, &self.place(principal), answer)?)))
    }

    /// Begins the change for a caller.
    ///
    /// # Errors
    /// The answer, where the same call was done before; a refusal.
    pub(super) async fn begin(&mut self, state: &AppState, caller: &impl Acts) -> Result<Change, Early> {
        std::mem::take(&mut self.query).finish()?;
        let by = By {
            actor: caller.actor(),
            via: caller.via(),
            address: self.peer.address,
            request_id: self.request_id.clone(),
            call: self.name,
            path: self.path.clone(),
        };
        let principal = caller.principal();
        let once = self.remembered_as(&principal);
        let terms = Terms { by, reach: caller.reach(), expected: self.expected, once };
        match state.store.begin_change(terms).await? {
            Begun::New(change) => Ok(*change),
            Begun::Again(answer) => Err(self.repeat(state, &principal, &answer)?),
        }
    }

    fn place(&self, principal: &str) -> String {
        format!("answer/{principal}/{}", self.key.as_deref().unwrap_or_default())
    }

    /// Ends the change: for good, with its audit row and remembered answer; or, in a dry run, without a trace. Then waits
    /// for the operation where the caller prefers that.
    ///
    /// # Errors
    /// A refusal; nothing was changed then.
    pub(super) async fn finish(
        self,
        state: &AppState,
        caller: &impl Acts,
        change: Change,
        effect: Effect,
    ) -> Result<Response, Early> {
        let tag = effect.etag.map(etag);
        if self.dry_run {
            change.abandon().await?;
            let mut response = effect::answer_of(StatusCode::OK, &effect.body, None, tag.as_deref());
            response.headers_mut().insert(DRY_RUN, HeaderValue::from_static("true"));
            return Ok(response);
        }
        let answer = match &self.key {
            Some(_) => {
                let text = SecretString::from(effect.body.to_string());
                let place = self.place(&caller.principal());
                let body = state.settings.key_ring.seal(&place, &text);
                let body = body.map_err(|error| Refusal::internal().because(&error))?;
                let location = effect.location.as_ref().map(|location| kept_location(state, location, &effect, &place));
                Some(Answer {
                    status: effect.status.as_u16(),
                    location: location.transpose()?,
                    etag: tag.clone(),
                    body,
                })
            }
            None => None,
        };
        let told =
            Told { status: effect.status.as_u16(), target: effect.target, before: effect.before, after: effect.after };
        change.commit(&told, answer.as_ref()).await?;
        failpoint::committed(self.name).await;
        self.note.set_recorded();
        let response = effect::answer_of(effect.status, &effect.body, effect.location.as_deref(), tag.as_deref());
        match (self.wait, effect.awaited) {
            (Some(wait), Some(awaited)) => Ok(wait::await_end(state, awaited, wait, response).await?),
            _ => Ok(response),
        }
    }
}

/// A place as it is remembered: sealed where knowing the path is knowing a secret.
fn kept_location(state: &AppState, location: &str, effect: &Effect, place: &str) -> Result<Location, Refusal> {
    if !effect.is_place_secret {
        return Ok(Location::Plain(location.to_owned()));
    }
    let sealed = state.settings.key_ring.seal(&format!("{place}/location"), &SecretString::from(location.to_owned()));
    sealed.map(Location::Sealed).map_err(|error| Refusal::internal().because(&error))
}

fn location_of(state: &AppState, kept: &Location, place: &str) -> Result<String, Refusal> {
    match kept {
        Location::Plain(path) => Ok(path.clone()),
        Location::Sealed(sealed) => {
            let opened = state.settings.key_ring.open(&format!("{place}/location"), sealed);
            opened.map(|path| path.expose_secret().to_owned()).map_err(|error| Refusal::internal().because(&error))
        }
    }
}

fn replay(state: &AppState, place: &str, answer: &Answer) -> Result<Response, Refusal> {
    let location = answer.location.as_ref().map(|kept| location_of(state, kept, place)).transpose()?;
    let text = state.settings.key_ring.open(place, &answer.body);
    let text = text.map_err(|error| Refusal::internal().because(&error))?;
    let body = serde_json::from_str(text.expose_secret()).map_err(|error| Refusal::internal().because(&error))?;
    let status = StatusCode::from_u16(answer.status).map_err(|error| Refusal::internal().because(&error))?;
    let mut response = effect::answer_of(status, &body, location.as_deref(), answer.etag.as_deref());
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}
