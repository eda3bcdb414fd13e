//! `/api/gateway/series` and that of a tenant, with counts and levels as processes write them.

use std::time::Duration;

use gateway::domain::ids::TenantId;
use gateway::domain::series::{Metric, Tally};
use gateway::store::levels::Level;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Answer, Api, READER, with_api};

const SERIES: &str = "/api/gateway/series";
const SPAN: Duration = Duration::from_secs(30);

fn ago(seconds: i64) -> Timestamp {
    let now = Timestamp::now().as_second() - seconds;
    Timestamp::from_second(now.div_euclid(300) * 300).unwrap()
}

fn tally(milliseconds: &[u64], errors: usize) -> Tally {
    let mut tally = Tally::default();
    for (place, took) in milliseconds.iter().enumerate() {
        tally.count(Duration::from_millis(*took), place < errors);
    }
    tally
}

async fn look(api: &Api, path: &str, from: Timestamp, more: &str) -> Answer {
    let to = from + SignedDuration::from_secs(600);
    let answer = api.call("GET", &format!("{path}?from={from}&to={to}&{more}")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer
}

fn values(answer: &Answer, name: &str) -> Vec<Option<f64>> {
    let lines = answer.body["series"].as_array().unwrap();
    let line = lines.iter().find(|line| line["name"] == name).unwrap_or_else(|| panic!("{name} in {}", answer.body));
    line["values"].as_array().unwrap().iter().map(Value::as_f64).collect()
}

#[test]
fn what_processes_counted_adds_up_exactly() {
    with_api(|api| async move {
        let acme = api.active("acme").await;
        let globex = api.active("globex").await;
        let (first, second) = (ago(3_000), ago(3_000) + SignedDuration::from_secs(30));
        let of = |id: Uuid| Some(TenantId::from_uuid(id));
        // Two processes add to the same span at the same time.
        let (one, other) =
            ([(of(acme), tally(&[1, 7, 400], 2)), (None, tally(&[1; 3], 0))], [(of(acme), tally(&[7; 6], 0))]);
        let (one, other) =
            tokio::join!(api.store.add_traffic(first, SPAN, &one), api.store.add_traffic(first, SPAN, &other));
        one.and(other).unwrap();
        api.store.add_traffic(second, SPAN, &[(of(globex), tally(&[20_000; 3], 1))]).await.unwrap();

        let fleet = look(&api, SERIES, first, "metric=requests&step=30").await;
        assert_eq!((&fleet.body["step_seconds"], &fleet.body["metric"]), (&json!(30), &json!("requests")));
        assert_eq!(fleet.body["times"][1], second.as_second());
        let rates = values(&fleet, "requests");
        assert_eq!((rates.len(), rates[0], rates[1], rates[2]), (20, Some(0.4), Some(0.1), Some(0.0)));
        let errors = values(&look(&api, SERIES, first, "metric=errors&step=60").await, "errors");
        assert_eq!((errors.len(), errors[0], errors[1]), (10, Some(0.05), Some(0.0)));

        let of_acme = format!("/api/gateway/tenants/{acme}/series");
        let rates = values(&look(&api, &of_acme, first, "metric=requests&step=30").await, "requests");
        assert_eq!((rates[0], rates[1]), (Some(0.3), Some(0.0)));
        let latency = look(&api, "/api/gateway/tenants/acme/series", first, "metric=latency&step=30").await;
        let (half, most) = (values(&latency, "p50"), values(&latency, "p95"));
        assert!((0.005..=0.01).contains(&half[0].unwrap()) && (0.25..=0.5).contains(&most[0].unwrap()), "{latency:?}");
        assert_eq!((half[1], most[1]), (None, None), "nobody waited");
    });
}

#[test]
fn old_spans_are_joined_and_lose_no_request() {
    with_api(|api| async move {
        let acme = Some(TenantId::from_uuid(api.active("acme").await));
        let old = ago(7 * 3_600);
        for place in 0..10 {
            let at = old + SignedDuration::from_secs(30 * place);
            api.store.add_traffic(at, SPAN, &[(acme, tally(&[1, 60, 60], 1))]).await.unwrap();
        }
        let fresh = ago(600);
        api.store.add_traffic(fresh, SPAN, &[(acme, tally(&[1], 0))]).await.unwrap();
        let (span, age) = (Duration::from_secs(300), Duration::from_secs(6 * 3_600));
        let ends = api.store.join_traffic(span, Timestamp::UNIX_EPOCH, age).await.unwrap();
        assert_eq!(ends, Some(old + SignedDuration::from_secs(300)));
        assert_eq!(api.store.join_traffic(span, Timestamp::UNIX_EPOCH, age).await.unwrap(), None);
        // What comes late for a span that is joined already is joined to it.
        api.store.add_traffic(old, SPAN, &[(acme, tally(&[60], 0))]).await.unwrap();
        api.store.join_traffic(span, Timestamp::UNIX_EPOCH, age).await.unwrap();
        for tenant in [acme, None] {
            let kept = api.store.list_traffic(tenant, old, Timestamp::now()).await.unwrap();
            let ends: Vec<_> =
                kept.iter().map(|record| (record.at, record.tally.requests, record.tally.errors)).collect();
            assert_eq!(ends, [(old, 31, 10), (fresh, 1, 0)]);
            assert_eq!((kept[0].tally.durations[0], kept[0].tally.durations[4]), (10, 21));
        }
        assert_eq!(api.store.remove_series(Duration::from_secs(3_600), 10).await.unwrap(), 2);
        assert_eq!(api.store.list_traffic(acme, old, Timestamp::now()).await.unwrap().len(), 1);
    });
}

#[test]
fn levels_hold_until_they_change_and_are_written_only_then() {
    with_api(|api| async move {
        let level = |name: &str, value| Level { metric: Metric::QueueDepth, name: name.into(), value };
        let hour = Timestamp::now().as_second().div_euclid(3_600) * 3_600;
        let first = Timestamp::from_second(hour - 7_200).unwrap();
        let at = |seconds| first + SignedDuration::from_secs(seconds);
        for (seconds, due, written) in [(0, 3.0, 2), (30, 3.0, 0), (60, 5.0, 1), (90, 5.0, 0)] {
            let levels = [level("due", due), level("paused", 0.0)];
            assert_eq!(api.store.put_levels(at(seconds), &levels).await.unwrap(), written, "{seconds}");
        }
        let found = look(&api, SERIES, first, "metric=queue_depth&step=30").await;
        assert_eq!(values(&found, "due")[..4], [Some(3.0), Some(3.0), Some(5.0), Some(5.0)]);
        assert_eq!(values(&found, "paused")[19], Some(0.0));
        assert_eq!(found.body["series"][0]["unit"], "count");
        assert_eq!(api.store.put_levels(at(3_700), &[level("paused", 0.0)]).await.unwrap(), 1, "once an hour");
        api.store.thin_levels(Duration::ZERO).await.unwrap();
        let kept = api.store.list_levels(Metric::QueueDepth, first, at(7_200)).await.unwrap();
        let kept: Vec<_> = kept.iter().map(|(name, at, value)| (name.as_str(), *at, *value)).collect();
        assert_eq!(kept, [("due", at(60), 5.0), ("paused", at(0), 0.0), ("paused", at(3_700), 0.0)]);
        let none = look(&api, SERIES, first, "metric=subnets").await;
        assert_eq!(none.body["series"], json!([]));
    });
}

#[test]
fn how_long_new_tenants_took_comes_from_their_operations() {
    with_api(|api| async move {
        for (key, seconds) in [("acme", 10), ("globex", 20), ("initech", 30)] {
            let id = api.active(key).await;
            sqlx::query(
                "UPDATE gateway.operation SET created_at = date_trunc('hour', now()) - interval '30 minutes',
                        ended_at = date_trunc('hour', now()) - interval '30 minutes' + make_interval(secs => $2) WHERE tenant_id = $1",
            )
            .bind(id)
            .bind(f64::from(seconds))
            .execute(&mut api.database().await)
            .await
            .unwrap();
        }
        let hour = Timestamp::from_second(Timestamp::now().as_second().div_euclid(3_600) * 3_600).unwrap();
        let from = hour - SignedDuration::from_mins(30);
        let found = look(&api, SERIES, from, "metric=provision_latency&step=60").await;
        assert_eq!((values(&found, "p50")[0], values(&found, "p95")[0]), (Some(20.0), Some(29.0)));
        assert_eq!((values(&found, "p50")[1], values(&found, "p50").len()), (None, 10));
    });
}

#[test]
fn wrong_parameters_and_tenants_out_of_sight_are_refused() {
    with_api(|api| async move {
        api.active("acme").await;
        for (query, wrong) in [
            ("", vec![("/metric", "required")]),
            ("metric=x&y=1", vec![("/metric", "unknown_value"), ("/y", "unknown")]),
            (
                "metric=requests&from=x&to=2030-01-01&step=0",
                vec![("/from", "time"), ("/to", "time"), ("/step", "range")],
            ),
            ("metric=requests&step=86401", vec![("/step", "range")]),
            ("metric=requests&step=", vec![("/step", "range")]),
            ("metric=requests&from=2020-01-02T00:00:00Z&to=2020-01-01T00:00:00Z", vec![("/from", "order")]),
            ("metric=requests&from=9000-01-02T00:00:00Z", vec![("/from", "order")]),
        ] {
            assert_eq!(api.call("GET", &format!("{SERIES}?{query}")).await.wrong(), wrong, "{query}");
        }
        for path in [SERIES, "/api/gateway/tenants/acme/series"] {
            // The longest there is, from before all time.
            let all = api.call("GET", &format!("{path}?metric=requests&from=0001-01-01T00:00:00Z")).await;
            let points = all.body["times"].as_array().unwrap().len();
            assert!((700..=1_500).contains(&points), "{points}");
        }
        let refused = api.call("GET", "/api/gateway/tenants/acme/series?metric=queue_depth").await;
        assert_eq!(refused.wrong(), [("/metric", "unknown_value")]);
        api.call("GET", "/api/gateway/tenants/nobody/series?metric=requests")
            .await
            .assert_problem(404, "tenant_not_found");
        api.call_as(READER, "GET", &format!("{SERIES}?metric=requests")).await.assert_problem(403, "missing_scope");
        let seen = api.call_as(READER, "GET", "/api/gateway/tenants/acme/series?metric=errors").await;
        assert_eq!(seen.status, 200, "{}", seen.body);
    });
}
