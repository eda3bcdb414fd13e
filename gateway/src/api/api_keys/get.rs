//! `GET /api/gateway/api-keys/{id}`

use axum::Json;
use axum::extract::{Path, State};

use crate::api::AppState;
use crate::api::api_keys::{key_id, no_such_key, shown};
use crate::api::auth::{KeysRead, Permit};
use crate::api::extract::NoQuery;
use crate::api::problem::Refusal;
use crate::api::types::{ApiKey, Problem};

/// Get an API key
///
/// Without its secret; also one that no longer works.
#[utoipa::path(
    get,
    path = "/api/gateway/api-keys/{id}",
    operation_id = "get_api_key",
    tag = "access",
    security(("api_key" = ["keys:read"]), ("session" = ["keys:read"])),
    params(("id" = String, Path, description = "Id of the key")),
    responses(
        (status = 200, description = "The key", body = ApiKey),
        (status = 404, description = "No such key", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn get_api_key(
    State(state): State<AppState>,
    _permit: Permit<KeysRead>,
    _query: NoQuery,
    Path(id): Path<String>,
) -> Result<Json<ApiKey>, Refusal> {
    let record = state.store.api_key(key_id(&id)?).await?;
    Ok(Json(shown(record.ok_or_else(no_such_key)?)))
}
