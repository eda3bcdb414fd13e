//! A request's body on its way to the upstream, and who is being waited for.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::Instant;

/// How far an upload is, shared between the body and whoever waits for the response's head.
#[derive(Debug)]
pub struct Progress {
    start: Instant,
    moved: AtomicU64,
    client_is_late: AtomicBool,
}

impl Progress {
    /// Counts from now.
    pub fn begin() -> Arc<Self> {
        Arc::new(Self { start: Instant::now(), moved: AtomicU64::new(0), client_is_late: AtomicBool::new(false) })
    }

    /// When something last moved from the client toward the upstream.
    pub fn last_moved(&self) -> Instant {
        self.start + Duration::from_millis(self.moved.load(Ordering::Relaxed))
    }

    /// Whether the upstream waits for bytes the client has not sent.
    pub fn client_is_late(&self) -> bool {
        self.client_is_late.load(Ordering::Relaxed)
    }

    fn note(&self, client_is_late: bool) {
        if !client_is_late {
            let elapsed = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
            self.moved.store(elapsed, Ordering::Relaxed);
        }
        self.client_is_late.store(client_is_late, Ordering::Relaxed);
    }
}

/// The body of a forwarded request: streamed, never gathered.
#[derive(Debug)]
pub struct Upload {
    body: Option<Incoming>,
    progress: Arc<Progress>,
}

impl Upload {
    /// Passes on `body`; `None` is an empty one.
    pub fn new(body: Option<Incoming>, progress: Arc<Progress>) -> Self {
        Self { body, progress }
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Some(body) = self.body.as_mut() else { return Poll::Ready(None) };
        let polled = Pin::new(body).poll_frame(context);
        self.progress.note(polled.is_pending());
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}
