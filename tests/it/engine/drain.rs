//! A worker that is asked to end lets go of its tenant in time, whatever it is in the middle of.

use std::time::Duration;

use gateway::domain::operation::OperationKind;
use gateway::domain::tenant::Tier;
use gateway::provision::failpoint::{Failpoint, Point};
use sqlx::Row;

use super::stages::{self, Subject};
use crate::support::instance::Instance;
use crate::support::report::{Tier as Extent, tier as extent, timed};
use crate::support::rig::HASTE;
use crate::support::worker::{Stall, Worker};
use crate::support::{history, run, unique_key};

/// What a worker gives its runs to end.
const GRACE: Duration = Duration::from_secs(4);
const IN_TIME: Duration = Duration::from_secs(5);
const AT_ONCE: Duration = Duration::from_secs(1);

/// How the worker is asked, and how its step behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// Once, and the step goes on.
    GoesOn,
    /// Once, and the step hangs.
    Hangs,
    /// Twice, and the step hangs.
    Twice,
}

async fn stalled(instance: &Instance, place: Failpoint) -> (Worker, Stall, Subject) {
    let mut subject = Subject { id: uuid::Uuid::nil(), key: unique_key("drain") };
    let stall = Stall::at(&instance.stack.data_dir, place.to_string());
    let settings: Vec<_> = HASTE.iter().copied().chain(stall.settings()).collect();
    let worker = instance.worker(&settings);
    stages::wish(&instance.stack, place.kind, Tier::Shared, &mut subject).await;
    stall.reached(&worker).await;
    (worker, stall, subject)
}

async fn drain_at(instance: &Instance, place: Failpoint, manner: Manner) {
    let stack = &instance.stack;
    let (worker, stall, subject) = stalled(instance, place).await;
    worker.terminate();
    worker.until_said(&["finishing; once more stops at once"]).await;
    match manner {
        Manner::GoesOn => stall.resume(),
        Manner::Hangs => {}
        Manner::Twice => worker.terminate(),
    }
    let limit = if manner == Manner::Twice { AT_ONCE } else { IN_TIME };
    worker.assert_calm(&[]);
    let (status, took) = worker.ended(limit + Duration::from_secs(20)).await;
    assert!(took <= limit, "{place}: it took {took:?} to end");
    if manner != Manner::Twice {
        assert_eq!(status.code(), Some(0), "{place}");
        let row = sqlx::query("SELECT status, lease_token IS NULL AS free FROM gateway.tenant WHERE id = $1");
        let row = row.bind(subject.id).fetch_one(&stack.control).await.unwrap();
        let status: String = row.get("status");
        assert!(row.get::<bool, _>("free"), "{place}: a worker that ended holds a {status} tenant");
        // What goes on is finished, or, where the grace was too short for all that is left of it, released at its end.
        let finished = manner == Manner::GoesOn && (status == "active" || took < GRACE);
        assert_eq!(
            status,
            if finished { "active" } else { "pending" },
            "{place}: finished or released, after {took:?}"
        );
    }
    let heir = instance.worker(HASTE);
    heir.until_started().await;
    stack.settled(&subject.key, &["active"]).await;
    heir.assert_calm(&[]);
    assert_eq!(heir.stop(), Some(0));
    instance.verify(HASTE, &[subject.id]).await;
    history::assert_clean(&stack.control, &subject.key).await;
}

#[test]
fn at_each_step() {
    run(async {
        let instance = Instance::without_worker(&[]).await;
        let places = stages::places(OperationKind::Provision, |place| place.point == Point::BeforeEffect);
        for (number, place) in places.into_iter().enumerate() {
            // Each hanging case takes the whole grace.
            let hanging = if extent() == Extent::Full || number == 2 {
                [Manner::GoesOn, Manner::Hangs, Manner::Twice].as_slice()
            } else {
                [Manner::GoesOn].as_slice()
            };
            for manner in hanging {
                timed("drain", format!("{place} {manner:?}"), drain_at(&instance, place, *manner)).await;
            }
        }
    });
}
