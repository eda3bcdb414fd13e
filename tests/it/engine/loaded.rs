//! Traefik itself says which changes of its tree it has loaded, and where it stands still that is told.

use fred::clients::Client as Redis;
use fred::interfaces::{ClientLike, KeysInterface, PubsubInterface};
use fred::types::Expiration;
use gateway::infra::render::sentinel_key;
use serde_json::{Value, json};

use crate::support::instance::Instance;
use crate::support::parts::Part;
use crate::support::report::say;
use crate::support::rig::HASTE;
use crate::support::stack::Stack;
use crate::support::{PATIENCE, run, unique_key, wait_for};

const COUNT: &str = "gateway/tree/traefik";
const TROUBLE: &str = "changes_not_loaded";

async fn get(url: &str) -> reqwest::Response {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    client.get(url).send().await.unwrap().error_for_status().unwrap()
}

/// What Redis has counted, and what Traefik's own API shows of it.
async fn counts(stack: &Stack, redis: &Redis) -> (Option<i64>, Option<i64>) {
    let written: Option<String> = redis.get(COUNT).await.unwrap();
    let url = format!("{}/api/http/middlewares/gateway-sentinel@redis", stack.text("traefik_api_url"));
    let sentinel: Value = get(&url).await.json().await.unwrap();
    let loaded = sentinel["headers"]["customResponseHeaders"]["X-Gateway-Sentinel"].as_str().map(str::to_owned);
    let number = |text: Option<String>| text.and_then(|text| text.parse().ok());
    (number(written), number(loaded))
}

/// Waits until Traefik holds exactly the count that Redis has, and gives it.
async fn until_loaded(stack: &Stack, redis: &Redis) -> i64 {
    wait_for("Traefik to hold the count of Redis", PATIENCE, || async {
        match counts(stack, redis).await {
            (Some(written), Some(loaded)) if written == loaded => Ok(written),
            other => Err(format!("{other:?}")),
        }
    })
    .await
}

/// How often Traefik took another configuration over since its start.
async fn reloads(stack: &Stack) -> i64 {
    let text = get(&format!("{}/metrics", stack.text("traefik_api_url"))).await.text().await.unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("traefik_config_reloads_total ")).unwrap();
    line.parse().unwrap()
}

async fn health(stack: &Stack) -> Value {
    let (status, health) = stack.api("GET", "/api/gateway/traefik", None).await;
    assert_eq!(status, 200, "{health}");
    health
}

async fn until_health(stack: &Stack, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    wait_for(what, PATIENCE, || async {
        let seen = health(stack).await;
        if is_so(&seen) { Ok(seen) } else { Err(format!("{seen:#}")) }
    })
    .await
}

fn has_trouble(health: &Value) -> bool {
    health["troubles"].as_array().unwrap().iter().any(|trouble| trouble["code"] == TROUBLE)
}

/// The last numbers of the metric that are known.
async fn waits(stack: &Stack) -> Vec<f64> {
    let (status, series) = stack.api("GET", "/api/gateway/series?metric=load_wait&step=1", None).await;
    assert_eq!(status, 200, "{series}");
    let values = series["series"].as_array().unwrap().iter().flat_map(|line| line["values"].as_array().unwrap());
    values.filter_map(Value::as_f64).collect()
}

#[test]
fn traefik_comes_to_hold_exactly_the_count_that_redis_has() {
    run(async {
        let instance = Instance::without_worker(&[]).await;
        let stack = &instance.stack;
        let worker = instance.worker(HASTE);
        let redis = stack.redis().await;
        let keys: Vec<String> = (0..6).map(|_| unique_key("loaded")).collect();
        for key in &keys {
            stack.insert(key, key).await;
        }
        for key in &keys {
            stack.settled(key, &["active"]).await;
        }
        let mut before = until_loaded(stack, &redis).await;

        // One change after the other: the count rises with each, and costs no reload of its own.
        let reloaded = reloads(stack).await;
        for key in &keys[..3] {
            stack.wish(key, "suspended").await;
            stack.settled(key, &["suspended"]).await;
            let now = until_loaded(stack, &redis).await;
            assert_eq!(now, before + 1, "one change is counted once");
            before = now;
        }
        assert_eq!(reloads(stack).await, reloaded + 3, "a change costs one reload");
        let seen =
            until_health(stack, "a worker to have looked", |health| health["changes"]["written"] == before).await;
        assert_eq!((&seen["changes"]["loaded"], &seen["changes"]["waiting_since"]), (&json!(before), &json!(null)));
        assert_eq!((&seen["healthy"], &seen["troubles"]), (&json!(true), &json!([])), "{seen:#}");
        let told = stack.ctl(&["traefik"]);
        let told = String::from_utf8(told.stdout).unwrap();
        assert!(told.contains(&format!("{before} written, {before} loaded")), "{told}");

        // Everything once more, quietly: it is counted and loaded, and no drift is found.
        let told = stack.ctl(&["route", "republish"]);
        assert!(told.status.success(), "{told:?}");
        let again = until_loaded(stack, &redis).await;
        assert!(again > before);
        instance.verify(HASTE, &[]).await;

        // Lost: it begins anew, above everything before.
        redis.flushall::<()>(false).await.unwrap();
        wait_for("the count to begin anew", PATIENCE, || async {
            match counts(stack, &redis).await.0 {
                Some(count) if count > again => Ok(()),
                other => Err(format!("{other:?}")),
            }
        })
        .await;
        let anew = until_loaded(stack, &redis).await;
        assert!(anew > again, "{anew} after {again}");
        until_health(stack, "the new count to be seen", |health| health["changes"]["loaded"] == anew).await;
        instance.verify(HASTE, &[]).await;

        // Somebody writes another value, or it is that of a former release: the next worker that starts mends it.
        let sentinel = format!("traefik/{}", sentinel_key());
        redis.set::<(), _, _>(&sentinel, "1", None, None, false).await.unwrap();
        redis.publish::<(), _, _>("__keyspace@0__:traefik/rev", "set").await.unwrap();
        wait_for("Traefik to hold the other value", PATIENCE, || async {
            let (_, loaded) = counts(stack, &redis).await;
            if loaded == Some(1) { Ok(()) } else { Err(format!("{loaded:?}")) }
        })
        .await;
        let heir = instance.worker(HASTE);
        assert_eq!(until_loaded(stack, &redis).await, anew + 1);
        let settled = instance.worker(HASTE);
        settled.until_started().await;
        assert_eq!(until_loaded(stack, &redis).await, anew + 1, "a worker that finds all in order changes nothing");

        redis.quit().await.unwrap();
        for worker in [worker, heir, settled] {
            worker.assert_calm(&[]);
            assert_eq!(worker.stop(), Some(0));
        }
    });
}

#[test]
fn a_traefik_that_stands_still_is_told_of_until_it_goes_on() {
    run(async {
        let instance = Instance::without_worker(&[]).await;
        let stack = &instance.stack;
        let worker = instance.worker(&[HASTE, &[("GATEWAY_SERIES_INTERVAL_SECONDS", "1")]].concat());
        let redis = stack.redis().await;
        let key = unique_key("still");
        stack.insert(&key, &key).await;
        stack.settled(&key, &["active"]).await;
        let before = until_loaded(stack, &redis).await;
        until_health(stack, "a worker to have looked", |health| health["changes"]["loaded"] == before).await;

        // Over this key Traefik takes no tree, and nobody may look for it.
        let looked = "gateway/looked/traefik";
        redis.set::<(), _, _>(looked, "held", Some(Expiration::EX(600)), None, false).await.unwrap();
        redis.set::<(), _, _>("traefik/http/routers/x/colour", "red", None, None, false).await.unwrap();
        stack.wish(&key, "suspended").await;
        let still = until_health(stack, "the trouble to be told", has_trouble).await;
        assert_eq!((&still["healthy"], &still["changes"]["loaded"]), (&json!(false), &json!(before)), "{still:#}");
        assert_eq!(still["changes"]["written"], before + 1, "{still:#}");
        let since = still["changes"]["waiting_since"].clone();
        assert!(since.is_string(), "{still:#}");
        let told = stack.ctl(&["traefik"]);
        assert!(!told.status.success() && String::from_utf8_lossy(&told.stderr).contains("has not loaded"), "{told:?}");
        wait_for("the metric to show it", PATIENCE, || async {
            let waits = waits(stack).await;
            if waits.iter().any(|seconds| *seconds >= 15.0) { Ok(()) } else { Err(format!("{waits:?}")) }
        })
        .await;

        // Nothing is concluded of one that says nothing, and nothing is forgotten.
        let frozen = stack.freeze(Part::Traefik);
        let silent = until_health(stack, "silence", |health| health["changes"]["loaded"].is_null()).await;
        assert_eq!(
            (&silent["healthy"], &silent["changes"]["waiting_since"]),
            (&json!(null), &json!(null)),
            "{silent:#}"
        );
        drop(frozen);
        let again = until_health(stack, "the trouble to be told again", has_trouble).await;
        assert_eq!(again["changes"]["waiting_since"], since);

        redis.del::<(), _>(looked).await.unwrap();
        let loaded = until_loaded(stack, &redis).await;
        assert!(loaded > before, "{loaded}");
        let well = until_health(stack, "the trouble to be over", |health| health["healthy"] == true).await;
        assert_eq!((&well["troubles"], &well["changes"]["waiting_since"]), (&json!([]), &json!(null)), "{well:#}");
        stack.settled(&key, &["suspended"]).await;
        wait_for("the metric to show it", PATIENCE, || async {
            let waits = waits(stack).await;
            if waits.last() == Some(&0.0) { Ok(()) } else { Err(format!("{waits:?}")) }
        })
        .await;
        say(&format!("a change waited since {since}"));

        redis.quit().await.unwrap();
        worker.assert_calm(&[]);
        assert_eq!(worker.stop(), Some(0));
    });
}
