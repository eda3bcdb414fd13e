//! Every step done twice is done once: an operation that is wished again on a tenant for which it is true already
//! changes nothing in the world, down to the ids of Docker's objects.

use gateway::domain::operation::{Action, OperationKind, StepKind};
use gateway::domain::tenant::Tier;
use gateway::provision::pipeline;

use super::stages::{self, GRACE, Subject};
use crate::support::instance::Instance;
use crate::support::report::{case, timed};
use crate::support::rig::HASTE;
use crate::support::stack::Stack;
use crate::support::{history, run};

/// Wishes an operation, waits until it is true, and gives the world.
async fn done(stack: &Stack, kind: OperationKind, tier: Tier, subject: &mut Subject) -> String {
    stages::wish(stack, kind, tier, subject).await;
    stack.settled(&subject.key, &[stages::goal(kind)]).await;
    stages::assert_done(stack, kind, subject).await;
    stack.snapshot(&stack.server_options(), &subject.key, subject.id).await
}

/// Has the work of a tenant at rest done again, whatever its state implies, and gives the world and the kind of work.
async fn again(stack: &Stack, kind: OperationKind, subject: &Subject) -> (String, OperationKind) {
    sqlx::query("UPDATE gateway.tenant SET due_at = now() WHERE id = $1")
        .bind(subject.id)
        .execute(&stack.control)
        .await
        .unwrap();
    stack.settled(&subject.key, &[stages::goal(kind)]).await;
    let opened: String = sqlx::query_scalar(
        "SELECT kind FROM gateway.operation WHERE tenant_id = $1 AND state = 'succeeded' ORDER BY generation DESC LIMIT 1",
    )
    .bind(subject.id)
    .fetch_one(&stack.control)
    .await
    .unwrap();
    let world = stack.snapshot(&stack.server_options(), &subject.key, subject.id).await;
    (world, OperationKind::parse(&opened).unwrap())
}

/// Steps of the newest operation that say they changed something.
async fn changed(stack: &Stack, subject: &Subject) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT step FROM gateway.step_attempt WHERE state = 'succeeded' AND operation_id =
                (SELECT id FROM gateway.operation WHERE tenant_id = $1 ORDER BY generation DESC LIMIT 1)",
    )
    .bind(subject.id)
    .fetch_all(&stack.control)
    .await
    .unwrap()
}

async fn twice(instance: &Instance, kind: OperationKind, tier: Tier, subject: &mut Subject) -> Vec<(StepKind, Action)> {
    let stack = &instance.stack;
    let first = done(stack, kind, tier, subject).await;
    if kind == OperationKind::Purge {
        // A tombstone never changes, so there is no second time.
        return Vec::new();
    }
    let (second, opened) = again(stack, kind, subject).await;
    assert_eq!(first, second, "{kind}, then {opened}: the second time changed the world");
    // The proof asks anew each time, which is its work.
    let busy: Vec<String> = changed(stack, subject).await.into_iter().filter(|step| step != "proof").collect();
    assert_eq!(busy, Vec::<String>::new(), "{kind}, then {opened}: steps that found something to do");
    instance.verify(&[GRACE], &[subject.id]).await;
    history::assert_clean(&stack.control, &subject.key).await;
    pipeline::plan(opened, tier)
}

async fn along(tier: Tier, kinds: &[OperationKind]) {
    let instance = Instance::without_worker(&[]).await;
    let settings: Vec<_> = HASTE.iter().copied().chain([GRACE]).collect();
    let worker = instance.worker(&settings);
    let [mut subject] = stages::subjects("repeat", 1).try_into().unwrap();
    let mut repeated = Vec::new();
    for kind in kinds {
        let steps = timed("repeat", format!("{tier} {kind} twice"), twice(&instance, *kind, tier, &mut subject)).await;
        repeated.extend(steps);
    }
    let _case = case("repeat", format!("{tier}: every step that makes and every step that takes away"));
    for kind in [OperationKind::Provision, OperationKind::Deprovision] {
        for (step, action) in pipeline::plan(kind, tier) {
            assert!(repeated.contains(&(step, action)), "{action} {step} was not repeated");
        }
    }
    worker.assert_calm(&[]);
    assert_eq!(worker.stop(), Some(0));
}

/// A life with everything in it.
const LIFE: [OperationKind; 10] = [
    OperationKind::Provision,
    OperationKind::Reconverge,
    OperationKind::Suspend,
    OperationKind::Reactivate,
    OperationKind::Rotate,
    OperationKind::Move,
    OperationKind::Deprovision,
    OperationKind::Undelete,
    OperationKind::Deprovision,
    OperationKind::Purge,
];

#[test]
fn on_the_shared_tier() {
    assert!(OperationKind::ALL.iter().all(|kind| LIFE.contains(kind)), "a kind of operation is not repeated");
    run(along(Tier::Shared, &LIFE));
}

#[test]
fn on_the_dedicated_tier() {
    let kinds: Vec<_> = LIFE.into_iter().filter(|kind| *kind != OperationKind::Move).collect();
    run(along(Tier::Dedicated, &kinds));
}
