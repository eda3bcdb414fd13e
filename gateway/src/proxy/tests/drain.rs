//! Leaving without cutting anybody off.

use std::time::Duration;

use http_body_util::Full;
use tokio::net::{TcpListener, TcpStream};

use super::super::{Drained, Limits};
use super::rig::{Client, Edge, HOST, Setup, entry, mirror, serving, soon};

#[tokio::test]
async fn a_request_under_way_is_answered_and_idle_connections_are_closed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let edge = Edge::start([
        entry(HOST, serving(listener.local_addr().unwrap())),
        entry("mirror.localhost", serving(mirror().await)),
    ])
    .await;

    let mut idle = Client::connect(edge.address).await;
    idle.send("GET / HTTP/1.1\r\nHost: mirror.localhost\r\n\r\n").await;
    assert_eq!(idle.reply().await.status, 200);

    let mut busy = Client::connect(edge.address).await;
    busy.send(&format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n")).await;
    let (stream, _) = soon(listener.accept()).await.unwrap();

    edge.shutdown.cancel();
    assert_eq!(idle.rest().await, "");
    let service = hyper::service::service_fn(|_| async {
        Ok::<_, std::convert::Infallible>(http::Response::new(Full::new(bytes::Bytes::from_static(b"late"))))
    });
    tokio::spawn(
        hyper::server::conn::http1::Builder::new().serve_connection(hyper_util::rt::TokioIo::new(stream), service),
    );
    let reply = busy.reply().await;
    assert_eq!((reply.status, reply.body.as_str(), reply.header("connection")), (200, "late", Some("close")));
    assert_eq!(soon(edge.ended).await.unwrap(), Drained { cut: 0 });
    assert!(soon(TcpStream::connect(edge.address)).await.is_err());
}

#[tokio::test]
async fn who_asks_is_told_to_go_elsewhere_while_everybody_is_answered() {
    let edge = Edge::start([entry("mirror.localhost", serving(mirror().await))]).await;
    let health = async || {
        let reply = edge.ask("GET / HTTP/1.1\r\nHost: health.gateway.invalid\r\n\r\n").await;
        (reply.status, reply.body)
    };
    assert_eq!(health().await, (200, "ok\n".to_owned()));
    edge.leaving.cancel();
    assert_eq!(health().await, (503, "not ready\n".to_owned()));
    assert_eq!(edge.ask("GET / HTTP/1.1\r\nHost: mirror.localhost\r\n\r\n").await.status, 200);
    let unloaded = Edge::unloaded(Setup::default()).await;
    let reply = unloaded.ask("GET / HTTP/1.1\r\nHost: health.gateway.invalid\r\n\r\n").await;
    assert_eq!(reply.status, 503, "it does not know which hosts there are");
}

#[tokio::test]
async fn a_request_that_never_ends_is_cut_at_the_deadline() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let limits = Limits { drain: Duration::from_millis(50), ..Limits::default() };
    let edge =
        Edge::with(Setup { limits, ..Setup::default() }, [entry(HOST, serving(listener.local_addr().unwrap()))]).await;
    let mut client = Client::connect(edge.address).await;
    client.send(&format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n")).await;
    let _held = soon(listener.accept()).await.unwrap();
    edge.shutdown.cancel();
    assert_eq!(soon(edge.ended).await.unwrap(), Drained { cut: 1 });
    assert_eq!(client.rest().await, "");
}
