//! What keeps a part that is down from holding the worker's places: after a step found it unreachable, steps that need
//! it fail at once for a while, except one at a time that tries.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::domain::failure::Failure;
use crate::domain::operation::StepKind;
use crate::domain::server::ServerName;

/// First and longest time during which a part found unreachable is not asked.
const REST: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(10));
/// A part that answered this recently is not asked beforehand whether it is there.
const FRESH: Duration = Duration::from_secs(1);

/// A part outside that there is one of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Docker Engine.
    Engine,
    /// Traefik's Redis.
    Redis,
    /// Traefik.
    Edge,
}

/// What a step depends on beside the control database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dependency {
    /// The server that its tenant is on.
    DatabaseServer,
    /// The same for all tenants.
    Part(Part),
}

impl Dependency {
    /// What a step depends on; `None` when on the control database only.
    #[must_use]
    pub const fn of(step: StepKind) -> Option<Self> {
        match step {
            StepKind::Allocate => None,
            StepKind::Role | StepKind::Database | StepKind::Migrations => Some(Self::DatabaseServer),
            StepKind::Network | StepKind::Container => Some(Self::Part(Part::Engine)),
            StepKind::Route => Some(Self::Part(Part::Redis)),
            StepKind::Proof => Some(Self::Part(Part::Edge)),
        }
    }
}

/// The breakers of the parts that there is one of. Each database server has its own beside it.
#[derive(Debug)]
pub struct Breakers {
    engine: Breaker,
    redis: Breaker,
    edge: Breaker,
}

/// What is known of one part.
#[derive(Debug)]
pub struct Breaker {
    /// What people call the part.
    name: String,
    /// The code of the failure that says it cannot be reached.
    unreachable: &'static str,
    state: Mutex<State>,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    answered: Option<Instant>,
    /// How long the present rest is and when it ends; `None` while the part answers.
    resting: Option<(Duration, Instant)>,
}

impl Default for Breakers {
    fn default() -> Self {
        Self {
            engine: Breaker::new("Docker Engine".to_owned(), "docker_unreachable"),
            redis: Breaker::new("Redis".to_owned(), "redis_unreachable"),
            edge: Breaker::new("Traefik's entry point".to_owned(), "edge_unreachable"),
        }
    }
}

impl Breakers {
    /// The breaker of a part.
    #[must_use]
    pub const fn of(&self, part: Part) -> &Breaker {
        match part {
            Part::Engine => &self.engine,
            Part::Redis => &self.redis,
            Part::Edge => &self.edge,
        }
    }
}

impl Breaker {
    fn new(name: String, unreachable: &'static str) -> Self {
        Self { name, unreachable, state: Mutex::default() }
    }

    /// The breaker of a database server.
    #[must_use]
    pub fn of_server(name: &ServerName) -> Self {
        Self::new(format!("the database server {name}"), "database_server_unreachable")
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the part was found unreachable and has not answered since.
    #[must_use]
    pub fn is_resting(&self) -> bool {
        self.state().resting.is_some()
    }

    /// Lets a step use the part. Says whether the part answered just now, so that no look at it is needed first.
    ///
    /// # Errors
    /// The part's own `…_unreachable`, retryable, while it rests.
    pub fn admit(&self) -> Result<bool, Failure> {
        let now = Instant::now();
        let mut state = self.state();
        match state.resting {
            Some((_, until)) if now < until => {
                let text = format!("{} did not answer just now; it is tried again shortly", self.name);
                Err(Failure::unavailable(self.unreachable, text))
            }
            Some((rest, _)) => {
                // This step tries; the others wait for what it finds.
                state.resting = Some((rest, now + rest));
                Ok(false)
            }
            None => Ok(state.answered.is_some_and(|at| now.duration_since(at) < FRESH)),
        }
    }

    /// Takes note of how a step that used the part ended. A failure that is not of the part says nothing about it.
    pub fn note(&self, failure: Option<&Failure>) {
        let now = Instant::now();
        let mut state = self.state();
        if failure.is_some_and(|failure| failure.code == self.unreachable) {
            let rest = state.resting.map_or(REST.0, |(rest, _)| (rest * 2).min(REST.1));
            if state.resting.is_none() {
                tracing::warn!(part = self.name, "a part does not answer; steps that need it fail at once for a while");
            }
            state.resting = Some((rest, now + rest));
        } else if failure.is_none() {
            if state.resting.is_some() {
                tracing::info!(part = self.name, "the part answers again");
            }
            *state = State { answered: Some(now), resting: None };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_found_unreachable_rests_and_one_step_at_a_time_tries() {
        let breakers = Breakers::default();
        let redis = breakers.of(Part::Redis);
        let gone = Failure::unavailable("redis_unreachable", "x");
        assert!(!redis.admit().unwrap());
        redis.note(Some(&gone));
        assert_eq!(redis.admit().unwrap_err().code, "redis_unreachable");
        assert!(redis.is_resting());
        assert!(breakers.of(Part::Engine).admit().is_ok(), "other parts are not concerned");
        redis.state().resting = Some((REST.0, Instant::now()));
        assert!(redis.admit().is_ok(), "the rest is over: one tries");
        assert!(redis.admit().is_err(), "and the others wait for it");
        redis.note(None);
        assert!(redis.admit().unwrap(), "it answers again");
        assert!(!redis.is_resting());
    }

    #[test]
    fn a_tenant_s_own_failure_says_nothing_about_the_part() {
        let breakers = Breakers::default();
        let engine = breakers.of(Part::Engine);
        engine.note(Some(&Failure::permanent("image_missing", "x")));
        assert!(engine.admit().is_ok());
    }

    #[test]
    fn each_database_server_rests_by_itself() {
        let [one, two] = ["one", "two"].map(|name| Breaker::of_server(&ServerName::parse(name).unwrap()));
        one.note(Some(&Failure::unavailable("database_server_unreachable", "x")));
        let refused = one.admit().unwrap_err();
        assert_eq!(refused.code, "database_server_unreachable");
        assert!(refused.message.contains("database server one"), "{refused}");
        assert!(two.admit().is_ok() && !two.is_resting());
    }
}
