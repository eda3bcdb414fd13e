//! An accept loop with the limits a public port needs: connections, size and time of a request's head, and a drain.

use std::convert::Infallible;
use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::{Request, Response};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::peers::TrustedPeers;

/// What one port accepts.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections open at once, upgraded ones included. Further ones wait in the kernel's queue.
    pub connections: usize,
    /// Time for the head of a request, and how long a connection may stay idle between two.
    pub head_timeout: Duration,
    /// The same for trusted peers. A proxy that keeps connections open must see its own idle limit pass first, or a
    /// request may meet a connection that is being closed; Traefik's limit is 90 s.
    pub trusted_head_timeout: Duration,
    /// Who the trusted peers are.
    pub trusted: TrustedPeers,
    /// Most header fields of a request.
    pub headers: usize,
    /// Most bytes buffered for the head of a request.
    pub head_bytes: usize,
    /// Time given to open connections after shutdown began; then they are cut.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4096,
            head_timeout: Duration::from_secs(10),
            trusted_head_timeout: Duration::from_secs(120),
            trusted: TrustedPeers::default(),
            headers: 100,
            head_bytes: 64 * 1024,
            drain: Duration::from_secs(20),
        }
    }
}

/// How a drain ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drained {
    /// Connections and upgraded sockets that were cut because the deadline passed.
    pub cut: usize,
}

/// One accepted connection, as its service sees it. While a clone lives, the connection counts against the limit.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Where the connection came from.
    pub peer: SocketAddr,
    shared: Arc<Shared>,
    _slot: Arc<OwnedSemaphorePermit>,
}

#[derive(Debug)]
struct Shared {
    tracker: TaskTracker,
    cut: CancellationToken,
    cut_count: AtomicUsize,
}

impl Connection {
    /// Runs what became of an upgraded connection. It keeps the connection's slot, is waited for by the drain, and is
    /// dropped when the drain's deadline passes.
    pub fn spawn_upgraded(&self, work: impl Future<Output = ()> + Send + 'static) {
        let connection = self.clone();
        self.shared.tracker.spawn(async move {
            tokio::select! {
                () = work => {}
                () = connection.shared.cut.cancelled() => {
                    connection.shared.cut_count.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
    }
}

/// Serves HTTP/1.1 on `listener` until `shutdown`, then drains: no new connection, no further request on an open one,
/// and whatever is still open after [`Limits::drain`] is cut. `make` gives each connection its service.
///
/// HTTP/2 is not offered: nothing in front of this port speaks it without TLS, and a server that waits for the first
/// bytes to tell the two apart does so without a time limit.
pub async fn serve<F, S, B>(listener: TcpListener, limits: Limits, shutdown: CancellationToken, make: F) -> Drained
where
    F: Fn(Connection) -> S,
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Send + 'static,
    S::Future: Send + 'static,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let slots = Arc::new(Semaphore::new(limits.connections));
    let shared =
        Arc::new(Shared { tracker: TaskTracker::new(), cut: CancellationToken::new(), cut_count: AtomicUsize::new(0) });
    while let Some((stream, peer, slot)) = next(&listener, &slots, &shutdown).await {
        let connection = Connection { peer, shared: Arc::clone(&shared), _slot: Arc::new(slot) };
        let service = make(connection.clone());
        let head_timeout =
            if limits.trusted.contains(peer) { limits.trusted_head_timeout } else { limits.head_timeout };
        let conversation = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(head_timeout)
            .max_headers(limits.headers)
            .max_buf_size(limits.head_bytes)
            .half_close(false)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        shared.tracker.spawn(converse(conversation, connection, shutdown.clone()));
    }
    drop(listener);
    drain(&shared, limits.drain).await
}

async fn drain(shared: &Shared, limit: Duration) -> Drained {
    shared.tracker.close();
    if tokio::time::timeout(limit, shared.tracker.wait()).await.is_err() {
        shared.cut.cancel();
        shared.tracker.wait().await;
    }
    Drained { cut: shared.cut_count.load(Ordering::Relaxed) }
}

async fn converse<S, B>(
    conversation: http1::UpgradeableConnection<TokioIo<TcpStream>, S>,
    connection: Connection,
    shutdown: CancellationToken,
) where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Send + 'static,
    S::Future: Send + 'static,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let mut conversation = std::pin::pin!(conversation);
    let mut leaving = false;
    loop {
        tokio::select! {
            ended = conversation.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(peer = %connection.peer, %error, "connection ended");
                }
                return;
            }
            () = shutdown.cancelled(), if !leaving => {
                leaving = true;
                conversation.as_mut().graceful_shutdown();
            }
            () = connection.shared.cut.cancelled() => {
                connection.shared.cut_count.fetch_add(1, Ordering::Relaxed);
                return;
            }
        }
    }
}

/// The next connection with a slot taken for it; `None` on shutdown.
async fn next(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
    shutdown: &CancellationToken,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let slot = tokio::select! {
        biased;
        () = shutdown.cancelled() => return None,
        slot = Arc::clone(slots).acquire_owned() => slot.ok()?,
    };
    let mut wait = SHORTEST_ACCEPT_WAIT;
    loop {
        let accepted = tokio::select! {
            biased;
            () = shutdown.cancelled() => return None,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%peer, %error, "small packets will be delayed");
                }
                return Some((stream, peer, slot));
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                // Out of descriptors or memory: accepting again at once would only spin.
                tracing::error!(%error, "connections cannot be accepted");
                tokio::select! {
                    () = shutdown.cancelled() => return None,
                    () = tokio::time::sleep(wait) => {}
                }
                wait = (wait * 2).min(LONGEST_ACCEPT_WAIT);
            }
        }
    }
}

const SHORTEST_ACCEPT_WAIT: Duration = Duration::from_millis(20);
const LONGEST_ACCEPT_WAIT: Duration = Duration::from_secs(1);

/// Errors that belong to the connection that was about to be accepted, and not to the listener.
fn is_of_one_connection(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}
