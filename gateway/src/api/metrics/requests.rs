//! The requests to the admin port of this process.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Upper bounds of the classes, in seconds: a look takes milliseconds, a call that waits up to a minute.
const BOUNDS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0];

type Labels = [(&'static str, String); 2];
type Durations = Family<Labels, Histogram, fn() -> Histogram>;

fn classes() -> Histogram {
    Histogram::new(BOUNDS)
}

/// Counts requests by their route, not by their path: there are as many routes as the document has, whatever is asked for.
#[derive(Clone, Debug)]
pub(in crate::api) struct RequestCounts {
    answers: Family<[(&'static str, String); 3], Counter>,
    durations: Durations,
}

impl Default for RequestCounts {
    fn default() -> Self {
        Self { answers: Family::default(), durations: Family::new_with_constructor(classes) }
    }
}

impl RequestCounts {
    /// Shows them under their names.
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("requests", "Requests to the admin port that were answered", self.answers.clone());
        let help = "Time until the head of the answer; of what streams, not until its end";
        registry.register("request_duration_seconds", help, self.durations.clone());
    }

    fn count(&self, route: Labels, status: u16, seconds: f64) {
        self.durations.get_or_create(&route).observe(seconds);
        let [method, path] = route;
        self.answers.get_or_create(&[method, path, ("status", status.to_string())]).inc();
    }
}

/// Anybody may invent methods, and each label is kept for as long as the process runs.
fn name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// The layer.
pub(in crate::api) async fn count(State(counts): State<Arc<RequestCounts>>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = name(request.method());
    let path = request.extensions().get::<MatchedPath>().map_or("(console)", MatchedPath::as_str);
    let route = [("method", method.to_owned()), ("route", path.to_owned())];
    let response = next.run(request).await;
    counts.count(route, response.status().as_u16(), began.elapsed().as_secs_f64());
    response
}
