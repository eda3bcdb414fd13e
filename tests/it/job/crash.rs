//! A worker is killed in the middle of each step, at each point around its effect; another finishes the job.

use gateway::provision::failpoint::Point;
use gateway::provision::pipeline::STEPS;

use crate::support::instance::Instance;
use crate::support::{PATIENCE, run, unique_key, wait_for};

/// Short, so that the next worker need not wait long for the dead one's claim.
const LEASE: (&str, &str) = ("GATEWAY_WORKER_LEASE_SECONDS", "1");

async fn kill_at_every_point(tier: &str) {
    let instance = Instance::without_worker(&[]).await;
    let stack = &instance.stack;
    for step in STEPS {
        for point in Point::ALL {
            let place = format!("{step}:{}", point.as_str());
            let key = unique_key(tier);
            let id: uuid::Uuid = sqlx::query_scalar(
                "INSERT INTO gateway.tenant (key, company_name, tier) VALUES ($1, 'Crash Test', $2) RETURNING id",
            )
            .bind(&key)
            .bind(tier)
            .fetch_one(&stack.control)
            .await
            .unwrap();
            let marker = stack.data_dir.join(format!("{key}.hit"));
            let failpoint =
                [("GATEWAY_FAILPOINT", place.as_str()), ("GATEWAY_FAILPOINT_FILE", marker.to_str().unwrap())];
            let doomed = instance.worker(&[LEASE, failpoint[0], failpoint[1]]);
            wait_for(&format!("the worker to reach {place}"), PATIENCE, || async {
                let log = || std::fs::read_to_string(&doomed.log).unwrap_or_default();
                if marker.exists() { Ok(()) } else { Err(log()) }
            })
            .await;
            doomed.kill();

            let heir = instance.worker(&[LEASE]);
            assert_eq!(stack.settled(&key, &["active"]).await, id, "{place}");
            stack.assert_complete(&key, id, tier == "dedicated").await;
            assert_eq!(heir.stop(), Some(0), "{place}: a stopped worker exits as asked");
        }
    }
    delete_all_and_look_for_leftovers(&instance).await;
}

async fn delete_all_and_look_for_leftovers(instance: &Instance) {
    let stack = &instance.stack;
    let worker = instance.worker(&[LEASE]);
    let tenants: Vec<(String, uuid::Uuid)> =
        sqlx::query_as("UPDATE gateway.tenant SET status = 'deleting' RETURNING key, id")
            .fetch_all(&stack.control)
            .await
            .unwrap();
    for (key, id) in &tenants {
        stack.settled(key, &["deleted"]).await;
        stack.assert_gone(key, *id).await;
    }
    let leftovers: Vec<String> = sqlx::query_scalar("SELECT datname::text FROM pg_database WHERE datname LIKE 't\\_%'")
        .fetch_all(&mut stack.server("postgres").await)
        .await
        .unwrap();
    assert_eq!(leftovers, Vec::<String>::new());
    drop(worker);
}

#[test]
fn kill_at_every_point_on_the_shared_tier() {
    run(kill_at_every_point("shared"));
}

#[test]
fn kill_at_every_point_on_the_dedicated_tier() {
    run(kill_at_every_point("dedicated"));
}

#[test]
fn kill_at_every_point_of_a_deletion() {
    run(async {
        let instance = Instance::without_worker(&[]).await;
        let stack = &instance.stack;
        for step in STEPS {
            let key = unique_key("gone");
            let maker = instance.worker(&[LEASE]);
            let id = stack.insert(&key, "Crash Test").await;
            stack.settled(&key, &["active"]).await;
            maker.stop();
            stack.wish(&key, "deleting").await;
            let marker = stack.data_dir.join(format!("{key}.hit"));
            let place = format!("{step}:after-effect");
            let doomed = instance.worker(&[
                LEASE,
                ("GATEWAY_FAILPOINT", &place),
                ("GATEWAY_FAILPOINT_FILE", marker.to_str().unwrap()),
            ]);
            wait_for(&format!("the worker to reach {place}"), PATIENCE, || async {
                if marker.exists() { Ok(()) } else { Err(std::fs::read_to_string(&doomed.log).unwrap_or_default()) }
            })
            .await;
            doomed.kill();
            let heir = instance.worker(&[LEASE]);
            stack.settled(&key, &["deleted"]).await;
            stack.assert_gone(&key, id).await;
            heir.stop();
        }
    });
}
