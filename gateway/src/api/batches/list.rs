//! `GET /api/gateway/batches`

use axum::Json;
use axum::extract::State;

use crate::api::AppState;
use crate::api::auth::{OperationsRead, Permit};
use crate::api::batches::shown;
use crate::api::extract::QueryFields;
use crate::api::page::Page;
use crate::api::problem::Refusal;
use crate::api::types::{BatchList, Problem};
use crate::store::batches::BatchFilter;

/// List batches
///
/// Newest first, without their tenants. A key that sees only some tenants sees the batches about no others.
#[utoipa::path(
    get,
    path = "/api/gateway/batches",
    operation_id = "list_batches",
    tag = "operations",
    security(("api_key" = ["operations:read"]), ("session" = ["operations:read"])),
    params(
        ("limit" = inline(Option<i32>), Query, description = "Items at most; 50 when left out", nullable = false, minimum = 1, maximum = 200),
        ("cursor" = inline(Option<String>), Query, description = "next_cursor of the page before", nullable = false),
    ),
    responses(
        (status = 200, description = "A page of batches", body = BatchList),
        (status = 422, description = "Parameters are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn list_batches(
    State(state): State<AppState>,
    permit: Permit<OperationsRead>,
    QueryFields(mut fields): QueryFields,
) -> Result<Json<BatchList>, Refusal> {
    let page = Page::read(&mut fields);
    fields.finish()?;
    let filter = BatchFilter { id: None, reach: permit.caller.reach().clone(), after: page.after, limit: page.ask() };
    let mut records = state.store.list_batches(&filter).await?;
    let next_cursor = page.cut(&mut records, |record| (record.created_at, record.id.as_uuid()));
    Ok(Json(BatchList { items: records.into_iter().map(|record| shown(record, None)).collect(), next_cursor }))
}
