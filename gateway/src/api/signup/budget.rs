//! How many signups there may be: by network, mail domain, address and in all, counted in Redis for all serving processes
//! together. Without an answer from there nobody signs up.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};

use crate::api::auth::limiter::network;
use crate::api::problem::Refusal;
use crate::config::SignupBudgets;
use crate::domain::email::Email;
use crate::domain::failure::Failure;
use crate::infra::limits::{Limit, Limits};

const HOUR: Duration = Duration::from_secs(3600);
/// Looks at keys from one network: as fast as somebody types at first, then too slowly to list who is a customer.
const LOOKS: Limit = Limit { name: "signup-key-network", burst: 60, interval: Duration::from_secs(10) };
/// Looks at keys from everywhere.
const ALL_LOOKS: Limit = Limit { name: "signup-key-all", burst: 1200, interval: Duration::from_millis(200) };

/// How long a process goes by what Redis said about the budget of all. A refusal that rests on it stays true for longer, as
/// nothing is ever given back; the rest of a flood is then refused without a question to anybody.
const KNOWN: Duration = Duration::from_secs(1);

/// Counts what strangers do.
#[derive(Clone, Debug)]
pub(in crate::api) struct SignupLimiter {
    limits: Limits,
    total: Arc<Mutex<Total>>,
}

/// What a process knows of the budget of all.
#[derive(Debug, Default)]
struct Total {
    /// When Redis was last asked.
    asked_at: Option<Instant>,
    /// Until when it is used up, as Redis then said.
    free_at: Option<Instant>,
}

impl Total {
    fn is_fresh(&self, now: Instant) -> bool {
        self.asked_at.is_some_and(|at| now.saturating_duration_since(at) < KNOWN)
    }

    /// How long it is used up for sure.
    fn wait(&self, now: Instant) -> Option<Duration> {
        let wait = self.free_at.filter(|_| self.is_fresh(now))?.checked_duration_since(now)?;
        (!wait.is_zero()).then_some(wait)
    }
}

/// The budget of all signups together.
fn all(budgets: &SignupBudgets) -> Limit {
    hourly("signup-all", budgets.total)
}

/// So many in an hour, be it all at once.
fn hourly(name: &'static str, count: u32) -> Limit {
    Limit { name, burst: count, interval: HOUR / count.max(1) }
}

fn counted(taken: Result<Option<Duration>, Failure>) -> Result<(), Refusal> {
    match taken {
        Ok(None) => Ok(()),
        Ok(Some(wait)) => {
            let seconds = wait.as_secs() + 1;
            let detail = format!("there were too many of these; try again in {seconds} seconds");
            let refusal = Refusal::new(StatusCode::TOO_MANY_REQUESTS, "too_many_signups", "Too many signups", detail);
            Err(refusal.with_header(RETRY_AFTER, HeaderValue::from(seconds)))
        }
        Err(failure) => {
            let detail = "nobody can sign up while signups cannot be counted; try again";
            let refusal = Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "limits_unavailable", "Not available", detail);
            Err(refusal.with_header(RETRY_AFTER, HeaderValue::from_static("5")).because(&failure))
        }
    }
}

impl SignupLimiter {
    /// A limiter that counts there.
    pub(in crate::api) fn new(limits: Limits) -> Self {
        Self { limits, total: Arc::default() }
    }

    fn total(&self) -> MutexGuard<'_, Total> {
        self.total.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Refuses while the budget of all is known to be used up, without a question to Redis. Only for a call that cannot have
    /// been counted before.
    ///
    /// # Errors
    /// 429 with how long to wait.
    pub(super) fn require_any_left(&self) -> Result<(), Refusal> {
        counted(Ok(self.total().wait(Instant::now())))
    }

    /// Looks whether it is the budget of all that is used up, once for many refusals.
    async fn look_at_total(&self, budgets: &SignupBudgets) {
        {
            let mut total = self.total();
            if total.is_fresh(Instant::now()) {
                return;
            }
            *total = Total { asked_at: Some(Instant::now()), free_at: None };
        }
        match self.limits.look(all(budgets), "").await {
            Ok(wait) => self.total().free_at = wait.map(|wait| Instant::now() + wait),
            Err(failure) => tracing::debug!(code = failure.code, "the budget of all signups was not looked at"),
        }
    }

    /// Counts a signup before it is made. `once` names a call that is counted only the first time.
    ///
    /// # Errors
    /// 429 with how long to wait; 503 when signups cannot be counted.
    pub(super) async fn begin(
        &self,
        budgets: &SignupBudgets,
        email: Option<&Email>,
        address: IpAddr,
        once: Option<&str>,
    ) -> Result<(), Refusal> {
        let network = network(address);
        let mut limits = vec![(hourly("signup-network", budgets.network), &*network), (all(budgets), "")];
        if let Some(email) = email {
            limits.push((hourly("signup-domain", budgets.mail_domain), email.domain()));
            limits.push((hourly("signup-address", budgets.mail_address), email.as_str()));
        }
        let taken = self.limits.take_once(&limits, once).await;
        if matches!(taken, Ok(Some(_))) {
            self.look_at_total(budgets).await;
        }
        counted(taken)
    }

    /// Counts a letter that is sent again.
    ///
    /// # Errors
    /// As [`SignupLimiter::begin`].
    pub(super) async fn send_again(
        &self,
        budgets: &SignupBudgets,
        email: &str,
        once: Option<&str>,
    ) -> Result<(), Refusal> {
        counted(self.limits.take_once(&[(hourly("signup-address", budgets.mail_address), email)], once).await)
    }

    /// Counts a look at a key.
    ///
    /// # Errors
    /// As [`SignupLimiter::begin`].
    pub(super) async fn look(&self, address: IpAddr) -> Result<(), Refusal> {
        counted(self.limits.take(&[(LOOKS, &*network(address)), (ALL_LOOKS, "")]).await)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_goes_by_what_it_was_told_for_a_moment_only() {
        let now = Instant::now();
        let total = |asked: u64, free: u64| {
            Total { asked_at: Some(now), free_at: Some(now + Duration::from_millis(free)) }
                .wait(now + Duration::from_millis(asked))
        };
        assert_eq!(total(0, 400), Some(Duration::from_millis(400)));
        assert_eq!(total(300, 400), Some(Duration::from_millis(100)));
        assert_eq!(total(400, 400), None, "it is free");
        assert_eq!(total(500, 400), None, "it was free before");
        assert_eq!(total(1_000, 36_000), None, "it was told too long ago");
        assert_eq!(Total::default().wait(now), None);
    }
}
