//! What a request may measure: its target, its headers, and the time it takes; and what it may say only once.

use std::time::Duration;

use axum::extract::{MatchedPath, Request};
use axum::http::header::{AUTHORIZATION, HOST};
use axum::http::{HeaderMap, Method, StatusCode, Version};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::api::call;
use crate::api::problem::Refusal;

/// Longest path and query together, in bytes; RFC 9110, section 4.1, recommends to take 8,000.
const MAX_TARGET: usize = 8 * 1024;
/// Header lines at most.
pub(super) const MAX_HEADERS: usize = 100;
/// Names and values of all header lines together, in bytes.
const MAX_HEADER_BYTES: usize = 32 * 1024;
/// A client must send the whole body within this time.
pub(super) const BODY_TIME: Duration = Duration::from_secs(10);
/// Until the head of an answer to a call that only reads.
const READ_TIME: Duration = Duration::from_secs(10);
/// Until the head of an answer to a call that changes something, besides what the caller prefers to wait.
const CHANGE_TIME: Duration = Duration::from_secs(30);
/// Until the head of an answer of those that read a whole table.
const WHOLE_TABLE_TIME: Duration = Duration::from_secs(120);
/// The routes that read a whole table.
const WHOLE_TABLE: [&str; 1] = ["/api/gateway/audit/check"];

/// Refuses a request whose head is too large, or says two things, in a way that the routes would not notice.
pub(super) async fn limit_head(request: Request, next: Next) -> Response {
    match check_head(&request) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

fn check_head(request: &Request) -> Result<(), Refusal> {
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if target > MAX_TARGET {
        let detail = format!("path and query may have {MAX_TARGET} bytes at most");
        return Err(Refusal::new(StatusCode::URI_TOO_LONG, "target_too_long", "Path or query too long", detail));
    }
    let bytes: usize = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if request.headers().len() > MAX_HEADERS || bytes > MAX_HEADER_BYTES {
        let detail = format!("there may be {MAX_HEADERS} header lines with {MAX_HEADER_BYTES} bytes at most");
        let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
        return Err(Refusal::new(status, "headers_too_large", "Headers too large", detail));
    }
    // One proxy may have gone by the first, the next by the last (RFC 9112, section 3.2).
    let hosts = request.headers().get_all(HOST).iter().count();
    if hosts > 1 || hosts == 0 && request.version() == Version::HTTP_11 {
        let detail = "a request has exactly one host header";
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "bad_host", "Bad host", detail));
    }
    if request.headers().get_all(AUTHORIZATION).iter().count() > 1 {
        return Err(Refusal::unauthenticated("the authorization header is given twice"));
    }
    Ok(())
}

/// How long a request may take until the head of its answer is there.
fn budget(method: &Method, route: &str, headers: &HeaderMap) -> Duration {
    if WHOLE_TABLE.contains(&route) {
        WHOLE_TABLE_TIME
    } else if method.is_safe() {
        READ_TIME
    } else {
        CHANGE_TIME + call::wait_of(headers).unwrap_or_default()
    }
}

/// Ends a request that takes longer than its route may.
pub(super) async fn limit_time(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let limit = budget(request.method(), route, request.headers());
    within(limit, next.run(request)).await
}

async fn within(limit: Duration, answer: impl Future<Output = Response>) -> Response {
    match tokio::time::timeout(limit, answer).await {
        Ok(response) => response,
        Err(_elapsed) => Refusal::timeout().into_response(),
    }
}

/// What a body that does not come in time is answered with.
pub(super) fn slow_body() -> Refusal {
    let detail = format!("the body did not come whole within {} seconds", BODY_TIME.as_secs());
    Refusal::new(StatusCode::REQUEST_TIMEOUT, "slow_body", "Request too slow", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_have_less_time_than_changes_and_waiting_adds_to_it() {
        let mut headers = HeaderMap::new();
        assert_eq!(budget(&Method::GET, "/api/gateway/tenants", &headers), READ_TIME);
        assert_eq!(budget(&Method::GET, WHOLE_TABLE[0], &headers), WHOLE_TABLE_TIME);
        assert_eq!(budget(&Method::POST, "/api/gateway/tenants", &headers), CHANGE_TIME);
        headers.insert(call::PREFER, "wait=20".parse().unwrap());
        assert_eq!(budget(&Method::POST, "/api/gateway/tenants", &headers), CHANGE_TIME + Duration::from_secs(20));
    }

    #[test]
    fn the_routes_with_more_time_exist() {
        let document = crate::api::openapi::document();
        assert!(WHOLE_TABLE.iter().all(|route| document.paths.paths.contains_key(*route)));
    }

    #[tokio::test]
    async fn an_answer_that_does_not_come_is_given_up() {
        let answer = within(Duration::from_millis(1), std::future::pending()).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.extensions().get::<Refusal>().unwrap().code(), "timeout");
    }
}
