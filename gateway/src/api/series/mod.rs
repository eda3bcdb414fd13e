//! `/api/gateway/series`, and that of a tenant: one file per call.

pub(super) mod fleet;
pub(super) mod tenant;

use jiff::{SignedDuration, Timestamp};

use crate::api::extract::Fields;
use crate::api::problem::Refusal;
use crate::api::types::{Series, SeriesLine};
use crate::domain::ids::TenantId;
use crate::domain::series::{Keeping, Metric, Tally, TrafficMetric, Unit, Window};
use crate::store::Store;

/// What is looked at when nothing is asked for.
const DEFAULT_SPAN: SignedDuration = SignedDuration::from_hours(1);
/// How far into the future points go, which all are unknown.
const FURTHEST: SignedDuration = SignedDuration::from_hours(24);
/// Longest distance of two points that can be asked for, in seconds.
const MAX_STEP: i64 = 86_400;

/// A word that must be there; `None` only together with an error.
fn read_word<T>(fields: &mut Fields, name: &str, parse: impl Fn(&str) -> Option<T>, words: &[&str]) -> Option<T> {
    let text = fields.required_text(name)?;
    let word = parse(&text);
    if word.is_none() {
        fields.refuse(name, "unknown_value", format!("must be one of {}", words.join(", ")));
    }
    word
}

fn read_time(fields: &mut Fields, name: &str) -> Option<Timestamp> {
    let text = fields.text(name).filter(|text| !text.is_empty())?;
    let at = text.parse::<Timestamp>();
    at.inspect_err(|_| fields.refuse(name, "time", "must be a time such as 2030-01-31T12:00:00Z")).ok()
}

fn read_step(fields: &mut Fields) -> Option<i64> {
    let text = fields.text("step")?;
    let step = text.parse().ok().filter(|step| (1..=MAX_STEP).contains(step));
    if step.is_none() {
        fields.refuse("step", "range", format!("must be a number from 1 to {MAX_STEP}"));
    }
    step
}

/// Takes `from`, `to` and `step`; wrong ones are noted.
fn read_window(fields: &mut Fields, keeping: &Keeping) -> Window {
    let now = Timestamp::now();
    let (from, to, step) = (read_time(fields, "from"), read_time(fields, "to"), read_step(fields));
    let to = to.unwrap_or(now).min(now.checked_add(FURTHEST).unwrap_or(now));
    let given = from;
    let from = from.unwrap_or_else(|| to.checked_sub(DEFAULT_SPAN).unwrap_or(to));
    if given.is_some() && from >= to {
        fields.refuse("from", "order", "must be before to, and not further in the future than a day");
    }
    Window::cut(from, to, step, now, keeping)
}

fn answer(metric: Metric, window: &Window, series: Vec<SeriesLine>) -> Series {
    let (from, to, step_seconds, times) = (window.from(), window.to(), window.step(), window.times());
    Series { metric, from, to, step_seconds, times, series }
}

fn line(name: &str, unit: Unit, values: Vec<Option<f64>>) -> SeriesLine {
    SeriesLine { name: name.to_owned(), unit, values }
}

/// What was asked of a tenant, or of all of them.
async fn traffic(
    store: &Store,
    tenant: Option<TenantId>,
    metric: TrafficMetric,
    window: &Window,
) -> Result<Vec<SeriesLine>, Refusal> {
    let mut points = vec![Tally::default(); window.times().len()];
    for record in store.list_traffic(tenant, window.from(), window.to()).await? {
        if let Some(point) = window.place_of(record.at).and_then(|place| points.get_mut(place)) {
            point.add(&record.tally);
        }
    }
    let step = window.step() as f64;
    let rate = |of: fn(&Tally) -> u64| window.fill(|place| points.get(place).map(|tally| of(tally) as f64 / step));
    let part = |part: f64| window.fill(|place| points.get(place).and_then(|tally| tally.quantile(part)));
    Ok(match metric {
        TrafficMetric::Requests => vec![line("requests", Unit::PerSecond, rate(|tally| tally.requests))],
        TrafficMetric::Errors => vec![line("errors", Unit::PerSecond, rate(|tally| tally.errors))],
        TrafficMetric::Latency => {
            vec![line("p50", Unit::Seconds, part(0.5)), line("p95", Unit::Seconds, part(0.95))]
        }
    })
}
