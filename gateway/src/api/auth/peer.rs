//! Where a request comes from, as far as it can be believed.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use ipnet::IpNet;

/// The client of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its address: the connection's, or the one a trusted proxy saw.
    pub address: IpAddr,
    /// Whether it speaks TLS to the outermost trusted proxy.
    pub is_https: bool,
}

impl Peer {
    /// Reads the connection and, where that is a trusted proxy, what it forwards.
    #[must_use]
    pub fn of(parts: &Parts, trusted: &[IpNet]) -> Self {
        let connection = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        Self::of_headers(connection.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)), &parts.headers, trusted)
    }

    fn of_headers(connection: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Self {
        let connection = connection.to_canonical();
        let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
        if !is_trusted(&connection) {
            return Self { address: connection, is_https: false };
        }
        let mut address = connection;
        let hops = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
        let hops: Vec<&str> = hops.flat_map(|line| line.split(',')).map(str::trim).collect();
        // From the right: each trusted proxy vouches for the hop before it.
        for hop in hops.into_iter().rev() {
            let Ok(hop) = hop.parse::<IpAddr>() else { break };
            address = hop.to_canonical();
            if !is_trusted(&address) {
                break;
            }
        }
        let scheme = headers.get("x-forwarded-proto").and_then(|value| value.to_str().ok());
        Self { address, is_https: scheme == Some("https") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(connection: &str, forwarded: &str, scheme: &'static str) -> (String, bool) {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", forwarded.parse().unwrap());
        headers.insert("x-forwarded-proto", scheme.parse().unwrap());
        let trusted = ["127.0.0.0/8".parse().unwrap(), "10.0.0.0/8".parse().unwrap()];
        let found = Peer::of_headers(connection.parse().unwrap(), &headers, &trusted);
        (found.address.to_string(), found.is_https)
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        assert_eq!(peer("192.0.2.1", "198.51.100.7", "https"), ("192.0.2.1".into(), false));
        assert_eq!(peer("127.0.0.1", "198.51.100.7", "https"), ("198.51.100.7".into(), true));
        assert_eq!(peer("::ffff:127.0.0.1", "198.51.100.7", "http"), ("198.51.100.7".into(), false));
        assert_eq!(peer("127.0.0.1", "9.9.9.9, 198.51.100.7, 10.0.0.2", "http"), ("198.51.100.7".into(), false));
        assert_eq!(peer("127.0.0.1", "nonsense", "http"), ("127.0.0.1".into(), false));
    }
}
