//! Which peers may speak for somebody else.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

/// Addresses of the proxies in front of this port. Only they may name a tenant or a client address.
#[derive(Clone, Debug, Default)]
pub struct TrustedPeers(Vec<IpNet>);

impl TrustedPeers {
    /// Trusts every address inside one of `networks`; an empty list trusts nobody.
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// Whether the address the connection came from is trusted.
    pub fn contains(&self, peer: SocketAddr) -> bool {
        let address = plain_address(peer);
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// The peer's address; a dual-stack listener reports IPv4 clients as `::ffff:a.b.c.d`, which no IPv4 network contains.
pub fn plain_address(peer: SocketAddr) -> IpAddr {
    peer.ip().to_canonical()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapped_address_is_the_address_it_maps() {
        let trusted = TrustedPeers::new(vec!["10.1.0.0/16".parse().unwrap(), "fd00::/8".parse().unwrap()]);
        for (peer, expected) in [
            ("10.1.2.3:1", true),
            ("[::ffff:10.1.2.3]:1", true),
            ("[fd00::1]:1", true),
            ("10.2.2.3:1", false),
            ("[::1]:1", false),
        ] {
            assert_eq!(trusted.contains(peer.parse().unwrap()), expected, "{peer}");
        }
        assert!(!TrustedPeers::default().contains("127.0.0.1:1".parse().unwrap()));
    }
}
