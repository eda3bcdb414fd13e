//! `GET /api/gateway/series`

use axum::Json;
use axum::extract::State;
use jiff::{SignedDuration, Timestamp};

use crate::api::AppState;
use crate::api::auth::{FleetRead, Permit};
use crate::api::extract::QueryFields;
use crate::api::problem::Refusal;
use crate::api::series::{answer, line, read_window, read_word, traffic};
use crate::api::types::{Problem, Series, SeriesLine};
use crate::domain::series::{Metric, TrafficMetric, Unit, Window};
use crate::store::Store;
use crate::store::levels::WRITTEN_AGAIN;

async fn provision_latency(store: &Store, window: &Window) -> Result<Vec<SeriesLine>, Refusal> {
    let found = store.list_provision_latency(window.from(), window.to(), window.step()).await?;
    let mut points = vec![None; window.times().len()];
    for (at, half, most) in found {
        if let Some(point) = window.place_of(at).and_then(|place| points.get_mut(place)) {
            *point = Some((half, most));
        }
    }
    let of = |take: fn(&(f64, f64)) -> f64| window.fill(|place| points.get(place).and_then(Option::as_ref).map(take));
    Ok(vec![line("p50", Unit::Seconds, of(|point| point.0)), line("p95", Unit::Seconds, of(|point| point.1))])
}

async fn levels(store: &Store, metric: Metric, unit: Unit, window: &Window) -> Result<Vec<SeriesLine>, Refusal> {
    // A level that stays is written again once an hour, and whoever writes may be late.
    let trusted = SignedDuration::try_from(WRITTEN_AGAIN * 2).unwrap_or(SignedDuration::from_hours(2));
    let early = window.from().checked_sub(trusted).unwrap_or(window.from());
    let mut names: Vec<(String, Vec<(Timestamp, f64)>)> = Vec::new();
    for (name, at, value) in store.list_levels(metric, early, window.to()).await? {
        match names.last_mut() {
            Some((last, changes)) if *last == name => changes.push((at, value)),
            _ => names.push((name, vec![(at, value)])),
        }
    }
    Ok(names.iter().map(|(name, changes)| line(name, unit, window.hold(changes, trusted))).collect())
}

/// Look at numbers over time
///
/// Of the whole fleet, at most 1,500 points. What is kept gets coarser with age, and step_seconds says how coarse the answer
/// is. Requests are counted where the gateway sees them: at the tenant port, and at Traefik where its metrics are read.
#[utoipa::path(
    get,
    path = "/api/gateway/series",
    operation_id = "get_series",
    tag = "fleet",
    security(("api_key" = ["fleet:read"]), ("session" = ["fleet:read"])),
    params(
        ("metric" = inline(Metric), Query, description = "What to look at"),
        ("from" = inline(Option<String>), Query, description = "From when on; an hour before to when left out", nullable = false, example = "2030-01-31T12:00:00Z"),
        ("to" = inline(Option<String>), Query, description = "Until when; now when left out", nullable = false),
        ("step" = inline(Option<i32>), Query, description = "Seconds between two points at least; the answer's may be more", nullable = false, minimum = 1, maximum = 86_400),
    ),
    responses(
        (status = 200, description = "The numbers", body = Series),
        (status = 422, description = "Parameters are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn get_series(
    State(state): State<AppState>,
    _permit: Permit<FleetRead>,
    QueryFields(mut fields): QueryFields,
) -> Result<Json<Series>, Refusal> {
    let words: Vec<&str> = Metric::ALL.iter().map(|metric| metric.as_str()).collect();
    let metric = read_word(&mut fields, "metric", Metric::parse, &words);
    let window = read_window(&mut fields, &state.settings.series);
    fields.finish()?;
    let metric = metric.ok_or_else(Refusal::internal)?;
    let store = &state.store;
    let series = match metric {
        Metric::ProvisionLatency => provision_latency(store, &window).await?,
        Metric::Requests => traffic(store, None, TrafficMetric::Requests, &window).await?,
        Metric::Errors => traffic(store, None, TrafficMetric::Errors, &window).await?,
        Metric::Latency => traffic(store, None, TrafficMetric::Latency, &window).await?,
        Metric::QueueWait | Metric::LoadWait => levels(store, metric, Unit::Seconds, &window).await?,
        Metric::DatabaseBytes => levels(store, metric, Unit::Bytes, &window).await?,
        Metric::QueueDepth | Metric::Tenants | Metric::Databases | Metric::Connections | Metric::Subnets => {
            levels(store, metric, Unit::Count, &window).await?
        }
    };
    Ok(Json(answer(metric, &window, series)))
}
