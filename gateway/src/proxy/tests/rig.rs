//! A tenant port on loopback, upstreams to put behind it, and a client that sees every byte.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use hyper::body::{Body, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use ipnet::IpNet;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;
use uuid::Uuid;

use super::super::table::{Entry, EntryState, RouteTable};
use super::super::{Drained, Forwarder, Limits, Routes, Timeouts, Traffic, TrustedPeers, serve_tenants};

/// Longer than anything here takes; passing it means that the awaited thing never happens.
pub(super) const DEADLINE: Duration = Duration::from_secs(20);
pub(super) const ACME: Uuid = Uuid::from_u128(0xACE);
pub(super) const HOST: &str = "acme.localhost";

/// Fails the test instead of hanging it.
pub(super) async fn soon<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(DEADLINE, work).await.expect("this never happened")
}

pub(super) fn entry(host: &str, state: EntryState) -> Entry {
    Entry {
        tenant_id: ACME,
        key: "acme".into(),
        company_name: "Acme <b>&</b> Sons".into(),
        host: host.into(),
        state,
        revision: None,
    }
}

pub(super) fn serving(upstream: SocketAddr) -> EntryState {
    EntryState::Serving(Url::parse(&format!("http://{upstream}")).unwrap())
}

pub(super) struct Edge {
    pub(super) address: SocketAddr,
    pub(super) routes: Arc<Routes>,
    pub(super) traffic: Arc<Traffic>,
    pub(super) leaving: CancellationToken,
    pub(super) shutdown: CancellationToken,
    pub(super) ended: JoinHandle<Drained>,
}

pub(super) struct Setup {
    pub(super) limits: Limits,
    pub(super) timeouts: Timeouts,
    pub(super) trusted: Vec<IpNet>,
}

impl Default for Setup {
    fn default() -> Self {
        let timeouts = Timeouts { answer_head: DEADLINE, connect: DEADLINE, ..Timeouts::default() };
        Self { limits: Limits::default(), timeouts, trusted: Vec::new() }
    }
}

impl Edge {
    pub(super) async fn start(entries: impl IntoIterator<Item = Entry>) -> Self {
        Self::with(Setup::default(), entries).await
    }

    pub(super) async fn with(setup: Setup, entries: impl IntoIterator<Item = Entry>) -> Self {
        let edge = Self::unloaded(setup).await;
        edge.routes.replace(RouteTable::new(entries));
        edge
    }

    pub(super) async fn unloaded(setup: Setup) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let routes = Arc::new(Routes::default());
        let trusted = TrustedPeers::new(setup.trusted);
        let traffic = Arc::new(Traffic::default());
        let leaving = CancellationToken::new();
        let forwarder =
            Forwarder::new(Arc::clone(&routes), trusted.clone(), setup.timeouts, Arc::clone(&traffic), leaving.clone());
        let shutdown = CancellationToken::new();
        let limits = Limits { trusted, ..setup.limits };
        let ended = tokio::spawn(serve_tenants(listener, limits, Arc::new(forwarder), shutdown.clone()));
        Self { address, routes, traffic, leaving, shutdown, ended }
    }

    /// One request on a connection of its own.
    pub(super) async fn ask(&self, request: &str) -> Reply {
        let mut client = Client::connect(self.address).await;
        client.send(request).await;
        client.reply().await
    }

    pub(super) async fn get(&self, host: &str, more: &str) -> Reply {
        self.ask(&format!("GET / HTTP/1.1\r\nHost: {host}\r\n{more}\r\n")).await
    }
}

/// An HTTP upstream; each request is answered by `answer`.
pub(super) async fn upstream<A, F, B>(answer: A) -> SocketAddr
where
    A: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let answer = answer.clone();
            let service = service_fn(move |request| {
                let answered = answer(request);
                async move { Ok::<_, Infallible>(answered.await) }
            });
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .with_upgrades();
            tokio::spawn(connection);
        }
    });
    address
}

/// An upstream that answers with the request's line and headers as it got them, one a line.
pub(super) async fn mirror() -> SocketAddr {
    upstream(|request: Request<Incoming>| async move {
        let mut text = format!("{} {}\n", request.method(), request.uri());
        for (name, value) in request.headers() {
            text.push_str(&format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes())));
        }
        Response::new(http_body_util::Full::new(Bytes::from(text)))
    })
    .await
}

/// A client that writes bytes as they are given.
pub(super) struct Client {
    pub(super) stream: BufReader<TcpStream>,
}

#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Reply {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// The values of a field a [`mirror`] got.
    pub(super) fn mirrored(&self, name: &str) -> Vec<&str> {
        self.body.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).collect()
    }
}

impl Client {
    pub(super) async fn connect(address: SocketAddr) -> Self {
        Self { stream: BufReader::new(soon(TcpStream::connect(address)).await.unwrap()) }
    }

    pub(super) async fn send(&mut self, text: &str) {
        soon(self.stream.write_all(text.as_bytes())).await.unwrap();
    }

    pub(super) async fn line(&mut self) -> String {
        let mut line = String::new();
        soon(self.stream.read_line(&mut line)).await.unwrap();
        line.trim_end().to_owned()
    }

    pub(super) async fn exactly(&mut self, count: usize) -> String {
        let mut bytes = vec![0; count];
        soon(self.stream.read_exact(&mut bytes)).await.unwrap();
        String::from_utf8(bytes).unwrap()
    }

    /// The head of a response, without its body.
    pub(super) async fn head(&mut self) -> Reply {
        let line = self.line().await;
        let status = line
            .split(' ')
            .nth(1)
            .and_then(|text| text.parse().ok())
            .unwrap_or_else(|| panic!("no response: {line:?}"));
        let mut headers = Vec::new();
        loop {
            let line = self.line().await;
            let Some((name, value)) = line.split_once(": ") else { break };
            headers.push((name.to_owned(), value.to_owned()));
        }
        Reply { status, headers, body: String::new() }
    }

    /// A response with its body.
    pub(super) async fn reply(&mut self) -> Reply {
        let mut reply = self.head().await;
        if let Some(length) = reply.header("content-length") {
            let length = length.parse().unwrap();
            reply.body = self.exactly(length).await;
        } else if reply.header("transfer-encoding").is_some() {
            while let Some(chunk) = self.chunk().await {
                reply.body.push_str(&chunk);
            }
        }
        reply
    }

    /// One chunk of a chunked body; `None` at its end.
    pub(super) async fn chunk(&mut self) -> Option<String> {
        let length = usize::from_str_radix(&self.line().await, 16).unwrap();
        let text = self.exactly(length).await;
        assert_eq!(self.line().await, "");
        (length > 0).then_some(text)
    }

    /// Waits until the other side has closed, and gives what it sent before.
    pub(super) async fn rest(&mut self) -> String {
        let mut bytes = Vec::new();
        let _ = soon(self.stream.read_to_end(&mut bytes)).await;
        String::from_utf8_lossy(&bytes).into_owned()
    }
}
