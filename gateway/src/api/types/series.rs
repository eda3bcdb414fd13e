//! Numbers over time.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::series::{Metric, Unit};

/// Numbers over time, as columns of one table
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Series {
    /// What they are about
    pub metric: Metric,
    /// When the first point begins
    pub from: Timestamp,
    /// When the last point ends
    pub to: Timestamp,
    /// Seconds that a point is about, and between two points
    #[schema(minimum = 1)]
    pub step_seconds: i64,
    /// When each point begins, in seconds since 1970
    #[schema(max_items = 1500)]
    pub times: Vec<i64>,
    /// The columns
    pub series: Vec<SeriesLine>,
}

/// One column
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SeriesLine {
    /// What of the metric, such as p95, a status, or the name of a database server
    #[schema(example = "p95")]
    pub name: String,
    /// What the values count
    pub unit: Unit,
    /// One for each of times; null where nothing is known, such as of the future, or a latency without a request
    #[schema(max_items = 1500)]
    pub values: Vec<Option<f64>>,
}
