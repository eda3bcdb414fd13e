//! The rules of Traefik's HTTP routers: read one, and tell whether it takes a request. Pure.
//!
//! The language is that of Traefik 3: `Host`, `HostRegexp`, `Method`, `Path`, `PathRegexp`, `PathPrefix`, `Header`,
//! `HeaderRegexp`, `Query`, `QueryRegexp` and `ClientIP`, with `&&`, `||`, `!` and parentheses. `tests/data/rules.tsv` holds
//! rules with requests, and a test asks a real Traefik the same.

mod read;
mod request;

use std::net::IpAddr;

use ipnet::IpNet;
use regex::Regex;

pub use request::Request;

/// A rule that can be told apart from every other by what it takes.
#[derive(Clone, Debug)]
pub struct Rule(Expression);

#[derive(Clone, Debug)]
enum Expression {
    Matcher(Matcher),
    Not(Box<Expression>),
    And(Box<Expression>, Box<Expression>),
    Or(Box<Expression>, Box<Expression>),
}

#[derive(Clone, Debug)]
enum Matcher {
    Host(String),
    HostRegexp(Regex),
    Method(String),
    Path(String),
    PathRegexp(Regex),
    PathPrefix(String),
    Header(String, String),
    HeaderRegexp(String, Regex),
    Query(String, String),
    QueryRegexp(String, Regex),
    ClientIp(IpNet),
}

/// Why a rule cannot be read here. Traefik may still understand it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// It is not written as rules are; the place is counted in bytes.
    #[error("it is not written as rules are, at byte {0}")]
    Form(usize),
    /// A matcher that is not known.
    #[error("{0} is not a known matcher")]
    Matcher(String),
    /// Another number or kind of parameters than the matcher has.
    #[error("{0} does not take these parameters")]
    Parameters(String),
}

impl Rule {
    /// Reads a rule.
    ///
    /// # Errors
    /// [`RuleError`].
    pub fn parse(text: &str) -> Result<Self, RuleError> {
        read::expression(text).map(Self)
    }

    /// Whether a router with this rule takes the request; `None` when that depends on something the request does not say.
    #[must_use]
    pub fn takes(&self, request: &Request) -> Option<bool> {
        self.0.takes(request)
    }
}

impl Expression {
    /// What is not known stays unknown, unless the other side decides.
    fn takes(&self, request: &Request) -> Option<bool> {
        match self {
            Self::Matcher(matcher) => matcher.takes(request),
            Self::Not(inner) => inner.takes(request).map(|takes| !takes),
            Self::And(left, right) => match (left.takes(request), right.takes(request)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
            Self::Or(left, right) => match (left.takes(request), right.takes(request)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
        }
    }
}

impl Matcher {
    fn takes(&self, request: &Request) -> Option<bool> {
        Some(match self {
            Self::Host(host) => is_host(host, &request.host),
            Self::HostRegexp(pattern) => pattern.is_match(&request.host),
            Self::Method(method) => request.method == *method,
            Self::Path(path) => request.path == *path,
            Self::PathRegexp(pattern) => pattern.is_match(&request.path),
            Self::PathPrefix(prefix) => request.path.starts_with(prefix.as_str()),
            Self::Header(name, value) => request.headers_named(name).any(|found| found == value),
            Self::HeaderRegexp(name, pattern) => request.headers_named(name).any(|found| pattern.is_match(found)),
            Self::Query(name, value) => request.parameters_named(name).any(|found| found == value),
            Self::QueryRegexp(name, pattern) => request.parameters_named(name).any(|found| pattern.is_match(found)),
            Self::ClientIp(network) => network.contains(&request.client?),
        })
    }
}

/// A dot at the end of either is no difference. `*` is every host, and one label where a dot follows.
fn is_host(wanted: &str, asked: &str) -> bool {
    let asked = asked.strip_suffix('.').unwrap_or(asked);
    if wanted == "*" || asked.is_empty() {
        return !asked.is_empty();
    }
    let wanted = wanted.strip_suffix('.').unwrap_or(wanted);
    match wanted.strip_prefix("*.") {
        Some(rest) => asked.split_once('.').is_some_and(|(_, parent)| parent == rest),
        None => wanted == asked,
    }
}

/// Reads `10.0.0.0/8` or a single address.
fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rule, method, URL, headers (`-` for none), verdict.
    const TABLE: &str = include_str!("../../../../tests/data/rules.tsv");

    fn asked(method: &str, url: &str, headers: &str) -> Request {
        let headers: Vec<(String, String)> = headers
            .split('|')
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let client = Some("127.0.0.1".parse().unwrap());
        Request::new(&url.parse().unwrap(), method, &headers, client)
    }

    #[test]
    fn every_rule_of_the_table_takes_what_it_should() {
        let mut wrong = Vec::new();
        let lines: Vec<&str> = TABLE.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
        assert!(lines.len() >= 100, "{}", lines.len());
        for line in lines {
            let [rule, method, url, headers, verdict] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("{line}");
            };
            let found = match Rule::parse(rule) {
                Ok(rule) => {
                    if rule.takes(&asked(method, url, headers)) == Some(true) {
                        "yes"
                    } else {
                        "no"
                    }
                }
                Err(_) => "broken",
            };
            if found != verdict {
                wrong.push(format!("{found}: {line}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn what_is_not_known_decides_nothing_by_itself() {
        let request = Request::new(&"http://a.test/x".parse().unwrap(), "GET", &[], None);
        let takes = |text: &str| Rule::parse(text).unwrap().takes(&request);
        assert_eq!(takes("ClientIP(`10.0.0.0/8`)"), None);
        assert_eq!(takes("!ClientIP(`10.0.0.0/8`)"), None);
        assert_eq!(takes("ClientIP(`10.0.0.1`) && Host(`b.test`)"), Some(false));
        assert_eq!(takes("ClientIP(`10.0.0.1`) && Host(`a.test`)"), None);
        assert_eq!(takes("Host(`a.test`) || ClientIP(`10.0.0.1`)"), Some(true));
        assert_eq!(takes("Host(`b.test`) || ClientIP(`10.0.0.1`)"), None);
    }

    #[test]
    fn a_rule_that_nests_without_end_is_refused_and_not_followed() {
        let deep = format!("{}Host(`a`){}", "(".repeat(100_000), ")".repeat(100_000));
        assert!(matches!(Rule::parse(&deep), Err(RuleError::Form(_))));
        assert!(matches!(Rule::parse(&"!".repeat(100_000)), Err(RuleError::Form(_))));
        let long = vec!["Host(`a.test`)"; 5_000].join(" || ");
        let request = Request::new(&"http://b.test/".parse().unwrap(), "GET", &[], None);
        assert_eq!(Rule::parse(&long).map(|rule| rule.takes(&request)), Ok(Some(false)));
    }
}
