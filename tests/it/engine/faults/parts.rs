//! A part ends, crashes or loses its data in the middle of a step.

use fred::interfaces::{ClientLike, KeysInterface};
use gateway::domain::operation::OperationKind;
use gateway::domain::tenant::Tier;
use nix::sys::signal::Signal;

use super::named;
use crate::engine::stages::{self, Subject};
use crate::support::bystanders::Bystanders;
use crate::support::parts::Part;
use crate::support::report::timed;
use crate::support::rig::Rig;
use crate::support::worker::{Stall, Worker};
use crate::support::{PATIENCE, history, run, unique_key, wait_for};

/// A tenant whose provision stalls at a place, and the worker that stalls.
async fn stalled(rig: &Rig, place: &str) -> (Worker, Stall, Subject) {
    let stack = &rig.instance.stack;
    let stall = Stall::at(&stack.data_dir, place);
    let worker = rig.worker(&stall.settings());
    worker.until_started().await;
    let mut subject = Subject { id: uuid::Uuid::nil(), key: unique_key("part") };
    stages::wish(stack, OperationKind::Provision, Tier::Shared, &mut subject).await;
    stall.reached(&worker).await;
    (worker, stall, subject)
}

/// The tenant becomes active, everything is in order, and the worker ends as asked.
async fn converges(rig: &Rig, worker: Worker, subject: &Subject, expected: &[&str]) {
    let stack = &rig.instance.stack;
    stack.settled(&subject.key, &["active"]).await;
    rig.instance.verify(&rig.settings(&[]), &[subject.id]).await;
    history::assert_clean(&stack.control, &subject.key).await;
    worker.assert_calm(expected);
    assert_eq!(worker.stop(), Some(0));
}

async fn control_database_ends(rig: &Rig, bystanders: &Bystanders, place: &str, signal: Signal) {
    let (worker, stall, subject) = stalled(rig, place).await;
    rig.instance.stack.restart(Part::Postgres, signal).await;
    stall.resume();
    converges(rig, worker, &subject, &[]).await;
    bystanders.untouched("the control database").await;
}

async fn redis_ends(rig: &Rig, bystanders: &Bystanders, place: &str, emptied: bool) {
    let (worker, stall, subject) = stalled(rig, place).await;
    let stack = &rig.instance.stack;
    if emptied {
        stack.empty_redis().await;
    } else {
        stack.restart(Part::Redis, Signal::SIGKILL).await;
    }
    stall.resume();
    converges(rig, worker, &subject, &[]).await;
    bystanders.untouched("Redis").await;
}

async fn redis_is_flushed(rig: &Rig, bystanders: &Bystanders) {
    let (worker, stall, subject) = stalled(rig, "provision:route:before-effect").await;
    let redis = rig.instance.stack.redis().await;
    redis.flushall::<()>(false).await.unwrap();
    redis.quit().await.unwrap();
    stall.resume();
    converges(rig, worker, &subject, &[]).await;
    bystanders.untouched("Redis, flushed").await;
}

async fn traefik_ends(rig: &Rig, bystanders: &Bystanders) {
    let (worker, stall, subject) = stalled(rig, "provision:proof:before-effect").await;
    let stack = &rig.instance.stack;
    let old = stack.signal(Part::Traefik, Signal::SIGKILL);
    stall.resume();
    stack.until_replaced(Part::Traefik, old).await;
    converges(rig, worker, &subject, &[]).await;
    // Nobody is served without Traefik; everybody is again once it is back.
    bystanders.settle_down("Traefik").await;
}

/// Redis ends Traefik's connection, and a route is published before Traefik has connected anew: nobody listens. Traefik reads
/// the tree when it has.
async fn traefik_misses_a_notification(rig: &Rig, bystanders: &Bystanders) {
    let (worker, stall, subject) = stalled(rig, "provision:route:before-effect").await;
    let stack = &rig.instance.stack;
    let redis = stack.redis().await;
    let frozen = stack.freeze(Part::Traefik);
    let ended: i64 = redis
        .custom(fred::cmd!("CLIENT"), vec!["KILL".to_owned(), "TYPE".to_owned(), "pubsub".to_owned()])
        .await
        .unwrap();
    assert_eq!(ended, 1, "Traefik alone listens");
    stall.resume();
    let rule = format!("traefik/http/routers/tenant-{}/rule", subject.key);
    wait_for("the route to be written", PATIENCE, || async {
        let there: bool = redis.exists(&rule).await.unwrap();
        if there { Ok(()) } else { Err(rule.clone()) }
    })
    .await;
    redis.quit().await.unwrap();
    drop(frozen);
    converges(rig, worker, &subject, &[]).await;
    bystanders.untouched("a missed notification").await;
}

#[test]
fn parts_of_the_control_plane() {
    run(async {
        let rig = Rig::start(None).await;
        let bystanders = Bystanders::settle(&rig.instance, &rig.settings(&[])).await;
        for (name, place, signal) in [
            ("restart while a database is made", "provision:database:before-effect", Signal::SIGINT),
            ("restart after a route was published", "provision:route:after-effect", Signal::SIGINT),
            ("crash after a database was made", "provision:database:after-effect", Signal::SIGQUIT),
        ] {
            let case = control_database_ends(&rig, &bystanders, place, signal);
            timed("faults", format!("control database: {name}"), case).await;
        }
        for (name, place, emptied) in [
            ("killed before a route is published", "provision:route:before-effect", false),
            ("killed after a route was published", "provision:route:after-effect", false),
            ("restarted empty", "provision:migrations:after-record", true),
        ] {
            timed("faults", format!("Redis: {name}"), redis_ends(&rig, &bystanders, place, emptied)).await;
        }
        timed("faults", "Redis: flushed", redis_is_flushed(&rig, &bystanders)).await;
        let missed = traefik_misses_a_notification(&rig, &bystanders);
        timed("faults", "Traefik: a notification is missed", missed).await;
        timed("faults", "Traefik: killed", traefik_ends(&rig, &bystanders)).await;
        bystanders.finish("parts of the control plane").await;
    });
}

#[test]
fn containers_that_cannot_run() {
    run(async {
        let rig = Rig::start(None).await;
        let stack = &rig.instance.stack;
        let bystanders = Bystanders::settle(&rig.instance, &rig.settings(&[])).await;
        let poison = [
            ("no such image", ("GATEWAY_DOCKER_APP_IMAGE", "gateway-test/there-is-no-such:image"), "image_missing"),
            // The demo app ends at once without a usable database URL.
            ("crash loop", ("GATEWAY_DOCKER_APP_ENV_OVERRIDES", r#"{"DATABASE_URL":"not a url"}"#), "container_exited"),
        ];
        for (name, setting, code) in poison {
            timed("faults", format!("container: {name}"), async {
                let worker = rig.worker(&[setting]);
                let key = unique_key("poison");
                let id = stages::insert(stack, &key, Tier::Dedicated).await;
                let (step, _) = named(&rig.instance.stack, &key, &[code]).await;
                assert_eq!(step, "container");
                // One tenant that fails for good holds up nobody else.
                let other = unique_key("other");
                let other_id = stack.insert(&other, "Other").await;
                stack.settled(&other, &["active"]).await;
                worker.assert_calm(&[code]);
                assert_eq!(worker.stop(), Some(0));
                stack.wish(&key, "deleting").await;
                let worker = rig.worker(&[]);
                stack.settled(&key, &["deleted"]).await;
                rig.instance.verify(&rig.settings(&[]), &[id, other_id]).await;
                worker.assert_calm(&[]);
                assert_eq!(worker.stop(), Some(0));
                bystanders.untouched(name).await;
            })
            .await;
        }
        bystanders.finish("containers").await;
    });
}
