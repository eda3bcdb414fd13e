//! Slows down the guessing of passwords: by account and address, by network, by account, and over all, in every process that
//! serves together. Without an answer from Redis nobody logs in: sessions that exist go on.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};

use crate::api::problem::Refusal;
use crate::infra::limits::{Limit, Limits};

/// Ten from one address, then one in half a minute.
const ACCOUNT_AND_ADDRESS: Limit = Limit { name: "login-pair", burst: 10, interval: Duration::from_secs(30) };
/// For all accounts from one network, /24 or /64.
const NETWORK: Limit = Limit { name: "login-network", burst: 100, interval: Duration::from_secs(3) };
/// From everywhere; high, as it lets strangers keep somebody out.
const ACCOUNT: Limit = Limit { name: "login-account", burst: 200, interval: Duration::from_secs(5) };
/// Each attempt costs a tenth of a second of a core.
const EVERYBODY: Limit = Limit { name: "login-all", burst: 500, interval: Duration::from_millis(100) };

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

fn too_many(wait: Duration) -> Refusal {
    let seconds = wait.as_secs() + 1;
    let detail = format!("too many attempts to log in; try again in {seconds} seconds");
    Refusal::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", "Too many attempts", detail)
        .with_header(RETRY_AFTER, HeaderValue::from(seconds))
}

impl LoginLimiter {
    /// A limiter that counts there.
    #[must_use]
    pub const fn new(limits: Limits) -> Self {
        Self { limits }
    }

    /// Counts an attempt before it is made, so that attempts at the same time cannot slip through.
    ///
    /// # Errors
    /// 429 with how long to wait; 503 when attempts cannot be counted.
    pub async fn begin(&self, email: &str, address: IpAddr) -> Result<(), Refusal> {
        let (pair, network) = (pair(email, address), network(address));
        let limits = [(ACCOUNT_AND_ADDRESS, &*pair), (NETWORK, &*network), (ACCOUNT, email), (EVERYBODY, "")];
        match self.limits.take(&limits).await {
            Ok(None) => Ok(()),
            Ok(Some(wait)) => Err(too_many(wait)),
            Err(failure) => {
                let detail = "nobody can log in while attempts cannot be counted; try again";
                let refusal =
                    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "limits_unavailable", "Not available", detail);
                Err(refusal.with_header(RETRY_AFTER, HeaderValue::from_static("5")).because(&failure))
            }
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
