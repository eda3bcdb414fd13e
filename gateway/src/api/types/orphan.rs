//! Objects outside that no tenant owns.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::orphan::OrphanKind;

/// An object outside with the mark of this control plane that no tenant owns
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Orphan {
    /// What it is
    pub kind: OrphanKind,
    /// Where it is: docker, redis, or database-server/ and the server's name
    #[schema(example = "docker")]
    pub place: String,
    /// Its name there
    pub name: String,
    /// The tenant its mark names, where it names one
    #[schema(required)]
    pub tenant_id: Option<Uuid>,
    /// What was seen of it
    pub detail: BTreeMap<String, serde_json::Value>,
    /// When it was first seen without an owner
    pub first_seen_at: Timestamp,
    /// When somebody asked for its removal
    #[schema(required)]
    pub condemned_at: Option<Timestamp>,
    /// Who asked
    #[schema(required)]
    pub condemned_by: Option<String>,
}

/// A page of orphans, by kind, place and name
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OrphanList {
    /// The orphans
    pub items: Vec<Orphan>,
    /// Give it as cursor to get the next page; null on the last
    #[schema(required)]
    pub next_cursor: Option<String>,
}
