//! Records in the audit log the calls that would have changed something and were refused.
//!
//! Calls of nobody known are left to the log: anybody can make any number of them. So are dry runs, which would have changed
//! nothing, unless the caller may not make the call: who tries what they may do is told of.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;

use crate::api::auth::peer::Peer;
use crate::api::note::CallNote;
use crate::api::problem::Refusal;
use crate::api::{AppState, openapi};
use crate::store::change::By;

/// Refusals of one caller that are told of in each [`SPAN`]: the audit log is kept for ever, its entries are written one after
/// the other, and a program that goes on and on would fill it and hold up everybody's changes. The others are in the log of the
/// process.
const MOST: u32 = 300;
const SPAN: Duration = Duration::from_secs(60);
/// Callers that are counted at once; those beyond are told of uncounted. The names of logins that failed are strangers' words,
/// and are limited elsewhere.
const CALLERS: usize = 10_000;

/// Counts the refusals of each caller. Those of one process are counted together.
#[derive(Debug, Default)]
pub(super) struct RefusalCounts(Mutex<HashMap<String, (Instant, u32)>>);

impl RefusalCounts {
    /// Counts a refusal at a time. Says whether it is to be told of.
    fn count(&self, principal: &str, now: Instant) -> bool {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= CALLERS {
            counts.retain(|_, (since, _)| now.duration_since(*since) < SPAN);
        }
        if counts.len() >= CALLERS && !counts.contains_key(principal) {
            return true;
        }
        let (since, count) = counts.entry(principal.to_owned()).or_insert((now, 0));
        if now.duration_since(*since) >= SPAN {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        *count <= MOST
    }
}

/// The layer.
pub(super) async fn record(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    if parts.method.is_safe() {
        return next.run(Request::from_parts(parts, body)).await;
    }
    let route = parts.extensions.get::<MatchedPath>().cloned();
    let call = route.and_then(|route| openapi::call_of(&parts.method, route.as_str()));
    let note = parts.extensions.get::<CallNote>().cloned().unwrap_or_default();
    let peer = Peer::of(&parts, &state.settings.http.trusted_proxies);
    let path: String = parts.uri.path().chars().take(200).collect();
    let response = next.run(Request::from_parts(parts, body)).await;
    let status = response.status();
    let is_refused = status.is_client_error() || status.is_server_error();
    let is_only_tried = note.is_dry() && status != StatusCode::FORBIDDEN;
    let is_told = is_refused && !is_only_tried && !note.is_recorded();
    if let (Some(call), Some(caller), true) = (call, note.caller(), is_told)
        && state.refusal_counts().count(&caller.principal, Instant::now())
    {
        let request_id = note.request_id().to_owned();
        let (actor, via) = (caller.actor.clone(), caller.via);
        let by = By { actor, via, address: peer.address, request_id, call, path };
        let code = response.extensions().get::<Refusal>().map_or("unknown", Refusal::code);
        if let Err(error) = state.store.record_refusal(&by, status.as_u16(), code).await {
            tracing::warn!(%error, request_id = by.request_id, "a refused call is not in the audit log");
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_caller_is_told_of_so_often_in_each_span() {
        let (counts, began) = (RefusalCounts::default(), Instant::now());
        let told =
            |principal: &str, at: Duration| (0..MOST + 5).filter(|_| counts.count(principal, began + at)).count();
        let most = MOST as usize;
        assert_eq!((told("key/a", Duration::ZERO), told("key/b", Duration::ZERO)), (most, most));
        assert_eq!(told("key/a", SPAN / 2), 0);
        assert_eq!(told("key/a", SPAN), most);
    }
}
