//! The table and its source.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures::FutureExt;
use tokio::sync::Notify;

use super::super::table::{EntryState, RouteTable};
use super::super::{Cadence, LoadError, Source, keep_fresh};
use super::rig::{Edge, HOST, Setup, entry, mirror, serving, soon};

/// Long enough that only a notification can cause a load within a test.
const NEVER: Cadence =
    Cadence { interval: Duration::from_secs(3600), least_gap: Duration::ZERO, load_timeout: Duration::from_secs(5) };

#[tokio::test]
async fn a_dead_source_leaves_the_last_good_table_serving() {
    let mirror = mirror().await;
    let dead = Arc::new(AtomicBool::new(false));
    let source: Source = {
        let dead = Arc::clone(&dead);
        Arc::new(move || {
            let loaded = if dead.load(Ordering::SeqCst) {
                Err(LoadError::new("connection refused"))
            } else {
                Ok(RouteTable::new([entry(HOST, serving(mirror))]))
            };
            async move { loaded }.boxed()
        })
    };
    let edge = Edge::unloaded(Setup::default()).await;
    let changed = Arc::new(Notify::new());
    let mut freshness = edge.routes.freshness();
    let refresher =
        tokio::spawn(keep_fresh(Arc::clone(&edge.routes), source, Arc::clone(&changed), NEVER, edge.shutdown.clone()));
    soon(freshness.wait_for(|now| now.loads == 1)).await.unwrap();
    assert_eq!(edge.get(HOST, "").await.status, 200);

    dead.store(true, Ordering::SeqCst);
    for failures in 1..=3 {
        changed.notify_one();
        soon(freshness.wait_for(|now| now.failures == failures)).await.unwrap();
        assert_eq!(edge.get(HOST, "").await.status, 200);
    }

    dead.store(false, Ordering::SeqCst);
    changed.notify_one();
    let now = *soon(freshness.wait_for(|now| now.loads == 2)).await.unwrap();
    assert_eq!(now.failures, 0);
    edge.shutdown.cancel();
    soon(refresher).await.unwrap();
}

#[tokio::test]
async fn a_change_reaches_requests_at_once_and_by_itself_in_time() {
    let suspended = Arc::new(AtomicBool::new(false));
    let mirror = mirror().await;
    let source: Source = {
        let suspended = Arc::clone(&suspended);
        Arc::new(move || {
            let state = if suspended.load(Ordering::SeqCst) { EntryState::Suspended } else { serving(mirror) };
            async move { Ok(RouteTable::new([entry(HOST, state)])) }.boxed()
        })
    };
    for cadence in [NEVER, Cadence { interval: Duration::from_millis(10), ..NEVER }] {
        suspended.store(false, Ordering::SeqCst);
        let edge = Edge::unloaded(Setup::default()).await;
        let changed = Arc::new(Notify::new());
        let mut freshness = edge.routes.freshness();
        tokio::spawn(keep_fresh(
            Arc::clone(&edge.routes),
            Arc::clone(&source),
            Arc::clone(&changed),
            cadence,
            edge.shutdown.clone(),
        ));
        soon(freshness.wait_for(|now| now.loads >= 1)).await.unwrap();
        assert_eq!(edge.get(HOST, "").await.status, 200);
        suspended.store(true, Ordering::SeqCst);
        let before = freshness.borrow().loads;
        if cadence.interval == NEVER.interval {
            changed.notify_one();
        }
        // Two loads later at least one of them began after the change.
        let enough = if cadence.interval == NEVER.interval { 1 } else { 2 };
        soon(freshness.wait_for(|now| now.loads >= before + enough)).await.unwrap();
        assert_eq!(edge.get(HOST, "").await.status, 503);
        edge.shutdown.cancel();
    }
}

#[tokio::test]
async fn a_source_that_hangs_counts_as_failed_and_is_asked_again() {
    let asked = Arc::new(AtomicU64::new(0));
    let source: Source = {
        let asked = Arc::clone(&asked);
        Arc::new(move || {
            let first = asked.fetch_add(1, Ordering::SeqCst) == 0;
            async move { if first { std::future::pending().await } else { Ok(RouteTable::default()) } }.boxed()
        })
    };
    let routes = Arc::new(super::super::Routes::default());
    let mut freshness = routes.freshness();
    let cadence = Cadence {
        interval: Duration::from_millis(10),
        least_gap: Duration::ZERO,
        load_timeout: Duration::from_millis(100),
    };
    tokio::spawn(keep_fresh(
        Arc::clone(&routes),
        source,
        Arc::default(),
        cadence,
        tokio_util::sync::CancellationToken::new(),
    ));
    soon(freshness.wait_for(|now| now.failures == 1)).await.unwrap();
    soon(freshness.wait_for(|now| now.loads >= 1)).await.unwrap();
    assert!(routes.current().is_some());
}
