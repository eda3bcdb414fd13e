//! `/api/gateway/tenants:batch` and `/api/gateway/batches`: one file per verb.

pub(super) mod cancel;
pub(super) mod create;
pub(super) mod get;
pub(super) mod list;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::api::problem::Refusal;
use crate::api::types::{Batch, BatchCounts, BatchTenant, BatchTenantError};
use crate::domain::ids::{BatchId, OperationId};
use crate::store::batches::{BatchRecord, BatchTenantRecord};

/// The batch a path names. What is no id names none.
fn batch_id(text: &str) -> Result<BatchId, Refusal> {
    Uuid::try_parse(text).map(BatchId::from_uuid).map_err(|_| Refusal::no_such_batch())
}

/// What is shown of a batch.
fn shown(record: BatchRecord, tenants: Option<Vec<BatchTenantRecord>>) -> Batch {
    let counts = record.counts;
    Batch {
        id: record.id.as_uuid(),
        verb: record.verb,
        state: record.state,
        force: record.force,
        pool_id: record.pool_id,
        parallelism: record.parallelism,
        max_failures: record.max_failures,
        requested_by: record.requested_by,
        created_at: record.created_at,
        ended_at: record.ended_at,
        counts: BatchCounts {
            waiting: counts.waiting,
            running: counts.running,
            succeeded: counts.succeeded,
            failed: counts.failed,
            refused: counts.refused,
            left: counts.left,
        },
        tenants: tenants.map(|tenants| tenants.into_iter().map(shown_tenant).collect()),
    }
}

fn shown_tenant(record: BatchTenantRecord) -> BatchTenant {
    BatchTenant {
        tenant_id: record.tenant_id.as_uuid(),
        tenant_key: record.tenant_key,
        state: record.state,
        operation_id: record.operation_id.map(OperationId::as_uuid),
        error: record.error.map(|(code, message)| BatchTenantError { code, message }),
    }
}

/// A batch in the audit log: with the ids of its tenants, and nothing else about them.
fn told(batch: &Batch) -> Result<Value, Refusal> {
    let mut value = serde_json::to_value(batch).map_err(|error| Refusal::internal().because(&error))?;
    if let Some(tenants) = &batch.tenants {
        value["tenants"] = json!(tenants.iter().map(|tenant| tenant.tenant_id).collect::<Vec<_>>());
    }
    Ok(value)
}
