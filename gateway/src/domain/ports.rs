//! Where Traefik reaches the tenant ports of this control plane's servers.

use url::Url;

/// Servers of one control plane at most.
pub const MAX_SERVERS: usize = 16;
/// Whoever asks a tenant port for this host asks whether it is to get requests. No tenant has it: nobody can own a name below
/// `invalid` (RFC 6761).
pub const HEALTH_HOST: &str = "health.gateway.invalid";

/// The URLs of one or more tenant ports, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantPorts(Vec<Url>);

impl TenantPorts {
    /// These, in this order.
    ///
    /// # Errors
    /// What is wrong with the list, in words.
    pub fn of(urls: Vec<Url>) -> Result<Self, String> {
        if urls.is_empty() {
            return Err("must name at least one".to_owned());
        }
        if urls.len() > MAX_SERVERS {
            return Err(format!("may name {MAX_SERVERS} at most"));
        }
        match urls.iter().enumerate().find(|(place, url)| urls[..*place].contains(url)) {
            Some((_, twice)) => Err(format!("names {twice} twice")),
            None => Ok(Self(urls)),
        }
    }

    /// All of them; at least one.
    #[must_use]
    pub fn urls(&self) -> &[Url] {
        &self.0
    }

    /// Whether there is another one to go to where one is away.
    #[must_use]
    pub fn are_several(&self) -> bool {
        self.0.len() > 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_at_least_one_and_each_is_named_once() {
        let urls = |texts: &[&str]| TenantPorts::of(texts.iter().map(|text| text.parse().unwrap()).collect());
        assert!(!urls(&["http://a:1"]).unwrap().are_several());
        assert!(urls(&["http://a:1", "http://b:1"]).unwrap().are_several());
        assert_eq!(urls(&[]).unwrap_err(), "must name at least one");
        assert_eq!(urls(&["http://a:1", "http://b:1", "http://a:1/"]).unwrap_err(), "names http://a:1/ twice");
        let many: Vec<String> = (0..=MAX_SERVERS).map(|n| format!("http://a:{n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(urls(&many).unwrap_err(), "may name 16 at most");
    }
}
