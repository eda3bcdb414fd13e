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

async fn wake_at(
    instance: &Instance,
    heir: &Worker,
    place: Failpoint,
    tier: Tier,
    mut subject: Subject,
    bystanders: &Bystanders,
) {
    let stack = &instance.stack;
    heir.freeze();
    let stall = Stall::at(&stack.data_dir, place.to_string());
    let settings: Vec<_> = HASTE.iter().copied().chain([GRACE]).collect();
    let zombie: Vec<_> = settings.iter().copied().chain(stall.settings()).collect();
    let zombie = instance.worker(&zombie);
    stages::wish(stack, place.kind, tier, &mut subject).await;
    stall.reached(&zombie).await;
    zombie.freeze();
    let (token, fence): (uuid::Uuid, i64) =
        sqlx::query_as("SELECT lease_token, fence FROM gateway.tenant WHERE id = $1")
            .bind(subject.id)
            .fetch_one(&stack.control)
            .await
            .unwrap();
    lease_over(instance, &subject).await;
    heir.thaw();
    stack.settled(&subject.key, &[stages::goal(place.kind)]).await;
    stages::assert_done(stack, place.kind, &subject).await;
    let before = stack.snapshot(&stack.server_options(), &subject.key, subject.id).await;
    let acted: i64 = ended_by(instance, token).await;

    // The way is open before it wakes, so that its step and its heartbeat race for what comes first.
    stall.resume();
    zombie.thaw();
    zombie.until_said("somebody else's now").await;
    zombie.terminate();
    let (status, _) = {
        zombie.assert_calm(&[]);
        zombie.ended(LETS_GO).await
    };
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
    instance.verify(&settings, &[&subject.key]).await;
    history::assert_clean(&stack.control, &subject.key).await;
    bystanders.untouched(&place.to_string()).await;
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

async fn wake_everywhere(kind: OperationKind, tier: Tier) {
    let instance = Instance::without_worker(&[]).await;
    let settings: Vec<_> = HASTE.iter().copied().chain([GRACE]).collect();
    let bystanders = Bystanders::settle(&instance, &settings).await;
    let places = stages::places(kind, |place| extent() == Extent::Full || place.point != Point::AfterRecord);
    assert!(!places.is_empty(), "{kind} has no place to stall at");
    let subjects = stages::prepare(&instance, &settings, kind, tier, places.len()).await;
    let heir = instance.worker(&settings);
    heir.until_started().await;
    for (place, subject) in places.into_iter().zip(subjects) {
        let case = wake_at(&instance, &heir, place, tier, subject, &bystanders);
        timed("zombie", format!("{tier} {place}"), case).await;
    }
    bystanders.finish(&format!("zombie {tier} {kind}")).await;
    heir.assert_calm(&[]);
    assert_eq!(heir.stop(), Some(0));
}

macro_rules! kinds {
    ($($kind:ident => $always:literal $shared:ident;)+) => {
        $(
            #[test]
            fn $shared() {
                if $always || extent() == Extent::Full {
                    run(wake_everywhere(OperationKind::$kind, Tier::Shared));
                }
            }
        )+

        #[test]
        fn every_kind_of_operation_is_woken() {
            assert_eq!(OperationKind::ALL, &[$(OperationKind::$kind),+]);
        }
    };
}

kinds! {
    Provision => true provision_on_the_shared_tier;
    Reconverge => false reconverge_on_the_shared_tier;
    Suspend => false suspend_on_the_shared_tier;
    Reactivate => false reactivate_on_the_shared_tier;
    Rotate => false rotate_on_the_shared_tier;
    Move => false move_on_the_shared_tier;
    Undelete => false undelete_on_the_shared_tier;
    Deprovision => true deprovision_on_the_shared_tier;
    Purge => false purge_on_the_shared_tier;
}

#[test]
fn provision_on_the_dedicated_tier() {
    if extent() == Extent::Full {
        run(wake_everywhere(OperationKind::Provision, Tier::Dedicated));
    }
}

#[test]
fn deprovision_on_the_dedicated_tier() {
    if extent() == Extent::Full {
        run(wake_everywhere(OperationKind::Deprovision, Tier::Dedicated));
    }
}
