//! What holds for every answer, and for requests that come slowly or ask for less than an answer.

use std::time::{Duration, Instant};

use gateway::proxy::RouteTable;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tracing_subscriber::filter::LevelFilter;

use super::corpus::watch::Watch;
use super::{ROOT, with_api};

const TENANTS: &str = "/api/gateway/tenants";

#[test]
fn every_answer_has_the_headers_of_safety() {
    with_api(|api| async move {
        api.routes.replace(RouteTable::new([]));
        api.create("acme").await;
        for (method, path, status) in [
            ("GET", "/", 200),
            ("GET", "/health", 200),
            ("GET", "/ready", 200),
            ("GET", "/nothing.txt", 404),
            ("GET", TENANTS, 200),
            ("GET", "/api/gateway/tenants/none", 404),
            ("PUT", TENANTS, 405),
            ("OPTIONS", TENANTS, 405),
            ("POST", TENANTS, 422),
            ("DELETE", "/api/gateway/session", 204),
        ] {
            let answer = api.call(method, path).await;
            assert_eq!(answer.status, status, "{method} {path}");
            for (name, value) in [
                ("x-content-type-options", "nosniff"),
                ("referrer-policy", "no-referrer"),
                ("cross-origin-opener-policy", "same-origin"),
                ("cross-origin-resource-policy", "same-origin"),
                ("access-control-allow-origin", ""),
                ("server", ""),
            ] {
                assert_eq!(answer.header(name), value, "{name} of {method} {path}");
            }
            assert!(!answer.header("x-request-id").is_empty() && !answer.header("cache-control").is_empty(), "{path}");
            assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{method} {path}");
        }
    });
}

#[test]
fn head_is_get_without_a_body_and_options_lists_the_methods() {
    with_api(|api| async move {
        let (get, head) = (api.call("GET", TENANTS).await, api.call("HEAD", TENANTS).await);
        assert_eq!((head.status, head.header("content-length")), (200, get.header("content-length")));
        assert_eq!(head.body, Value::Null);
        let refused = api.call("OPTIONS", "/api/gateway/tenants/acme").await;
        refused.assert_problem(405, "method_not_allowed");
        let mut allowed: Vec<&str> = refused.header("allow").split(',').map(str::trim).collect();
        allowed.sort_unstable();
        assert_eq!(allowed, ["DELETE", "GET", "HEAD", "PATCH"]);
    });
}

#[test]
fn a_body_that_does_not_come_is_not_waited_for() {
    with_api(|api| async move {
        let mut stream = TcpStream::connect(api.url.trim_start_matches("http://")).await.unwrap();
        let head = format!(
            "POST {TENANTS} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {ROOT}\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{{"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let (began, mut seen) = (Instant::now(), Vec::new());
        stream.read_to_end(&mut seen).await.unwrap();
        let text = String::from_utf8(seen).unwrap();
        assert!(text.starts_with("HTTP/1.1 408 ") && text.contains("\"code\":\"slow_body\""), "{text}");
        assert!((Duration::from_secs(9)..Duration::from_secs(20)).contains(&began.elapsed()), "{:?}", began.elapsed());
    });
}

#[test]
fn a_connection_that_does_not_say_what_it_wants_is_closed() {
    with_api(|api| async move {
        let address = api.url.trim_start_matches("http://");
        // Nothing; and what may become HTTP/2, whose first bytes nothing else limits.
        let silent = ["", "P", "PRI * HTTP/2.0\r\n"].map(async |first: &str| {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(first.as_bytes()).await.unwrap();
            let (began, mut seen) = (Instant::now(), Vec::new());
            let end = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut seen)).await;
            assert!(end.is_ok(), "{first:?} holds its connection");
            assert!(began.elapsed() >= Duration::from_secs(9), "{first:?}: {:?}", began.elapsed());
        });
        futures::future::join_all(silent).await;
    });
}

#[test]
fn a_request_is_one_line_with_its_id_and_without_its_query() {
    with_api(|api| async move {
        let watch = Watch::begin_at(LevelFilter::INFO);
        for (id, method, path) in [
            ("line-1", "GET", "/api/gateway/tenants?q=secret-of-a-query"),
            ("line-2", "GET", "/api/gateway/tenants/none"),
            ("line-3", "POST", TENANTS),
            ("line-4", "PUT", TENANTS),
        ] {
            let request = api.bare(method, path).bearer_auth(ROOT).header("x-request-id", id);
            assert_eq!(api.send(request).await.header("x-request-id"), id);
        }
        let seen = watch.text();
        for id in ["line-1", "line-2", "line-3", "line-4"] {
            let lines: Vec<&str> = seen.lines().filter(|line| line.contains(id)).collect();
            assert_eq!(lines.len(), 1, "{seen}");
            assert!(lines[0].contains("duration_ms") && lines[0].contains("route"), "{seen}");
        }
        assert!(!seen.contains("secret-of-a-query") && !seen.contains(ROOT), "{seen}");
    });
}
