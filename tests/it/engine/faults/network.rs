//! The way to each dependency breaks in each way a way can break.

use std::time::Duration;

use super::named;
use crate::support::bystanders::Bystanders;
use crate::support::chaos::{Chaos, Mode};
use crate::support::report::timed;
use crate::support::rig::Rig;
use crate::support::{PATIENCE, run, unique_key, wait_for};

/// What the worker depends on.
#[derive(Clone, Copy, Debug)]
enum Dependency {
    Control,
    Tenants,
    Redis,
    Docker,
}

impl Dependency {
    const ALL: [Self; 4] = [Self::Control, Self::Tenants, Self::Redis, Self::Docker];

    fn proxy(self, rig: &Rig) -> &Chaos {
        match self {
            Self::Control => &rig.control,
            Self::Tenants => &rig.tenants,
            Self::Redis => &rig.redis,
            Self::Docker => &rig.docker,
        }
    }

    /// Codes that say it does not answer; none for the control database, where nothing can be said.
    fn codes(self) -> &'static [&'static str] {
        match self {
            Self::Control => &[],
            Self::Tenants => &["database_server_unreachable", "step_timeout"],
            Self::Redis => &["redis_unreachable", "step_timeout"],
            Self::Docker => &["docker_unreachable", "step_timeout"],
        }
    }

    /// Exchanges whose answer is lost after the effect.
    fn lost(self) -> Vec<(&'static str, Mode)> {
        match self {
            Self::Control => vec![
                ("claim", Mode::LoseAnswer(b"COMMIT\0")),
                ("record of a step", Mode::LoseAnswer(b"INSERT 0 1\0")),
                ("end of a step", Mode::LoseAnswer(b"UPDATE 1\0")),
            ],
            Self::Tenants => vec![
                ("create role", Mode::LoseAnswer(b"CREATE ROLE\0")),
                ("create database", Mode::LoseAnswer(b"CREATE DATABASE\0")),
                ("revoke", Mode::LoseAnswer(b"REVOKE\0")),
                ("grant", Mode::LoseAnswer(b"GRANT\0")),
                ("create table", Mode::LoseAnswer(b"CREATE TABLE\0")),
            ],
            Self::Redis => vec![("publish", Mode::LoseAnswerTo(b"EVAL\r\n"))],
            Self::Docker => vec![("create network", Mode::LoseAnswer(b"201 Created"))],
        }
    }
}

async fn survives(rig: &Rig, bystanders: &Bystanders, dependency: Dependency, name: &str, mode: Mode) {
    let what = format!("{dependency:?} {name}");
    let stack = &rig.instance.stack;
    // Long enough for a slow machine, short enough for a part that says nothing.
    let settings = [("GATEWAY_WORKER_STEP_TIMEOUT_SECONDS", "3")];
    let worker = rig.worker(&settings);
    worker.until_started().await;
    let proxy = dependency.proxy(rig);
    proxy.set(mode.clone());
    let key = unique_key("net");
    let id = stack.insert(&key, "Network").await;
    match mode {
        Mode::Reset | Mode::BlackHole => {
            match dependency.codes() {
                [] => {
                    wait_for("the worker to meet the fault", PATIENCE, || async {
                        if proxy.hits() > 0 { Ok(()) } else { Err(worker.text()) }
                    })
                    .await
                }
                codes => drop(named(rig, &key, codes).await),
            }
            assert!(proxy.hits() > 0, "{what} hit nothing");
            proxy.set(Mode::Pass);
            stack.settled(&key, &["active"]).await;
        }
        _ => {
            stack.settled(&key, &["active"]).await;
            assert!(proxy.hits() > 0, "{what} hit nothing");
            proxy.set(Mode::Pass);
        }
    }
    rig.instance.verify(&rig.settings(&[]), &[&key]).await;
    stack.wish(&key, "deleting").await;
    stack.settled(&key, &["deleted"]).await;
    rig.instance.verify(&rig.settings(&[]), &[&key]).await;
    crate::support::history::assert_clean(&stack.control, &key).await;
    stack.assert_nothing_left(&rig.server.url(), &key, id).await;
    bystanders.untouched(&what).await;
    worker.assert_calm(&[]);
    assert_eq!(worker.stop(), Some(0), "{what}");
}

async fn every_mode(dependency: Dependency) {
    let rig = Rig::start(None).await;
    let bystanders = Bystanders::settle(&rig.instance, &rig.settings(&[])).await;
    let plain = [
        ("latency", Mode::Latency(Duration::from_millis(20))),
        ("reset", Mode::Reset),
        ("black hole", Mode::BlackHole),
    ];
    for (name, mode) in plain {
        timed("faults", format!("{dependency:?} {name}"), survives(&rig, &bystanders, dependency, name, mode)).await;
    }
    for (name, mode) in dependency.lost() {
        let name = format!("answer to {name} lost");
        timed("faults", format!("{dependency:?} {name}"), survives(&rig, &bystanders, dependency, &name, mode)).await;
    }
    bystanders.finish(&format!("{dependency:?}")).await;
}

#[test]
fn the_way_to_the_control_database() {
    run(every_mode(Dependency::Control));
}

#[test]
fn the_way_to_the_tenants_server() {
    run(every_mode(Dependency::Tenants));
}

#[test]
fn the_way_to_redis() {
    run(every_mode(Dependency::Redis));
}

#[test]
fn the_way_to_docker() {
    run(every_mode(Dependency::Docker));
}

#[test]
fn every_dependency_is_tried() {
    assert_eq!(Dependency::ALL.map(|dependency| dependency.lost().is_empty()), [false; 4]);
}
