//! `GET /api/gateway/events`

use axum::Json;
use axum::extract::State;

use crate::api::AppState;
use crate::api::auth::{Permit, TenantsRead};
use crate::api::events::shown;
use crate::api::events::sight::{Asked, Sight, check_kept};
use crate::api::extract::QueryFields;
use crate::api::page::Page;
use crate::api::problem::Refusal;
use crate::api::types::{EventList, Problem};

/// List events
///
/// Oldest first, from the oldest that is kept or from after a place. A page that is shorter than the limit is the end for the
/// time being: ask again with its cursor, or open the stream. To begin at the present end, whatever came before, take end.
/// Each kind needs the scope to read what it is about; others are left out.
#[utoipa::path(
    get,
    path = "/api/gateway/events",
    operation_id = "list_events",
    tag = "events",
    security(("api_key" = ["tenants:read"]), ("session" = ["tenants:read"])),
    params(
        ("after" = inline(Option<String>), Query, description = "Only events after this one: the id of an event, or next_cursor", nullable = false, pattern = "^([0-9]{1,18})?$"),
        ("kind" = inline(Option<String>), Query, description = "Only this kind, or several with commas between; tenant.* is all kinds of that family", nullable = false),
        ("tenant" = inline(Option<String>), Query, description = "Only those about this tenant: id or key", nullable = false),
        ("limit" = inline(Option<i32>), Query, description = "Items at most; 50 when left out", nullable = false, minimum = 1, maximum = 200),
    ),
    responses(
        (status = 200, description = "A page of events", body = EventList),
        (status = 404, description = "No such tenant", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "Events after this one were removed (events_gone)", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Parameters are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn list_events(
    State(state): State<AppState>,
    permit: Permit<TenantsRead>,
    QueryFields(mut fields): QueryFields,
) -> Result<Json<EventList>, Refusal> {
    let asked = Asked::read(&mut fields);
    let limit = Page::<i64>::read_limit(&mut fields);
    fields.finish()?;
    let after = asked.after;
    let sight = Sight::of(&state, &permit.caller, asked).await?;
    // What the caller has done is there when it asks.
    state.store.number_events().await?;
    let page = state.store.list_events(&sight.filter(after.unwrap_or(0), limit)).await?;
    if let Some(after) = after {
        check_kept(after, page.head)?;
    }
    let is_cut = page.events.len() >= limit as usize;
    let next = page.events.last().map(|last| last.number).filter(|_| is_cut).unwrap_or(page.head.last);
    Ok(Json(EventList {
        items: page.events.iter().map(shown).collect(),
        next_cursor: next.to_string(),
        end: page.head.last.to_string(),
    }))
}
