//! A request through Traefik, for people who want to see what comes back. Only ever to the entry point of the settings.

use std::time::{Duration, Instant};

use http::Method;
use url::Url;

use crate::domain::failure::Failure;
use crate::domain::host::Host;
use crate::infra::probe::Probe;

/// Bytes of a body that are kept.
pub const MAX_BODY: usize = 4 * 1024;
/// Header lines that are kept.
const MAX_HEADERS: usize = 100;
/// Bytes of one header's value that are kept.
const MAX_VALUE: usize = 1024;

/// What came back.
#[derive(Clone, Debug)]
pub struct EdgeReply {
    /// HTTP status.
    pub status: u16,
    /// Names and values in order, without those beyond the bounds; cookies' values are masked.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The first bytes of the body.
    pub body: Vec<u8>,
    /// Whether there was more.
    pub is_cut: bool,
    /// Until the head was there.
    pub head: Duration,
    /// Until the body was there, or as much of it as is kept.
    pub whole: Duration,
}

/// Where a request goes: the entry point's own scheme, host and port, whatever the path says.
#[must_use]
pub fn target(entry: &Url, path: &str) -> Url {
    let mut url = entry.clone();
    let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
    url.set_path(path);
    url.set_query(query);
    url.set_fragment(None);
    url
}

/// A cookie without its value: `name=…; Path=/`.
fn masked(cookie: &[u8]) -> Vec<u8> {
    let end = cookie.iter().position(|byte| *byte == b';').unwrap_or(cookie.len());
    let name = cookie.iter().position(|byte| *byte == b'=').filter(|equals| *equals < end);
    let (name, rest) = (cookie.get(..name.unwrap_or(0)).unwrap_or_default(), cookie.get(end..).unwrap_or_default());
    [name, b"=***", rest].concat()
}

impl Probe {
    /// Asks Traefik's entry point for a host and a path.
    ///
    /// # Errors
    /// `edge_unreachable`, `edge_silent` or `edge_broken`, retryable.
    pub async fn test_edge(&self, entry: &Url, host: &Host, path: &str, method: &Method) -> Result<EdgeReply, Failure> {
        let began = Instant::now();
        let request = self.client.request(method.clone(), target(entry, path));
        let mut answer = request.header(http::header::HOST, host.as_str()).send().await.map_err(|error| {
            if error.is_timeout() && !error.is_connect() {
                let text = "Traefik took the request and gave no answer in time: what stands behind the host hangs";
                return Failure::retryable("edge_silent", text).because(error);
            }
            Failure::unavailable("edge_unreachable", "Traefik's entry point does not answer").because(error)
        })?;
        let head = began.elapsed();
        let value = |name: &http::HeaderName, value: &http::HeaderValue| {
            let bytes = value.as_bytes();
            let kept = if *name == http::header::SET_COOKIE { masked(bytes) } else { bytes.to_vec() };
            kept.into_iter().take(MAX_VALUE).collect()
        };
        let headers = answer.headers().iter().take(MAX_HEADERS);
        let headers = headers.map(|(name, given)| (name.as_str().to_owned(), value(name, given))).collect();
        let mut body = Vec::new();
        while body.len() <= MAX_BODY {
            let part = answer.chunk().await.map_err(|error| {
                let text = "the answer broke off before its end";
                Failure::retryable("edge_broken", text).because(error)
            })?;
            let Some(part) = part else { break };
            body.extend_from_slice(&part);
        }
        let is_cut = body.len() > MAX_BODY;
        body.truncate(MAX_BODY);
        Ok(EdgeReply { status: answer.status().as_u16(), headers, body, is_cut, head, whole: began.elapsed() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_elsewhere() {
        let entry = Url::parse("http://127.0.0.1:8080/").unwrap();
        for (path, asked) in [
            ("/", "http://127.0.0.1:8080/"),
            ("//evil.example/x", "http://127.0.0.1:8080//evil.example/x"),
            ("/\\evil.example", "http://127.0.0.1:8080//evil.example"),
            ("/a?b=http://evil.example/", "http://127.0.0.1:8080/a?b=http://evil.example/"),
            ("/@evil.example:80/", "http://127.0.0.1:8080/@evil.example:80/"),
            ("/a#b", "http://127.0.0.1:8080/a%23b"),
            ("/../../x", "http://127.0.0.1:8080/x"),
        ] {
            let url = target(&entry, path);
            assert_eq!((url.as_str(), url.host_str(), url.port()), (asked, Some("127.0.0.1"), Some(8080)), "{path}");
        }
    }

    #[test]
    fn cookies_keep_their_names_only() {
        for (cookie, shown) in [
            ("session=secret; Path=/; HttpOnly", "session=***; Path=/; HttpOnly"),
            ("session=secret", "session=***"),
            ("secret", "=***"),
            ("; a=b", "=***; a=b"),
            ("a=b=c", "a=***"),
        ] {
            assert_eq!(String::from_utf8(masked(cookie.as_bytes())).unwrap(), shown);
        }
    }
}
