//! `GET /api/gateway/me`

use axum::Json;

use crate::api::auth::Caller;
use crate::api::extract::NoQuery;
use crate::api::types::Me;

/// Who calls
///
/// Says who the caller is and what it may do. Needs no scope.
#[utoipa::path(
    get,
    path = "/api/gateway/me",
    operation_id = "get_me",
    tag = "session",
    security(("api_key" = []), ("session" = [])),
    responses((status = 200, description = "The caller", body = Me))
)]
pub(super) async fn get_me(caller: Caller, _query: NoQuery) -> Json<Me> {
    Json(caller.me())
}
