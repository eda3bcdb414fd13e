//! `/api/gateway/operations`: one file per verb.

pub(super) mod cancel;
pub(super) mod follow;
pub(super) mod get;
pub(super) mod list;
pub(super) mod progress;
pub(super) mod retry;
pub(super) mod steps;

use axum::http::StatusCode;
use serde_json::Value;
use uuid::Uuid;

use crate::api::AppState;
use crate::api::call::{Awaited, Effect};
use crate::api::problem::Refusal;
use crate::api::tenants::shown_error;
use crate::api::types::{Operation, Step, StepError};
use crate::domain::ids::OperationId;
use crate::domain::version::Version;
use crate::store::operations::{OperationFilter, OperationRecord, StepRecord};

/// The operation a path names. What is no id names none.
fn operation_id(text: &str) -> Result<OperationId, Refusal> {
    Uuid::try_parse(text).map(OperationId::from_uuid).map_err(|_| Refusal::no_such_operation())
}

/// What an accepted wish is answered with: the operation as it was left, and its place.
fn accepted((before, after): (OperationRecord, OperationRecord)) -> Result<Effect, Refusal> {
    let id = after.id;
    let (before, after) = (shown(before, None), shown(after, None));
    let effect = Effect::new(StatusCode::ACCEPTED, format!("operation:{id}"), &after)?;
    let effect = effect.changing(Some(&before), Some(&after))?.at(Some(format!("/api/gateway/operations/{id}")));
    Ok(effect.awaiting(Awaited::Operation(id)))
}

/// An operation once it has ended; `None` before.
pub(super) async fn ended(state: &AppState, id: OperationId) -> Result<Option<(Value, Option<Version>)>, Refusal> {
    let filter = OperationFilter { id: Some(id), limit: 1, ..OperationFilter::default() };
    let found = state.store.list_operations(&filter).await?;
    let record = found.into_iter().next().ok_or_else(Refusal::no_such_operation)?;
    if record.state.is_open() {
        return Ok(None);
    }
    let operation = serde_json::to_value(shown(record, None));
    Ok(Some((operation.map_err(|error| Refusal::internal().because(&error))?, None)))
}

/// What is shown of an operation.
fn shown(record: OperationRecord, steps: Option<Vec<Step>>) -> Operation {
    Operation {
        id: record.id.as_uuid(),
        tenant_id: record.tenant_id.as_uuid(),
        tenant_key: record.tenant_key,
        kind: record.kind,
        state: record.state,
        attempt: record.attempt,
        requested_by: record.requested_by,
        created_at: record.created_at,
        started_at: record.started_at,
        ended_at: record.ended_at,
        reason: record.reason,
        repair: record.repair,
        error: record.error.map(shown_error),
        steps,
    }
}

/// What is shown of a step attempt.
fn shown_step(record: StepRecord) -> Step {
    let taken = record.ended_at.map(|ended| ended.duration_since(record.started_at).as_secs_f64() * 1000.0);
    Step {
        id: record.id,
        step: record.step,
        action: record.action,
        attempt: record.attempt,
        state: record.state,
        started_at: record.started_at,
        ended_at: record.ended_at,
        duration_ms: taken.map(|ms| (ms * 1000.0).round() / 1000.0),
        result: match record.result {
            Some(Value::Object(found)) => Some(found.into_iter().collect()),
            _ => None,
        },
        error: record.error.map(|(code, message, retryable)| StepError { code, message, retryable }),
        worker: record.worker,
    }
}
