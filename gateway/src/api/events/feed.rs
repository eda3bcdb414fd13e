//! One reader of events for all streams of a process. It runs while somebody listens.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::response::sse::Event;
use tokio::sync::broadcast::{self, Receiver, Sender, WeakSender};
use tokio::time::sleep;
use tokio_util::task::TaskTracker;

use crate::api::events::{Sight, shown};
use crate::store::events::{EventFilter, EventRecord};
use crate::store::notify::Changes;
use crate::store::{Store, StoreError};

/// Between two looks that no hint asked for: hints are lost with a connection, and claims give none.
const POLL: Duration = Duration::from_secs(1);
/// Pause after a look that failed.
const PAUSE: Duration = Duration::from_millis(500);
/// Events read at once.
const AT_ONCE: u32 = 200;
/// Looks that are kept for a stream that is busy. One that falls further behind reads the table by itself.
const KEPT: usize = 32;

/// Everything that was seen in one look.
#[derive(Debug)]
pub(super) struct Look {
    /// The number up to which was read before.
    pub(super) after: i64,
    /// The number up to which this look read.
    pub(super) upto: i64,
    /// What lies between.
    pub(super) events: Vec<Told>,
}

/// An event, and how every stream writes it.
#[derive(Debug)]
pub(super) struct Told {
    record: EventRecord,
    text: Event,
}

impl Told {
    /// Prepares an event for streams.
    pub(super) fn new(record: EventRecord) -> Self {
        let kind = record.kind.as_str();
        let text = Event::default().id(record.number.to_string()).event(kind);
        // What is shown consists of texts and numbers, which can always be written.
        let text = text.json_data(shown(&record)).unwrap_or_else(|_| Event::default().event(kind));
        Self { record, text }
    }

    /// Its number.
    pub(super) const fn number(&self) -> i64 {
        self.record.number
    }

    /// How it is written to somebody who sees it.
    pub(super) fn seen_by(&self, sight: &Sight) -> Option<Event> {
        sight.holds(&self.record).then(|| self.text.clone())
    }
}

/// What all streams of a process listen to.
#[derive(Debug, Default)]
pub(in crate::api) struct Feed(Mutex<Option<WeakSender<Arc<Look>>>>);

impl Feed {
    /// Listens: all that is numbered after this returns will be told of. Ends when the reader does, which it should not
    /// while somebody listens; then listen again.
    pub(super) fn listen(&self, store: &Store, tasks: &TaskTracker) -> Receiver<Arc<Look>> {
        let mut reader = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(looks) = reader.as_ref().and_then(WeakSender::upgrade) {
            return looks.subscribe();
        }
        let (looks, listener) = broadcast::channel(KEPT);
        *reader = Some(looks.downgrade());
        tasks.spawn(read(store.clone(), looks));
        listener
    }
}

/// Reads until nobody listens.
async fn read(store: Store, looks: Sender<Arc<Look>>) {
    tokio::select! {
        () = read_on(&store, &looks) => {}
        () = looks.closed() => {}
    }
}

async fn read_on(store: &Store, looks: &Sender<Arc<Look>>) {
    let mut upto = None;
    let mut hints = None;
    loop {
        if hints.is_none() {
            // Before the look: what is committed after it is hinted at.
            hints = store.event_hints().await.ok();
        }
        match look(store, looks, &mut upto).await {
            // Those who listen begin anew, and are told if that cannot be.
            Ok(Order::PutBack) => return,
            Ok(Order::Forward) => tokio::select! {
                () = sleep(POLL) => {}
                () = hinted(&mut hints) => {}
            },
            Err(error) => {
                tracing::debug!(%error, "cannot read events; trying on");
                sleep(PAUSE).await;
            }
        }
    }
}

/// How the order was found.
enum Order {
    /// As before, or further.
    Forward,
    /// The control database was put back to an earlier state.
    PutBack,
}

/// Tells of everything that is new.
async fn look(store: &Store, looks: &Sender<Arc<Look>>, upto: &mut Option<i64>) -> Result<Order, StoreError> {
    store.number_events().await?;
    if upto.is_none() {
        // The first look says from where on this reader tells, so that nobody misses what came before.
        let last = store.event_head().await?.last;
        *upto = Some(last);
        let _ = looks.send(Arc::new(Look { after: last, upto: last, events: Vec::new() }));
    }
    while let Some(after) = *upto {
        let page = store.list_events(&EventFilter { after, limit: AT_ONCE, ..EventFilter::default() }).await?;
        let is_cut = page.events.len() >= AT_ONCE as usize;
        let now = if is_cut { page.events.last().map_or(after, |last| last.number) } else { page.head.last };
        if now < after {
            return Ok(Order::PutBack);
        }
        if now > after {
            let events = page.events.into_iter().map(Told::new).collect();
            let _ = looks.send(Arc::new(Look { after, upto: now, events }));
            *upto = Some(now);
        }
        if !is_cut {
            break;
        }
    }
    Ok(Order::Forward)
}

async fn hinted(hints: &mut Option<Changes>) {
    let lost = match hints {
        Some(changes) => changes.changed().await.is_err(),
        None => std::future::pending().await,
    };
    if lost {
        *hints = None;
    }
}
