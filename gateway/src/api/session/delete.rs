//! `DELETE /api/gateway/session`

use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::api::AppState;
use crate::api::auth::{Caller, session};
use crate::api::call::{Call, Early, Effect};

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
    headers: HeaderMap,
    mut call: Call,
) -> Result<Response, Early> {
    call.without_body()?;
    let is_https = call.peer().is_https;
    let removal = [(SET_COOKIE, session::removal_cookie(is_https))];
    let Some(hash) = session::token_hash(&headers, is_https) else {
        return Ok((StatusCode::NO_CONTENT, removal).into_response());
    };
    if let Some(found) = state.store.session_access(&hash, session::IDLE).await? {
        let target = format!("user:{}", found.user.id);
        let caller = Caller::with_session(&found.user, found.id);
        let mut change = call.begin(&state, &caller).await?;
        change.delete_session(&hash).await?;
        let effect = Effect::new(StatusCode::NO_CONTENT, target, &())?;
        call.finish(&state, &caller, change, effect).await?;
    }
    Ok((StatusCode::NO_CONTENT, removal).into_response())
}
