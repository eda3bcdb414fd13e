//! Database servers: what they are called, where they answer, and whether they take tenants.

use std::fmt;
use std::net::Ipv6Addr;

use crate::domain::operation::words;

/// The server that the settings describe.
pub const DEFAULT_SERVER: &str = "default";
/// Most tenants that can be asked for as a capacity.
pub const MAX_CAPACITY: i32 = 1_000_000;
/// Greatest weight.
pub const MAX_WEIGHT: i32 = 1000;
/// Least and most times that a server's connections may be promised.
pub const OVERCOMMIT: (f64, f64) = (0.1, 1000.0);
/// Longest name of a host, in bytes (RFC 1035).
const MAX_HOST: usize = 253;
/// Longest part of such a name between two dots.
const MAX_LABEL: usize = 63;

words!(
    /// Whether a database server takes new tenants.
    ServerState {
        /// It does.
        Active => "active",
        /// It does not, as it is to be emptied.
        Draining => "draining",
        /// It does not, as it is not there.
        Offline => "offline",
    }
);

/// A server's name: 1 to 40 of a-z, 0-9 and hyphen, with none at the ends. Never changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServerName(String);

impl ServerName {
    /// Parses a name; `None` where it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_fit = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        let is_name = (1..=40).contains(&text.len()) && is_fit && !text.starts_with('-') && !text.ends_with('-');
        is_name.then(|| Self(text.to_owned()))
    }

    /// The name of the server that the settings describe.
    #[must_use]
    pub fn of_settings() -> Self {
        Self(DEFAULT_SERVER.to_owned())
    }

    /// Whether the settings say where this server is.
    #[must_use]
    pub fn is_of_settings(&self) -> bool {
        self.0 == DEFAULT_SERVER
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ServerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where tenants' apps reach a server: `host:port`, the host being a name, an IPv4 address, or an IPv6 address in brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerAddress(String);

impl ServerAddress {
    /// Parses an address; `None` where it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (host, port) = text.rsplit_once(':')?;
        let is_plain = port.bytes().all(|byte| byte.is_ascii_digit()) && !port.starts_with('0');
        let is_port = is_plain && port.parse::<u16>().is_ok();
        (is_port && is_host(host)).then(|| Self(text.to_owned()))
    }

    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Names of containers may hold an underscore, so hosts may, too.
fn is_host(text: &str) -> bool {
    if let Some(inside) = text.strip_prefix('[') {
        return inside.strip_suffix(']').is_some_and(|address| address.parse::<Ipv6Addr>().is_ok());
    }
    let is_label = |label: &str| {
        let is_fit = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        (1..=MAX_LABEL).contains(&label.len()) && is_fit && !label.starts_with('-') && !label.ends_with('-')
    };
    text.len() <= MAX_HOST && text.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words_of_a_url() {
        assert!(["a", "eu-1", "default", &"a".repeat(40)].iter().all(|name| ServerName::parse(name).is_some()));
        for bad in ["", "-a", "a-", "A", "a b", "a_b", "a.b", &"a".repeat(41)] {
            assert_eq!(ServerName::parse(bad), None, "{bad}");
        }
        assert!(ServerName::of_settings().is_of_settings() && !ServerName::parse("eu").unwrap().is_of_settings());
    }

    #[test]
    fn an_address_is_a_host_and_a_port() {
        for good in ["db:5432", "10.0.0.7:1", "a.b-c.example:65535", "postgres_1:5432", "[::1]:5432", "[fd00::7]:6432"]
        {
            assert!(ServerAddress::parse(good).is_some(), "{good}");
        }
        let long = format!("{}:1", "a".repeat(64));
        for bad in
            ["", "db", "db:", ":5432", "db:0", "db:05432", "db:65536", "db:+1", "db:x", "::1:5432", "[::1]", "[db]:1"]
        {
            assert_eq!(ServerAddress::parse(bad), None, "{bad}");
        }
        for bad in ["a b:1", "a..b:1", ".a:1", "-a:1", "a/b:1", "u@a:1", "postgres://a:1", "ä:1", &long] {
            assert_eq!(ServerAddress::parse(bad), None, "{bad}");
        }
    }
}
