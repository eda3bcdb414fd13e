//! `GET /api/gateway/api-keys`

use axum::Json;
use axum::extract::State;

use crate::api::AppState;
use crate::api::api_keys::shown;
use crate::api::auth::{KeysRead, Permit};
use crate::api::extract::QueryFields;
use crate::api::page::Page;
use crate::api::problem::Refusal;
use crate::api::types::{ApiKeyList, Problem};
use crate::store::api_keys::ApiKeyFilter;

/// List API keys
///
/// Newest first, without their secrets. Keys that come from the settings are not among them.
#[utoipa::path(
    get,
    path = "/api/gateway/api-keys",
    operation_id = "list_api_keys",
    tag = "access",
    security(("api_key" = ["keys:read"]), ("session" = ["keys:read"])),
    params(
        ("ended" = inline(Option<bool>), Query, description = "Those that no longer work too", nullable = false),
        ("limit" = inline(Option<i32>), Query, description = "Items at most; 50 when left out", nullable = false, minimum = 1, maximum = 200),
        ("cursor" = inline(Option<String>), Query, description = "next_cursor of the page before", nullable = false),
    ),
    responses(
        (status = 200, description = "A page of keys", body = ApiKeyList),
        (status = 422, description = "Parameters are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn list_api_keys(
    State(state): State<AppState>,
    _permit: Permit<KeysRead>,
    QueryFields(mut fields): QueryFields,
) -> Result<Json<ApiKeyList>, Refusal> {
    let with_ended = fields.choice("ended");
    let page = Page::read(&mut fields);
    fields.finish()?;
    let filter = ApiKeyFilter { id: None, with_ended, after: page.after.clone(), limit: page.ask() };
    let mut records = state.store.list_api_keys(&filter).await?;
    let next_cursor = page.cut(&mut records, |record| (record.created_at, record.id.clone()));
    Ok(Json(ApiKeyList { items: records.into_iter().map(shown).collect(), next_cursor }))
}
