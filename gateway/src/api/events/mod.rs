//! `/api/gateway/events`: one file per verb. What happened, as a list and as it goes on.

pub(super) mod feed;
pub(super) mod list;
mod sight;
pub(super) mod stream;

use crate::api::types::Event;
use crate::domain::ids::OperationId;
use crate::store::events::EventRecord;

use sight::Sight;

/// What is shown of an event.
fn shown(record: &EventRecord) -> Event {
    let tenant = record.tenant.as_ref();
    Event {
        id: record.number,
        at: record.at,
        kind: record.kind,
        tenant_id: tenant.map(|tenant| tenant.id.as_uuid()),
        tenant_key: tenant.map(|tenant| tenant.key.clone()),
        operation_id: record.operation.map(OperationId::as_uuid),
        actor: record.actor.clone(),
        data: record.data.as_object().map(|data| data.clone().into_iter().collect()).unwrap_or_default(),
    }
}
