//! The outermost layer: the request's id, its log line, and the last touch to every answer. The line of a stream is written
//! when the stream ends.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{MatchedPath, Request};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use hyper::body::{Frame, SizeHint};
use uuid::Uuid;

use crate::api::note::CallNote;
use crate::api::problem::{PROBLEM_JSON, Refusal, kept_headers};
use crate::api::spa;
use crate::api::system::NOT_READY;

/// Carries the request's id both ways.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const MAX_REQUEST_ID: usize = 64;
/// Says which build answers: a console that was loaded from another one should be loaded anew.
const BUILD: HeaderName = HeaderName::from_static("x-gateway-build");
/// Components of the console set inline styles; nothing else comes from elsewhere or from the page itself.
const HTML_POLICY: &str =
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";
const DATA_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// The id a caller gave, where it is short and plain; else a new one.
fn request_id(headers: &HeaderMap) -> String {
    let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok());
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    given
        .filter(|id| !id.is_empty() && id.len() <= MAX_REQUEST_ID && id.chars().all(is_plain))
        .map_or_else(|| Uuid::new_v4().to_string(), str::to_owned)
}

/// Runs a request and writes its one log line.
pub(super) async fn observe(mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = request_id(request.headers());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("(none)".to_owned(), |path| path.as_str().to_owned());
    let is_api = request.uri().path().starts_with("/api/");
    let note = CallNote::new(id.clone());
    request.extensions_mut().insert(note.clone());

    let response = next.run(request).await;

    let (mut response, refusal) = as_problem(response, &id);
    add_headers(response.headers_mut(), &id, is_api);
    let line = Line {
        began,
        method,
        route,
        status: response.status().as_u16(),
        note,
        // Asked before the hosts are loaded: nothing has failed.
        is_early: refusal.as_ref().is_some_and(|refusal| refusal.code() == NOT_READY && refusal.cause().is_none()),
        refusal,
        is_api,
    };
    if is_stream(&response) {
        return response.map(|body| Body::new(Streamed { body, _line: line }));
    }
    drop(line);
    response
}

fn is_stream(response: &Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.starts_with("text/event-stream")
}

/// The log line of a request; written when it is dropped.
struct Line {
    began: Instant,
    method: Method,
    route: String,
    status: u16,
    note: CallNote,
    refusal: Option<Refusal>,
    is_api: bool,
    is_early: bool,
}

impl Drop for Line {
    fn drop(&mut self) {
        let Self { method, route, status, .. } = self;
        let duration_ms = self.began.elapsed().as_micros() as f64 / 1000.0;
        let actor = self.note.caller().map_or("-", |caller| caller.actor.as_str());
        let code = self.refusal.as_ref().map(Refusal::code);
        let request_id = self.note.request_id();
        if *status >= 500 && !self.is_early {
            let cause = self.refusal.as_ref().and_then(Refusal::cause).unwrap_or("-");
            tracing::error!(%method, route, status, duration_ms, actor, request_id, code, cause, "request");
        } else if self.is_api || self.is_early {
            tracing::info!(%method, route, status, duration_ms, actor, request_id, code, "request");
        } else {
            tracing::debug!(%method, route, status, duration_ms, actor, request_id, code, "request");
        }
    }
}

/// The body of a stream, whose line is written when it ends.
struct Streamed {
    body: Body,
    _line: Line,
}

impl HttpBody for Streamed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Makes every answer of 400 and above a problem with the request's id, those of the router and of layers too.
fn as_problem(mut response: Response, id: &str) -> (Response, Option<Refusal>) {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return (response, None);
    }
    let refusal = response.extensions_mut().remove::<Refusal>().unwrap_or_else(|| Refusal::of_status(status));
    let mut problem = refusal.render(id);
    for (name, value) in kept_headers(response.headers()) {
        problem.headers_mut().insert(name, value);
    }
    (problem, Some(refusal))
}

fn add_headers(headers: &mut HeaderMap, id: &str, is_api: bool) {
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, value);
    }
    headers.insert(BUILD, spa::build().clone());
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_data = ["application/json", "text/plain", PROBLEM_JSON].iter().any(|one| kind.starts_with(one));
    if is_api || is_data {
        headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(DATA_POLICY));
    } else if kind.starts_with("text/html") {
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(HTML_POLICY));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_short_plain_ids_are_kept() {
        let kept = |id: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, id.parse().unwrap());
            request_id(&headers) == id
        };
        assert!(kept("a-1_B.2"));
        assert!(!kept("a b"));
        assert!(!kept("a\"b"));
        assert!(!kept(&"a".repeat(65)));
        assert!(Uuid::try_parse(&request_id(&HeaderMap::new())).is_ok());
    }
}
