//! `DELETE /api/gateway/session`

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Response};

use crate::api::AppState;
use crate::api::auth::peer::Peer;
use crate::api::auth::session;
use crate::api::problem::Refusal;

/// Log out
///
/// Ends the session of the cookie. Without one, or after it ended, there is nothing to do and that is fine.
#[utoipa::path(
    delete,
    path = "/api/gateway/session",
    operation_id = "delete_session",
    tag = "session",
    security((), ("session" = [])),
    responses((status = 204, description = "Logged out", headers(("set-cookie" = String, description = "Removes the session"))))
)]
pub(in crate::api) async fn delete_session(
    State(state): State<AppState>,
    request: Request,
) -> Result<Response, Refusal> {
    let (parts, _body) = request.into_parts();
    let peer = Peer::of(&parts, &state.settings.http.trusted_proxies);
    if let Some(hash) = session::token_hash(&parts.headers, peer.is_https) {
        state.store.delete_session(&hash).await?;
    }
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, session::removal_cookie(peer.is_https))]).into_response())
}
