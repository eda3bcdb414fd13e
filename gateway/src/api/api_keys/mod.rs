//! `/api/gateway/api-keys`: one file per verb.

pub(super) mod create;
pub(super) mod get;
pub(super) mod list;
pub(super) mod revoke;
pub(super) mod rotate;

use axum::http::StatusCode;
use uuid::Uuid;

use crate::api::AppState;
use crate::api::auth::Caller;
use crate::api::problem::Refusal;
use crate::api::types::ApiKey;
use crate::store::api_keys::ApiKeyRecord;

/// What is shown of a key.
fn shown(record: ApiKeyRecord) -> ApiKey {
    ApiKey {
        id: record.id,
        name: record.name,
        scopes: record.scopes,
        tenants: record.reach.tenants().map(<[Uuid]>::to_vec),
        pools: record.reach.pools().map(<[Uuid]>::to_vec),
        created_by: record.created_by,
        created_at: record.created_at,
        expires_at: record.expires_at,
        last_used_at: record.last_used_at,
        rotated_at: record.rotated_at,
        former_until: record.former_until,
        revoked_at: record.revoked_at,
    }
}

/// A key that may do no more than the caller: whoever may do little is not to take away what others work with.
///
/// # Errors
/// 403 where it may do more, 404 where there is none.
async fn within(state: &AppState, caller: &Caller, id: &str) -> Result<ApiKeyRecord, Refusal> {
    let known = state.store.api_key(id).await?.ok_or_else(no_such_key)?;
    if known.scopes.iter().all(|scope| caller.may_word(scope)) {
        return Ok(known);
    }
    Err(Refusal::beyond_caller("this key may do more than the caller"))
}

fn no_such_key() -> Refusal {
    let detail = "there is no API key with this id";
    Refusal::new(StatusCode::NOT_FOUND, "api_key_not_found", "No such API key", detail)
}

/// The key a path names. What is no id names none.
fn key_id(text: &str) -> Result<&str, Refusal> {
    let is_id = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_id { Ok(text) } else { Err(no_such_key()) }
}
