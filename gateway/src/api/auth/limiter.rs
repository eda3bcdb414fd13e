//! Slows down the guessing of passwords and codes, and the sending of letters: by account and address, by network, by
//! account, and over all, in every process that serves together. Without an answer from Redis nobody logs in: sessions that
//! exist go on.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};

use crate::api::problem::Refusal;
use crate::domain::ids::UserId;
use crate::infra::limits::{Limit, Limits};

/// Ten from one address, then one in half a minute.
const ACCOUNT_AND_ADDRESS: Limit = Limit { name: "login-pair", burst: 10, interval: Duration::from_secs(30) };
/// For all accounts from one network, /24 or /64.
const NETWORK: Limit = Limit { name: "login-network", burst: 100, interval: Duration::from_secs(3) };
/// From everywhere; high, as it lets strangers keep somebody out.
const ACCOUNT: Limit = Limit { name: "login-account", burst: 200, interval: Duration::from_secs(5) };
/// Each attempt costs a tenth of a second of a core.
const EVERYBODY: Limit = Limit { name: "login-all", burst: 500, interval: Duration::from_millis(100) };
/// Codes of authenticator apps that somebody with the password tries: 300 a day meet one of the three that are right out of
/// a million in three years.
const CODE: Limit = Limit { name: "login-code", burst: 10, interval: Duration::from_secs(300) };
/// Letters to one address, so that nobody is flooded.
const LETTER: Limit = Limit { name: "reset-account", burst: 3, interval: Duration::from_secs(600) };
/// Asked for by one network.
const LETTER_NETWORK: Limit = Limit { name: "reset-network", burst: 20, interval: Duration::from_secs(30) };
/// Links that one network follows; they cannot be guessed, but each costs a query.
const LINK: Limit = Limit { name: "link-network", burst: 100, interval: Duration::from_secs(3) };

/// Counts attempts to log in.
#[derive(Clone, Debug)]
pub struct LoginLimiter {
    limits: Limits,
}

/// The network of an address, /24 or /64: who has one address there often has more.
pub(in crate::api) fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(address) => format!("{}/64", Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
    }
}

fn pair(email: &str, address: IpAddr) -> String {
    format!("{address} {email}")
}

/// 429 with how long to wait.
pub(super) fn too_many(wait: Duration) -> Refusal {
    let seconds = wait.as_secs() + 1;
    let detail = format!("too many attempts; try again in {seconds} seconds");
    Refusal::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", "Too many attempts", detail)
        .with_header(RETRY_AFTER, HeaderValue::from(seconds))
}

impl LoginLimiter {
    /// A limiter that counts there.
    #[must_use]
    pub const fn new(limits: Limits) -> Self {
        Self { limits }
    }

    async fn count(&self, limits: &[(Limit, &str)]) -> Result<(), Refusal> {
        match self.limits.take(limits).await {
            Ok(None) => Ok(()),
            Ok(Some(wait)) => Err(too_many(wait)),
            Err(failure) => {
                let detail = "this cannot be done while attempts cannot be counted; try again";
                let refusal =
                    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "limits_unavailable", "Not available", detail);
                Err(refusal.with_header(RETRY_AFTER, HeaderValue::from_static("5")).because(&failure))
            }
        }
    }

    /// Counts an attempt at a password before it is made, so that attempts at the same time cannot slip through.
    ///
    /// # Errors
    /// 429 with how long to wait; 503 when attempts cannot be counted.
    pub async fn begin(&self, email: &str, address: IpAddr) -> Result<(), Refusal> {
        let (pair, network) = (pair(email, address), network(address));
        self.count(&[(ACCOUNT_AND_ADDRESS, &pair), (NETWORK, &network), (ACCOUNT, email), (EVERYBODY, "")]).await
    }

    /// Counts a code that somebody with the password tries.
    ///
    /// # Errors
    /// As [`LoginLimiter::begin`].
    pub async fn begin_code(&self, user: UserId) -> Result<(), Refusal> {
        self.count(&[(CODE, &user.to_string())]).await
    }

    /// Counts a letter that is asked for, whether or not there is such an account.
    ///
    /// # Errors
    /// As [`LoginLimiter::begin`].
    pub async fn begin_letter(&self, email: &str, address: IpAddr) -> Result<(), Refusal> {
        self.count(&[(LETTER, email), (LETTER_NETWORK, &network(address))]).await
    }

    /// Counts a link that is followed.
    ///
    /// # Errors
    /// As [`LoginLimiter::begin`].
    pub async fn begin_link(&self, address: IpAddr) -> Result<(), Refusal> {
        self.count(&[(LINK, &network(address))]).await
    }

    /// Forgets the codes that were tried after one that was right.
    pub async fn succeed_code(&self, user: UserId) {
        if let Err(failure) = self.limits.forget(CODE, &user.to_string()).await {
            tracing::info!(code = failure.code, "attempts at a code are not forgotten");
        }
    }

    /// Forgets the attempts on an account from an address after one that succeeded.
    pub async fn succeed(&self, email: &str, address: IpAddr) {
        if let Err(failure) = self.limits.forget(ACCOUNT_AND_ADDRESS, &pair(email, address)).await {
            tracing::info!(code = failure.code, "attempts to log in are not forgotten");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_network_count_together() {
        let network = |text: &str| network(text.parse().unwrap());
        assert_eq!(network("192.0.2.7"), network("192.0.2.250"));
        assert_ne!(network("192.0.2.7"), network("192.0.3.7"));
        assert_eq!(network("2001:db8:1:2:3::4"), "2001:db8:1:2::/64");
    }
}
