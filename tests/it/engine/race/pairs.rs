//! Every wish against every other, at the same moment.

use std::sync::Arc;

use futures::future::join_all;
use sqlx::ConnectOptions;
use tokio::sync::Barrier;

use super::{Wish, assert_consistent, at_rest};
use crate::engine::stages::{GRACE, second_pool};
use crate::support::instance::Instance;
use crate::support::report::{case, timed};
use crate::support::rig::HASTE;
use crate::support::run;

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
        let mut keys = Vec::new();
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
            keys.push(key);
        }
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        timed("race", "auditor", instance.verify(&settings, &keys)).await;
        for worker in workers {
            worker.assert_calm(&[]);
            assert_eq!(worker.stop(), Some(0));
        }
    });
}
