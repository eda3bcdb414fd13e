//! `GET /api/gateway/metrics`, as Prometheus reads it.

use std::collections::BTreeMap;

use super::{Api, ROOT, with_api};

const METRICS: &str = "/api/gateway/metrics";

/// Every line that is no comment: the name with its labels, and the value.
async fn read(api: &Api) -> BTreeMap<String, f64> {
    let answer = api.bare("GET", METRICS).bearer_auth(ROOT).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let kind = answer.headers()["content-type"].to_str().unwrap();
    assert_eq!(kind, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    let text = answer.text().await.unwrap();
    assert!(text.ends_with("# EOF\n"), "{text}");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let pairs = lines.map(|line| line.rsplit_once(' ').unwrap());
    pairs.map(|(name, value)| (name.to_owned(), value.parse().unwrap())).collect()
}

#[test]
fn the_fleet_and_the_requests_of_the_process_are_told() {
    with_api(|api| async move {
        let empty = read(&api).await;
        assert_eq!(empty["gateway_tenants{status=\"active\"}"], 0.0, "a state that nobody is in is no gap");
        assert_eq!(empty["gateway_queue_oldest_seconds"], 0.0);
        assert!(!empty.contains_key("gateway_worker_seen_seconds"), "no worker was ever there");
        let build = format!("gateway_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"));
        assert_eq!(empty[&build], 1.0, "{empty:#?}");

        api.active("acme").await;
        let waits = api.create("waits").await;
        for statement in [
            "UPDATE gateway.tenant SET due_at = now() - interval '90 seconds' WHERE id = $1",
            "INSERT INTO gateway.subnet (subnet, tenant_id) VALUES ((SELECT '10.77.0.0/28'::cidr), $1)",
        ] {
            sqlx::query(statement).bind(waits).execute(&mut api.database().await).await.unwrap();
        }
        api.call("GET", "/api/gateway/tenants/not-an-id").await;
        api.call("GET", "/some/page").await;
        api.call("INVENT", "/some/page").await;
        let told = read(&api).await;
        for (name, value) in [
            ("gateway_tenants{status=\"active\"}", 1.0),
            ("gateway_tenants{status=\"pending\"}", 1.0),
            ("gateway_queue_tenants{state=\"due\"}", 1.0),
            ("gateway_queue_tenants{state=\"claimed\"}", 0.0),
            ("gateway_requests_total{method=\"POST\",route=\"/api/gateway/tenants\",status=\"202\"}", 2.0),
            ("gateway_request_duration_seconds_count{method=\"POST\",route=\"/api/gateway/tenants\"}", 2.0),
            ("gateway_requests_total{method=\"GET\",route=\"/api/gateway/metrics\",status=\"200\"}", 1.0),
            ("gateway_requests_total{method=\"GET\",route=\"(console)\",status=\"200\"}", 1.0),
            ("gateway_requests_total{method=\"other\",route=\"(console)\",status=\"404\"}", 1.0),
        ] {
            assert_eq!(told.get(name), Some(&value), "{name} of {told:#?}");
        }
        assert!(told["gateway_queue_oldest_seconds"] >= 90.0);
        assert!(!told.keys().any(|name| name.contains("not-an-id")), "paths are no labels: {told:#?}");

        let other = api.another().await;
        let told = read(&other).await;
        assert_eq!(told["gateway_tenants{status=\"active\"}"], 1.0, "the fleet is the same everywhere");
        assert!(!told.keys().any(|name| name.contains("POST")), "requests are those of the process: {told:#?}");
    });
}

#[test]
fn a_key_may_not_choose_what_is_told() {
    with_api(|api| async move {
        api.call_as(super::NOBODY, "GET", METRICS).await.assert_problem(403, "missing_scope");
        api.call_as("unknown", "GET", METRICS).await.assert_problem(401, "unauthenticated");
        let refused = api.call("GET", &format!("{METRICS}?x=1")).await;
        assert_eq!(refused.wrong(), [("/x", "unknown")]);
    });
}
