//! `GET /api/gateway/operations/{id}`

use axum::Json;
use axum::extract::{Path, State};

use crate::api::AppState;
use crate::api::auth::{OperationsRead, Permit};
use crate::api::extract::QueryFields;
use crate::api::operations::{operation_id, shown, shown_step};
use crate::api::problem::Refusal;
use crate::api::selection::{Selected, Selection};
use crate::api::types::{Operation, Problem};
use crate::store::operations::OperationFilter;

/// Get an operation
///
/// With every attempt at every step, in the order they were made.
#[utoipa::path(
    get,
    path = "/api/gateway/operations/{id}",
    operation_id = "get_operation",
    tag = "operations",
    security(("api_key" = ["operations:read"]), ("session" = ["operations:read"])),
    params(("id" = Uuid, Path, description = "Id of the operation")),
    responses(
        (status = 200, description = "The operation", body = Operation),
        (status = 404, description = "No such operation", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn get_operation(
    State(state): State<AppState>,
    permit: Permit<OperationsRead>,
    Path(id): Path<String>,
    QueryFields(mut query): QueryFields,
) -> Result<Json<Selected<Operation>>, Refusal> {
    let selection = Selection::read::<Operation>(&mut query);
    query.finish()?;
    let id = operation_id(&id)?;
    let filter =
        OperationFilter { id: Some(id), reach: permit.caller.reach().clone(), limit: 1, ..OperationFilter::default() };
    let found = state.store.list_operations(&filter).await?;
    let record = found.into_iter().next().ok_or_else(Refusal::no_such_operation)?;
    let steps = if selection.holds("steps") {
        Some(state.store.steps(id).await?.into_iter().map(shown_step).collect())
    } else {
        None
    };
    Ok(Json(selection.of(shown(record, steps))?))
}
