//! What keeps a part that is down from holding the worker's places: after a step found it unreachable, steps that need
//! it fail at once for a while, except one at a time that tries.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::domain::failure::Failure;
use crate::domain::operation::StepKind;

/// First and longest time during which a part found unreachable is not asked.
const REST: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(10));
/// A part that answered this recently is not asked beforehand whether it is there.
const FRESH: Duration = Duration::from_secs(1);

/// A part outside that steps depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dependency {
    /// The server tenants are placed on.
    DatabaseServer,
    /// Docker Engine.
    Engine,
    /// Traefik's Redis.
    Redis,
    /// Traefik.
    Edge,
}

impl Dependency {
    /// What a step depends on; `None` when on the control database only.
    #[must_use]
    pub const fn of(step: StepKind) -> Option<Self> {
        match step {
            StepKind::Allocate => None,
            StepKind::Role | StepKind::Database | StepKind::Migrations => Some(Self::DatabaseServer),
            StepKind::Network | StepKind::Container => Some(Self::Engine),
            StepKind::Route => Some(Self::Redis),
            StepKind::Proof => Some(Self::Edge),
        }
    }

    /// The code of the failure that says it cannot be reached.
    const fn unreachable(self) -> &'static str {
        match self {
            Self::DatabaseServer => "database_server_unreachable",
            Self::Engine => "docker_unreachable",
            Self::Redis => "redis_unreachable",
            Self::Edge => "edge_unreachable",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::DatabaseServer => "the database server",
            Self::Engine => "Docker Engine",
            Self::Redis => "Redis",
            Self::Edge => "Traefik's entry point",
        }
    }
}

/// One breaker for each part.
#[derive(Debug, Default)]
pub struct Breakers {
    database_server: Breaker,
    engine: Breaker,
    redis: Breaker,
    edge: Breaker,
}

#[derive(Debug, Default)]
struct Breaker(Mutex<State>);

#[derive(Clone, Copy, Debug, Default)]
struct State {
    answered: Option<Instant>,
    /// How long the present rest is and when it ends; `None` while the part answers.
    resting: Option<(Duration, Instant)>,
}

impl Breakers {
    const fn of(&self, part: Dependency) -> &Breaker {
        match part {
            Dependency::DatabaseServer => &self.database_server,
            Dependency::Engine => &self.engine,
            Dependency::Redis => &self.redis,
            Dependency::Edge => &self.edge,
        }
    }

    /// Lets a step use a part. Says whether the part answered just now, so that no look at it is needed first.
    ///
    /// # Errors
    /// The part's own `…_unreachable`, retryable, while it rests.
    pub fn admit(&self, part: Dependency) -> Result<bool, Failure> {
        let now = Instant::now();
        let mut state = self.of(part).0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match state.resting {
            Some((_, until)) if now < until => {
                let text = format!("{} did not answer just now; it is tried again shortly", part.name());
                Err(Failure::unavailable(part.unreachable(), text))
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
    pub fn note(&self, part: Dependency, failure: Option<&Failure>) {
        let now = Instant::now();
        let mut state = self.of(part).0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if failure.is_some_and(|failure| failure.code == part.unreachable()) {
            let rest = state.resting.map_or(REST.0, |(rest, _)| (rest * 2).min(REST.1));
            if state.resting.is_none() {
                tracing::warn!(
                    part = part.name(),
                    "a part does not answer; steps that need it fail at once for a while"
                );
            }
            state.resting = Some((rest, now + rest));
        } else if failure.is_none() {
            if state.resting.is_some() {
                tracing::info!(part = part.name(), "the part answers again");
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
        let gone = Failure::unavailable("redis_unreachable", "x");
        assert!(!breakers.admit(Dependency::Redis).unwrap());
        breakers.note(Dependency::Redis, Some(&gone));
        assert_eq!(breakers.admit(Dependency::Redis).unwrap_err().code, "redis_unreachable");
        assert!(breakers.admit(Dependency::Engine).is_ok(), "other parts are not concerned");
        breakers.redis.0.lock().unwrap().resting = Some((REST.0, Instant::now()));
        assert!(breakers.admit(Dependency::Redis).is_ok(), "the rest is over: one tries");
        assert!(breakers.admit(Dependency::Redis).is_err(), "and the others wait for it");
        breakers.note(Dependency::Redis, None);
        assert!(breakers.admit(Dependency::Redis).unwrap(), "it answers again");
    }

    #[test]
    fn a_tenant_s_own_failure_says_nothing_about_the_part() {
        let breakers = Breakers::default();
        breakers.note(Dependency::Engine, Some(&Failure::permanent("image_missing", "x")));
        assert!(breakers.admit(Dependency::Engine).is_ok());
    }
}
