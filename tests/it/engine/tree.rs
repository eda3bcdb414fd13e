//! Traefik's tree in Redis is lost, or an older one takes its place, and comes back by itself while everybody is served.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use fred::interfaces::{ClientLike, KeysInterface, TransactionInterface};
use gateway::infra::render::sentinel_key;

use crate::support::bystanders::Bystanders;
use crate::support::instance::Instance;
use crate::support::report::{sized, timed};
use crate::support::rig::HASTE;
use crate::support::stack::Stack;
use crate::support::{PATIENCE, run, unique_key, wait_for};

/// From the loss to the last key.
const BACK: Duration = Duration::from_secs(3);

/// Every key of the tree and every fence, but the sentinel, which says how often the tree was changed.
async fn tree(stack: &Stack) -> BTreeMap<String, String> {
    let redis = stack.redis().await;
    let mut found = BTreeMap::new();
    for pattern in ["traefik/*", "gateway/fence/*"] {
        for name in stack.redis_keys(pattern).await {
            let value: Option<String> = redis.get(name.as_str()).await.unwrap();
            if name == format!("traefik/{}", sentinel_key()) {
                continue;
            }
            found.extend(value.map(|value| (name, value)));
        }
    }
    redis.quit().await.unwrap();
    found
}

/// Waits until the tree is what it was.
async fn until_back(stack: &Stack, wanted: &BTreeMap<String, String>, since: Instant) {
    wait_for("the tree to be back", PATIENCE, || async {
        let now = tree(stack).await;
        let missing: Vec<&String> = wanted.keys().filter(|key| now.get(*key) != wanted.get(*key)).collect();
        if missing.is_empty() {
            Ok(())
        } else {
            Err(format!("{} keys differ, such as {:?}", missing.len(), missing[0]))
        }
    })
    .await;
    let took = since.elapsed();
    assert!(took <= BACK, "the tree was back after {took:?}");
}

/// Traefik has the tenant's own router again.
async fn until_routed(stack: &Stack, key: &str) {
    let url = stack.text("traefik_url");
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    wait_for("the tenant's own router to answer", PATIENCE, || async {
        let answer = http.get(&url).header("host", stack.host_of(key)).send().await.unwrap();
        let is_routed = answer.headers().contains_key("x-gateway-route");
        if is_routed && answer.status() == 200 { Ok(()) } else { Err(format!("{answer:?}")) }
    })
    .await;
}

#[test]
fn a_tree_that_was_flushed_is_back_at_once_and_nobody_notices() {
    run(async {
        let instance = Instance::without_worker(&[]).await;
        let stack = &instance.stack;
        let bystanders = Bystanders::settle(&instance, HASTE).await;
        let workers = [instance.worker(HASTE), instance.worker(HASTE)];
        let keys: Vec<String> = (0..sized(10, 200)).map(|_| unique_key("tree")).collect();
        for key in &keys {
            stack.insert(key, key).await;
        }
        for key in &keys {
            stack.settled(key, &["active"]).await;
        }
        stack.wish(&keys[0], "suspended").await;
        stack.settled(&keys[0], &["suspended"]).await;
        let whole = tree(stack).await;

        let redis = stack.redis().await;
        let lost = Instant::now();
        redis.flushall::<()>(false).await.unwrap();
        timed("tree", "flushed", until_back(stack, &whole, lost)).await;
        until_routed(stack, &keys[1]).await;
        bystanders.untouched("the flushed tree").await;

        // A change in the moment after the loss: it is there as well, and so is everything else.
        let late = unique_key("tree");
        let lost = Instant::now();
        redis.flushall::<()>(false).await.unwrap();
        stack.insert(&late, &late).await;
        timed("tree", "flushed while a tenant is made", until_back(stack, &whole, lost)).await;
        stack.settled(&late, &["active"]).await;
        until_routed(stack, &late).await;
        bystanders.untouched("the tree flushed while a tenant is made").await;

        // An old copy of the data, as after a restart that lost what was written last: since then one tenant was made and
        // another deleted for good.
        let old = tree(stack).await;
        let count: String = redis.get("gateway/tree/traefik").await.unwrap();
        let newest = unique_key("tree");
        stack.insert(&newest, &newest).await;
        stack.settled(&newest, &["active"]).await;
        stack.wish(&late, "deleting").await;
        stack.settled(&late, &["deleted"]).await;
        let whole = tree(stack).await;
        let lost = Instant::now();
        let transaction = redis.multi();
        transaction.flushall::<()>(false).await.unwrap();
        for (name, value) in old {
            transaction.set::<(), _, _>(name, value, None, None, false).await.unwrap();
        }
        transaction.set::<(), _, _>("gateway/tree/traefik", count, None, None, false).await.unwrap();
        transaction.exec::<fred::types::Value>(true).await.unwrap();
        timed("tree", "an old copy", until_back(stack, &whole, lost)).await;
        until_routed(stack, &newest).await;
        wait_for("the deleted tenant's keys to be gone", BACK, || async {
            let left = stack.redis_keys(&format!("traefik/*tenant-{late}/*")).await;
            if left.is_empty() { Ok(()) } else { Err(format!("{left:?}")) }
        })
        .await;
        bystanders.untouched("an old copy of the tree").await;

        redis.quit().await.unwrap();
        bystanders.finish("a lost tree").await;
        for worker in workers {
            worker.assert_calm(&[]);
            assert_eq!(worker.stop(), Some(0));
        }
    });
}
