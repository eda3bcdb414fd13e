//! One reader for all operations that somebody of this process follows. It runs while there are any.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch::{Receiver, Sender};
use tokio::time::sleep;
use tokio_util::task::TaskTracker;

use crate::domain::ids::OperationId;
use crate::store::operations::{OperationFilter, OperationRecord, StepRecord};
use crate::store::{Store, StoreError};

/// Between two looks. The engine notifies nobody of its steps, which would cost each of them.
const EVERY: Duration = Duration::from_millis(100);

/// An operation as it is at a time, with its step attempts in the order they were made.
#[derive(Clone, Debug)]
pub(super) struct State {
    /// When it began to be read: of two states the one that was read later is not the older one.
    pub(super) seen: Instant,
    /// The operation.
    pub(super) record: OperationRecord,
    /// Its step attempts. All before the last are ended.
    pub(super) steps: Vec<StepRecord>,
}

impl State {
    /// From where on step attempts may differ from these: the first that has not ended.
    fn first_open(&self) -> i64 {
        let open = self.steps.iter().find(|step| step.ended_at.is_none()).map(|step| step.id);
        open.or_else(|| self.steps.last().map(|step| step.id + 1)).unwrap_or(0)
    }

    fn differs(&self, record: &OperationRecord) -> bool {
        (self.record.state, self.record.attempt) != (record.state, record.attempt)
    }
}

/// What is followed.
#[derive(Debug, Default)]
pub(in crate::api) struct Progress(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    followed: HashMap<OperationId, Sender<Arc<State>>>,
    is_read: bool,
}

impl Progress {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Follows an operation from a state on. What comes first may be older than that.
    pub(super) fn follow(self: &Arc<Self>, store: &Store, tasks: &TaskTracker, from: State) -> Receiver<Arc<State>> {
        let mut inner = self.inner();
        let id = from.record.id;
        let followed = inner.followed.entry(id).or_insert_with(|| Sender::new(Arc::new(from)));
        let states = followed.subscribe();
        if !inner.is_read {
            inner.is_read = true;
            tasks.spawn(read(store.clone(), Reading(Some(Arc::clone(self)))));
        }
        states
    }

    fn tell(&self, state: State) {
        if let Some(states) = self.inner().followed.get(&state.record.id) {
            states.send_replace(Arc::new(state));
        }
    }
}

/// Somebody who reads. Where the reading ends while operations are followed, however it ends, those who follow them are told,
/// and who comes next begins it anew.
struct Reading(Option<Arc<Progress>>);

impl Drop for Reading {
    fn drop(&mut self) {
        let Some(progress) = self.0.take() else { return };
        let mut inner = progress.inner();
        inner.is_read = false;
        inner.followed.clear();
    }
}

impl Reading {
    /// What somebody follows; `None` when nobody follows anything, and the reading ends.
    fn followed(&mut self) -> Option<HashMap<OperationId, Arc<State>>> {
        let progress = self.0.as_ref()?;
        let mut inner = progress.inner();
        inner.followed.retain(|_, states| states.receiver_count() > 0);
        if inner.followed.is_empty() {
            inner.is_read = false;
            drop(inner);
            self.0 = None;
            return None;
        }
        Some(inner.followed.iter().map(|(id, states)| (*id, Arc::clone(&states.borrow()))).collect())
    }

    fn tell(&self, state: State) {
        if let Some(progress) = &self.0 {
            progress.tell(state);
        }
    }
}

async fn read(store: Store, mut reading: Reading) {
    while let Some(followed) = reading.followed() {
        match look(&store, &followed).await {
            Ok(states) => states.into_iter().for_each(|state| reading.tell(state)),
            Err(error) => tracing::debug!(%error, "cannot look at operations; trying on"),
        }
        sleep(EVERY).await;
    }
}

/// What has changed. Operations are read before their steps: with one that has ended, all its steps are read.
async fn look(store: &Store, followed: &HashMap<OperationId, Arc<State>>) -> Result<Vec<State>, StoreError> {
    let seen = Instant::now();
    let among: Vec<OperationId> = followed.keys().copied().collect();
    let limit = u32::try_from(among.len()).unwrap_or(u32::MAX);
    let filter = OperationFilter { among: Some(among), limit, ..OperationFilter::default() };
    let records = store.list_operations(&filter).await?;
    let places: Vec<_> = followed.iter().map(|(id, state)| (*id, state.first_open())).collect();
    let mut steps: HashMap<OperationId, Vec<StepRecord>> = HashMap::new();
    for (id, step) in store.steps_from(&places).await? {
        steps.entry(id).or_default().push(step);
    }
    let mut changed = Vec::new();
    for record in records {
        let Some(known) = followed.get(&record.id) else { continue };
        let found = steps.remove(&record.id).unwrap_or_default();
        let is_moved = match (found.first(), known.steps.last()) {
            (Some(first), Some(last)) => first.id != last.id || found.len() > 1 || first.state != last.state,
            (found, _) => found.is_some(),
        };
        if !is_moved && !known.differs(&record) {
            continue;
        }
        let first = known.first_open();
        let mut steps: Vec<StepRecord> = known.steps.iter().filter(|step| step.id < first).cloned().collect();
        steps.extend(found);
        changed.push(State { seen, record, steps });
    }
    Ok(changed)
}
