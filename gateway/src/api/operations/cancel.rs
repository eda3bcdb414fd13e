//! `POST /api/gateway/operations/{id}/cancel`

use axum::extract::{Path, State};
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::{Permit, TenantsWrite};
use crate::api::call::{Call, Early};
use crate::api::operations::{accepted, operation_id};
use crate::api::problem::Refusal;
use crate::api::types::{Operation, Problem};

/// Cancel an operation
///
/// Ends open work that makes or changes a tenant: the worker stops before its next step, and the tenant is in error with
/// the code cancelled, as it stands, until a retry. A tenant that was served is served on. Suspending, deleting and purging
/// are not cancelled: reactivate, or undelete.
#[utoipa::path(
    post,
    path = "/api/gateway/operations/{id}/cancel",
    operation_id = "cancel_operation",
    tag = "operations",
    security(("api_key" = ["tenants:write"]), ("session" = ["tenants:write"])),
    params(("id" = Uuid, Path, description = "Id of the operation")),
    responses(
        (status = 202, description = "Cancelled, without its steps", body = Operation, headers(("location" = String, description = "The operation"))),
        (status = 404, description = "No such operation", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It has ended, or is of a kind that is not cancelled; the detail says what to do instead", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn cancel_operation(
    State(state): State<AppState>,
    permit: Permit<TenantsWrite>,
    Path(id): Path<String>,
    mut call: Call,
) -> Result<Response, Early> {
    call.without_body()?;
    let id = operation_id(&id)?;
    let mut change = call.begin(&state, &permit.caller).await?;
    let done = change.cancel_operation(id).await?;
    let effect = accepted(done.ok_or_else(Refusal::no_such_operation)?)?;
    call.finish(&state, &permit.caller, change, effect).await
}
