//! The tenant port put together.

use std::convert::Infallible;
use std::sync::Arc;

use hyper::service::service_fn;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::forward::Forwarder;
use super::server::{Drained, Limits, serve};

/// Serves tenants on `listener` until `shutdown`, and drains.
pub async fn serve_tenants(
    listener: TcpListener,
    limits: Limits,
    forwarder: Arc<Forwarder>,
    shutdown: CancellationToken,
) -> Drained {
    serve(listener, limits, shutdown, move |connection| {
        let forwarder = Arc::clone(&forwarder);
        service_fn(move |request| {
            let forwarder = Arc::clone(&forwarder);
            let connection = connection.clone();
            async move { Ok::<_, Infallible>(forwarder.handle(&connection, request).await) }
        })
    })
    .await
}
