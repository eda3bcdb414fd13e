//! Logins of people.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A login of a person
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Session {
    /// Its identity
    pub id: Uuid,
    /// When the person logged in
    pub created_at: Timestamp,
    /// When it was last used, to the minute
    pub last_seen_at: Timestamp,
    /// When it ends at the latest
    pub expires_at: Timestamp,
    /// Where it was last used from
    pub address: String,
    /// What the browser called itself, cut short
    pub user_agent: String,
    /// Whether the caller uses it
    pub current: bool,
}

/// A page of sessions, newest first
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SessionList {
    /// The sessions
    pub items: Vec<Session>,
    /// Give it as cursor to get the next page; null on the last
    #[schema(required)]
    pub next_cursor: Option<String>,
}

/// Sessions that are over
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct EndedSessions {
    /// How many they were
    pub ended: u64,
}
