//! A worker is killed at each point around the effect of each step of each operation; another makes the wish true.

use std::time::{Duration, Instant};

use gateway::domain::operation::{OperationKind, StepKind};
use gateway::domain::tenant::Tier;
use gateway::provision::failpoint::{Failpoint, Point};

use super::stages::{self, GRACE, Subject};
use crate::support::bystanders::Bystanders;
use crate::support::instance::Instance;
use crate::support::report::{Tier as Extent, tier as extent, timed};
use crate::support::rig::HASTE;
use crate::support::worker::{Stall, Worker, assert_calm};
use crate::support::{history, run};

/// From the death of a worker until the wish is true: twice the lease of a second, and the time its steps take.
fn limit(tier: Tier) -> Duration {
    Duration::from_secs(2)
        + match tier {
            Tier::Shared => Duration::from_secs(3),
            Tier::Dedicated => Duration::from_secs(6),
        }
}

async fn kill_at(
    instance: &Instance,
    heir: &Worker,
    place: Failpoint,
    tier: Tier,
    mut subject: Subject,
    bystanders: &Bystanders,
) {
    let stack = &instance.stack;
    // Frozen while it holds nothing, so that the wish goes to the worker that is to die.
    heir.freeze();
    let stall = Stall::at(&stack.data_dir, place.to_string());
    let settings: Vec<_> = HASTE.iter().copied().chain([GRACE]).collect();
    let doomed: Vec<_> = settings.iter().copied().chain(stall.settings()).collect();
    let doomed = instance.worker(&doomed);
    stages::wish(stack, place.kind, tier, &mut subject).await;
    stall.reached(&doomed).await;
    let log = doomed.log.clone();
    doomed.kill();
    heir.thaw();
    let since = Instant::now();
    stack.settled(&subject.key, &[stages::goal(place.kind)]).await;
    let took = since.elapsed();
    let steps = history::tell(&stack.control, &subject.key).await;
    assert!(took <= limit(tier), "{place}: it took {took:?} until the wish was true:\n{steps}");
    stages::assert_done(stack, place.kind, &subject).await;
    instance.verify(&settings, &[&subject.key]).await;
    history::assert_clean(&stack.control, &subject.key).await;
    bystanders.untouched(&place.to_string()).await;
    assert_calm(&log, &[]);
}

async fn kill_everywhere(kind: OperationKind, tier: Tier, wanted: impl Fn(&Failpoint) -> bool) {
    let instance = Instance::without_worker(&[]).await;
    let settings: Vec<_> = HASTE.iter().copied().chain([GRACE]).collect();
    let bystanders = Bystanders::settle(&instance, &settings).await;
    let places = stages::places(kind, wanted);
    assert!(!places.is_empty(), "{kind} has no place to die at");
    let subjects = stages::prepare(&instance, &settings, kind, tier, places.len()).await;
    let heir = instance.worker(&settings);
    heir.until_started().await;
    for (place, subject) in places.into_iter().zip(subjects) {
        let case = kill_at(&instance, &heir, place, tier, subject, &bystanders);
        timed("crash", format!("{tier} {place}"), case).await;
    }
    bystanders.finish(&format!("crash {tier} {kind}")).await;
    heir.assert_calm(&[]);
    assert_eq!(heir.stop(), Some(0), "a worker that took over stops as asked");
}

/// Making and removing at every point whatever the tier; the others after the effect, which is where work may be done
/// twice, unless everything is asked for.
fn on_the_shared_tier(kind: OperationKind) {
    let always = [OperationKind::Provision, OperationKind::Deprovision, OperationKind::Purge].contains(&kind);
    let all = always || extent() == Extent::Full;
    run(kill_everywhere(kind, Tier::Shared, |place| all || place.point == Point::AfterEffect));
}

/// Everything when it is asked for, else the step that only this tier has.
fn on_the_dedicated_tier(kind: OperationKind) {
    match extent() {
        Extent::Full => run(kill_everywhere(kind, Tier::Dedicated, |_| true)),
        Extent::Smoke if kind == OperationKind::Provision => {
            run(kill_everywhere(kind, Tier::Dedicated, |place| place.step == StepKind::Container));
        }
        Extent::Smoke => {}
    }
}

macro_rules! kinds {
    ($($kind:ident => $shared:ident $(, $dedicated:ident)?;)+) => {
        $(
            #[test]
            fn $shared() {
                on_the_shared_tier(OperationKind::$kind);
            }
            $(
                #[test]
                fn $dedicated() {
                    on_the_dedicated_tier(OperationKind::$kind);
                }
            )?
        )+

        #[test]
        fn every_kind_of_operation_is_killed() {
            assert_eq!(OperationKind::ALL, &[$(OperationKind::$kind),+]);
        }
    };
}

kinds! {
    Provision => provision_on_the_shared_tier, provision_on_the_dedicated_tier;
    Reconverge => reconverge_on_the_shared_tier;
    Suspend => suspend_on_the_shared_tier, suspend_on_the_dedicated_tier;
    Reactivate => reactivate_on_the_shared_tier, reactivate_on_the_dedicated_tier;
    Rotate => rotate_on_the_shared_tier;
    Move => move_on_the_shared_tier;
    Undelete => undelete_on_the_shared_tier;
    Deprovision => deprovision_on_the_shared_tier, deprovision_on_the_dedicated_tier;
    Purge => purge_on_the_shared_tier, purge_on_the_dedicated_tier;
}
