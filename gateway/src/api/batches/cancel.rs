//! `POST /api/gateway/batches/{id}/cancel`

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::{Permit, TenantsWrite};
use crate::api::batches::{batch_id, shown, told};
use crate::api::call::{Call, Early, Effect};
use crate::api::problem::Refusal;
use crate::api::types::{Batch, Problem};

/// Cancel a batch
///
/// No further wish of it is opened. Operations that it opened go on; each can be cancelled by itself.
#[utoipa::path(
    post,
    path = "/api/gateway/batches/{id}/cancel",
    operation_id = "cancel_batch",
    tag = "operations",
    security(("api_key" = ["tenants:write"]), ("session" = ["tenants:write"])),
    params(("id" = Uuid, Path, description = "Id of the batch")),
    responses(
        (status = 200, description = "Cancelled; the batch as it is now", body = Batch),
        (status = 404, description = "No such batch", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It has ended", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn cancel_batch(
    State(state): State<AppState>,
    permit: Permit<TenantsWrite>,
    Path(id): Path<String>,
    mut call: Call,
) -> Result<Response, Early> {
    call.without_body()?;
    let id = batch_id(&id)?;
    let mut change = call.begin(&state, &permit.caller).await?;
    let (before, after, tenants) = change.cancel_batch(id).await?.ok_or_else(Refusal::no_such_batch)?;
    let (before, after) = (shown(before, None), shown(after, Some(tenants)));
    let effect = Effect::new(StatusCode::OK, format!("batch:{id}"), &after)?;
    let effect = effect.changing(Some(&told(&before)?), Some(&told(&after)?))?;
    call.finish(&state, &permit.caller, change, effect).await
}
