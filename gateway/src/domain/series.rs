//! Numbers over time: what is counted, how counts of several processes are merged, and how a span of time is cut into points.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::domain::operation::words;

words!(
    /// What can be plotted.
    Metric {
        /// How long it takes until a new tenant is active, in seconds.
        ProvisionLatency => "provision_latency",
        /// Work on tenants that is open.
        QueueDepth => "queue_depth",
        /// How long the oldest of what is due has waited, in seconds.
        QueueWait => "queue_wait",
        /// How long a change of Traefik's tree has waited for Traefik to load it, in seconds.
        LoadWait => "load_wait",
        /// Requests a second.
        Requests => "requests",
        /// Requests a second that were answered with an error of the server.
        Errors => "errors",
        /// How long requests take, in seconds.
        Latency => "latency",
        /// Tenants by status.
        Tenants => "tenants",
        /// Tenants' databases by server.
        Databases => "databases",
        /// Their size in bytes by server.
        DatabaseBytes => "database_bytes",
        /// Open connections by server, beside how many tenants may have.
        Connections => "connections",
        /// Subnets of tenants.
        Subnets => "subnets",
    }
);

words!(
    /// What is counted of single tenants.
    TrafficMetric {
        /// See [`Metric::Requests`].
        Requests => "requests",
        /// See [`Metric::Errors`].
        Errors => "errors",
        /// See [`Metric::Latency`].
        Latency => "latency",
    }
);

words!(
    /// What a number counts.
    Unit {
        /// Seconds.
        Seconds => "seconds",
        /// Things a second.
        PerSecond => "per_second",
        /// Things.
        Count => "count",
        /// Bytes.
        Bytes => "bytes",
    }
);

/// Upper ends of the classes of durations, in seconds; what takes longer than the last is in a class of its own.
/// `traefik/traefik.yml` and `migrations/0016_series.sql` name the same.
pub const BOUNDS: [f64; 12] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
/// Classes of durations.
pub const CLASSES: usize = BOUNDS.len() + 1;

/// Requests of a span of time. Tallies of the same span add up exactly, whoever counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many there were.
    pub requests: u64,
    /// Of these answered with an error of the server.
    pub errors: u64,
    /// How many took how long, by the classes of [`BOUNDS`].
    pub durations: [u64; CLASSES],
}

/// The class of a duration.
#[must_use]
pub fn class_of(seconds: f64) -> usize {
    BOUNDS.iter().position(|bound| seconds <= *bound).unwrap_or(BOUNDS.len())
}

impl Tally {
    /// Counts a request.
    pub fn count(&mut self, took: Duration, is_error: bool) {
        self.requests += 1;
        self.errors += u64::from(is_error);
        if let Some(class) = self.durations.get_mut(class_of(took.as_secs_f64())) {
            *class += 1;
        }
    }

    /// Adds what somebody else counted.
    pub fn add(&mut self, other: &Self) {
        self.requests = self.requests.saturating_add(other.requests);
        self.errors = self.errors.saturating_add(other.errors);
        for (mine, theirs) in self.durations.iter_mut().zip(other.durations) {
            *mine = mine.saturating_add(theirs);
        }
    }

    /// What came since `earlier`, of counters that only rise. Where one is lower, they began anew, and all of it came since.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let began_anew = self.requests < earlier.requests
            || self.errors < earlier.errors
            || self.durations.iter().zip(earlier.durations).any(|(now, before)| *now < before);
        if began_anew {
            return *self;
        }
        let mut durations = self.durations;
        for (now, before) in durations.iter_mut().zip(earlier.durations) {
            *now -= before;
        }
        Self { requests: self.requests - earlier.requests, errors: self.errors - earlier.errors, durations }
    }

    /// How long the given part of the requests took at most, in seconds: exact to the class, and a straight line within it.
    /// `None` where there was none. What is beyond the last bound is said to be that bound.
    #[must_use]
    pub fn quantile(&self, part: f64) -> Option<f64> {
        let total: u64 = self.durations.iter().sum();
        if total == 0 {
            return None;
        }
        let wanted = part * total as f64;
        let (mut below, mut from) = (0.0, 0.0);
        for (count, to) in self.durations.iter().zip(BOUNDS) {
            let count = *count as f64;
            if count > 0.0 && below + count >= wanted {
                return Some(from + (to - from) * ((wanted - below) / count).clamp(0.0, 1.0));
            }
            below += count;
            from = to;
        }
        BOUNDS.last().copied()
    }
}

/// Points of an answer at most.
pub const MOST_POINTS: i64 = 1_500;
/// Distances that people read well, in seconds.
const STEPS: [i64; 14] = [1, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400];

/// How long numbers are kept, and how fine.
#[derive(Clone, Copy, Debug)]
pub struct Keeping {
    /// Length of the spans that are counted, in whole seconds.
    pub interval: Duration,
    /// How long spans shorter than an hour are kept.
    pub fine: Duration,
    /// How long spans of an hour are kept.
    pub all: Duration,
}

/// Spans as they are counted are kept for so long; then those of [`MIDDLE_SPAN`].
pub const FRESH: Duration = Duration::from_secs(6 * 3600);
/// Length of the spans that fresh ones become.
pub const MIDDLE_SPAN: Duration = Duration::from_secs(300);
/// Length of the spans that those become.
pub const LONG_SPAN: Duration = Duration::from_secs(3600);

fn seconds(time: Duration) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}

impl Keeping {
    /// The shortest distance of points that begin at an age: what is kept of that time is no finer.
    fn finest(&self, age: i64) -> i64 {
        if age > seconds(self.fine) {
            seconds(LONG_SPAN)
        } else if age > seconds(FRESH) {
            seconds(MIDDLE_SPAN)
        } else {
            seconds(self.interval)
        }
        .max(seconds(self.interval))
    }
}

/// A span of time cut into points of one distance. Point `n` is about the `step` seconds that begin at `from + n * step`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    from: i64,
    step: i64,
    count: i64,
    now: i64,
}

impl Window {
    /// Cuts the time between two moments into at most [`MOST_POINTS`] points, no closer than `wanted` seconds and than what
    /// is kept. Both ends go outwards to a whole number of steps; nothing begins before what is kept.
    #[must_use]
    pub fn cut(from: Timestamp, to: Timestamp, wanted: Option<i64>, now: Timestamp, keeping: &Keeping) -> Self {
        let now = now.as_second();
        let from = from.as_second().max(now.saturating_sub(seconds(keeping.all)));
        let to = to.as_second().max(from.saturating_add(1));
        let least = keeping.finest(now.saturating_sub(from));
        let needed = (to - from).div_euclid(MOST_POINTS - 2) + 1;
        let fits = |step: &i64| *step >= least.max(needed).max(wanted.unwrap_or(1)) && step % least == 0;
        let longest = least.max(needed).max(wanted.unwrap_or(1));
        // Beyond a day between points, or with an interval that none of the list is a multiple of.
        let step = STEPS.into_iter().find(fits).unwrap_or_else(|| (longest + least - 1) / least * least);
        let begin = from.div_euclid(step) * step;
        let count = (to - begin + step - 1).div_euclid(step);
        Self { from: begin, step, count, now }
    }

    /// When the first point begins.
    #[must_use]
    pub fn from(&self) -> Timestamp {
        Timestamp::from_second(self.from).unwrap_or_default()
    }

    /// When the last point ends.
    #[must_use]
    pub fn to(&self) -> Timestamp {
        Timestamp::from_second(self.from + self.step * self.count).unwrap_or_default()
    }

    /// Seconds between two points.
    #[must_use]
    pub const fn step(&self) -> i64 {
        self.step
    }

    /// When each point begins, in seconds since 1970.
    #[must_use]
    pub fn times(&self) -> Vec<i64> {
        (0..self.count).map(|place| self.from + place * self.step).collect()
    }

    /// The point that a moment belongs to.
    #[must_use]
    pub fn place_of(&self, at: Timestamp) -> Option<usize> {
        let place = (at.as_second() - self.from).div_euclid(self.step);
        usize::try_from(place).ok().filter(|_| place < self.count)
    }

    /// One value for each point that has begun; `None` for those to come.
    #[must_use]
    pub fn fill(&self, value: impl Fn(usize) -> Option<f64>) -> Vec<Option<f64>> {
        let begun = |place: usize| self.from + self.step * i64::try_from(place).unwrap_or(i64::MAX) <= self.now;
        (0..usize::try_from(self.count).unwrap_or_default()).map(|n| value(n).filter(|_| begun(n))).collect()
    }

    /// The values of something that holds until it changes: of each point the last one known by its end. `changes` are in
    /// order; one is believed for `trusted` at most, since whoever wrote it may be gone.
    #[must_use]
    pub fn hold(&self, changes: &[(Timestamp, f64)], trusted: SignedDuration) -> Vec<Option<f64>> {
        let trusted = trusted.as_secs();
        self.fill(|place| {
            let end = self.from + self.step * (i64::try_from(place).unwrap_or(i64::MAX - 1) + 1);
            let known = changes.partition_point(|(at, _)| at.as_second() < end);
            let (at, value) = changes.get(known.checked_sub(1)?)?;
            (at.as_second() >= end.min(self.now) - self.step - trusted).then_some(*value)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEEPING: Keeping = Keeping {
        interval: Duration::from_secs(30),
        fine: Duration::from_secs(259_200),
        all: Duration::from_secs(2_592_000),
    };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn counts_add_up_and_counters_that_begin_anew_are_taken_whole() {
        let mut one = Tally::default();
        one.count(Duration::from_millis(3), false);
        one.count(Duration::from_millis(10), true);
        let mut other = one;
        other.count(Duration::from_secs(60), false);
        assert_eq!(other.since(&one).durations[CLASSES - 1], 1);
        assert_eq!(other.since(&one).requests, 1);
        assert_eq!(one.since(&other), one);
        one.add(&other);
        assert_eq!((one.requests, one.errors, one.durations[0], one.durations[1]), (5, 2, 2, 2));
    }

    #[test]
    fn a_quantile_lies_in_the_class_that_holds_it() {
        assert_eq!(Tally::default().quantile(0.5), None);
        let mut tally = Tally::default();
        for _ in 0..90 {
            tally.count(Duration::from_millis(7), false);
        }
        for _ in 0..10 {
            tally.count(Duration::from_millis(400), false);
        }
        let median = tally.quantile(0.5).unwrap();
        assert!((0.005..=0.01).contains(&median), "{median}");
        let slow = tally.quantile(0.95).unwrap();
        assert!((0.25..=0.5).contains(&slow), "{slow}");
        let mut endless = Tally::default();
        endless.count(Duration::from_secs(100), false);
        assert_eq!(endless.quantile(0.95), Some(30.0));
    }

    #[test]
    fn points_are_few_and_no_finer_than_what_is_kept() {
        let now = at(1_800_000_000);
        for (hours, wanted, step) in [
            (1, None, 30),
            (6, None, 30),
            (24, None, 300),
            (24, Some(60), 300),
            (100, None, 3_600),
            (1, Some(100), 120),
        ] {
            let window = Window::cut(at(now.as_second() - hours * 3_600), now, wanted, now, &KEEPING);
            assert_eq!(window.step(), step, "{hours} h, {wanted:?}");
            assert!(window.times().len() as i64 <= MOST_POINTS);
            assert_eq!(window.times()[0] % step, 0);
            assert!(window.times()[0] <= now.as_second() - hours * 3_600 && window.to() >= now);
        }
        let ages = Window::cut(at(0), now, None, now, &KEEPING);
        assert!(now.as_second() - ages.times()[0] <= 2_592_000 + ages.step());
    }

    #[test]
    fn a_moment_belongs_to_one_point_and_the_future_to_none() {
        let window = Window::cut(at(600), at(720), Some(60), at(650), &KEEPING);
        assert_eq!((window.times(), window.step()), (vec![600, 660], 60));
        assert_eq!(
            (window.place_of(at(659)), window.place_of(at(660)), window.place_of(at(720))),
            (Some(0), Some(1), None)
        );
        assert_eq!(window.place_of(at(599)), None);
        assert_eq!(window.fill(|place| Some(place as f64)), [Some(0.0), None]);
    }

    #[test]
    fn what_holds_is_carried_on_until_it_is_too_old() {
        let window = Window::cut(at(600), at(900), Some(60), at(10_000), &KEEPING);
        let changes = [(at(500), 1.0), (at(700), 2.0)];
        let held = window.hold(&changes, SignedDuration::from_secs(120));
        assert_eq!(held, [Some(1.0), Some(2.0), Some(2.0), Some(2.0), None]);
        assert_eq!(window.hold(&[], SignedDuration::from_secs(120)), [None; 5]);
    }
}
