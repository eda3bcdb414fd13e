//! Every step done twice is done once: an operation that is wished again on a tenant for which it is true already
//! changes nothing in the world, down to the ids of Docker's objects.

use gateway::domain::operation::{Action, OperationKind, StepKind};
use gateway::domain::tenant::Tier;
use gateway::provision::pipeline;

use super::stages::{self, GRACE, Subject};
use crate::support::instance::Instance;
use crate::support::report::{Tier as Extent, case, tier as extent, timed};
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

async fn twice(instance: &Instance, kind: OperationKind, tier: Tier, mut subject: Subject) -> Vec<(StepKind, Action)> {
    let stack = &instance.stack;
    let first = done(stack, kind, tier, &mut subject).await;
    if kind == OperationKind::Purge {
        return Vec::new();
    }
    let (second, opened) = again(stack, kind, &subject).await;
    assert_eq!(first, second, "{kind}, then {opened}: the second time changed the world");
    // The proof asks anew each time, which is its work.
    let busy: Vec<String> = changed(stack, &subject).await.into_iter().filter(|step| step != "proof").collect();
    assert_eq!(busy, Vec::<String>::new(), "{kind}, then {opened}: steps that found something to do");
    instance.verify(&[GRACE], &[subject.id]).await;
    history::assert_clean(&stack.control, &subject.key).await;
    pipeline::plan(opened)
}

async fn every_kind(tier: Tier, kinds: &[OperationKind]) {
    let instance = Instance::without_worker(&[]).await;
    let settings: Vec<_> = HASTE.iter().copied().chain([GRACE]).collect();
    let mut subjects = Vec::new();
    for kind in kinds {
        subjects.extend(stages::prepare(&instance, &settings, *kind, tier, 1).await);
    }
    let worker = instance.worker(&settings);
    let mut repeated = Vec::new();
    for (kind, subject) in kinds.iter().zip(subjects) {
        let steps = timed("repeat", format!("{tier} {kind} twice"), twice(&instance, *kind, tier, subject)).await;
        repeated.extend(steps);
    }
    let _case = case("repeat", format!("{tier}: every step of every plan was repeated"));
    for (step, action) in
        pipeline::plan(OperationKind::Provision).into_iter().chain(pipeline::plan(OperationKind::Deprovision))
    {
        assert!(repeated.contains(&(step, action)), "{action} {step} was not repeated");
    }
    worker.assert_calm(&[]);
    assert_eq!(worker.stop(), Some(0));
}

#[test]
fn on_the_shared_tier() {
    run(every_kind(Tier::Shared, OperationKind::ALL));
}

#[test]
fn on_the_dedicated_tier() {
    let kinds: Vec<_> = OperationKind::ALL.iter().copied().filter(|kind| *kind != OperationKind::Move).collect();
    if extent() == Extent::Full {
        run(every_kind(Tier::Dedicated, &kinds));
    }
}
