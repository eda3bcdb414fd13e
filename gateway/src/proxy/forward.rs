//! One request, from the host it names to the answer of that tenant's upstream.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, TRANSFER_ENCODING};
use http::uri::{PathAndQuery, Scheme};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, Version};
use http_body_util::{Either, Full};
use hyper::body::{Body, Incoming};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::headers::{self, GATEWAY_ERROR, Origin, ROUTE_REVISION, TENANT_ID};
use super::host::canonical_host;
use super::negotiate::prefers_json;
use super::pages::{Trouble, answer};
use super::peers::TrustedPeers;
use super::refresh::Routes;
use super::server::Connection;
use super::table::{Route, RouteState, Target};
use super::traffic::Traffic;
use super::tunnel::join_upgraded;
use super::upload::{Progress, Upload};
use super::upstream::{UpstreamError, Upstreams};
use crate::domain::ports::HEALTH_HOST;

/// The body of every response of this port: a page of ours, or the upstream's stream.
pub type Answer = Response<Either<Full<Bytes>, Incoming>>;

/// How long this port waits for an upstream.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// For a connection to open, name resolution included.
    pub connect: Duration,
    /// For the head of the answer, counted from the last byte of the request that moved.
    pub answer_head: Duration,
    /// How long a connection is kept for the next request. Below the upstream's own limit, which is seldom under 30 s.
    pub pool_idle: Duration,
    /// How long both sides of a WebSocket may be silent. Clients ping far more often.
    pub tunnel_idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(2),
            answer_head: Duration::from_secs(60),
            pool_idle: Duration::from_secs(20),
            tunnel_idle: Duration::from_secs(15 * 60),
        }
    }
}

/// Carries requests to upstreams. Shared by all connections.
#[derive(Debug)]
pub struct Forwarder {
    routes: Arc<Routes>,
    upstreams: Upstreams,
    trusted: TrustedPeers,
    timeouts: Timeouts,
    traffic: Arc<Traffic>,
    leaving: CancellationToken,
}

impl Forwarder {
    /// Serves what `routes` holds at the moment of each request, and counts each in `traffic`. From `leaving` on whoever asks
    /// is told that requests are to go elsewhere.
    pub fn new(
        routes: Arc<Routes>,
        trusted: TrustedPeers,
        timeouts: Timeouts,
        traffic: Arc<Traffic>,
        leaving: CancellationToken,
    ) -> Self {
        let upstreams = Upstreams::new(timeouts.connect, timeouts.pool_idle);
        Self { routes, upstreams, trusted, timeouts, traffic, leaving }
    }

    /// Whether this port is to get requests: it knows which hosts there are, and is not about to end.
    fn tell_health(&self) -> Answer {
        let is_ready = !self.leaving.is_cancelled() && self.routes.current().is_some();
        let (status, text) =
            if is_ready { (StatusCode::OK, "ok\n") } else { (StatusCode::SERVICE_UNAVAILABLE, "not ready\n") };
        let mut answer = Response::new(Either::Left(Full::new(Bytes::from_static(text.as_bytes()))));
        *answer.status_mut() = status;
        answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        answer
    }

    /// Answers one request. Never fails: what goes wrong becomes a page.
    pub async fn handle(&self, connection: &Connection, mut request: Request<Incoming>) -> Answer {
        if named_host(&request).is_ok_and(|(_, host)| host == HEALTH_HOST) {
            return self.tell_health();
        }
        let began = Instant::now();
        let as_json = prefers_json(request.headers());
        let request_id = headers::settle_request_id(request.headers_mut());
        let mut route = None;
        let (mut response, is_error) = match self.forward(connection, request, &mut route).await {
            Ok(response) => {
                let is_error = response.status().is_server_error();
                (response, is_error)
            }
            Err(trouble) => {
                let company = route.as_ref().map(|route| route.company_name.as_str());
                (answer(trouble, company, as_json, &request_id).map(Either::Left), trouble.is_error())
            }
        };
        if let Some(revision) = route.as_ref().and_then(|route| route.revision.clone()) {
            response.headers_mut().insert(ROUTE_REVISION, revision);
        }
        self.traffic.count(route.map(|route| route.tenant_id), began.elapsed(), is_error);
        response
    }

    async fn forward(
        &self,
        connection: &Connection,
        mut request: Request<Incoming>,
        found: &mut Option<Arc<Route>>,
    ) -> Result<Answer, Trouble> {
        if matches!(*request.method(), Method::CONNECT | Method::TRACE) {
            return Err(Trouble::MethodRefused);
        }
        let trusted = self.trusted.contains(connection.peer);
        let (host, canonical) = named_host(&request)?;
        let route = found.insert(self.resolve(&canonical, request.headers(), trusted)?);
        let target = match &route.state {
            RouteState::Serving(target) => target,
            RouteState::Preparing => return Err(Trouble::Preparing),
            RouteState::Suspended => return Err(Trouble::Suspended),
            RouteState::Closed => return Err(Trouble::Closed),
            RouteState::Unavailable => return Err(Trouble::Unavailable),
        };

        let websocket = headers::wants_websocket(&request).then(|| hyper::upgrade::on(&mut request));
        let (mut head, body) = request.into_parts();
        let chunked = head.headers.contains_key(TRANSFER_ENCODING);
        headers::strip_hop_by_hop(&mut head.headers);
        headers::assert_identity(&mut head.headers, Origin { peer: connection.peer, trusted, host: &host }, route);
        head.headers.insert(HOST, host);
        if websocket.is_some() {
            headers::ask_for_websocket(&mut head.headers);
        }
        if chunked {
            // Without it the client would send the body of a GET as no body at all; a length beside it would be a lie.
            head.headers.remove(CONTENT_LENGTH);
            head.headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
        }
        head.uri = upstream_uri(target, &head.uri).ok_or(Trouble::BadHost)?;

        let mut response = self.send(&head.method, head.uri, head.headers, body).await.map_err(|failure| {
            tracing::info!(tenant = route.key, code = failure.trouble().code(), %failure, cause = failure.cause(), "a request was not answered by its upstream");
            failure.trouble()
        })?;
        response.headers_mut().remove(GATEWAY_ERROR);
        response.headers_mut().remove(ROUTE_REVISION);
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            let client =
                websocket.filter(|_| headers::offers_websocket(response.headers())).ok_or(Trouble::BadAnswer)?;
            let upstream = hyper::upgrade::on(&mut response);
            connection.spawn_upgraded(join_upgraded(client, upstream, self.timeouts.tunnel_idle));
            headers::strip_hop_by_hop(response.headers_mut());
            headers::ask_for_websocket(response.headers_mut());
            return Ok(response.map(|_| Either::Left(Full::default())));
        }
        headers::strip_hop_by_hop(response.headers_mut());
        *response.version_mut() = Version::HTTP_11;
        Ok(response.map(Either::Right))
    }

    /// The host decides. A trusted peer's `X-Tenant-Id` counts only for a host the table does not know (yet): a proxy
    /// that passes the field on unchecked must not let a client choose another tenant's identity under its own host.
    fn resolve(&self, canonical: &str, headers: &HeaderMap, trusted: bool) -> Result<Arc<Route>, Trouble> {
        let table = self.routes.current();
        let table = table.as_ref().ok_or(Trouble::Starting)?;
        if let Some(route) = table.by_host(canonical) {
            return Ok(Arc::clone(route));
        }
        let named = if trusted { only_value(headers, &TENANT_ID) } else { None };
        let tenant_id = named.and_then(|value| Uuid::try_parse(value.to_str().ok()?).ok());
        tenant_id.and_then(|id| table.by_tenant(id)).map(Arc::clone).ok_or(Trouble::UnknownHost)
    }

    async fn send(
        &self,
        method: &Method,
        uri: Uri,
        headers: HeaderMap,
        body: Incoming,
    ) -> Result<Response<Incoming>, Failure> {
        let limit = self.timeouts.answer_head;
        let progress = Progress::begin();
        let repeatable = body.is_end_stream() && method.is_idempotent();
        let spare =
            repeatable.then(|| outgoing(method, &uri, headers.clone(), Upload::new(None, Arc::clone(&progress))));
        let first = outgoing(method, &uri, headers, Upload::new(Some(body), Arc::clone(&progress)));
        match (await_head(self.upstreams.send(first), &progress, limit).await, spare) {
            (Err(Failure::Upstream(UpstreamError::Stale(error))), Some(again)) => {
                tracing::debug!(%error, "sending again over a new connection");
                await_head(self.upstreams.send_fresh(again), &progress, limit).await
            }
            (outcome, _) => outcome,
        }
    }
}

/// Why there is no response head.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Upstream(UpstreamError),
    #[error("the upstream did not begin its answer in time")]
    AnswerTimeout,
    #[error("the client stopped sending its body")]
    RequestStalled,
}

impl Failure {
    fn trouble(&self) -> Trouble {
        match self {
            Self::AnswerTimeout => Trouble::AnswerTimeout,
            Self::RequestStalled => Trouble::RequestStalled,
            Self::Upstream(UpstreamError::Unreachable(_)) => Trouble::Unreachable,
            Self::Upstream(UpstreamError::ConnectTimeout(_)) => Trouble::ConnectTimeout,
            Self::Upstream(UpstreamError::Upload(_)) => Trouble::RequestBroken,
            Self::Upstream(UpstreamError::Stale(_) | UpstreamError::Broken(_)) => Trouble::BadAnswer,
        }
    }

    /// The innermost cause, for the log.
    fn cause(&self) -> Option<String> {
        let innermost = std::iter::successors(std::error::Error::source(self), |&cause| cause.source()).last();
        innermost.map(ToString::to_string)
    }
}

/// Waits for a response head; the time starts again with every piece of the request that moves, so a long upload is
/// not an upstream that hangs.
async fn await_head(
    answer: impl Future<Output = Result<Response<Incoming>, UpstreamError>>,
    progress: &Progress,
    limit: Duration,
) -> Result<Response<Incoming>, Failure> {
    let mut answer = std::pin::pin!(answer);
    loop {
        tokio::select! {
            biased;
            answered = answer.as_mut() => return answered.map_err(Failure::Upstream),
            () = tokio::time::sleep_until(progress.last_moved() + limit) => {
                if progress.last_moved() + limit <= Instant::now() {
                    return Err(if progress.client_is_late() { Failure::RequestStalled } else { Failure::AnswerTimeout });
                }
            }
        }
    }
}

fn outgoing(method: &Method, uri: &Uri, headers: HeaderMap, body: Upload) -> Request<Upload> {
    let mut request = Request::new(body);
    *request.method_mut() = method.clone();
    *request.uri_mut() = uri.clone();
    *request.headers_mut() = headers;
    request
}

/// The host the request names, as written and in its canonical spelling. A target in absolute form names it too; both
/// must then agree, since the two ends could otherwise see two different hosts.
fn named_host<B>(request: &Request<B>) -> Result<(HeaderValue, String), Trouble> {
    let host = only_value(request.headers(), &HOST).ok_or(Trouble::BadHost)?;
    let canonical = host.to_str().ok().and_then(canonical_host).ok_or(Trouble::BadHost)?;
    match request.uri().authority() {
        Some(authority) if canonical_host(authority.as_str()).as_ref() != Some(&canonical) => Err(Trouble::BadHost),
        _ => Ok((host.clone(), canonical)),
    }
}

fn only_value<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}

fn upstream_uri(target: &Target, asked: &Uri) -> Option<Uri> {
    let path = asked.path_and_query().map_or("/", PathAndQuery::as_str);
    let mut parts = http::uri::Parts::default();
    parts.scheme = Some(Scheme::HTTP);
    parts.authority = Some(target.authority.clone());
    // `OPTIONS *` is about the server as a whole; the nearest thing a tenant has is its root.
    let path = if path == "*" { "/" } else { path };
    parts.path_and_query = Some(format!("{}{path}", target.base_path).parse().ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(base: &str) -> Target {
        Target { authority: "10.0.0.2:8080".parse().unwrap(), base_path: base.into() }
    }

    #[test]
    fn the_path_is_passed_on_as_it_was_written() {
        for (base, asked, expected) in [
            ("", "/", "http://10.0.0.2:8080/"),
            ("", "/a//b/../c?x=%2F&y", "http://10.0.0.2:8080/a//b/../c?x=%2F&y"),
            ("/base", "/a", "http://10.0.0.2:8080/base/a"),
            ("", "http://acme.localhost/a?b", "http://10.0.0.2:8080/a?b"),
            ("", "*", "http://10.0.0.2:8080/"),
            ("", "//evil.example/x", "http://10.0.0.2:8080//evil.example/x"),
        ] {
            assert_eq!(upstream_uri(&target(base), &asked.parse().unwrap()).unwrap(), expected, "{asked}");
        }
    }

    #[test]
    fn a_request_names_exactly_one_host() {
        let request = |uri: &str, hosts: &[&str]| {
            let mut request = Request::builder().uri(uri);
            for host in hosts {
                request = request.header(HOST, *host);
            }
            named_host(&request.body(()).unwrap()).map(|(_, canonical)| canonical)
        };
        assert_eq!(request("/", &["ACME.localhost:80"]), Ok("acme.localhost".into()));
        assert_eq!(request("http://acme.localhost:80/", &["acme.localhost"]), Ok("acme.localhost".into()));
        assert_eq!(request("http://other.localhost/", &["acme.localhost"]), Err(Trouble::BadHost));
        assert_eq!(request("http://user@acme.localhost/", &["acme.localhost"]), Err(Trouble::BadHost));
        assert_eq!(request("/", &["acme.localhost", "acme.localhost"]), Err(Trouble::BadHost));
        assert_eq!(request("/", &[]), Err(Trouble::BadHost));
    }

    #[tokio::test]
    async fn an_upstream_that_never_answers_is_given_up_after_the_limit() {
        let begun = Instant::now();
        let outcome = await_head(std::future::pending(), &Progress::begin(), Duration::from_millis(20)).await;
        assert!(matches!(outcome, Err(Failure::AnswerTimeout)));
        assert!(begun.elapsed() >= Duration::from_millis(20));
    }
}
