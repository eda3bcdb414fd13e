//! `/api/gateway/operations`: one file per verb.

pub(super) mod cancel;
pub(super) mod get;
pub(super) mod list;
pub(super) mod retry;

use axum::Json;
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

use crate::api::problem::Refusal;
use crate::api::tenants::shown_error;
use crate::api::types::{Operation, Step, StepError};
use crate::domain::ids::OperationId;
use crate::store::operations::{OperationRecord, StepRecord};

/// The operation a path names. What is no id names none.
fn operation_id(text: &str) -> Result<OperationId, Refusal> {
    Uuid::try_parse(text).map(OperationId::from_uuid).map_err(|_| Refusal::no_such_operation())
}

/// 202 with the operation as the wish left it, and its place.
fn accepted(record: Option<OperationRecord>) -> Result<Response, Refusal> {
    let operation = shown(record.ok_or_else(Refusal::no_such_operation)?, None);
    let place = HeaderValue::try_from(format!("/api/gateway/operations/{}", operation.id));
    let mut response = (StatusCode::ACCEPTED, Json(operation)).into_response();
    if let Ok(value) = place {
        response.headers_mut().insert(LOCATION, value);
    }
    Ok(response)
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
            Some(serde_json::Value::Object(found)) => Some(found.into_iter().collect()),
            _ => None,
        },
        error: record.error.map(|(code, message, retryable)| StepError { code, message, retryable }),
        worker: record.worker,
    }
}
