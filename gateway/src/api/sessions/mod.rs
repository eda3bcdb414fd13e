//! `/api/gateway/sessions`: the caller's own logins.

pub(super) mod end;
pub(super) mod end_all;
pub(super) mod list;

use axum::http::StatusCode;
use uuid::Uuid;

use crate::api::AppState;
use crate::api::auth::session::IDLE;
use crate::api::page::Page;
use crate::api::problem::Refusal;
use crate::api::types::{Session, SessionList};
use crate::domain::ids::{SessionId, UserId};
use crate::store::sessions::SessionFilter;

/// The sessions of a person that are not over.
pub(super) async fn list_of(
    state: &AppState,
    user: UserId,
    current: Option<SessionId>,
    page: &Page,
) -> Result<SessionList, Refusal> {
    let filter = SessionFilter { user, idle: IDLE, after: page.after, limit: page.ask() };
    let mut records = state.store.list_sessions(&filter).await?;
    let next_cursor = page.cut(&mut records, |record| (record.created_at, record.id.as_uuid()));
    let items = records.into_iter().map(|record| Session {
        id: record.id.as_uuid(),
        created_at: record.created_at,
        last_seen_at: record.last_seen_at,
        expires_at: record.expires_at,
        address: record.address,
        user_agent: record.user_agent,
        current: current == Some(record.id),
    });
    Ok(SessionList { items: items.collect(), next_cursor })
}

pub(super) fn no_such_session() -> Refusal {
    let detail = "there is no session with this id, or it is over";
    Refusal::new(StatusCode::NOT_FOUND, "session_not_found", "No such session", detail)
}

/// The session a path names. What is no id names none.
pub(super) fn session_id(text: &str) -> Result<SessionId, Refusal> {
    Uuid::try_parse(text).map(SessionId::from_uuid).map_err(|_| no_such_session())
}
