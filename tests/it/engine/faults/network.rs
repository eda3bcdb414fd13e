//! The way to each dependency breaks in each way a way can break.

use std::time::Duration;

use uuid::Uuid;

use super::named;
use crate::support::bystanders::Bystanders;
use crate::support::chaos::{Chaos, Mode};
use crate::support::report::{Tier as Extent, tier as extent, timed};
use crate::support::rig::Rig;
use crate::support::worker::Worker;
use crate::support::{PATIENCE, history, run, unique_key, wait_for};

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
    fn lost(self) -> Vec<(Phase, &'static str, Mode)> {
        let lost: &[(Phase, &'static str, &'static [u8])] = match self {
            Self::Control => &[
                (Phase::Making, "claim", b"COMMIT\0"),
                (Phase::Making, "record of a step", b"INSERT 0 1\0"),
                (Phase::Making, "end of a step", b"UPDATE 1\0"),
            ],
            Self::Tenants => &[
                (Phase::Making, "create role", b"CREATE ROLE\0"),
                (Phase::Making, "create database", b"CREATE DATABASE\0"),
                (Phase::Making, "revoke", b"REVOKE\0"),
                (Phase::Making, "grant", b"GRANT\0"),
                (Phase::Making, "create table", b"CREATE TABLE\0"),
                (Phase::Removing, "rename database", b"ALTER DATABASE\0"),
                (Phase::Removing, "drop database", b"DROP DATABASE\0"),
                (Phase::Removing, "drop role", b"DROP ROLE\0"),
            ],
            Self::Redis => {
                let change = || Mode::LoseAnswerTo(b"EVAL\r\n");
                return vec![(Phase::Making, "publish", change()), (Phase::Removing, "withdraw", change())];
            }
            Self::Docker => &[
                (Phase::Making, "create network", b"201 Created"),
                (Phase::Removing, "remove network", b"204 No Content"),
            ],
        };
        lost.iter().map(|(phase, name, answer)| (*phase, *name, Mode::LoseAnswer(answer))).collect()
    }
}

/// What a fault meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Making,
    Removing,
}

/// Waits until a wish has come true although the way to a dependency breaks when it is made.
async fn through(rig: &Rig, worker: &Worker, dependency: Dependency, mode: &Mode, key: &str, goal: &str) -> Uuid {
    let stack = &rig.instance.stack;
    let proxy = dependency.proxy(rig);
    proxy.set(mode.clone());
    if goal == "active" {
        stack.insert(key, "Network").await;
    } else {
        stack.wish(key, "deleting").await;
    }
    if matches!(mode, Mode::Reset | Mode::BlackHole) {
        match dependency.codes() {
            [] => {
                wait_for("the worker to meet the fault", PATIENCE, || async {
                    if proxy.hits() > 0 { Ok(()) } else { Err(worker.text()) }
                })
                .await;
            }
            codes => drop(named(&rig.instance.stack, key, codes).await),
        }
        assert!(proxy.hits() > 0, "{dependency:?} {mode:?} hit nothing");
        proxy.set(Mode::Pass);
    }
    let id = stack.settled(key, &[goal]).await;
    if !matches!(mode, Mode::Pass | Mode::Reset | Mode::BlackHole) {
        assert!(proxy.hits() > 0, "{dependency:?} {mode:?} hit nothing");
    }
    proxy.set(Mode::Pass);
    id
}

async fn survives(rig: &Rig, bystanders: &Bystanders, dependency: Dependency, phase: Phase, mode: &Mode) {
    let stack = &rig.instance.stack;
    // Long enough for a slow machine, short enough for a part that says nothing.
    let worker = rig.worker(&[("GATEWAY_WORKER_STEP_TIMEOUT_SECONDS", "3")]);
    worker.until_started().await;
    let key = unique_key("net");
    let (making, removing) = match phase {
        Phase::Making => (mode, &Mode::Pass),
        Phase::Removing => (&Mode::Pass, mode),
    };
    let id = through(rig, &worker, dependency, making, &key, "active").await;
    rig.instance.verify(&rig.settings(&[]), &[id]).await;
    through(rig, &worker, dependency, removing, &key, "deleted").await;
    rig.instance.verify(&rig.settings(&[]), &[id]).await;
    history::assert_clean(&stack.control, &key).await;
    stack.assert_nothing_left(&rig.server.url(), &key, id).await;
    bystanders.untouched(&format!("{dependency:?} {phase:?} {mode:?}")).await;
    worker.assert_calm(&[]);
    assert_eq!(worker.stop(), Some(0));
}

async fn every_mode(dependency: Dependency) {
    let rig = Rig::start(None).await;
    let bystanders = Bystanders::settle(&rig.instance, &rig.settings(&[])).await;
    let plain = [
        ("latency", Mode::Latency(Duration::from_millis(20))),
        ("reset", Mode::Reset),
        ("black hole", Mode::BlackHole),
    ];
    for (name, mode) in &plain {
        let case = survives(&rig, &bystanders, dependency, Phase::Making, mode);
        timed("faults", format!("{dependency:?}: {name}"), case).await;
        if extent() == Extent::Full {
            let case = survives(&rig, &bystanders, dependency, Phase::Removing, mode);
            timed("faults", format!("{dependency:?}: {name} while removing"), case).await;
        }
    }
    for (phase, name, mode) in dependency.lost() {
        let case = survives(&rig, &bystanders, dependency, phase, &mode);
        timed("faults", format!("{dependency:?}: answer to {name} lost"), case).await;
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
