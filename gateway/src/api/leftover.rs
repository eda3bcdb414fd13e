//! Reads what an early answer left of a request's body.
//!
//! A server that answers before it has read the whole body has to close the connection. Data of the client's that
//! arrives after that makes its kernel drop the answer it had received already, so the client sees a reset connection
//! where the answer said what was wrong (RFC 9112, section 9.6).

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::header::EXPECT;
use axum::middleware::Next;
use axum::response::Response;
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};

/// Bytes read at most; who sends more than this loses the answer.
const MOST: usize = 1024 * 1024;
/// Time given to a client to send them.
const PATIENCE: Duration = Duration::from_secs(2);

/// A body that can be read on after its reader has dropped it.
#[derive(Clone, Debug)]
struct Kept(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    body: Body,
    /// Whether anybody began to read, which gives a client that waits for leave that leave.
    begun: bool,
}

impl Kept {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HttpBody for Kept {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let mut inner = self.inner();
        inner.begun = true;
        Pin::new(&mut inner.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.inner().body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner().body.size_hint()
    }
}

/// Runs a request and then reads the rest of its body, within bounds, before the answer goes out.
///
/// A client that still waits for leave to send its body (`expect`) is sending none, and is not given leave now.
pub(super) async fn drain(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let waits = parts.headers.contains_key(EXPECT);
    let mut kept = Kept(Arc::new(Mutex::new(Inner { body, begun: false })));
    let response = next.run(Request::from_parts(parts, Body::new(kept.clone()))).await;
    if !waits || kept.inner().begun {
        // Too late or broken off: the answer goes out all the same.
        let _ = tokio::time::timeout(PATIENCE, read_off(&mut kept)).await;
    }
    response
}

async fn read_off(body: &mut Kept) {
    let mut left = MOST;
    while let Some(Ok(frame)) = body.frame().await {
        let size = frame.data_ref().map_or(0, Bytes::len);
        if size > left {
            return;
        }
        left -= size;
    }
}
