//! Arguments of `gatewayctl series`.

use clap::Args;

use crate::domain::series::Metric;

/// Which numbers over time to show.
#[derive(Debug, Args)]
pub(in crate::cli) struct SeriesArguments {
    /// What to look at, such as requests, latency, queue_depth or provision_latency
    #[arg(value_parser = metric, value_name = "METRIC")]
    pub(in crate::cli) metric: Metric,
    /// Only what this tenant was asked: key or id; for requests, errors and latency
    #[arg(long, value_name = "TENANT")]
    pub(in crate::cli) tenant: Option<String>,
    /// From when on, such as 2030-01-31T12:00:00Z; an hour before the end when left out
    #[arg(long, value_name = "TIME")]
    pub(in crate::cli) from: Option<String>,
    /// Until when; now when left out
    #[arg(long, value_name = "TIME")]
    pub(in crate::cli) to: Option<String>,
    /// Seconds between two points at least
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub(in crate::cli) step: u32,
}

fn metric(word: &str) -> Result<Metric, String> {
    Metric::parse(word).ok_or_else(|| {
        let words: Vec<&str> = Metric::ALL.iter().map(|metric| metric.as_str()).collect();
        format!("must be one of {}", words.join(", "))
    })
}
