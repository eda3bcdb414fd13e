//! Records in the audit log the calls that would have changed something and were refused.
//!
//! Calls of nobody known are left to the log: anybody can make any number of them.

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::api::auth::peer::Peer;
use crate::api::note::CallNote;
use crate::api::problem::Refusal;
use crate::api::{AppState, openapi};
use crate::store::change::By;

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
    if let (Some(call), Some((actor, via)), true, false) = (call, note.caller(), is_refused, note.is_recorded()) {
        let request_id = note.request_id().to_owned();
        let by = By { actor: actor.to_owned(), via, address: peer.address, request_id, call, path };
        let code = response.extensions().get::<Refusal>().map_or("unknown", Refusal::code);
        if let Err(error) = state.store.record_refusal(&by, status.as_u16(), code).await {
            tracing::warn!(%error, request_id = by.request_id, "a refused call is not in the audit log");
        }
    }
    response
}
