//! The table and its source.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures::FutureExt;
use tokio::sync::Notify;
use uuid::Uuid;

use super::super::table::{Entry, EntryState, RouteTable};
use super::super::view::Change;
use super::super::{Cadence, LoadError, Look, Making, Source, keep_fresh};
use super::rig::{ACME, DEADLINE, Edge, HOST, Setup, entry, mirror, serving, soon};

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
                Ok(Box::new(move || RouteTable::new([entry(HOST, serving(mirror))])) as Making)
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
            async move { Ok(Box::new(move || RouteTable::new([entry(HOST, state)])) as Making) }.boxed()
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
            async move { if first { std::future::pending().await } else { Ok(Box::new(RouteTable::default) as Making) } }
                .boxed()
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

#[tokio::test]
async fn one_tenant_that_changed_is_read_alone_in_a_fleet_of_ten_thousand() {
    let mirror = mirror().await;
    let others = (1..10_000_u128).map(|number| Entry {
        tenant_id: Uuid::from_u128(number),
        ..entry(&format!("t{number}.localhost"), EntryState::Preparing)
    });
    let fleet: Vec<Entry> = others.chain([entry(HOST, EntryState::Preparing)]).collect();
    let edge = Edge::with(Setup::default(), fleet).await;
    assert_eq!(edge.get(HOST, "").await.status, 503);
    let read: Arc<std::sync::Mutex<Vec<Uuid>>> = Arc::default();
    let look: Look = {
        let read = Arc::clone(&read);
        Arc::new(move |tenants| {
            read.lock().unwrap().extend(&tenants);
            let entries = vec![Entry { revision: Some("0123456789abcdef".into()), ..entry(HOST, serving(mirror)) }];
            let changes = tenants.into_iter().map(|tenant_id| Change { tenant_id, entries: entries.clone() }).collect();
            async move { Ok(changes) }.boxed()
        })
    };
    let before = *edge.routes.freshness().borrow();
    assert!(edge.routes.take_over(&look, vec![ACME], DEADLINE).await.unwrap());
    let now = *edge.routes.freshness().borrow();
    assert_eq!((now.loads, now.changes), (before.loads, before.changes + 1), "the table was loaded whole");
    assert_eq!(*read.lock().unwrap(), [ACME]);
    let reply = edge.get(HOST, "").await;
    assert_eq!((reply.status, reply.header("x-gateway-route")), (200, Some("0123456789abcdef")));
    assert_eq!(edge.get("t7.localhost", "").await.status, 503);
}

#[tokio::test]
async fn what_changed_before_the_first_load_asks_for_another() {
    let routes = super::super::Routes::default();
    let look: Look = Arc::new(|_| async { Ok(Vec::new()) }.boxed());
    assert!(!routes.take_over(&look, vec![ACME], DEADLINE).await.unwrap());
    let failing: Look = Arc::new(|_| async { Err(LoadError::new("connection refused")) }.boxed());
    assert!(routes.take_over(&failing, vec![ACME], DEADLINE).await.is_err());
    assert!(routes.current().is_none());
}
