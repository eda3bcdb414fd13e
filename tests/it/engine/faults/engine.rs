//! Docker Engine is killed in the middle of a step, with containers running.

use gateway::domain::operation::OperationKind;
use gateway::domain::tenant::Tier;
use uuid::Uuid;

use super::named;
use crate::engine::stages::{self, Subject};
use crate::support::bystanders::Bystanders;
use crate::support::dockerd::Dockerd;
use crate::support::instance::Instance;
use crate::support::report::{say, timed};
use crate::support::rig::HASTE;
use crate::support::worker::Stall;
use crate::support::{PATIENCE, history, run, unique_key, wait_for};

/// A moment in which the engine is killed.
struct Moment {
    kind: OperationKind,
    tier: Tier,
    /// Step and point.
    place: &'static str,
    /// Whether the operation needs the engine after that.
    waits: bool,
}

const MOMENTS: &[Moment] = &[
    Moment { kind: OperationKind::Provision, tier: Tier::Shared, place: "network:before-effect", waits: true },
    Moment { kind: OperationKind::Provision, tier: Tier::Shared, place: "network:after-effect", waits: false },
    Moment { kind: OperationKind::Provision, tier: Tier::Dedicated, place: "container:before-effect", waits: true },
    Moment { kind: OperationKind::Provision, tier: Tier::Dedicated, place: "container:after-effect", waits: false },
    Moment { kind: OperationKind::Deprovision, tier: Tier::Dedicated, place: "container:before-effect", waits: true },
    Moment { kind: OperationKind::Deprovision, tier: Tier::Dedicated, place: "container:after-effect", waits: true },
];

/// Waits until a tenant's app answers through Traefik.
async fn served(instance: &Instance, subject: &Subject) {
    let stack = &instance.stack;
    let host = stack.host_of(&subject.key);
    wait_for(&format!("{host} to be served"), PATIENCE, || async {
        let answer = stack.get(&host, "/api/whoami").await;
        if answer.status == 200 { Ok(()) } else { Err(format!("{} {}", answer.status, answer.body)) }
    })
    .await;
}

async fn survives(instance: &Instance, engine: &mut Dockerd, moment: &Moment, other: &mut Subject) -> Uuid {
    let stack = &instance.stack;
    let mut subject = Subject { id: Uuid::nil(), key: unique_key("engine") };
    if moment.kind != OperationKind::Provision {
        let worker = instance.worker(HASTE);
        stages::pass(stack, OperationKind::Provision, moment.tier, std::slice::from_mut(&mut subject)).await;
        assert_eq!(worker.stop(), Some(0));
    }
    let stall = Stall::at(&stack.data_dir, format!("{}:{}", moment.kind, moment.place));
    let worker = instance.worker(&[HASTE, &stall.settings()].concat());
    worker.until_started().await;
    stages::wish(stack, moment.kind, moment.tier, &mut subject).await;
    stall.reached(&worker).await;

    let down = engine.kill();
    stall.resume();
    if moment.waits {
        named(stack, &subject.key, &["docker_unreachable"]).await;
    }
    // Work that does not need the engine goes on without it.
    stages::wish(stack, OperationKind::Suspend, Tier::Shared, other).await;
    stack.settled(&other.key, &["suspended"]).await;
    drop(down);

    stages::wish(stack, OperationKind::Reactivate, Tier::Shared, other).await;
    stack.settled(&other.key, &["active"]).await;
    // The engine stops the containers that went on without it, and takes them for stopped by hand.
    stages::reconcile(stack).await;
    let goal = if moment.kind == OperationKind::Provision { "active" } else { "deleted" };
    stack.settled(&subject.key, &[goal]).await;
    if goal == "active" {
        served(instance, &subject).await;
    }
    history::assert_clean(&stack.control, &subject.key).await;
    worker.assert_calm(&[]);
    assert_eq!(worker.stop(), Some(0));
    subject.id
}

#[test]
fn the_engine_is_killed() {
    if !nix::unistd::geteuid().is_root() {
        say("only root can run an engine; nothing was tried");
        return;
    }
    run(async {
        let mut engine = Dockerd::start();
        let host = engine.host();
        let instance = Instance::without_worker(&[("GATEWAY_DOCKER_HOST", &host)]).await;
        let bystanders = Bystanders::settle(&instance, HASTE).await;

        let worker = instance.worker(HASTE);
        let mut other = stages::subjects("other", 1);
        stages::pass(&instance.stack, OperationKind::Provision, Tier::Shared, &mut other).await;
        let mut resident = stages::subjects("resident", 1);
        stages::pass(&instance.stack, OperationKind::Provision, Tier::Dedicated, &mut resident).await;
        assert_eq!(worker.stop(), Some(0));

        for moment in MOMENTS {
            let name = format!("Docker Engine: killed at {} {} ({})", moment.kind, moment.place, moment.tier.as_str());
            timed("faults", name, async {
                let id = survives(&instance, &mut engine, moment, &mut other[0]).await;
                served(&instance, &resident[0]).await;
                instance.verify(HASTE, &[id, other[0].id, resident[0].id]).await;
                bystanders.untouched(moment.place).await;
            })
            .await;
        }
        bystanders.finish("Docker Engine").await;
    });
}
