//! Reads levels off the fleet by the clock and counts what Traefik carried, for those who look at it over time. One worker
//! does, whoever has the right to; another takes over when it ends.
//!
//! A failed look leaves a gap and nothing else: whatever is looked at tells of its own trouble elsewhere.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use crate::domain::failure::Failure;
use crate::domain::ids::{ServerId, TenantId};
use crate::domain::series::{FRESH, Keeping, LONG_SPAN, MIDDLE_SPAN, Metric, Tally};
use crate::domain::status::Status;
use crate::domain::subnet::TENANT_PREFIX;
use crate::infra::traefik::metrics::Counters;
use crate::provision::run::{World, store_failure};
use crate::store::levels::Level;
use crate::store::turn::Turn;

/// Longest look.
const LONGEST: Duration = Duration::from_secs(20);
/// Longest look at one database server.
const LONGEST_OF_SERVER: Duration = Duration::from_secs(3);
/// Spans joined after one look. The rest waits for the next.
const JOINED_AT_ONCE: u32 = 20;
/// Old spans removed after one look.
const REMOVED_AT_ONCE: u32 = 20_000;

/// Looks by the clock; [`Sampler::run`] drives it.
#[derive(Debug)]
pub struct Sampler {
    world: Arc<World>,
    keeping: Keeping,
    right: Option<Turn>,
    /// What Traefik had counted at the last look; `None` before the first, from which nothing can be told.
    counted: Option<Counters>,
    /// Up to where spans were joined to those of [`MIDDLE_SPAN`] and of [`LONG_SPAN`].
    joined: [Timestamp; 2],
    tidied: Option<Instant>,
}

/// The last boundary between two spans, and how long until the next.
#[must_use]
pub fn boundary(now: Timestamp, interval: Duration) -> (Timestamp, Duration) {
    let length = i64::try_from(interval.as_secs()).unwrap_or(i64::MAX).max(1);
    let last = now.as_second().div_euclid(length) * length;
    let last = Timestamp::from_second(last).unwrap_or(now);
    let next = last.saturating_add(SignedDuration::from_secs(length)).unwrap_or(now);
    (last, Duration::try_from(next.duration_since(now)).unwrap_or(interval))
}

impl Sampler {
    /// Samples this world.
    #[must_use]
    pub fn new(world: Arc<World>, keeping: Keeping) -> Self {
        Self { world, keeping, right: None, counted: None, joined: [Timestamp::UNIX_EPOCH; 2], tidied: None }
    }

    /// Samples until `stop`.
    pub async fn run(mut self, stop: CancellationToken) {
        loop {
            let (_, wait) = boundary(Timestamp::now(), self.keeping.interval);
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = stop.cancelled() => return,
            }
            let look = tokio::time::timeout(LONGEST, self.look());
            let looked = tokio::select! {
                looked = look => looked,
                () = stop.cancelled() => return,
            };
            match looked {
                Ok(Ok(())) => {}
                Ok(Err(failure)) => tracing::debug!(code = failure.code, "no numbers were read; trying on"),
                Err(_elapsed) => {
                    tracing::debug!("reading numbers took too long; trying on");
                    // Its connection may be what gave no answer, and then the right is somebody else's by now.
                    self.right = None;
                }
            }
        }
    }

    /// Looks once, where this worker has the right to.
    async fn look(&mut self) -> Result<(), Failure> {
        let is_held = match &mut self.right {
            Some(right) => right.is_held().await,
            None => false,
        };
        if !is_held {
            // What was counted before was counted by somebody else since.
            (self.right, self.counted) = (None, None);
            self.right = self.world.store.try_sample().await.map_err(store_failure)?;
        }
        if self.right.is_none() {
            return Ok(());
        }
        let (at, _) = boundary(Timestamp::now(), self.keeping.interval);
        let levels = self.levels().await?;
        self.world.store.put_levels(at, &levels).await.map_err(store_failure)?;
        self.count_traffic(at).await?;
        if self.tidied.is_none_or(|at| at.elapsed() >= MIDDLE_SPAN) {
            self.tidy().await?;
            self.tidied = Some(Instant::now());
        }
        Ok(())
    }

    async fn levels(&self) -> Result<Vec<Level>, Failure> {
        let (store, world) = (&self.world.store, &self.world);
        let queue = store.queue_use().await.map_err(store_failure)?;
        let mut levels = Levels::default();
        for (name, value) in [
            ("due", queue.due),
            ("behind", queue.behind),
            ("later", queue.later),
            ("claimed", queue.claimed),
            ("paused", queue.paused),
        ] {
            levels.add(Metric::QueueDepth, name, value as f64);
        }
        levels.add(Metric::QueueWait, "oldest", queue.oldest_seconds.unwrap_or(0.0).max(0.0).round());
        let load = store.tree_load().await.map_err(store_failure)?;
        if let Some(seconds) = load.and_then(|load| load.waited()) {
            levels.add(Metric::LoadWait, "oldest", seconds.max(0.0).round());
        }
        let tenants: HashMap<String, i64> =
            store.tenants_by_status().await.map_err(store_failure)?.into_iter().collect();
        for status in Status::ALL.into_iter().filter(|status| *status != Status::Deleted) {
            levels.add(
                Metric::Tenants,
                status.as_str(),
                tenants.get(status.as_str()).map_or(0.0, |count| *count as f64),
            );
        }
        let block = world.docker.network_block;
        let subnets = store.subnet_count(block).await.map_err(store_failure)?;
        let limit = TENANT_PREFIX.checked_sub(block.prefix_len()).map_or(0.0, |bits| f64::from(bits).exp2());
        levels.add(Metric::Subnets, "used", subnets.used as f64);
        levels.add(Metric::Subnets, "quarantined", subnets.quarantined as f64);
        levels.add(Metric::Subnets, "limit", limit);
        let reach = world.servers.known(store).await?;
        // All at once, so that several that are away take no longer than one. They are told of by the look for drift; the
        // other levels are known all the same.
        let looks = reach.iter().filter_map(|one| Some((one.id, one.held.as_ref()?))).map(async |(id, held)| {
            let size = tokio::time::timeout(LONGEST_OF_SERVER, held.server.measure(false)).await;
            Some((id, size.ok()?.ok()?.open_connections))
        });
        let open: HashMap<ServerId, i64> = join_all(looks).await.into_iter().flatten().collect();
        for server in store.server_use(world.servers.connection_limit()).await.map_err(store_failure)? {
            let Some((measure, _)) = server.measured else { continue };
            levels.add(Metric::Databases, &server.name, measure.databases as f64);
            if let Some(bytes) = measure.databases_bytes {
                levels.add(Metric::DatabaseBytes, &server.name, bytes as f64);
            }
            if !reach.iter().any(|one| one.id == server.id && one.held.is_some()) {
                continue;
            }
            let limit = measure.max_connections - measure.reserved_connections;
            levels.add(Metric::Connections, &format!("{} limit", server.name), limit as f64);
            if let Some(open) = open.get(&server.id) {
                levels.add(Metric::Connections, &server.name, (open - 1).max(0) as f64);
            }
        }
        Ok(levels.0)
    }

    /// Adds what Traefik carried since the last look.
    async fn count_traffic(&mut self, at: Timestamp) -> Result<(), Failure> {
        let Some(url) = &self.world.metrics_url else { return Ok(()) };
        let now = self.world.probe.counters(url).await?;
        let Some(before) = &self.counted else {
            self.counted = Some(now);
            return Ok(());
        };
        let mut asked: Vec<(String, Tally)> = now
            .iter()
            .map(|(key, tally)| (key.clone(), before.get(key).map_or(*tally, |before| tally.since(before))))
            .collect();
        asked.retain(|(_, tally)| tally.requests > 0);
        if !asked.is_empty() {
            let keys: Vec<String> = asked.iter().map(|(key, _)| key.clone()).collect();
            let known = self.world.store.tenants_by_key(&keys).await.map_err(store_failure)?;
            let known: HashMap<String, TenantId> = known.into_iter().collect();
            let counted: Vec<(Option<TenantId>, Tally)> =
                asked.iter().map(|(key, tally)| (known.get(key).copied(), *tally)).collect();
            let span = SignedDuration::try_from(self.keeping.interval).unwrap_or_default();
            let begins = at.checked_sub(span).unwrap_or(at);
            let added = self.world.store.add_traffic(begins, self.keeping.interval, &counted).await;
            // Not written, it is counted at the next look.
            added.map_err(store_failure)?;
        }
        self.counted = Some(now);
        Ok(())
    }

    /// Makes old spans fewer, and removes those whose time is over.
    async fn tidy(&mut self) -> Result<(), Failure> {
        let store = &self.world.store;
        for (place, (span, age)) in [(MIDDLE_SPAN, FRESH), (LONG_SPAN, self.keeping.fine)].into_iter().enumerate() {
            let Some(from) = self.joined.get_mut(place) else { continue };
            for _ in 0..JOINED_AT_ONCE {
                match store.join_traffic(span, *from, age).await.map_err(store_failure)? {
                    Some(ends) => *from = ends,
                    None => break,
                }
            }
        }
        store.thin_levels(self.keeping.fine).await.map_err(store_failure)?;
        store.remove_series(self.keeping.all, REMOVED_AT_ONCE).await.map_err(store_failure)?;
        Ok(())
    }
}

#[derive(Default)]
struct Levels(Vec<Level>);

impl Levels {
    fn add(&mut self, metric: Metric, name: &str, value: f64) {
        self.0.push(Level { metric, name: name.to_owned(), value });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boundaries_are_those_of_every_process() {
        let now = Timestamp::from_millisecond(1_700_000_012_250).unwrap();
        let (last, wait) = boundary(now, Duration::from_secs(30));
        assert_eq!((last.as_second() % 30, wait), (0, Duration::from_millis(27_750)));
        let (last, wait) = boundary(last, Duration::from_secs(30));
        assert_eq!((last.as_second() % 30, wait), (0, Duration::from_secs(30)));
    }
}
