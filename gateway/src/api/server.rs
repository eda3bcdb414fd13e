//! The accept loop of the admin port: bounded connections, a limit for slow heads, and a drain at the end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::api::bounds::MAX_HEADERS;

/// Connections served at once; further ones wait in the kernel's queue.
const MAX_CONNECTIONS: usize = 1024;
/// A client must send the head of a request within this time.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Header lines that are read at most. Beyond what the router takes, so that it can say what is wrong.
const READ_HEADERS: usize = 4 * MAX_HEADERS;
/// Wait after a failed accept, such as when file descriptors are used up.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The connection of a request, for answers that go on.
#[derive(Clone, Debug, Default)]
pub(super) struct Link {
    /// Cancelled when the process ends: the answer should too.
    pub(super) stopping: CancellationToken,
    /// Cancel it to cut a connection whose client does not read.
    pub(super) cut: CancellationToken,
    /// For what the answer needs done beside it; the server waits for it.
    pub(super) tasks: TaskTracker,
}

/// Serves until `soft` is cancelled, then finishes the requests under way; `hard` cuts those off too.
pub async fn serve(listener: TcpListener, router: Router, soft: CancellationToken, hard: CancellationToken) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let connections = TaskTracker::new();
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_headers(READ_HEADERS);
    builder.http2().timer(TokioTimer::new()).max_concurrent_streams(100).keep_alive_interval(Duration::from_secs(20));
    loop {
        let accepted = tokio::select! {
            () = soft.cancelled() => break,
            accepted = accept(&listener, &places) => accepted,
        };
        let Some((stream, peer, place)) = accepted else { continue };
        let router = router.clone();
        let (cut, tasks) = (CancellationToken::new(), connections.clone());
        let link = Link { stopping: soft.clone(), cut: cut.clone(), tasks };
        let asked = CancellationToken::new();
        let first = asked.clone();
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            first.cancel();
            let mut request: Request = request.map(axum::body::Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            request.extensions_mut().insert(link.clone());
            router.clone().oneshot(request)
        });
        let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service).into_owned();
        let connection = graceful.watch(connection);
        let hard = hard.clone();
        connections.spawn(async move {
            let _place = place;
            tokio::select! {
                ended = connection => if let Err(error) = ended {
                    tracing::debug!(%peer, error, "a connection ended with an error");
                },
                () = hard.cancelled() => {}
                () = cut.cancelled() => {}
                () = silence(&asked) => {}
            }
        });
    }
    drop(listener);
    connections.close();
    tokio::select! {
        () = graceful.shutdown() => {}
        () = hard.cancelled() => {}
    }
    connections.wait().await;
}

/// Returns when a connection has asked nothing in the time for a head. Until its first bytes tell which version of HTTP it
/// speaks, nothing else limits it: without this, those who say nothing could hold every place.
async fn silence(asked: &CancellationToken) {
    if tokio::time::timeout(HEAD_TIMEOUT, asked.cancelled()).await.is_ok() {
        std::future::pending::<()>().await;
    }
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%peer, %error, "TCP_NODELAY is not set");
            }
            Some((stream, peer, place))
        }
        Err(error) => {
            tracing::warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}
