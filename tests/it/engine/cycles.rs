//! Tenants are made and removed many times: nothing is left behind anywhere, and the worker does not grow.

use std::collections::BTreeMap;

use fred::interfaces::{ClientLike, KeysInterface};
use sqlx::Row;
use sqlx::postgres::PgConnection;

use crate::support::instance::Instance;
use crate::support::report::{case, say, sized};
use crate::support::rig::HASTE;
use crate::support::run;
use crate::support::stack::Stack;

/// Tenants at once in a round.
const ROUND: usize = 10;
/// Growth of resident memory from the middle to the end that is not a leak, in KiB: the allocator keeps some.
const SOME_MEMORY: u64 = 8 * 1024;
/// Open files that come and go: connections to parts.
const SOME_FILES: usize = 8;

/// Things of each kind that exist now and should not without tenants.
async fn count(stack: &Stack) -> BTreeMap<&'static str, i64> {
    let mut counted = BTreeMap::new();
    let mut server: PgConnection = stack.server("postgres").await;
    let row = sqlx::query(
        "SELECT (SELECT count(*) FROM pg_database) AS databases, (SELECT count(*) FROM pg_roles) AS roles,
                (SELECT count(*) FROM pg_shdescription) AS comments, (SELECT count(*) FROM pg_db_role_setting) AS settings,
                (SELECT count(*) FROM pg_ls_dir('base') AS name WHERE name ~ '^[0-9]+$') AS directories",
    );
    let row = row.fetch_one(&mut server).await.unwrap();
    for kind in ["databases", "roles", "comments", "settings", "directories"] {
        counted.insert(kind, row.get(kind));
    }
    let row = sqlx::query(
        "SELECT (SELECT count(*) FROM gateway.subnet WHERE tenant_id IS NOT NULL) AS subnets,
                (SELECT count(*) FROM gateway.tenant WHERE status <> 'deleted') AS tenants,
                (SELECT count(*) FROM gateway.operation WHERE state IN ('pending', 'running')) AS operations,
                (SELECT count(*) FROM gateway.step_attempt WHERE state = 'started') AS attempts,
                (SELECT id::text FROM gateway.installation) AS installation",
    );
    let row = row.fetch_one(&stack.control).await.unwrap();
    for kind in ["subnets", "tenants", "operations", "attempts"] {
        counted.insert(kind, row.get(kind));
    }
    let label = format!("gateway.instance={}", row.get::<String, _>("installation"));
    let filters = std::collections::HashMap::from([("label".to_owned(), vec![label])]);
    let networks = bollard::query_parameters::ListNetworksOptionsBuilder::new().filters(&filters).build();
    let containers = bollard::query_parameters::ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
    let docker = stack.docker().await;
    let whole = |length: usize| i64::try_from(length).unwrap();
    counted.insert("networks", whole(docker.list_networks(Some(networks)).await.unwrap().len()));
    counted.insert("containers", whole(docker.list_containers(Some(containers)).await.unwrap().len()));
    let redis = stack.redis().await;
    let (mut lasting, mut expiring) = (0, 0);
    for key in stack.redis_keys("*").await {
        let ttl: i64 = redis.ttl(key.as_str()).await.unwrap();
        *(if ttl >= 0 { &mut expiring } else { &mut lasting }) += 1;
    }
    redis.quit().await.unwrap();
    counted.insert("lasting Redis keys", lasting);
    say(&format!("{expiring} keys in Redis go by themselves"));
    counted
}

async fn round(stack: &Stack, number: usize) {
    let keys: Vec<String> = (0..ROUND).map(|tenant| format!("cycle-{number}-{tenant}")).collect();
    for key in &keys {
        stack.insert(key, "Cycle").await;
    }
    for key in &keys {
        stack.settled(key, &["active"]).await;
        stack.wish(key, "deleting").await;
    }
    for key in &keys {
        stack.settled(key, &["deleted"]).await;
    }
}

#[test]
fn nothing_is_left_and_nothing_grows() {
    run(async {
        let cycles = sized(30, 2_000);
        let instance = Instance::without_worker(&[]).await;
        let stack = &instance.stack;
        let settings: Vec<_> = HASTE.iter().copied().chain([("GATEWAY_WORKER_CONCURRENCY", "10")]).collect();
        let worker = instance.worker(&settings);
        let _case = case("cycles", format!("{cycles} cycles"));
        // The first round opens what stays open: pools, and the first table of everything.
        round(stack, 0).await;
        let before = count(stack).await;
        let rounds = cycles.div_ceil(ROUND);
        let mut middle = worker.size();
        for number in 1..=rounds {
            round(stack, number).await;
            if number == rounds.div_ceil(2) {
                middle = worker.size();
            }
        }
        let after = count(stack).await;
        assert_eq!(before, after, "left behind after {cycles} cycles");
        let ((memory_then, files_then), (memory, files)) = (middle, worker.size());
        say(&format!(
            "resident {memory_then} KiB in the middle, {memory} KiB at the end; {files_then} and {files} files"
        ));
        assert!(memory <= memory_then + SOME_MEMORY + memory_then / 10, "{memory_then} KiB grew to {memory} KiB");
        assert!(files <= files_then + SOME_FILES, "{files_then} open files grew to {files}");
        instance.verify(&settings, &[]).await;
        worker.assert_calm(&[]);
        assert_eq!(worker.stop(), Some(0));
    });
}
