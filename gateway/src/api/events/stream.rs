//! `GET /api/gateway/events/stream`

use axum::extract::State;
use axum::response::Response;
use tokio::sync::broadcast::error::RecvError;

use crate::api::AppState;
use crate::api::auth::{Permit, TenantsRead};
use crate::api::events::feed::Told;
use crate::api::events::sight::{Asked, Sight, check_kept, read_number};
use crate::api::extract::QueryFields;
use crate::api::problem::Refusal;
use crate::api::stream::{End, Opening, Outlet, RETRY, wrong_last};
use crate::api::types::Problem;
use crate::store::StoreError;

/// Events that are read at once to catch up.
const AT_ONCE: u32 = 100;

/// Follow events
///
/// Server-sent events: `event` is the kind, `id` the event's id, `data` the event as JSON, as the list gives it. From after
/// last-event-id or after, without either from the end; so a client that connects again misses nothing. A comment comes at
/// least every 15 seconds. The stream ends when the key or session ends or its rights change, when the process stops, and
/// when the client does not read for 10 seconds; with `prefer: wait=10` after so many seconds, 30 at most.
#[utoipa::path(
    get,
    path = "/api/gateway/events/stream",
    operation_id = "stream_events",
    tag = "events",
    security(("api_key" = ["tenants:read"]), ("session" = ["tenants:read"])),
    params(
        ("after" = inline(Option<String>), Query, description = "Begin after this event: its id, or next_cursor of the list", nullable = false, pattern = "^([0-9]{1,18})?$"),
        ("kind" = inline(Option<String>), Query, description = "Only this kind, or several with commas between; tenant.* is all kinds of that family", nullable = false),
        ("tenant" = inline(Option<String>), Query, description = "Only those about this tenant: id or key", nullable = false),
        ("last-event-id" = inline(Option<String>), Header, description = "The last event that the client has; goes before after", nullable = false, pattern = "^([0-9]{1,18})?$"),
    ),
    responses(
        (status = 200, description = "Events as they happen", body = String, content_type = "text/event-stream"),
        (status = 404, description = "No such tenant", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "Events after this one were removed (events_gone): read the lists again", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Parameters are wrong", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many streams in this process, or to this caller", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn stream_events(
    State(state): State<AppState>,
    permit: Permit<TenantsRead>,
    QueryFields(mut fields): QueryFields,
    mut opening: Opening,
) -> Result<Response, Refusal> {
    let asked = Asked::read(&mut fields);
    fields.finish()?;
    let last = opening.last()?.map(|text| read_number(&text).ok_or_else(wrong_last)).transpose()?;
    let after = last.or(asked.after);
    let sight = Sight::of(&state, &permit.caller, asked).await?;
    // What was committed until here is past.
    state.store.number_events().await?;
    let head = state.store.event_head().await?;
    if let Some(after) = after {
        check_kept(after, head)?;
    }
    let mut reading = Reading { state: state.clone(), sight, upto: after.unwrap_or(head.last) };
    opening.serve(&state, &permit.caller, move |outlet| async move {
        match reading.follow(&outlet).await {
            Err(Trouble::End(end)) => end,
            Err(Trouble::Store(error)) => {
                tracing::debug!(%error, "a stream of events cannot go on");
                End::Broken
            }
        }
    })
}

/// A stream of events, and how far it is.
struct Reading {
    state: AppState,
    sight: Sight,
    upto: i64,
}

enum Trouble {
    End(End),
    Store(StoreError),
}

impl From<End> for Trouble {
    fn from(end: End) -> Self {
        Self::End(end)
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Reading {
    async fn follow(&mut self, outlet: &Outlet) -> Result<std::convert::Infallible, Trouble> {
        outlet.write(axum::response::sse::Event::default().retry(RETRY).comment("")).await?;
        let mut looks = self.state.feed().listen(&self.state.store, outlet.tasks());
        // After listening began: what is not read here is told of there.
        self.catch_up(outlet).await?;
        loop {
            match looks.recv().await {
                Ok(look) if look.upto <= self.upto => {}
                Ok(look) if look.after <= self.upto => self.tell(outlet, &look.events, look.upto).await?,
                Ok(_) | Err(RecvError::Lagged(_)) => self.catch_up(outlet).await?,
                Err(RecvError::Closed) => {
                    looks = self.state.feed().listen(&self.state.store, outlet.tasks());
                    self.catch_up(outlet).await?;
                }
            }
        }
    }

    /// Reads the table up to its end.
    async fn catch_up(&mut self, outlet: &Outlet) -> Result<(), Trouble> {
        loop {
            let page = self.state.store.list_events(&self.sight.filter(self.upto, AT_ONCE)).await?;
            if check_kept(self.upto, page.head).is_err() {
                return Err(Trouble::End(End::Broken));
            }
            let is_cut = page.events.len() >= AT_ONCE as usize;
            let events: Vec<Told> = page.events.into_iter().map(Told::new).collect();
            let upto = events.last().map(Told::number).filter(|_| is_cut).unwrap_or(page.head.last);
            self.tell(outlet, &events, upto).await?;
            if !is_cut {
                return Ok(());
            }
        }
    }

    async fn tell(&mut self, outlet: &Outlet, events: &[Told], upto: i64) -> Result<(), Trouble> {
        for event in events.iter().filter(|event| event.number() > self.upto) {
            if let Some(text) = event.seen_by(&self.sight) {
                outlet.write(text).await?;
            }
        }
        self.upto = upto;
        Ok(())
    }
}
