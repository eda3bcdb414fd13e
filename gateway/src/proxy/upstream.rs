//! The pool of connections to upstreams, and what went wrong on one.

use std::error::Error;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::BoxFuture;
use http::{Extensions, Request, Response, Uri};
use hyper::body::Incoming;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::client::legacy::{Client, Error as ClientError};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tower::Service;

use super::upload::Upload;

/// Idle connections kept to one upstream address.
const IDLE_PER_ADDRESS: usize = 64;

/// Why an upstream gave no response.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// Nothing accepts connections there, or the name does not resolve.
    #[error("the upstream cannot be reached")]
    Unreachable(#[source] ClientError),
    /// No connection within the limit.
    #[error("the upstream did not accept the connection in time")]
    ConnectTimeout(#[source] ClientError),
    /// A connection that had served before was closed before this request was answered.
    #[error("the upstream closed a connection that was kept open")]
    Stale(#[source] ClientError),
    /// The client's own body broke off.
    #[error("the request ended before its body was complete")]
    Upload(#[source] ClientError),
    /// The upstream closed the connection or answered something that is not HTTP.
    #[error("the upstream did not answer with a valid response")]
    Broken(#[source] ClientError),
}

/// Sends requests to upstreams over kept-open connections.
#[derive(Clone, Debug)]
pub struct Upstreams {
    pooled: Client<Connector, Upload>,
    fresh: Client<Connector, Upload>,
}

impl Upstreams {
    /// Connections wait at most `connect_timeout` (name resolution included) to open, and at most `idle` for their next
    /// request; `idle` must be below the upstream's own limit.
    pub fn new(connect_timeout: Duration, idle: Duration) -> Self {
        let mut http = HttpConnector::new();
        http.set_nodelay(true);
        let connector = Connector { http, limit: connect_timeout };
        let build = |keep: usize| {
            Client::builder(TokioExecutor::new())
                .timer(TokioTimer::new())
                .pool_timer(TokioTimer::new())
                .pool_idle_timeout(idle)
                .pool_max_idle_per_host(keep)
                .set_host(false)
                .build(connector.clone())
        };
        Self { pooled: build(IDLE_PER_ADDRESS), fresh: build(0) }
    }

    /// Sends over a kept-open connection when there is one.
    ///
    /// # Errors
    /// See [`UpstreamError`]; [`UpstreamError::Stale`] is the one worth another try with [`send_fresh`](Self::send_fresh).
    pub async fn send(&self, request: Request<Upload>) -> Result<Response<Incoming>, UpstreamError> {
        deliver(&self.pooled, request).await
    }

    /// Sends over a connection made for this request.
    ///
    /// # Errors
    /// See [`UpstreamError`].
    pub async fn send_fresh(&self, request: Request<Upload>) -> Result<Response<Incoming>, UpstreamError> {
        deliver(&self.fresh, request).await
    }
}

async fn deliver(
    client: &Client<Connector, Upload>,
    request: Request<Upload>,
) -> Result<Response<Incoming>, UpstreamError> {
    let mut response = client.request(request).await.map_err(classify)?;
    if let Some(Served(served)) = response.extensions_mut().remove::<Served>() {
        served.store(true, Ordering::Relaxed);
    }
    Ok(response)
}

fn classify(error: ClientError) -> UpstreamError {
    let timed_out = causes(&error)
        .any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|io| io.kind() == io::ErrorKind::TimedOut));
    if error.is_connect() {
        return if timed_out { UpstreamError::ConnectTimeout(error) } else { UpstreamError::Unreachable(error) };
    }
    let hyper = causes(&error).find_map(|cause| cause.downcast_ref::<hyper::Error>());
    if hyper.is_some_and(hyper::Error::is_user) {
        return UpstreamError::Upload(error);
    }
    let had_served = error.connect_info().is_some_and(|connected| {
        let mut extras = Extensions::new();
        connected.get_extras(&mut extras);
        extras.get::<Served>().is_some_and(|Served(served)| served.load(Ordering::Relaxed))
    });
    let closed = hyper.is_some_and(|error| error.is_incomplete_message() || error.is_canceled() || error.is_closed())
        || causes(&error).any(|cause| cause.downcast_ref::<io::Error>().is_some_and(is_closed));
    if had_served && closed { UpstreamError::Stale(error) } else { UpstreamError::Broken(error) }
}

fn is_closed(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, UnexpectedEof};
    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | NotConnected | UnexpectedEof)
}

fn causes(error: &ClientError) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}

/// Opens connections within a limit that covers name resolution too.
#[derive(Clone, Debug)]
struct Connector {
    http: HttpConnector,
    limit: Duration,
}

impl Service<Uri> for Connector {
    type Response = UpstreamIo;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = BoxFuture<'static, Result<UpstreamIo, Self::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.http.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = tokio::time::timeout(self.limit, self.http.call(uri));
        Box::pin(async move {
            let io = connecting.await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
            Ok(UpstreamIo { io, served: Served::default() })
        })
    }
}

/// Whether a connection has carried a response: only then can its closing mean that it was kept too long.
#[derive(Clone, Debug, Default)]
struct Served(Arc<AtomicBool>);

/// A connection that carries its [`Served`] mark to the responses and errors that happen on it.
#[derive(Debug)]
struct UpstreamIo {
    io: TokioIo<TcpStream>,
    served: Served,
}

impl Connection for UpstreamIo {
    fn connected(&self) -> Connected {
        self.io.connected().extra(self.served.clone())
    }
}

impl Read for UpstreamIo {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(context, buffer)
    }
}

impl Write for UpstreamIo {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(context, buffer)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(context, buffers)
    }
}
