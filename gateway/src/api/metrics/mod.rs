//! `GET /api/gateway/metrics`: for Prometheus and what reads as it does.

mod fleet;
pub(super) mod requests;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use crate::api::AppState;
use crate::api::auth::{FleetRead, Permit};
use crate::api::extract::NoQuery;
use crate::api::problem::Refusal;

/// OpenMetrics 1.0.0, section 4.1: what the text is told as.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Read metrics
///
/// In the text form of OpenMetrics, which Prometheus reads with a key as its bearer token. What is told of the fleet is the same
/// on every server: ask any of them. What is told of requests is of the process that answers, since it started: ask each.
#[utoipa::path(
    get,
    path = "/api/gateway/metrics",
    operation_id = "get_metrics",
    tag = "fleet",
    security(("api_key" = ["fleet:read"]), ("session" = ["fleet:read"])),
    responses((status = 200, description = "The metrics", body = String, content_type = "application/openmetrics-text"))
)]
pub(super) async fn get_metrics(
    State(state): State<AppState>,
    _permit: Permit<FleetRead>,
    _query: NoQuery,
) -> Result<Response, Refusal> {
    let mut registry = Registry::with_prefix("gateway");
    let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
    registry.register("build", "The build that answers", build);
    state.request_counts().register(&mut registry);
    fleet::register(&mut registry, &state).await?;
    let mut text = String::new();
    encode(&mut text, &registry).map_err(|error| Refusal::internal().because(&error))?;
    Ok(([(CONTENT_TYPE, OPEN_METRICS)], text).into_response())
}
