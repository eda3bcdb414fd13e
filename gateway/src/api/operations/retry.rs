//! `POST /api/gateway/operations/{id}/retry`

use axum::extract::{Path, State};
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::{Permit, TenantsWrite};
use crate::api::call::{Call, Early};
use crate::api::operations::{accepted, operation_id};
use crate::api::problem::Refusal;
use crate::api::types::{Operation, Problem};

/// Retry an operation
///
/// Tries again at once what failed or waits for its next attempt, as retrying the tenant does. Where it failed for good, a new
/// operation is opened, which is the one in the answer.
#[utoipa::path(
    post,
    path = "/api/gateway/operations/{id}/retry",
    operation_id = "retry_operation",
    tag = "operations",
    security(("api_key" = ["tenants:write"]), ("session" = ["tenants:write"])),
    params(("id" = Uuid, Path, description = "Id of the operation")),
    responses(
        (status = 202, description = "The operation that tries again, without its steps", body = Operation, headers(("location" = String, description = "The operation that tries again"))),
        (status = 404, description = "No such operation", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The tenant has a newer operation (superseded), or nothing failed and nothing waits", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn retry_operation(
    State(state): State<AppState>,
    permit: Permit<TenantsWrite>,
    Path(id): Path<String>,
    mut call: Call,
) -> Result<Response, Early> {
    call.without_body()?;
    let id = operation_id(&id)?;
    let mut change = call.begin(&state, &permit.caller).await?;
    let done = change.retry_operation(id).await?;
    let effect = accepted(done.ok_or_else(Refusal::no_such_operation)?)?;
    call.finish(&state, &permit.caller, change, effect).await
}
