//! Keeps the table current, and keeps the last good one when its source fails.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::{ArcSwapOption, Guard};
use futures::future::BoxFuture;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::table::{Rejected, RouteTable};
use super::view::{Change, Mark, Taken, View};

/// Puts a table together out of what was read.
pub type Making = Box<dyn FnOnce() -> RouteTable + Send>;

/// Reads what one complete table is made of. Called again and again, never twice at once.
pub type Source = Arc<dyn Fn() -> BoxFuture<'static, Result<Making, LoadError>> + Send + Sync>;

/// Reads some tenants by themselves; gives a change for each.
pub type Look = Arc<dyn Fn(Vec<Uuid>) -> BoxFuture<'static, Result<Vec<Change>, LoadError>> + Send + Sync>;

/// The source could not give a table.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The source reported an error of its own.
    #[error("the source of the routes failed")]
    Source(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The source did not answer in time.
    #[error("the source of the routes did not answer within {0:?}")]
    TimedOut(Duration),
}

impl LoadError {
    /// Wraps the source's own error.
    pub fn new(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Source(error.into())
    }
}

/// Changed tenants above the table, from which on it is loaded whole before its time.
const MOST_CHANGED: usize = 1_000;

/// The longest time between loads that nobody asks for, unless more is set: as long as a change may go unseen where nobody hears
/// of it.
const LONGEST_INTERVAL: Duration = Duration::from_secs(15);

/// How often the table is loaded.
#[derive(Clone, Copy, Debug)]
pub struct Cadence {
    /// Between loads when nobody says that something changed, or twenty times what the last load took where that is longer, up
    /// to a quarter of a minute; each wait is moved by up to a fifth either way, so that several processes do not ask at the
    /// same instant.
    pub interval: Duration,
    /// The least time between two loads, so that a burst of changes costs one load and not one per change. It is three times
    /// what the last load took where that is longer, so that a large table is not loaded all the time.
    pub least_gap: Duration,
    /// After this long without what it is made of, a load counts as failed.
    pub load_timeout: Duration,
}

impl Default for Cadence {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(5),
            least_gap: Duration::from_millis(50),
            load_timeout: Duration::from_secs(5),
        }
    }
}

/// How loading has gone so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Freshness {
    /// Loads that replaced the table.
    pub loads: u64,
    /// Failures since the last good load; zero while the source is well.
    pub failures: u64,
    /// Times that changed tenants were taken over by themselves.
    pub changes: u64,
}

/// The routes in force, shared by all requests. Reading them never waits.
#[derive(Debug)]
pub struct Routes {
    view: ArcSwapOption<View>,
    /// Held by who makes a view out of the one before.
    making: Mutex<()>,
    marks: AtomicU64,
    freshness: watch::Sender<Freshness>,
}

impl Default for Routes {
    fn default() -> Self {
        Self {
            view: ArcSwapOption::empty(),
            making: Mutex::default(),
            marks: AtomicU64::default(),
            freshness: watch::Sender::new(Freshness::default()),
        }
    }
}

impl Routes {
    /// The routes in force; `None` until the first load succeeds, when "unknown host" cannot be told from "not loaded".
    pub fn current(&self) -> Guard<Option<Arc<View>>> {
        self.view.load()
    }

    /// Follows the outcome of every load, for readiness and for tests.
    pub fn freshness(&self) -> watch::Receiver<Freshness> {
        self.freshness.subscribe()
    }

    /// Puts a table in force at once.
    pub fn replace(&self, table: RouteTable) {
        self.replace_since(table, self.mark());
    }

    /// Says that something begins to be read.
    fn mark(&self) -> Mark {
        Mark(self.marks.fetch_add(1, Ordering::SeqCst) + 1)
    }

    /// Puts a table in force that began to be read at `mark`, below what was read by itself since.
    fn replace_since(&self, table: RouteTable, mark: Mark) {
        let making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.view.load_full();
        self.view.store(Some(Arc::new(View::of(table, mark, before.as_deref()))));
        drop(making);
        self.freshness.send_modify(|freshness| {
            freshness.loads += 1;
            freshness.failures = 0;
        });
    }

    /// Takes changes over that began to be read at `mark`.
    fn take(&self, changes: &[Change], mark: Mark) -> Taken {
        let making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        // The load under way may have begun before the change.
        let Some(before) = self.view.load_full() else { return Taken::NotAll };
        let (view, taken) = before.with(changes, mark);
        if taken == Taken::Again {
            return taken;
        }
        let is_much = view.changed() > MOST_CHANGED;
        self.view.store(Some(Arc::new(view)));
        drop(making);
        self.freshness.send_modify(|freshness| freshness.changes += 1);
        if is_much { Taken::NotAll } else { taken }
    }

    /// Reads tenants that changed, and puts them in force above the table. Says whether that is all there is to do; a whole
    /// load is needed else.
    ///
    /// # Errors
    /// [`LoadError`]; nothing of it is in force then.
    pub async fn take_over(&self, look: &Look, tenants: Vec<Uuid>, limit: Duration) -> Result<bool, LoadError> {
        loop {
            let mark = self.mark();
            let read = tokio::time::timeout(limit, look(tenants.clone())).await;
            let changes = read.unwrap_or(Err(LoadError::TimedOut(limit)))?;
            match self.take(&changes, mark) {
                Taken::All => return Ok(true),
                Taken::NotAll => return Ok(false),
                Taken::Again => {}
            }
        }
    }

    fn note_failure(&self) -> u64 {
        self.freshness.send_modify(|freshness| freshness.failures += 1);
        self.freshness.borrow().failures
    }
}

/// Loads the table, then again whenever `changed` is notified or the interval has passed, until `shutdown`.
///
/// A failing source leaves the last good table in force. An outage is logged when it begins and when it ends, and not
/// once per failure.
pub async fn keep_fresh(
    routes: Arc<Routes>,
    source: Source,
    changed: Arc<Notify>,
    cadence: Cadence,
    shutdown: CancellationToken,
) {
    let mut outage: Option<Instant> = None;
    let mut reported: Vec<Rejected> = Vec::new();
    loop {
        let (began, mark) = (Instant::now(), routes.mark());
        let loaded = tokio::select! {
            () = shutdown.cancelled() => return,
            loaded = load(&source, cadence.load_timeout) => loaded,
        };
        let took = if loaded.is_ok() { began.elapsed() } else { Duration::ZERO };
        match loaded {
            Ok(table) => {
                if let Some(since) = outage.take() {
                    tracing::info!(
                        outage_seconds = since.elapsed().as_secs(),
                        hosts = table.len(),
                        "routes are loaded again"
                    );
                }
                if table.rejected() != reported.as_slice() {
                    reported = table.rejected().to_vec();
                    report_rejected(&reported);
                }
                routes.replace_since(table, mark);
            }
            Err(error) => {
                routes.note_failure();
                if outage.is_none() {
                    outage = Some(Instant::now());
                    let cause = std::error::Error::source(&error).map(ToString::to_string);
                    tracing::warn!(%error, cause, "routes cannot be loaded; the last good ones stay in force");
                }
            }
        }
        if pause(&changed, least_gap(cadence, took), interval(cadence, took), &shutdown).await.is_none() {
            return;
        }
    }
}

async fn load(source: &Source, limit: Duration) -> Result<RouteTable, LoadError> {
    let making = tokio::time::timeout(limit, source()).await.unwrap_or(Err(LoadError::TimedOut(limit)))?;
    // Beside the requests: out of tens of thousands of hosts it is made in no instant.
    tokio::task::spawn_blocking(making).await.map_err(LoadError::new)
}

/// The least time until the next load, after one that took so long. Never longer than the interval.
fn least_gap(cadence: Cadence, took: Duration) -> Duration {
    cadence.least_gap.max((took * 3).min(cadence.interval))
}

/// The time until the next load that nobody asks for, after one that took so long.
fn interval(cadence: Cadence, took: Duration) -> Duration {
    cadence.interval.max((took * 20).min(LONGEST_INTERVAL))
}

/// Waits for the next reason to load; `None` on shutdown.
async fn pause(changed: &Notify, gap: Duration, interval: Duration, shutdown: &CancellationToken) -> Option<()> {
    let interval = interval.mul_f64(rand::random_range(0.8..1.2));
    tokio::select! {
        () = shutdown.cancelled() => None,
        () = async {
            tokio::time::sleep(gap).await;
            let _ = tokio::time::timeout(interval, changed.notified()).await;
        } => Some(()),
    }
}

fn report_rejected(rejected: &[Rejected]) {
    for Rejected { host, reason } in rejected {
        tracing::error!(host, ?reason, "this host is not served as it is written");
    }
    if rejected.is_empty() {
        tracing::info!("every host is served as it is written");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_loaded_a_quarter_of_the_time_at_most() {
        let cadence = Cadence::default();
        let gap = |took| least_gap(cadence, Duration::from_millis(took));
        assert_eq!((gap(0), gap(16)), (cadence.least_gap, cadence.least_gap));
        assert_eq!(gap(200), Duration::from_millis(600));
        assert_eq!(gap(4_000), cadence.interval);
    }

    #[test]
    fn a_table_that_nothing_changes_is_loaded_seldom_and_never_goes_unseen_for_long() {
        let cadence = Cadence::default();
        let until_next = |took| interval(cadence, Duration::from_millis(took));
        assert_eq!((until_next(0), until_next(250)), (cadence.interval, cadence.interval));
        assert_eq!((until_next(400), until_next(2_000)), (Duration::from_secs(8), LONGEST_INTERVAL));
        let seldom = Cadence { interval: Duration::from_secs(300), ..cadence };
        assert_eq!(interval(seldom, Duration::from_secs(4)), seldom.interval);
    }
}
