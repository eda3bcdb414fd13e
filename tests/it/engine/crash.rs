//! A worker is killed at each point around the effect of each step of each operation; another makes the wish true,
//! and the world is what an undisturbed run leaves.

use gateway::domain::operation::{OperationKind, StepKind};
use gateway::domain::route::RoutingMode;
use gateway::domain::tenant::Tier;
use gateway::provision::failpoint::{Failpoint, Point};

use super::stages::{self, GRACE, Subject};
use crate::support::bystanders::Bystanders;
use crate::support::instance::Instance;
use crate::support::report::{Tier as Extent, tier as extent, timed};
use crate::support::rig::HASTE;
use crate::support::worker::{Stall, Worker, assert_calm};
use crate::support::{history, run};

/// From the death of a worker until another has begun to work in its place: twice the lease of a second, and a second
/// for a slow machine to notice.
const TAKEN_OVER: f64 = 3.0;

async fn kill_at(
    instance: &Instance,
    heir: &Worker,
    place: Failpoint,
    (tier, mode): (Tier, RoutingMode),
    subject: &mut Subject,
) {
    let stack = &instance.stack;
    // Frozen while it holds nothing, so that the wish goes to the worker that is to die.
    heir.freeze();
    let stall = Stall::at(&stack.data_dir, place.to_string());
    let doomed: Vec<_> = settings(mode).into_iter().chain(stall.settings()).collect();
    let doomed = instance.worker(&doomed);
    stages::wish(stack, place.kind, tier, subject).await;
    stall.reached(&doomed).await;
    let log = doomed.log.clone();
    doomed.kill();
    heir.thaw();
    let killed_at = "SELECT extract(epoch FROM clock_timestamp())::float8";
    let killed_at: f64 = sqlx::query_scalar(killed_at).fetch_one(&stack.control).await.unwrap();
    stack.settled(&subject.key, &[stages::goal(place.kind)]).await;
    let steps = history::tell(&stack.control, &subject.key).await;
    let taken_over: Option<f64> = sqlx::query_scalar(
        "SELECT extract(epoch FROM min(started_at))::float8 - $2 FROM gateway.step_attempt
          WHERE tenant_id = $1 AND extract(epoch FROM started_at) > $2",
    )
    .bind(subject.id)
    .bind(killed_at)
    .fetch_one(&stack.control)
    .await
    .unwrap();
    let taken_over = taken_over.unwrap_or_else(|| panic!("{place}: nobody took over:\n{steps}"));
    assert!(taken_over <= TAKEN_OVER, "{place}: it took {taken_over} s until somebody took over:\n{steps}");
    stages::assert_done(stack, place.kind, subject).await;
    instance.verify(&settings(mode), &[subject.id]).await;
    history::assert_clean(&stack.control, &subject.key).await;
    assert_calm(&log, &[]);
}

fn settings(mode: RoutingMode) -> Vec<(&'static str, &'static str)> {
    HASTE.iter().copied().chain([GRACE, ("GATEWAY_ROUTING_MODE", mode.as_str())]).collect()
}

/// Tenants go from one operation to the next. In each operation one tenant has its worker killed at each place that is
/// wanted; the last tenant is never disturbed, and all must be like it.
async fn kill_along(kinds: &[OperationKind], tier: Tier, mode: RoutingMode, wanted: impl Fn(&Failpoint) -> bool) {
    let instance = Instance::without_worker(&[]).await;
    let stack = &instance.stack;
    let bystanders = Bystanders::settle(&instance, &settings(mode)).await;
    let heir = instance.worker(&settings(mode));
    heir.until_started().await;
    let most = kinds.iter().map(|kind| stages::places(*kind, &wanted).len()).max().unwrap();
    let mut subjects = stages::subjects("crash", most + 1);
    if kinds[0] != OperationKind::Provision {
        stages::pass(stack, OperationKind::Provision, tier, &mut subjects).await;
    }
    for kind in kinds {
        let places = stages::places(*kind, &wanted);
        let (disturbed, others) = subjects.split_at_mut(places.len());
        stages::pass(stack, *kind, tier, others).await;
        let undisturbed = stages::world(stack, others.last().unwrap()).await;
        for (place, subject) in places.into_iter().zip(disturbed) {
            timed("crash", format!("{tier} {mode} {place}"), async {
                kill_at(&instance, &heir, place, (tier, mode), subject).await;
                let world = stages::world(stack, subject).await;
                assert_eq!(world, undisturbed, "{place}: not what an undisturbed run leaves");
                bystanders.untouched(&place.to_string()).await;
            })
            .await;
        }
    }
    instance.verify(&settings(mode), &[]).await;
    bystanders.finish("the killed workers").await;
    heir.assert_calm(&[]);
    assert_eq!(heir.stop(), Some(0), "a worker that took over stops as asked");
}

/// From nothing to nothing.
const THERE_AND_BACK: [OperationKind; 3] = [OperationKind::Provision, OperationKind::Deprovision, OperationKind::Purge];
/// What may be wished in between, in an order in which each can be.
const IN_BETWEEN: [OperationKind; 7] = [
    OperationKind::Reconverge,
    OperationKind::Suspend,
    OperationKind::Reactivate,
    OperationKind::Rotate,
    OperationKind::Move,
    OperationKind::Deprovision,
    OperationKind::Undelete,
];

#[test]
fn there_and_back_on_the_shared_tier() {
    run(kill_along(&THERE_AND_BACK, Tier::Shared, RoutingMode::PerTenant, |_| true));
}

/// After the effect is where work may be done twice; the other points when everything is asked for.
#[test]
fn in_between_on_the_shared_tier() {
    run(kill_along(&IN_BETWEEN, Tier::Shared, RoutingMode::PerTenant, |place| {
        let known = place.kind == OperationKind::Deprovision;
        !known && (extent() == Extent::Full || place.point == Point::AfterEffect)
    }));
}

/// The steps that differ in this mode; the others when everything is asked for.
#[test]
fn from_nothing_to_nothing_by_the_wildcard() {
    let kinds: Vec<OperationKind> = [
        &THERE_AND_BACK[..1],
        &[OperationKind::Suspend, OperationKind::Reactivate, OperationKind::Rotate],
        &THERE_AND_BACK[1..],
    ]
    .concat();
    run(kill_along(&kinds, Tier::Shared, RoutingMode::Wildcard, |place| {
        let differs = matches!(place.step, StepKind::Route | StepKind::Proof) && place.point == Point::AfterEffect;
        differs || extent() == Extent::Full
    }));
}

/// The step that only this tier has; the others when everything is asked for.
#[test]
fn on_the_dedicated_tier() {
    let container = |place: &Failpoint| place.step == StepKind::Container;
    match extent() {
        Extent::Smoke => {
            run(kill_along(&[OperationKind::Provision], Tier::Dedicated, RoutingMode::PerTenant, container));
        }
        Extent::Full => {
            let kinds = [
                OperationKind::Provision,
                OperationKind::Suspend,
                OperationKind::Reactivate,
                OperationKind::Deprovision,
                OperationKind::Purge,
            ];
            run(kill_along(&kinds, Tier::Dedicated, RoutingMode::PerTenant, |_| true));
        }
    }
}

#[test]
fn every_kind_of_operation_is_killed() {
    let missing = |kind: &&OperationKind| !THERE_AND_BACK.contains(kind) && !IN_BETWEEN.contains(kind);
    assert_eq!(OperationKind::ALL.iter().find(missing), None);
}
