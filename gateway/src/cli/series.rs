//! `gatewayctl series`

use jiff::Timestamp;

use crate::api::types::{Series, SeriesLine};
use crate::cli::arguments::{Output, SeriesArguments};
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::table::{self, NONE, aligned, time};
use crate::cli::terminal::Terminal;
use crate::domain::series::Unit;

/// Prints them, one line for each point.
///
/// # Errors
/// See [`CliError`].
pub(super) async fn run(
    client: &Client,
    terminal: &Terminal,
    output: Output,
    asked: SeriesArguments,
) -> Result<(), CliError> {
    let mut query = vec![("metric", asked.metric.to_string()), ("step", asked.step.to_string())];
    query.extend(asked.from.map(|from| ("from", from)));
    query.extend(asked.to.map(|to| ("to", to)));
    let found = client.series(asked.tenant.as_deref(), &query).await?;
    table::print(terminal, output, &found, points);
    Ok(())
}

fn shown(unit: Unit, value: Option<f64>) -> String {
    match (unit, value) {
        (_, None) => NONE.to_owned(),
        (Unit::Seconds, Some(seconds)) => format!("{seconds:.3} s"),
        (Unit::PerSecond, Some(rate)) => format!("{rate:.2}/s"),
        (Unit::Count | Unit::Bytes, Some(number)) => format!("{number:.0}"),
    }
}

fn points(found: &Series) -> String {
    let header: Vec<&str> = std::iter::once("from").chain(found.series.iter().map(|line| line.name.as_str())).collect();
    let value = |line: &SeriesLine, place: usize| shown(line.unit, line.values.get(place).copied().flatten());
    let row = |(place, second): (usize, &i64)| {
        let at = Timestamp::from_second(*second).map_or_else(|_| NONE.to_owned(), time);
        std::iter::once(at).chain(found.series.iter().map(|line| value(line, place))).collect()
    };
    aligned(Some(&header), found.times.iter().enumerate().map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::series::Metric;

    #[test]
    fn each_point_is_a_line_and_what_is_unknown_a_hyphen() {
        let line = |name: &str, values: &[Option<f64>]| SeriesLine {
            name: name.into(),
            unit: Unit::Seconds,
            values: values.to_vec(),
        };
        let found = Series {
            metric: Metric::Latency,
            from: Timestamp::UNIX_EPOCH,
            to: Timestamp::from_second(120).unwrap(),
            step_seconds: 60,
            times: vec![0, 60],
            series: vec![line("p50", &[None, Some(0.25)]), line("p95", &[Some(1.5), None])],
        };
        let text = points(&found);
        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines[0], ["FROM", "P50", "P95"]);
        assert_eq!(lines[1], ["1970-01-01T00:00:00Z", "-", "1.500", "s"]);
        assert_eq!(lines[2], ["1970-01-01T00:01:00Z", "0.250", "s", "-"]);
    }
}
