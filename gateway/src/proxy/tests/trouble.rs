//! Upstreams that fail, each in its own way.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use super::rig::{Client, Edge, HOST, Setup, entry, serving, soon};

const SHORT: Duration = Duration::from_millis(100);

fn assert_is(reply: &super::rig::Reply, status: u16, code: &str) {
    assert_eq!((reply.status, reply.header("x-gateway-error")), (status, Some(code)));
}

#[tokio::test]
async fn nobody_listens() {
    let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let edge = Edge::start([entry(HOST, serving(address))]).await;
    assert_is(&edge.get(HOST, "").await, 502, "upstream_unreachable");
}

#[tokio::test]
async fn connections_are_not_accepted() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    // A queue of one holds two connections; the kernel drops what comes after.
    let _waiting = [soon(TcpStream::connect(address)).await.unwrap(), soon(TcpStream::connect(address)).await.unwrap()];
    let mut setup = Setup::default();
    setup.timeouts.connect = SHORT;
    let edge = Edge::with(setup, [entry(HOST, serving(address))]).await;
    assert_is(&edge.get(HOST, "").await, 504, "upstream_connect_timeout");
}

#[tokio::test]
async fn the_answer_never_begins() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut setup = Setup::default();
    setup.timeouts.answer_head = SHORT;
    let edge = Edge::with(setup, [entry(HOST, serving(listener.local_addr().unwrap()))]).await;
    assert_is(&edge.get(HOST, "").await, 504, "upstream_timeout");
}

#[tokio::test]
async fn the_client_stops_in_the_middle_of_its_body() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut setup = Setup::default();
    setup.timeouts.answer_head = SHORT;
    let edge = Edge::with(setup, [entry(HOST, serving(listener.local_addr().unwrap()))]).await;
    let reply = edge.ask(&format!("POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 10\r\n\r\nabc")).await;
    assert_is(&reply, 408, "request_stalled");
}

#[tokio::test]
async fn the_clients_body_is_no_valid_one() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let edge = Edge::start([entry(HOST, serving(listener.local_addr().unwrap()))]).await;
    let reply = edge
        .ask(&format!("POST / HTTP/1.1\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\nnonsense\r\n"))
        .await;
    assert_is(&reply, 400, "request_broken");
}

async fn speaks(text: &'static str) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(text.as_bytes()).await;
        }
    });
    address
}

#[tokio::test]
async fn the_answer_is_not_http() {
    for text in ["", "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "HTTP/1.1 2"] {
        let edge = Edge::start([entry(HOST, serving(speaks(text).await))]).await;
        assert_is(&edge.get(HOST, "").await, 502, "upstream_broken");
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_not_made_to_look_whole() {
    let edge = Edge::start([entry(
        HOST,
        serving(speaks("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbegin\r\n").await),
    )])
    .await;
    let mut client = Client::connect(edge.address).await;
    client.send(&format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n")).await;
    assert_eq!(client.head().await.status, 200);
    let rest = client.rest().await;
    assert!(!rest.ends_with("0\r\n\r\n"), "{rest:?}");
}
