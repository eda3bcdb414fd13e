//! `GET /api/gateway/batches/{id}`

use axum::Json;
use axum::extract::{Path, State};

use crate::api::AppState;
use crate::api::auth::{OperationsRead, Permit};
use crate::api::batches::{batch_id, shown};
use crate::api::problem::Refusal;
use crate::api::types::{Batch, Problem};
use crate::store::batches::BatchFilter;

/// Get a batch
///
/// With its tenants, and how far it is with each.
#[utoipa::path(
    get,
    path = "/api/gateway/batches/{id}",
    operation_id = "get_batch",
    tag = "operations",
    security(("api_key" = ["operations:read"]), ("session" = ["operations:read"])),
    params(("id" = Uuid, Path, description = "Id of the batch")),
    responses(
        (status = 200, description = "The batch", body = Batch),
        (status = 404, description = "No such batch", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn get_batch(
    State(state): State<AppState>,
    permit: Permit<OperationsRead>,
    Path(id): Path<String>,
) -> Result<Json<Batch>, Refusal> {
    let id = batch_id(&id)?;
    let reach = permit.caller.reach().clone();
    let found = state.store.list_batches(&BatchFilter { id: Some(id), reach, after: None, limit: 1 }).await?;
    let record = found.into_iter().next().ok_or_else(Refusal::no_such_batch)?;
    Ok(Json(shown(record, Some(state.store.batch_tenants(id).await?))))
}
