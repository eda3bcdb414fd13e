//! Bodies, framing and connections on the way to an upstream and back.

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use super::rig::{Client, Edge, HOST, entry, mirror, serving, soon, upstream};

#[tokio::test]
async fn bodies_stream_both_ways_at_once() {
    let echo = upstream(|request: Request<Incoming>| async { Response::new(request.into_body()) }).await;
    let edge = Edge::start([entry(HOST, serving(echo))]).await;
    let mut client = Client::connect(edge.address).await;
    client.send(&format!("POST / HTTP/1.1\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")).await;
    assert_eq!(client.head().await.status, 200);
    // The first piece is back before the second is sent: nothing on the way waits for the whole.
    assert_eq!(client.chunk().await.as_deref(), Some("one"));
    client.send("3\r\ntwo\r\n").await;
    assert_eq!(client.chunk().await.as_deref(), Some("two"));
    client.send("0\r\n\r\n").await;
    assert_eq!(client.chunk().await, None);
}

#[tokio::test]
async fn a_body_arrives_whole_whatever_its_framing() {
    let count = upstream(|request: Request<Incoming>| async {
        let framing =
            format!("{:?} {:?}", request.headers().get("content-length"), request.headers().get("transfer-encoding"));
        let body = request.into_body().collect().await.unwrap().to_bytes();
        Response::new(Full::new(Bytes::from(format!("{} {framing}", body.len()))))
    })
    .await;
    let edge = Edge::start([entry(HOST, serving(count))]).await;
    let big = "x".repeat(300_000);
    let plain = format!("PUT / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {}\r\n\r\n{big}", big.len());
    assert_eq!(edge.ask(&plain).await.body, "300000 Some(\"300000\") None");
    let chunked = format!(
        "PUT / HTTP/1.1\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{big}\r\n0\r\n\r\n",
        big.len()
    );
    assert_eq!(edge.ask(&chunked).await.body, "300000 None Some(\"chunked\")");
    let unusual = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n0\r\n\r\n");
    assert_eq!(edge.ask(&unusual).await.body, "3 None Some(\"chunked\")");
}

#[tokio::test]
async fn a_client_may_wait_for_leave_to_send() {
    let echo = upstream(|request: Request<Incoming>| async { Response::new(request.into_body()) }).await;
    let edge = Edge::start([entry(HOST, serving(echo))]).await;
    let mut client = Client::connect(edge.address).await;
    client.send(&format!("POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")).await;
    assert_eq!(client.head().await.status, 100);
    client.send("body").await;
    assert_eq!(client.reply().await.body, "body");
}

#[tokio::test]
async fn one_connection_carries_many_requests_and_hop_fields_stay_behind() {
    let edge = Edge::start([entry(HOST, serving(mirror().await))]).await;
    let mut client = Client::connect(edge.address).await;
    for number in 0..3 {
        client
            .send(&format!(
                "GET /{number}?q=%20 HTTP/1.1\r\nHost: {HOST}\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nTE: trailers\r\nKeep-Alive: 9\r\nProxy-Authorization: x\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n"
            ))
            .await;
        let reply = client.reply().await;
        assert!(reply.body.starts_with(&format!("GET /{number}?q=%20\n")), "{}", reply.body);
        for hop in ["connection", "x-hop", "te", "keep-alive", "proxy-authorization", "upgrade"] {
            assert!(reply.mirrored(hop).is_empty(), "{hop}: {}", reply.body);
        }
    }
}

#[tokio::test]
async fn what_an_upstream_says_about_its_own_connection_is_not_passed_on() {
    let upstream = upstream(|_| async {
        Response::builder()
            .header("x-gateway-error", "forged")
            .header("connection", "x-private")
            .header("x-private", "1")
            .header("keep-alive", "timeout=5")
            .header("x-kept", "1")
            .body(Full::new(Bytes::from_static(b"ok")))
            .unwrap()
    })
    .await;
    let edge = Edge::start([entry(HOST, serving(upstream))]).await;
    let reply = edge.get(HOST, "").await;
    assert_eq!((reply.status, reply.header("x-kept")), (200, Some("1")));
    for name in ["x-gateway-error", "x-private", "keep-alive", "connection"] {
        assert_eq!(reply.header(name), None, "{name}");
    }
}

/// Answers the first request of its first connection, hangs up on that connection's second, and answers all later ones.
async fn forgetful() -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        for served in 1.. {
            let (stream, _) = listener.accept().await.unwrap();
            let mut connection = Client { stream: tokio::io::BufReader::new(stream) };
            loop {
                while !connection.line().await.is_empty() {}
                connection.send(&format!("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{served}")).await;
                if served == 1 {
                    while !connection.line().await.is_empty() {}
                    break;
                }
            }
            let _ = connection.stream.shutdown().await;
        }
    });
    address
}

#[tokio::test]
async fn a_request_that_met_a_stale_connection_is_sent_again_when_that_is_harmless() {
    let edge = Edge::start([entry(HOST, serving(forgetful().await))]).await;
    assert_eq!(edge.get(HOST, "").await.body, "1");
    assert_eq!(edge.get(HOST, "").await.body, "2");

    let edge = Edge::start([entry(HOST, serving(forgetful().await))]).await;
    assert_eq!(edge.get(HOST, "").await.body, "1");
    let reply = edge.ask(&format!("POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 0\r\n\r\n")).await;
    assert_eq!((reply.status, reply.header("x-gateway-error")), (502, Some("upstream_broken")));
}

#[tokio::test]
async fn a_client_that_leaves_frees_the_upstream() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let edge = Edge::start([entry(HOST, serving(listener.local_addr().unwrap()))]).await;
    let mut client = Client::connect(edge.address).await;
    client.send(&format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n")).await;
    let (stream, _) = soon(listener.accept()).await.unwrap();
    let mut upstream = Client { stream: tokio::io::BufReader::new(stream) };
    while !upstream.line().await.is_empty() {}
    drop(client);
    assert_eq!(upstream.rest().await, "");
}
