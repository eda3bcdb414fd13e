//! How many signups there may be: by network, mail domain, address and in all, counted in Redis for all serving processes
//! together. Without an answer from there nobody signs up.

use std::net::IpAddr;
use std::time::Duration;

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

/// Counts what strangers do.
#[derive(Clone, Debug)]
pub(in crate::api) struct SignupLimiter {
    limits: Limits,
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
    pub(in crate::api) const fn new(limits: Limits) -> Self {
        Self { limits }
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
        let mut limits =
            vec![(hourly("signup-network", budgets.network), &*network), (hourly("signup-all", budgets.total), "")];
        if let Some(email) = email {
            limits.push((hourly("signup-domain", budgets.mail_domain), email.domain()));
            limits.push((hourly("signup-address", budgets.mail_address), email.as_str()));
        }
        counted(self.limits.take_once(&limits, once).await)
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
