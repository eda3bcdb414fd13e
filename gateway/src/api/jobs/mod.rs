//! `/api/gateway/jobs`: one file per verb.

pub(super) mod create;
pub(super) mod get;
pub(super) mod list;

use serde_json::Value;

use crate::api::types::Job;
use crate::store::jobs::JobRecord;

/// What is shown of a job.
fn shown(record: JobRecord, with_result: bool) -> Job {
    let fields = |value| match value {
        Value::Object(found) => Some(found.into_iter().collect()),
        _ => None,
    };
    Job {
        id: record.id.as_uuid(),
        kind: record.kind,
        state: record.state,
        parameters: fields(record.parameters).unwrap_or_default(),
        requested_by: record.requested_by,
        worker: record.worker,
        created_at: record.created_at,
        started_at: record.started_at,
        ended_at: record.ended_at,
        error_message: record.error_message,
        result: record.result.filter(|_| with_result).and_then(fields),
    }
}
