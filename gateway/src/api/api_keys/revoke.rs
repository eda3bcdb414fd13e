//! `DELETE /api/gateway/api-keys/{id}`

use axum::extract::{Path, State};
use axum::response::Response;

use crate::api::AppState;
use crate::api::api_keys::{key_id, no_such_key, shown, within};
use crate::api::auth::api_key::principal_of;
use crate::api::auth::{KeysWrite, Permit};
use crate::api::call::{Call, Early, Effect};
use crate::api::types::{ApiKey, Problem};

/// Revoke an API key
///
/// From the answer on it works no more where it was revoked, and 250 ms later nowhere. Revoking it again changes nothing. One
/// that may do more than the caller is not the caller's to revoke.
#[utoipa::path(
    delete,
    path = "/api/gateway/api-keys/{id}",
    operation_id = "revoke_api_key",
    tag = "access",
    security(("api_key" = ["keys:write"]), ("session" = ["keys:write"])),
    params(("id" = String, Path, description = "Id of the key")),
    responses(
        (status = 200, description = "Revoked", body = ApiKey),
        (status = 404, description = "No such key", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn revoke_api_key(
    State(state): State<AppState>,
    permit: Permit<KeysWrite>,
    Path(id): Path<String>,
    mut call: Call,
) -> Result<Response, Early> {
    call.without_body()?;
    let id = key_id(&id)?;
    within(&state, &permit.caller, id).await?;
    let mut change = call.begin(&state, &permit.caller).await?;
    let (before, after) = change.revoke_api_key(id).await?.ok_or_else(no_such_key)?;
    let (before, after) = (shown(before), shown(after));
    let effect = Effect::changed(format!("api_key:{id}"), &before, &after)?;
    let answer = call.finish(&state, &permit.caller, change, effect).await;
    state.key_checks().forget(&principal_of(id));
    answer
}
