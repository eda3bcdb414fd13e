//! Random wishes for many tenants while workers are killed and started again, decided by one seed.

use std::time::{Duration, Instant};

use rand::RngExt as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use sqlx::ConnectOptions;

use super::{Wish, assert_consistent, at_rest};
use crate::engine::stages::{self, GRACE, second_pool};
use crate::support::bystanders::Bystanders;
use crate::support::instance::Instance;
use crate::support::report::{case, dice, say, seed, sized};
use crate::support::rig::HASTE;
use crate::support::run;
use crate::support::worker::{Worker, assert_calm};

const WORKERS: usize = 3;
/// Wishes for each tenant after its creation.
const WISHES: usize = 3;

/// Something that happens at a moment of the schedule.
#[derive(Clone, Debug)]
enum Event {
    Wish(Wish, usize),
    Kill(usize),
}

/// Wishes and deaths in an order and at moments that the dice decide.
fn schedule(dice: &mut StdRng, tenants: usize, length: Duration) -> Vec<(Duration, Event)> {
    let mut events: Vec<(Duration, Event)> = (0..tenants)
        .map(|tenant| (length.mul_f64(dice.random_range(0.0..0.4)), Event::Wish(Wish::Create, tenant)))
        .collect();
    for _ in 0..tenants * WISHES {
        let wish = *Wish::ALL.choose(dice).unwrap();
        let at = length.mul_f64(dice.random_range(0.1..1.0));
        events.push((at, Event::Wish(wish, dice.random_range(0..tenants))));
    }
    for _ in 0..tenants / 4 {
        events.push((length.mul_f64(dice.random_range(0.1..1.0)), Event::Kill(dice.random_range(0..WORKERS))));
    }
    events.sort_by_key(|(at, _)| *at);
    events
}

#[test]
fn three_workers_die_at_random() {
    run(async {
        let tenants = sized(24, 200);
        let length = Duration::from_millis(u64::try_from(tenants).unwrap() * 300);
        let name = format!("{WORKERS} workers, {tenants} tenants, seed {}", seed());
        let instance = Instance::without_worker(&[]).await;
        let stack = &instance.stack;
        second_pool(stack).await;
        let settings: Vec<_> = HASTE.iter().copied().chain([GRACE]).collect();
        let bystanders = Bystanders::settle(&instance, &settings).await;
        let _case = case("race", &name);
        let mut workers: Vec<Worker> = (0..WORKERS).map(|_| instance.worker(&settings)).collect();
        let mut logs = Vec::new();
        let mut connection = stack.server_options().database("gateway").connect().await.unwrap();
        let begun = Instant::now();
        for (at, event) in schedule(&mut dice("race"), tenants, length) {
            // The schedule itself, not a wait for something.
            tokio::time::sleep(at.saturating_sub(begun.elapsed())).await;
            match event {
                Event::Wish(wish, tenant) => {
                    wish.make(&mut connection, &format!("seeded-{tenant}")).await;
                }
                Event::Kill(place) => {
                    let fresh = instance.worker(&settings);
                    let dead = std::mem::replace(&mut workers[place], fresh);
                    logs.push(dead.log.clone());
                    dead.kill();
                }
            }
        }
        at_rest(stack, "seeded-%").await;
        assert_consistent(stack, "seeded-%").await;
        // What a killed worker had asked Docker for may come true after another has removed the tenant's objects: no fence
        // can refuse it there, so it is drift, and one look mends it.
        let report = stages::reconcile(stack).await;
        say(&format!("late effects that were mended: {}", report["drift"]));
        at_rest(stack, "seeded-%").await;
        assert_consistent(stack, "seeded-%").await;
        instance.verify(&settings, &[]).await;
        bystanders.finish(&name).await;
        for log in &logs {
            assert_calm(log, &[]);
        }
        for worker in workers {
            worker.until_started().await;
            worker.assert_calm(&[]);
            assert_eq!(worker.stop(), Some(0));
        }
    });
}
