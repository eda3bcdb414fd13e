//! Waiting for an operation's end, where the caller prefers that: `Prefer: wait=30` (RFC 7240).

use std::time::{Duration, Instant};

use axum::http::header::LOCATION;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;

use crate::api::call::effect::{Awaited, answer_of, etag};
use crate::api::problem::Refusal;
use crate::api::{AppState, operations, pools, tenants};

/// What the caller would like; see [`wait_of`].
pub(in crate::api) const PREFER: HeaderName = HeaderName::from_static("prefer");
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");
/// Longest time a caller may ask to wait for an operation's end.
const MAX_WAIT: Duration = Duration::from_secs(30);
/// Between two looks at an operation that is waited for, at first and at most.
const LOOK: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(400));

/// How long the caller prefers to wait: `Prefer: wait=30`. Preferences that are not understood are passed over.
pub(in crate::api) fn wait_of(headers: &HeaderMap) -> Option<Duration> {
    let lines = headers.get_all(PREFER).iter().filter_map(|value| value.to_str().ok());
    let mut given = lines.flat_map(|line| line.split([',', ';'])).filter_map(|one| one.trim().split_once('='));
    let (_, seconds) = given.find(|(name, _)| name.trim().eq_ignore_ascii_case("wait"))?;
    let seconds = seconds.trim().trim_matches('"').parse().ok()?;
    Some(Duration::from_secs(seconds).min(MAX_WAIT))
}

/// Looks until the operation has ended: 200 with what is then. After the wait: the answer as it was.
pub(super) async fn await_end(
    state: &AppState,
    awaited: Awaited,
    wait: Duration,
    mut accepted: Response,
) -> Result<Response, Refusal> {
    let until = Instant::now() + wait;
    let mut pause = LOOK.0;
    let applied = HeaderValue::try_from(format!("wait={}", wait.as_secs())).ok();
    let ended = loop {
        let ended = match awaited {
            Awaited::Tenant(id) => tenants::ended(state, id).await?,
            Awaited::Operation(id) => operations::ended(state, id).await?,
            Awaited::Logs(id) => tenants::logs::ended(state, id).await?,
            Awaited::Pool(id) => pools::ended(state, id).await?,
        };
        if ended.is_some() || Instant::now() + pause > until {
            break ended;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LOOK.1);
    };
    if let Some((body, version)) = ended {
        let location = accepted.headers_mut().remove(LOCATION);
        accepted = answer_of(StatusCode::OK, &body, None, version.map(etag).as_deref());
        if let Some(location) = location {
            accepted.headers_mut().insert(LOCATION, location);
        }
    }
    if let Some(applied) = applied {
        accepted.headers_mut().insert(PREFERENCE_APPLIED, applied);
    }
    Ok(accepted)
}
