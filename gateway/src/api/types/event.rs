//! What happened.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::event::EventKind;

/// Something that happened
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Event {
    /// Its place in the one order of all events; rises, and is never given twice
    pub id: i64,
    /// When it was written, in the transaction of the change; events of a long one come later than younger ones
    pub at: Timestamp,
    /// What happened
    pub kind: EventKind,
    /// To which tenant; null for what is about all of them
    #[schema(required)]
    pub tenant_id: Option<Uuid>,
    /// That tenant's key
    #[schema(required)]
    pub tenant_key: Option<String>,
    /// The operation it is about, or that the tenant had then
    #[schema(required)]
    pub operation_id: Option<Uuid>,
    /// Who did it
    #[schema(example = "user:owner@localhost")]
    pub actor: String,
    /// A few words on what changed, by the kind
    pub data: BTreeMap<String, Value>,
}

/// Events, oldest first
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct EventList {
    /// The events
    pub items: Vec<Event>,
    /// Give it as after to get what comes next; there on the last page too
    #[schema(example = "1842")]
    pub next_cursor: String,
    /// The present end: give it as after to get only what comes from now on, whatever is on this page
    #[schema(example = "1907")]
    pub end: String,
}

/// One server-sent event of a stream
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct StreamEvent {
    /// What it is
    pub event: String,
    /// JSON text of what it carries
    pub data: String,
    /// Give it as last-event-id to go on after it
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub id: Option<String>,
}
