//! Upgraded connections.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt;

use super::super::{Drained, Limits};
use super::rig::{ACME, Client, Edge, HOST, Setup, entry, serving, soon, upstream};

const ASK: &str = "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";

/// Switches protocols when asked and sends back each byte; says in a header whose tenant it was asked for.
async fn echo() -> SocketAddr {
    upstream(|mut request: Request<Incoming>| async move {
        let tenant = request.headers()["x-tenant-id"].clone();
        let asked = request.headers().get("upgrade").is_some_and(|protocol| protocol == "websocket");
        let response = Response::builder().header("x-saw-tenant", tenant);
        if !asked {
            return response.status(426).body(Full::new(Bytes::new())).unwrap();
        }
        tokio::spawn(async move {
            let upgraded = hyper::upgrade::on(&mut request).await.unwrap();
            let (mut from, mut to) = tokio::io::split(TokioIo::new(upgraded));
            let _ = tokio::io::copy(&mut from, &mut to).await;
            let _ = to.shutdown().await;
        });
        response
            .status(101)
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-accept", "yes")
            .body(Full::new(Bytes::new()))
            .unwrap()
    })
    .await
}

async fn opened(edge: &Edge) -> Client {
    let mut client = Client::connect(edge.address).await;
    client.send(&format!("GET /socket HTTP/1.1\r\nHost: {HOST}\r\n{ASK}\r\n")).await;
    let head = client.head().await;
    assert_eq!(head.status, 101);
    assert_eq!(head.header("upgrade"), Some("websocket"));
    assert_eq!(head.header("sec-websocket-accept"), Some("yes"));
    assert_eq!(head.header("x-saw-tenant"), Some(ACME.to_string().as_str()));
    client
}

#[tokio::test]
async fn bytes_pass_both_ways_and_the_end_is_passed_on() {
    let edge = Edge::start([entry(HOST, serving(echo().await))]).await;
    let mut client = opened(&edge).await;
    for text in ["hello", "\u{1f980} again"] {
        client.send(text).await;
        assert_eq!(client.exactly(text.len()).await, text);
    }
    soon(client.stream.shutdown()).await.unwrap();
    assert_eq!(client.rest().await, "");
}

#[tokio::test]
async fn no_other_protocol_is_upgraded_to() {
    let edge = Edge::start([entry(HOST, serving(echo().await))]).await;
    for ask in [
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n",
        "Connection: Upgrade\r\nUpgrade: websocket, h2c\r\n",
        "Upgrade: websocket\r\n",
    ] {
        assert_eq!(edge.get(HOST, ask).await.status, 426, "{ask}");
    }
}

#[tokio::test]
async fn an_upgrade_nobody_asked_for_is_a_bad_answer() {
    let eager = upstream(|_| async {
        Response::builder()
            .status(101)
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .body(Full::new(Bytes::new()))
            .unwrap()
    })
    .await;
    let edge = Edge::start([entry(HOST, serving(eager))]).await;
    assert_eq!(edge.get(HOST, "").await.status, 502);
}

#[tokio::test]
async fn an_open_socket_outlives_shutdown_until_its_client_is_done() {
    let edge = Edge::start([entry(HOST, serving(echo().await))]).await;
    let mut client = opened(&edge).await;
    edge.shutdown.cancel();
    client.send("still here").await;
    assert_eq!(client.exactly(10).await, "still here");
    drop(client);
    assert_eq!(soon(edge.ended).await.unwrap(), Drained { cut: 0 });
}

#[tokio::test]
async fn an_open_socket_is_cut_when_the_drain_is_over() {
    let limits = Limits { drain: Duration::from_millis(50), ..Limits::default() };
    let edge = Edge::with(Setup { limits, ..Setup::default() }, [entry(HOST, serving(echo().await))]).await;
    let mut client = opened(&edge).await;
    edge.shutdown.cancel();
    assert_eq!(soon(edge.ended).await.unwrap(), Drained { cut: 1 });
    assert_eq!(client.rest().await, "");
}

#[tokio::test]
async fn a_silent_socket_is_closed() {
    let mut setup = Setup::default();
    setup.timeouts.tunnel_idle = Duration::from_millis(50);
    let edge = Edge::with(setup, [entry(HOST, serving(echo().await))]).await;
    assert_eq!(opened(&edge).await.rest().await, "");
}
