//! `GET /api/gateway/operations/{id}/events`

use std::time::Instant;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::sse::Event;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::api::AppState;
use crate::api::auth::{OperationsRead, Permit};
use crate::api::extract::QueryFields;
use crate::api::operations::{operation_id, progress, shown, shown_step};
use crate::api::problem::Refusal;
use crate::api::stream::{End, Opening, Outlet, RETRY, wrong_last};
use crate::api::types::Problem;
use crate::domain::operation::{OperationState, StepState};
use crate::store::operations::{OperationFilter, StepRecord};

/// Id of the last event of an operation that has ended.
const ENDED: &str = "ended";

/// How much of an operation's steps a client has: each attempt is told twice, as it begins and as it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    attempt: i64,
    is_end: bool,
}

impl Place {
    const BEGINNING: Self = Self { attempt: 0, is_end: true };

    fn text(self) -> String {
        format!("{}.{}", self.attempt, u8::from(self.is_end))
    }

    fn parse(text: &str) -> Option<Self> {
        let (attempt, half) = text.split_once('.')?;
        let is_number = !attempt.is_empty() && attempt.bytes().all(|byte| byte.is_ascii_digit());
        let is_end = match half {
            "0" => false,
            "1" => true,
            _ => return None,
        };
        Some(Self { attempt: attempt.parse().ok().filter(|_| is_number)?, is_end })
    }
}

/// A step attempt as it was when it began.
fn begun(step: &StepRecord) -> StepRecord {
    StepRecord { state: StepState::Started, ended_at: None, result: None, error: None, ..step.clone() }
}

/// What a client that is at `place` has not seen of these attempts, in order.
fn news(steps: &[StepRecord], place: Place) -> Vec<(Place, StepRecord)> {
    let halves = steps.iter().flat_map(|step| {
        let begun = (Place { attempt: step.id, is_end: false }, begun(step));
        let ended = step.ended_at.map(|_| (Place { attempt: step.id, is_end: true }, step.clone()));
        std::iter::once(begun).chain(ended)
    });
    halves.filter(|(at, _)| *at > place).collect()
}

/// Follow an operation
///
/// Server-sent events: `operation` with the operation, at first and when its state or attempt changes; `step` with each step
/// attempt, as it begins and as it ends; at last `ended` with the operation. With last-event-id no step is told twice or left
/// out. An operation that has ended is told from its beginning; to who has seen its end, 204. With
/// `prefer: wait=10` the stream ends after so many seconds, 30 at most.
#[utoipa::path(
    get,
    path = "/api/gateway/operations/{id}/events",
    operation_id = "follow_operation",
    tag = "operations",
    security(("api_key" = ["operations:read"]), ("session" = ["operations:read"])),
    params(
        ("id" = Uuid, Path, description = "Id of the operation"),
        ("last-event-id" = inline(Option<String>), Header, description = "The last event that the client has", nullable = false, pattern = r"^([0-9]{1,18}\.[01]|ended)?$"),
    ),
    responses(
        (status = 200, description = "The operation's work as it goes on", body = String, content_type = "text/event-stream"),
        (status = 204, description = "It has ended, and the client has seen that"),
        (status = 404, description = "No such operation", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The last event id is none of this stream", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many streams in this process, or to this caller", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn follow_operation(
    State(state): State<AppState>,
    permit: Permit<OperationsRead>,
    Path(id): Path<String>,
    QueryFields(fields): QueryFields,
    mut opening: Opening,
) -> Result<Response, Refusal> {
    fields.finish()?;
    let id = operation_id(&id)?;
    let seen = Instant::now();
    let filter =
        OperationFilter { id: Some(id), reach: permit.caller.reach().clone(), limit: 1, ..OperationFilter::default() };
    let found = state.store.list_operations(&filter).await?;
    let record = found.into_iter().next().ok_or_else(Refusal::no_such_operation)?;
    let place = match opening.last()?.as_deref() {
        None => Place::BEGINNING,
        Some(ENDED) if !record.state.is_open() => return Ok(StatusCode::NO_CONTENT.into_response()),
        Some(text) => Place::parse(text).ok_or_else(wrong_last)?,
    };
    let steps = state.store.steps(id).await?;
    let now = progress::State { seen, record, steps };
    let states = state.clone();
    opening.serve(&state, &permit.caller, move |outlet| async move {
        Following { outlet, place, seen, told: None }.follow(&states, now).await.unwrap_or_else(|end| end)
    })
}

/// A stream of an operation, and how far it is.
struct Following {
    outlet: Outlet,
    place: Place,
    seen: Instant,
    told: Option<(OperationState, i32)>,
}

impl Following {
    async fn follow(&mut self, state: &AppState, now: progress::State) -> Result<End, End> {
        self.outlet.write(Event::default().retry(RETRY).comment("")).await?;
        if self.tell(&now).await? {
            return Ok(End::Done);
        }
        let mut states = state.progress().follow(&state.store, self.outlet.tasks(), now);
        loop {
            let now = states.borrow_and_update().clone();
            if self.tell(&now).await? {
                return Ok(End::Done);
            }
            states.changed().await.map_err(|_| End::Broken)?;
        }
    }

    /// Tells what the client has not seen, and whether that was the end.
    async fn tell(&mut self, now: &progress::State) -> Result<bool, End> {
        if now.seen < self.seen {
            return Ok(false);
        }
        self.seen = now.seen;
        let mark = (now.record.state, now.record.attempt);
        let is_open = now.record.state.is_open();
        if is_open && self.told != Some(mark) {
            self.write("operation", None, &shown(now.record.clone(), None)).await?;
            self.told = Some(mark);
        }
        for (place, step) in news(&now.steps, self.place) {
            self.write("step", Some(place.text()), &shown_step(step)).await?;
            self.place = place;
        }
        if !is_open {
            self.write(ENDED, Some(ENDED.to_owned()), &shown(now.record.clone(), None)).await?;
        }
        Ok(!is_open)
    }

    async fn write<T: Serialize>(&self, name: &str, id: Option<String>, data: &T) -> Result<(), End> {
        let event = Event::default().event(name).json_data(data).map_err(|_| End::Broken)?;
        let event = match id {
            Some(id) => event.id(id),
            None => event,
        };
        self.outlet.write(event).await
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::operation::{Action, StepKind};

    fn step(id: i64, state: StepState) -> StepRecord {
        let at = Timestamp::UNIX_EPOCH;
        StepRecord {
            id,
            step: StepKind::Role,
            action: Action::Ensure,
            attempt: 1,
            state,
            worker: "w".into(),
            started_at: at,
            ended_at: (state != StepState::Started).then_some(at),
            result: None,
            error: None,
        }
    }

    #[test]
    fn each_attempt_is_told_as_it_begins_and_as_it_ends_and_once_each() {
        let steps = [step(7, StepState::Succeeded), step(9, StepState::Started)];
        let told =
            |place| news(&steps, place).into_iter().map(|(at, step)| (at.text(), step.state)).collect::<Vec<_>>();
        let all = [
            ("7.0".to_owned(), StepState::Started),
            ("7.1".to_owned(), StepState::Succeeded),
            ("9.0".to_owned(), StepState::Started),
        ];
        assert_eq!(told(Place::BEGINNING), all);
        for (seen, (place, _)) in all.iter().enumerate() {
            assert_eq!(told(Place::parse(place).unwrap()), all[seen + 1..]);
        }
    }

    #[test]
    fn places_that_are_none_are_refused() {
        for wrong in ["", "7", "7.", "7.2", "-7.1", "x.1", "+1.0", "ended", "99999999999999999999.1"] {
            assert_eq!(Place::parse(wrong), None, "{wrong}");
        }
    }
}
