//! A worker stalls beyond its lease in the middle of a step, another finishes the work, and the first wakes: it changes
//! nothing any more.

use std::time::Duration;

use gateway::domain::operation::OperationKind;
use gateway::domain::tenant::Tier;
use gateway::provision::failpoint::{Failpoint, Point};

use super::stages::{self, GRACE, Subject};
use crate::support::bystanders::Bystanders;
use crate::support::instance::Instance;
use crate::support::report::{Tier as Extent, tier as extent, timed};
use crate::support::rig::HASTE;
use crate::support::worker::{Stall, Worker};
use crate::support::{PATIENCE, history, run, wait_for};

/// A worker that wakes finds out soon; this is the time a stopping one gives its runs, and some more.
const LETS_GO: Duration = Duration::from_secs(10);

/// What a worker says that has lost a tenant: in the middle of the work, or when only the result was to be written.
const LET_GO: [&str; 2] = ["somebody else's now", "a newer wish came before the result was written"];

/// Waits, on the database's clock, until the lease on a tenant is over.
async fn lease_over(instance: &Instance, subject: &Subject) {
    wait_for("the lease to be over", PATIENCE, || async {
        let over: Option<bool> =
            sqlx::query_scalar("SELECT lease_expires_at < clock_timestamp() FROM gateway.tenant WHERE id = $1")
                .bind(subject.id)
                .fetch_one(&instance.stack.control)
                .await
                .unwrap();
        if over == Some(true) { Ok(()) } else { Err(format!("{over:?}")) }
    })
    .await;
}

fn settings() -> Vec<(&'static str, &'static str)> {
    HASTE.iter().copied().chain([GRACE]).collect()
}

async fn wake_at(instance: &Instance, heir: &Worker, place: Failpoint, tier: Tier, subject: &mut Subject) {
    let stack = &instance.stack;
    heir.freeze();
    let stall = Stall::at(&stack.data_dir, place.to_string());
    let zombie: Vec<_> = settings().into_iter().chain(stall.settings()).collect();
    let zombie = instance.worker(&zombie);
    stages::wish(stack, place.kind, tier, subject).await;
    stall.reached(&zombie).await;
    zombie.freeze();
    let (token, fence): (uuid::Uuid, i64) =
        sqlx::query_as("SELECT lease_token, fence FROM gateway.tenant WHERE id = $1")
            .bind(subject.id)
            .fetch_one(&stack.control)
            .await
            .unwrap();
    lease_over(instance, subject).await;
    heir.thaw();
    stack.settled(&subject.key, &[stages::goal(place.kind)]).await;
    stages::assert_done(stack, place.kind, subject).await;
    let before = stack.snapshot(&stack.server_options(), &subject.key, subject.id).await;
    let acted: i64 = ended_by(instance, token).await;

    // The way is open before it wakes, so that its step and its heartbeat race for what comes first.
    stall.resume();
    zombie.thaw();
    zombie.until_said(&LET_GO).await;
    zombie.terminate();
    zombie.assert_calm(&[]);
    let (status, _) = zombie.ended(LETS_GO).await;
    assert_eq!(status.code(), Some(0), "{place}: a worker that woke stops as asked");
    let after = stack.snapshot(&stack.server_options(), &subject.key, subject.id).await;
    assert_eq!(before, after, "{place}: the worker that woke changed something");
    assert_eq!(ended_by(instance, token).await, acted, "{place}: it recorded something under its lost claim");
    let now: i64 = sqlx::query_scalar("SELECT fence FROM gateway.tenant WHERE id = $1")
        .bind(subject.id)
        .fetch_one(&stack.control)
        .await
        .unwrap();
    assert!(now > fence, "{place}: nobody claimed the tenant after the worker that stalled");
    instance.verify(&settings(), &[subject.id]).await;
    history::assert_clean(&stack.control, &subject.key).await;
}

/// Attempts that ended with a result under a claim.
async fn ended_by(instance: &Instance, token: uuid::Uuid) -> i64 {
    sqlx::query_scalar(
        "SELECT count(*) FROM gateway.step_attempt WHERE lease_token = $1 AND state IN ('succeeded', 'skipped', 'failed')",
    )
    .bind(token)
    .fetch_one(&instance.stack.control)
    .await
    .unwrap()
}

/// Tenants go from one operation to the next; in each, one tenant has its worker stall at each place that is wanted.
async fn wake_along(kinds: &[OperationKind], tier: Tier) {
    let instance = Instance::without_worker(&[]).await;
    let stack = &instance.stack;
    let bystanders = Bystanders::settle(&instance, &settings()).await;
    let heir = instance.worker(&settings());
    heir.until_started().await;
    let wanted = |place: &Failpoint| extent() == Extent::Full || place.point != Point::AfterRecord;
    let most = kinds.iter().map(|kind| stages::places(*kind, wanted).len()).max().unwrap();
    let mut subjects = stages::subjects("zombie", most);
    if kinds[0] != OperationKind::Provision {
        stages::pass(stack, OperationKind::Provision, tier, &mut subjects).await;
    }
    for kind in kinds {
        let places = stages::places(*kind, wanted);
        let (disturbed, others) = subjects.split_at_mut(places.len());
        stages::pass(stack, *kind, tier, others).await;
        for (place, subject) in places.into_iter().zip(disturbed) {
            timed("zombie", format!("{tier} {place}"), async {
                wake_at(&instance, &heir, place, tier, subject).await;
                bystanders.untouched(&place.to_string()).await;
            })
            .await;
        }
    }
    instance.verify(&settings(), &[]).await;
    bystanders.finish("the woken workers").await;
    heir.assert_calm(&[]);
    assert_eq!(heir.stop(), Some(0));
}

/// Making and taking away; all there is when everything is asked for.
const THERE_AND_BACK: [OperationKind; 2] = [OperationKind::Provision, OperationKind::Deprovision];
const THE_REST: [OperationKind; 7] = [
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
    match extent() {
        Extent::Smoke => run(wake_along(&THERE_AND_BACK, Tier::Shared)),
        Extent::Full => {
            run(wake_along(
                &[OperationKind::Provision, OperationKind::Deprovision, OperationKind::Purge],
                Tier::Shared,
            ));
        }
    }
}

#[test]
fn the_rest_on_the_shared_tier() {
    if extent() == Extent::Full {
        run(wake_along(&THE_REST, Tier::Shared));
    }
}

#[test]
fn there_and_back_on_the_dedicated_tier() {
    if extent() == Extent::Full {
        run(wake_along(&THERE_AND_BACK, Tier::Dedicated));
    }
}
