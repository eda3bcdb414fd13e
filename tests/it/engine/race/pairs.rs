//! Every wish against every other, at the same moment.

use std::sync::Arc;

use futures::future::join_all;
use gateway::domain::operation::OperationKind;
use gateway::domain::tenant::Tier;
use gateway::provision::failpoint::Point;
use sqlx::ConnectOptions;
use tokio::sync::Barrier;

use super::{Wish, assert_consistent, at_rest};
use crate::engine::stages::{self, GRACE, second_pool};
use crate::support::instance::Instance;
use crate::support::report::{case, timed};
use crate::support::rig::HASTE;
use crate::support::run;
use crate::support::worker::Stall;

fn key(first: Wish, second: Wish) -> String {
    format!("race-{first:?}-{second:?}").to_lowercase()
}

/// Makes a tenant for each pair, in the status the first wish starts from.
async fn prepare(instance: &Instance, pairs: &[(Wish, Wish)]) {
    let stack = &instance.stack;
    second_pool(stack).await;
    for (first, second) in pairs {
        stack.insert(&key(*first, *second), "Race").await;
    }
    at_rest(stack, "race-%").await;
    for (first, second) in pairs.iter().filter(|(first, _)| first.from().as_str() != "active") {
        stack.wish(&key(*first, *second), first.from().as_str()).await;
    }
    at_rest(stack, "race-%").await;
}

/// Both at once, on two connections; which of them the row took.
async fn meet(instance: &Instance, pair: (Wish, Wish)) -> (bool, bool) {
    let options = instance.stack.server_options().database("gateway");
    let barrier = Arc::new(Barrier::new(2));
    let one = |wish: Wish| {
        let (options, barrier) = (options.clone(), barrier.clone());
        let key = key(pair.0, pair.1);
        async move {
            let mut connection = options.connect().await.unwrap();
            barrier.wait().await;
            wish.make(&mut connection, &key).await
        }
    };
    tokio::join!(one(pair.0), one(pair.1))
}

#[test]
fn a_deletion_meets_the_making_at_each_step() {
    run(async {
        let instance = Instance::without_worker(&[]).await;
        let stack = &instance.stack;
        let settings: Vec<_> = HASTE.iter().copied().chain([GRACE]).collect();
        for place in stages::places(OperationKind::Provision, |place| place.point == Point::AfterRecord) {
            let stall = Stall::at(&stack.data_dir, place.to_string());
            let stalling: Vec<_> = settings.iter().copied().chain(stall.settings()).collect();
            let worker = instance.worker(&stalling);
            let [mut subject] = stages::subjects("race", 1).try_into().unwrap();
            timed("race", format!("Delete at {place}, then Undelete"), async {
                stages::wish(stack, OperationKind::Provision, Tier::Shared, &mut subject).await;
                stall.reached(&worker).await;
                stages::wish(stack, OperationKind::Deprovision, Tier::Shared, &mut subject).await;
                stall.resume();
                stack.settled(&subject.key, &["deleting"]).await;
                instance.verify(&settings, &[subject.id]).await;
                let report = stages::reconcile(stack).await;
                assert_eq!(report["drift"], serde_json::json!([]), "{report:#}");
                stages::pass(stack, OperationKind::Undelete, Tier::Shared, std::slice::from_mut(&mut subject)).await;
                instance.verify(&settings, &[subject.id]).await;
                assert_consistent(stack, &subject.key).await;
            })
            .await;
            worker.assert_calm(&[]);
            assert_eq!(worker.stop(), Some(0));
        }
    });
}

#[test]
fn sixty_four_pairs() {
    run(async {
        let instance = Instance::without_worker(&[]).await;
        let stack = &instance.stack;
        let settings: Vec<_> = HASTE.iter().copied().chain([GRACE]).collect();
        let workers = [instance.worker(&settings), instance.worker(&settings), instance.worker(&settings)];
        let pairs: Vec<_> =
            Wish::ALL.into_iter().flat_map(|first| Wish::ALL.into_iter().map(move |second| (first, second))).collect();
        timed("race", "64 tenants in their places", prepare(&instance, &pairs)).await;
        // In groups, so that connections do not run out.
        let mut taken = Vec::new();
        for group in pairs.chunks(16) {
            taken.extend(join_all(group.iter().map(|pair| meet(&instance, *pair))).await);
        }
        at_rest(stack, "race-%").await;
        for ((first, second), (first_taken, second_taken)) in pairs.into_iter().zip(taken) {
            let key = key(first, second);
            let _case = case("race", format!("{first:?} {first_taken}, {second:?} {second_taken}"));
            assert_consistent(stack, &key).await;
            let deleted = (first == Wish::Delete && first_taken) || (second == Wish::Delete && second_taken);
            let undeleted = (first == Wish::Undelete && first_taken) || (second == Wish::Undelete && second_taken);
            if deleted && !undeleted {
                let status: String = sqlx::query_scalar("SELECT status FROM gateway.tenant WHERE key = $1")
                    .bind(&key)
                    .fetch_one(&stack.control)
                    .await
                    .unwrap();
                assert_eq!(status, "deleting", "{key}: a deletion wins");
            }
        }
        timed("race", "auditor", instance.verify(&settings, &[])).await;
        for worker in workers {
            worker.assert_calm(&[]);
            assert_eq!(worker.stop(), Some(0));
        }
    });
}
