//! `GET /api/gateway/public/signup/{token}/events`

use std::convert::Infallible;
use std::time::{Duration, Instant};

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::Stream;
use futures::stream::unfold;

use crate::api::AppState;
use crate::api::call::wait_of;
use crate::api::problem::Refusal;
use crate::api::server::Link;
use crate::api::signup::get::find;
use crate::api::signup::streams::Place;
use crate::api::signup::{is_final, shown};
use crate::api::types::{Problem, SignupStatus, StreamEvent};
use crate::domain::ids::SignupId;
use crate::store::signups::SignupFilter;

/// Between two looks at the signup.
const LOOK: Duration = Duration::from_secs(1);
/// Between two comments on a silent stream, so that proxies keep it open.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// A stream ends after this long; browsers begin the next one by themselves.
const LONGEST: Duration = Duration::from_secs(600);
/// When a browser begins the next one.
const RETRY: Duration = Duration::from_secs(2);
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Of the last event there is.
const FINAL: &str = "final";

struct Watch {
    state: AppState,
    id: SignupId,
    link: Link,
    until: Instant,
    /// What was sent last.
    sent: Option<SignupStatus>,
    /// What is to be sent at once.
    next: Option<SignupStatus>,
    is_over: bool,
    #[expect(dead_code, reason = "held as long as the stream is open")]
    place: Place,
}

fn is_same(one: &SignupStatus, other: &SignupStatus) -> bool {
    let parts = |status: &SignupStatus| {
        let tenant = status.tenant.as_ref().map(|tenant| (tenant.stage, tenant.percent, tenant.host.clone()));
        (status.state, status.progress.clone(), tenant)
    };
    parts(one) == parts(other)
}

/// One event: the status as it is. The id of the last one tells a browser that asks again that there is no more.
fn event_of(status: &SignupStatus) -> Option<Event> {
    let id = if is_final(status) { FINAL } else { status.state.as_str() };
    Event::default().event("status").id(id).retry(RETRY).json_data(status).ok()
}

impl Watch {
    /// The next change; `None` when the stream ends.
    async fn change(&mut self) -> Option<SignupStatus> {
        if let Some(status) = self.next.take() {
            return Some(status);
        }
        loop {
            if self.is_over || Instant::now() > self.until {
                return None;
            }
            tokio::select! {
                () = self.link.stopping.cancelled() => return None,
                () = tokio::time::sleep(LOOK) => {}
            }
            // A signup that is gone, or a control database that is away: the browser asks again and is told.
            let record = self.state.store.signup(&SignupFilter::of_id(self.id)).await.ok()??;
            let status = shown(&record, &self.state.settings, None);
            if !self.sent.as_ref().is_some_and(|sent| is_same(sent, &status)) {
                return Some(status);
            }
        }
    }
}

fn stream(watch: Watch) -> impl Stream<Item = Result<Event, Infallible>> {
    unfold(watch, |mut watch| async move {
        let status = watch.change().await?;
        watch.is_over = is_final(&status);
        let event = event_of(&status)?;
        watch.sent = Some(status);
        Some((Ok(event), watch))
    })
}

/// Follow a signup
///
/// Server-sent events named status, each with the whole status: at once, at each change, and a last one when nothing more
/// will happen. Then the stream ends, and asking again with last-event-id is answered with 204, so that browsers stop. With
/// prefer: wait=10 it ends after about that time at the latest.
#[utoipa::path(
    get,
    path = "/api/gateway/public/signup/{token}/events",
    operation_id = "follow_signup",
    tag = "signup",
    security(()),
    params(
        ("token" = String, Path, description = "The token", min_length = 43, max_length = 43, pattern = "^[A-Za-z0-9_-]{43}$"),
        ("last-event-id" = inline(Option<String>), Header, description = "Id of the last event that was read; browsers send it", nullable = false),
    ),
    responses(
        (status = 200, description = "The stream", body = StreamEvent, content_type = "text/event-stream"),
        (status = 204, description = "The last event was read already"),
        (status = 404, description = "No such signup", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many streams; ask for the state instead", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn follow_signup(
    State(state): State<AppState>,
    Path(token): Path<String>,
    headers: HeaderMap,
    Extension(link): Extension<Link>,
) -> Result<Response, Refusal> {
    let record = find(&state, &token).await?;
    let first = shown(&record, &state.settings, None);
    let has_read_all = headers.get(LAST_EVENT_ID).is_some_and(|id| id.as_bytes() == FINAL.as_bytes());
    if has_read_all && is_final(&first) {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let place = state.signup_streams().take(record.id)?;
    let until = Instant::now() + wait_of(&headers).unwrap_or(LONGEST);
    let watch = Watch { state, id: record.id, link, until, sent: None, next: Some(first), is_over: false, place };
    let keep_alive = KeepAlive::new().interval(HEARTBEAT).text("still here");
    let mut response = Sse::new(stream(watch)).keep_alive(keep_alive).into_response();
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}
