//! What one client can take from the others.

use std::time::Duration;

use super::super::Limits;
use super::rig::{Client, Edge, HOST, Setup, entry, mirror, serving};

async fn edge(limits: Limits) -> Edge {
    Edge::with(Setup { limits, ..Setup::default() }, [entry(HOST, serving(mirror().await))]).await
}

#[tokio::test]
async fn a_head_that_does_not_come_to_its_end_closes_the_connection() {
    let edge = edge(Limits { head_timeout: Duration::from_millis(100), ..Limits::default() }).await;
    for beginning in ["", "GET / HT", "GET / HTTP/1.1\r\nHost: acme.localhost\r\nX-Slow:"] {
        let mut client = Client::connect(edge.address).await;
        client.send(beginning).await;
        let rest = client.rest().await;
        assert!(rest.is_empty() || rest.starts_with("HTTP/1.1 408"), "{rest}");
    }
    assert_eq!(edge.get(HOST, "").await.status, 200);
}

#[tokio::test]
async fn a_head_too_large_is_refused() {
    let edge = edge(Limits { headers: 20, head_bytes: 16 * 1024, ..Limits::default() }).await;
    let many: String = (0..40).map(|number| format!("X-H{number}: 1\r\n")).collect();
    assert_eq!(edge.get(HOST, &many).await.status, 431);
    let long = format!("X-Long: {}\r\n", "x".repeat(32 * 1024));
    assert_eq!(edge.get(HOST, &long).await.status, 431);
}

#[tokio::test]
async fn connections_over_the_limit_wait_for_a_free_place() {
    let edge = edge(Limits { connections: 1, ..Limits::default() }).await;
    let mut first = Client::connect(edge.address).await;
    let request = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
    first.send(&request).await;
    assert_eq!(first.reply().await.status, 200);
    let mut second = Client::connect(edge.address).await;
    second.send(&request).await;
    // The first connection still works, so the second has not taken its place; once it is gone, the second is served.
    first.send(&request).await;
    assert_eq!(first.reply().await.status, 200);
    drop(first);
    assert_eq!(second.reply().await.status, 200);
}

#[tokio::test]
async fn smuggled_framing_is_refused_or_closed() {
    let edge = edge(Limits::default()).await;
    for framing in [
        "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        "Content-Length: +3\r\n\r\nabc",
        "Content-Length: 3, 4\r\n\r\nabcd",
        "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    ] {
        let reply = edge.ask(&format!("POST / HTTP/1.1\r\nHost: {HOST}\r\n{framing}")).await;
        assert_eq!(reply.status, 400, "{framing:?}");
    }
}
