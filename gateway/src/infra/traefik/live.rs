//! Routers, services and middlewares as Traefik's API tells them. What is left out there has its default here.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

use crate::infra::render::{REVISION_HEADER, SENTINEL_HEADER};

/// The provider of what the gateway publishes, as Traefik ends its names.
pub const PROVIDER: &str = "@redis";

/// A router as Traefik made it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LiveRouter {
    /// Its name with provider, such as `tenant-acme@redis`.
    pub name: String,
    /// `enabled`, `warning` or `disabled`.
    pub status: String,
    /// What it takes.
    pub rule: String,
    /// `v2` where the rule is in the former language.
    pub rule_syntax: String,
    /// The higher one is asked first; Traefik fills in the length of the rule where none is given.
    pub priority: i64,
    /// Entry points it listens to.
    pub entry_points: Vec<String>,
    /// Middlewares, in order.
    pub middlewares: Vec<String>,
    /// Where it leads to, without provider where that is its own.
    pub service: String,
    /// Whether it takes requests by TLS, and only those.
    #[serde(deserialize_with = "is_there")]
    pub tls: bool,
    /// Routers it stands behind; none for one that is asked first.
    pub parent_refs: Vec<String>,
    /// What is wrong with it.
    pub error: Vec<String>,
}

/// A service as Traefik made it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LiveService {
    /// Its name with provider.
    pub name: String,
    /// `enabled`, `warning` or `disabled`.
    pub status: String,
    /// Its servers, where it is one that has any itself.
    pub load_balancer: Option<LoadBalancer>,
    /// `UP` or `DOWN` for each server by URL, as the last health check found it.
    pub server_status: BTreeMap<String, String>,
    /// What is wrong with it.
    pub error: Vec<String>,
}

/// The servers behind a service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct LoadBalancer {
    /// In the order given.
    pub servers: Vec<Server>,
}

/// A server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Server {
    /// Where it answers.
    pub url: String,
}

/// A middleware as Traefik made it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LiveMiddleware {
    /// Its name with provider.
    pub name: String,
    /// `enabled`, `warning` or `disabled`.
    pub status: String,
    /// Headers it sets, where it is of that type.
    pub headers: Option<Headers>,
    /// What is wrong with it.
    pub error: Vec<String>,
}

/// Headers that a middleware sets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Headers {
    /// Towards the app.
    pub custom_request_headers: BTreeMap<String, String>,
    /// Towards the client.
    pub custom_response_headers: BTreeMap<String, String>,
}

/// An entry point.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct EntryPoint {
    /// Its name.
    pub name: String,
    /// Where it listens.
    pub address: String,
}

/// How many there are, and how many of them are in trouble.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Count {
    /// All of them.
    pub total: i64,
    /// Those that work with a warning.
    pub warnings: i64,
    /// Those that do not work.
    pub errors: i64,
}

/// Counts of what belongs to HTTP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct HttpCounts {
    /// Routers.
    pub routers: Count,
    /// Services.
    pub services: Count,
    /// Middlewares.
    pub middlewares: Count,
}

/// Traefik's summary of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Overview {
    pub(super) http: HttpCounts,
    pub(super) providers: Vec<String>,
}

/// Which build runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Build {
    #[serde(rename = "Version")]
    pub(super) version: String,
    #[serde(rename = "startDate")]
    pub(super) started_at: Option<jiff::Timestamp>,
}

fn is_there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Option::<IgnoredAny>::deserialize(deserializer).map(|found| found.is_some())
}

/// A name with its provider: `provider` is that of who uses the name, and counts where the name says none.
#[must_use]
pub fn qualified(name: &str, user: &str) -> String {
    match user.rsplit_once('@') {
        Some((_, provider)) if !name.contains('@') => format!("{name}@{provider}"),
        _ => name.to_owned(),
    }
}

impl LiveRouter {
    /// Whether Traefik asks it.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.status != "disabled" && self.parent_refs.is_empty()
    }

    /// Where it leads to, with provider.
    #[must_use]
    pub fn service_name(&self) -> String {
        qualified(&self.service, &self.name)
    }
}

impl LiveService {
    /// Its servers with `UP`, `DOWN`, or nothing where no check tells.
    pub fn servers(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let servers = self.load_balancer.iter().flat_map(|balancer| &balancer.servers);
        servers.map(|server| (server.url.as_str(), self.server_status.get(&server.url).map(String::as_str)))
    }
}

impl LiveMiddleware {
    /// The revision of the route it belongs to, where it marks answers with one.
    #[must_use]
    pub fn revision(&self) -> Option<&str> {
        self.header(REVISION_HEADER)
    }

    /// How many changes of the tree Traefik has loaded, where this is the sentinel and says so.
    #[must_use]
    pub fn loaded(&self) -> Option<i64> {
        self.header(SENTINEL_HEADER)?.parse().ok()
    }

    fn header(&self, wanted: &str) -> Option<&str> {
        let headers = &self.headers.as_ref()?.custom_response_headers;
        let found = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_traefik_tells_is_read_and_what_it_leaves_out_has_a_default() {
        let text = r#"{"entryPoints":["web"],"middlewares":["m@file"],"service":"s","rule":"Host(`a.test`)","priority":9223372036854775807,
            "tls":{"options":"default"},"observability":{"metrics":true},"status":"enabled","using":["web"],"name":"a@file","provider":"file"}"#;
        let router: LiveRouter = serde_json::from_str(text).unwrap();
        assert!(router.tls && router.is_asked() && router.error.is_empty());
        assert_eq!((router.priority, &*router.service_name()), (i64::MAX, "s@file"));
        let text = r#"{"loadBalancer":{"servers":[{"url":"http://h:1"},{"url":"http://h:2"}],"strategy":"wrr"},"status":"enabled",
            "name":"s@file","type":"loadbalancer","serverStatus":{"http://h:1":"DOWN"}}"#;
        let service: LiveService = serde_json::from_str(text).unwrap();
        let servers: Vec<_> = service.servers().collect();
        assert_eq!(servers, [("http://h:1", Some("DOWN")), ("http://h:2", None)]);
        let text =
            r#"{"headers":{"customResponseHeaders":{"X-Gateway-Route":"0a"}},"status":"enabled","name":"m@redis"}"#;
        assert_eq!(serde_json::from_str::<LiveMiddleware>(text).unwrap().revision(), Some("0a"));
        assert_eq!(serde_json::from_str::<LiveRouter>("{}").unwrap(), LiveRouter::default());
    }

    #[test]
    fn a_name_without_a_provider_is_of_its_user() {
        assert_eq!(qualified("pool", "tenant-acme@redis"), "pool@redis");
        assert_eq!(qualified("api@internal", "tenant-acme@redis"), "api@internal");
    }
}
