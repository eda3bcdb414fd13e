//! How often Traefik's routers were asked, from its Prometheus endpoint. Only read.

use std::collections::BTreeMap;

use url::Url;

use crate::domain::failure::Failure;
use crate::domain::series::{BOUNDS, CLASSES, Tally, class_of};
use crate::infra::probe::Probe;
use crate::infra::traefik::live::PROVIDER;
use crate::infra::traefik::unreachable;

/// Longest answer that is read, in bytes: ten thousand routers in use make half of it.
const MOST_BYTES: usize = 64 << 20;
/// Traefik's count of requests by router.
const REQUESTS: &str = "traefik_router_requests_total";
/// Traefik's histogram of how long they took.
const DURATIONS: &str = "traefik_router_request_duration_seconds_bucket";
/// The service that leads to the tenant port, which counts by itself.
const TENANT_PORT: &str = "gateway@redis";

/// What was asked of a tenant's route since Traefik's start, by the tenant's key.
pub type Counters = BTreeMap<String, Tally>;

impl Probe {
    /// What was asked of tenants' routes that do not lead to the tenant port, since Traefik's start. Empty where Traefik does
    /// not count by router.
    ///
    /// # Errors
    /// `traefik_api_unreachable`, retryable: no answer, one that is too long, or none that is text.
    pub async fn counters(&self, metrics: &Url) -> Result<Counters, Failure> {
        let mut answer = self.traefik_get(metrics.clone()).await?;
        let mut bytes = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(unreachable)? {
            bytes.extend_from_slice(&part);
            if bytes.len() > MOST_BYTES {
                return Err(unreachable(format!("its metrics are longer than {MOST_BYTES} bytes")));
            }
        }
        let text = String::from_utf8(bytes).map_err(unreachable)?;
        Ok(read(&text))
    }
}

/// A line of the text format: name, labels, value. `None` for comments and what is not one of ours.
fn sample(line: &str) -> Option<(&str, BTreeMap<&str, &str>, f64)> {
    let (name, rest) = line.split_once('{')?;
    if name != REQUESTS && name != DURATIONS {
        return None;
    }
    // Our own values hold no quotes; where another one does, its line is cut wrongly and says of no tenant.
    let (labels, value) = rest.rsplit_once('}')?;
    let labels = labels.split("\",").filter_map(|label| label.trim_end_matches('"').split_once("=\"")).collect();
    let value = value.split_whitespace().next()?.parse().ok()?;
    Some((name, labels, value))
}

/// The tenant whose router it is, by key.
fn tenant_of<'a>(labels: &BTreeMap<&str, &'a str>) -> Option<&'a str> {
    let key = labels.get("router")?.strip_suffix(PROVIDER)?.strip_prefix("tenant-")?;
    labels.get("service").is_none_or(|service| *service != TENANT_PORT).then_some(key)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counters are whole and not negative")]
fn whole(value: f64) -> u64 {
    if value.is_finite() && value > 0.0 { value as u64 } else { 0 }
}

fn read(text: &str) -> Counters {
    let mut counters = Counters::new();
    // Of each histogram the counts up to each bound: they rise from bound to bound.
    let mut cumulative: BTreeMap<(&str, String), Vec<(f64, u64)>> = BTreeMap::new();
    for line in text.lines() {
        let Some((name, labels, value)) = sample(line) else { continue };
        let Some(key) = tenant_of(&labels) else { continue };
        if name == REQUESTS {
            let tally = counters.entry(key.to_owned()).or_default();
            tally.requests += whole(value);
            if labels.get("code").is_some_and(|code| code.starts_with('5')) {
                tally.errors += whole(value);
            }
        } else if let Some(bound) = labels.get("le") {
            let bound = if *bound == "+Inf" { Some(f64::INFINITY) } else { bound.parse().ok() };
            let of =
                ["code", "method", "protocol", "service"].map(|name| labels.get(name).copied().unwrap_or_default());
            if let Some(bound) = bound {
                cumulative.entry((key, of.join("\n"))).or_default().push((bound, whole(value)));
            }
        }
    }
    for ((key, _), mut bounds) in cumulative {
        bounds.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        let tally = counters.entry(key.to_owned()).or_default();
        let mut below = 0;
        for (bound, upto) in bounds {
            let class = if bound.is_finite() { class_of(bound) } else { CLASSES - 1 };
            if let Some(count) = tally.durations.get_mut(class) {
                *count += upto.saturating_sub(below);
            }
            below = upto;
        }
    }
    counters
}

/// The line of Traefik's static configuration that makes its classes those of the gateway.
#[must_use]
pub fn buckets() -> String {
    let bounds: Vec<String> = BOUNDS.iter().map(|bound| format!("{bound:?}")).collect();
    format!("buckets: [{}]", bounds.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
# HELP traefik_router_requests_total How many HTTP requests are processed on a router.
# TYPE traefik_router_requests_total counter
traefik_router_requests_total{code="200",method="GET",protocol="http",router="tenant-acme@redis",service="pool-default@redis"} 7
traefik_router_requests_total{code="502",method="GET",protocol="http",router="tenant-acme@redis",service="pool-default@redis"} 2
traefik_router_requests_total{code="503",method="GET",protocol="http",router="tenant-acme@redis",service="gateway@redis"} 5
traefik_router_requests_total{code="404",method="GET",protocol="http",router="gateway-fallback@redis",service="gateway@redis"} 9
traefik_router_requests_total{code="200",method="GET",protocol="http",router="tenant-acme@file",service="x@file"} 9
traefik_router_request_duration_seconds_bucket{code="200",method="GET",protocol="http",router="tenant-acme@redis",service="pool-default@redis",le="0.005"} 3
traefik_router_request_duration_seconds_bucket{code="200",method="GET",protocol="http",router="tenant-acme@redis",service="pool-default@redis",le="0.3"} 5
traefik_router_request_duration_seconds_bucket{code="200",method="GET",protocol="http",router="tenant-acme@redis",service="pool-default@redis",le="+Inf"} 7
traefik_router_request_duration_seconds_bucket{code="502",method="GET",protocol="http",router="tenant-acme@redis",service="pool-default@redis",le="0.005"} 0
traefik_router_request_duration_seconds_bucket{code="502",method="GET",protocol="http",router="tenant-acme@redis",service="pool-default@redis",le="+Inf"} 2e+00
traefik_router_request_duration_seconds_sum{router="tenant-acme@redis",service="pool-default@redis"} 1.5
traefik_router_requests_total{router="tenant-odd@redis",service="a"b",code="200"} 1
traefik_service_requests_total{code="200",method="GET",protocol="http",service="pool-default@redis"} 7
nonsense{
"#;

    #[test]
    fn tenants_routers_are_counted_and_those_to_the_tenant_port_are_not() {
        let counters = read(TEXT);
        let acme = counters["acme"];
        assert_eq!((acme.requests, acme.errors), (9, 2));
        // A bound between two of ours counts to the next one.
        assert_eq!((acme.durations[0], acme.durations[6], acme.durations[CLASSES - 1]), (3, 2, 4));
        assert_eq!(acme.durations.iter().sum::<u64>(), 9);
        assert_eq!(counters.len(), 2);
    }

    #[test]
    fn traefik_is_told_the_same_bounds() {
        let configuration = include_str!("../../../../traefik/traefik.yml");
        assert!(configuration.contains(&buckets()), "{}", buckets());
    }
}
