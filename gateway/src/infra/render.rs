//! From a tenant to the Traefik keys of its route. Pure; every value comes from a checked type.
//!
//! One value Traefik cannot decode would stop its updates for every tenant, so nothing but the shapes below is written.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use sha2::{Digest, Sha256};
use url::Url;

use crate::domain::host::{Host, HostSuffix};
use crate::domain::ids::TenantId;
use crate::domain::key::TenantKey;
use crate::domain::names;
use crate::domain::pool::MAX_MEMBERS;
use crate::domain::ports::{HEALTH_HOST, MAX_SERVERS, TenantPorts};

/// Traefik keys without the root, and their values.
pub type Keys = BTreeMap<String, String>;

/// Header of every answer that went through a tenant's router; its value is the revision of the published keys.
pub const REVISION_HEADER: &str = "x-gateway-route";

/// Priority of tenant routers; the fallback has 1. Written out, as Traefik else ranks by the length of the rule.
const TENANT_PRIORITY: &str = "1000";

/// Priority of the wildcard router. A router of somebody else's without a priority ranks by the length of its rule: this is
/// above PathPrefix(`/`) and HostRegexp(`.+`), which take every host, and below one that names a host under the suffix.
const WILDCARD_PRIORITY: &str = "17";

/// What a router leads to.
#[derive(Clone, Debug)]
pub enum Upstream {
    /// The members of a shared pool.
    Pool {
        /// The pool's name; a checked identifier of the control database.
        name: String,
        /// Where requests go; at least one.
        urls: Vec<Url>,
    },
    /// The tenant's own container.
    Container {
        /// Its address in the tenant's network.
        address: Ipv4Addr,
        /// Its port.
        port: u16,
    },
    /// The tenant port, which shows the page for a suspended tenant.
    TenantPort,
}

/// A tenant's route.
#[derive(Clone, Debug)]
pub struct Route<'a> {
    /// The tenant's id, sent on as `X-Tenant-Id`.
    pub tenant: TenantId,
    /// Its key.
    pub key: &'a TenantKey,
    /// The host it answers on.
    pub host: &'a Host,
    /// What stands behind it.
    pub upstream: Upstream,
    /// Entry point of Traefik.
    pub entrypoint: &'a str,
}

/// A rendered route: its keys, and the revision its answers carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The tenant's own keys and those of a pool it needs.
    pub keys: Keys,
    /// First 16 hex digits of the digest of the tenant's own keys.
    pub revision: String,
}

/// The keys that say where requests for a pool go. They belong to all tenants of the pool and stay when the last one goes.
#[must_use]
pub fn pool(name: &str, urls: &[Url]) -> Keys {
    let value = |url: &Url| url.as_str().trim_end_matches('/').to_owned();
    urls.iter().enumerate().map(|(place, url)| (server_key(&names::pool_service(name), place), value(url))).collect()
}

/// Every key a pool can have; those not rendered are removed.
#[must_use]
pub fn possible_pool_keys(name: &str) -> Vec<String> {
    (0..MAX_MEMBERS).map(|place| server_key(&names::pool_service(name), place)).collect()
}

/// Whether a key says where requests for a pool go.
#[must_use]
pub fn is_pool_key(key: &str) -> bool {
    key.starts_with("http/services/pool-")
}

fn service_url(name: &str) -> String {
    server_key(name, 0)
}

fn server_key(service: &str, place: usize) -> String {
    format!("http/services/{service}/loadbalancer/servers/{place}/url")
}

/// Renders a tenant's route.
#[must_use]
pub fn route(route: &Route<'_>) -> Rendered {
    let name = names::router(route.key);
    let mut keys = Keys::new();
    // Where a pool is does not belong to the revision: it changes for all its tenants at once, and by no work on any.
    let mut of_pool = Keys::new();
    let service = match &route.upstream {
        Upstream::Pool { name, urls } => {
            of_pool = pool(name, urls);
            names::pool_service(name)
        }
        Upstream::Container { address, port } => {
            keys.insert(service_url(&name), format!("http://{address}:{port}"));
            name.clone()
        }
        Upstream::TenantPort => GATEWAY_SERVICE.to_owned(),
    };
    let headers = format!("http/middlewares/{name}/headers");
    keys.insert(identity_key(route.key), route.tenant.to_string());
    keys.insert(format!("{headers}/customrequestheaders/X-Tenant-Key"), route.key.to_string());
    let router = format!("http/routers/{name}");
    keys.insert(format!("{router}/entrypoints/0"), route.entrypoint.to_owned());
    keys.insert(format!("{router}/middlewares/0"), name);
    keys.insert(format!("{router}/priority"), TENANT_PRIORITY.to_owned());
    keys.insert(format!("{router}/rule"), format!("Host(`{}`)", route.host));
    keys.insert(format!("{router}/service"), service);
    let revision = revision(&keys);
    keys.insert(format!("{headers}/customresponseheaders/X-Gateway-Route"), revision.clone());
    keys.append(&mut of_pool);
    Rendered { keys, revision }
}

fn revision(keys: &Keys) -> String {
    let mut hash = Sha256::new();
    for (key, value) in keys {
        hash.update(key.as_bytes());
        hash.update([0]);
        hash.update(value.as_bytes());
        hash.update([0]);
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The revision that answers to a tenant's host carry which the wildcard router and the tenant port lead to a pool. Never that
/// of a router of its own, so that a change from one to the other can be told.
#[must_use]
pub fn wildcard(tenant: TenantId, key: &TenantKey, host: &Host, pool: &str) -> String {
    let part = |name: &str, value: String| (format!("{WILDCARD_ROUTER}/{name}"), value);
    revision(&Keys::from([
        part("tenant", tenant.to_string()),
        part("key", key.to_string()),
        part("host", host.to_string()),
        part("pool", pool.to_owned()),
    ]))
}

/// The key that says whose route it is.
#[must_use]
pub fn identity_key(key: &TenantKey) -> String {
    format!("http/middlewares/{}/headers/customrequestheaders/X-Tenant-Id", names::router(key))
}

/// Every key a route of this tenant can have; those not rendered are removed.
#[must_use]
pub fn possible_keys(key: &TenantKey) -> Vec<String> {
    let name = names::router(key);
    let mut all: Vec<String> = ["rule", "service", "priority", "entrypoints/0", "middlewares/0"]
        .iter()
        .map(|attribute| format!("http/routers/{name}/{attribute}"))
        .collect();
    let headers = format!("http/middlewares/{name}/headers");
    all.push(service_url(&name));
    all.push(identity_key(key));
    all.push(format!("{headers}/customrequestheaders/X-Tenant-Key"));
    all.push(format!("{headers}/customresponseheaders/X-Gateway-Route"));
    all
}

const GATEWAY_SERVICE: &str = "gateway";

/// How Traefik finds out which tenant ports are to get requests, where there are several: what a check is about, and its value.
const HEALTH_CHECK: [(&str, &str); 4] =
    [("hostname", HEALTH_HOST), ("interval", "1s"), ("path", "/"), ("timeout", "2s")];

/// The middleware of the routers that all share: a client must not name a tenant to the tenant port, which takes the word of
/// Traefik for a host that it does not know. Written out, as Traefik passes over what is empty.
const NOBODY: &str = "gateway-nobody";

/// The router that leads every host without one of its own to the tenant port.
pub const FALLBACK_ROUTER: &str = "gateway-fallback";

/// The router that leads the hosts right below the suffix to the tenant port, where they have no router of their own.
pub const WILDCARD_ROUTER: &str = "gateway-wildcard";

/// The middleware that no router uses and that is always there, since Traefik keeps its last configuration when the tree becomes
/// empty.
pub const SENTINEL: &str = "gateway-sentinel";

/// The header that the sentinel would set: how many changes of the tree were made. No answer carries it; Traefik's API shows it.
pub const SENTINEL_HEADER: &str = "X-Gateway-Sentinel";

/// The key of the sentinel's value, which the scripts write that change the tree.
#[must_use]
pub fn sentinel_key() -> String {
    format!("http/middlewares/{SENTINEL}/headers/customresponseheaders/{SENTINEL_HEADER}")
}

fn health_check_key(about: &str) -> String {
    format!("http/services/{GATEWAY_SERVICE}/loadbalancer/healthcheck/{about}")
}

/// Every key that [`shared`] can give; those not rendered are removed.
#[must_use]
pub fn possible_shared_keys() -> Vec<String> {
    let servers = (0..MAX_SERVERS).map(|place| server_key(GATEWAY_SERVICE, place));
    servers.chain(HEALTH_CHECK.iter().map(|(about, _)| health_check_key(about))).collect()
}

/// Keys that are always there and have one value, whatever the routing mode: the tenant ports as a service, and the routers that
/// lead hosts below the suffix and every other host to it. [`sentinel_key`] is there too.
#[must_use]
pub fn shared(tenant_ports: &TenantPorts, entrypoint: &str, suffix: &HostSuffix) -> Keys {
    let (fallback, wildcard) = (format!("http/routers/{FALLBACK_ROUTER}"), format!("http/routers/{WILDCARD_ROUTER}"));
    // A suffix holds only letters, digits, hyphens and dots.
    let suffix = suffix.as_str().replace('.', "\\.");
    let mut keys = Keys::from([
        (format!("{wildcard}/entrypoints/0"), entrypoint.to_owned()),
        (format!("{wildcard}/priority"), WILDCARD_PRIORITY.to_owned()),
        (format!("{wildcard}/rule"), format!("HostRegexp(`^[a-z0-9-]+\\.{suffix}$`)")),
        (format!("{wildcard}/middlewares/0"), NOBODY.to_owned()),
        (format!("{wildcard}/service"), GATEWAY_SERVICE.to_owned()),
        (format!("http/middlewares/{NOBODY}/headers/customrequestheaders/X-Tenant-Id"), "nobody".to_owned()),
        (format!("{fallback}/entrypoints/0"), entrypoint.to_owned()),
        (format!("{fallback}/priority"), "1".to_owned()),
        (format!("{fallback}/rule"), "PathPrefix(`/`)".to_owned()),
        (format!("{fallback}/middlewares/0"), NOBODY.to_owned()),
        (format!("{fallback}/service"), GATEWAY_SERVICE.to_owned()),
    ]);
    for (place, url) in tenant_ports.urls().iter().enumerate() {
        keys.insert(server_key(GATEWAY_SERVICE, place), url.as_str().trim_end_matches('/').to_owned());
    }
    if tenant_ports.are_several() {
        keys.extend(HEALTH_CHECK.iter().map(|(about, value)| (health_check_key(about), (*value).to_owned())));
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(upstream: Upstream) -> Rendered {
        let key = TenantKey::parse("acme").unwrap();
        let host = Host::parse("acme.localhost").unwrap();
        let tenant = TenantId::from_uuid(uuid::Uuid::from_u128(7));
        route(&Route { tenant, key: &key, host: &host, upstream, entrypoint: "web" })
    }

    #[test]
    fn a_container_route_has_exactly_these_keys() {
        let rendered = render(Upstream::Container { address: Ipv4Addr::new(10, 88, 0, 2), port: 8080 });
        insta::assert_json_snapshot!(rendered.keys);
    }

    #[test]
    fn removal_knows_every_key_of_every_kind_of_route() {
        let key = TenantKey::parse("acme").unwrap();
        let possible = possible_keys(&key);
        let pool = Upstream::Pool { name: "default".into(), urls: vec!["http://127.0.0.1:9000/".parse().unwrap()] };
        for upstream in [pool, Upstream::Container { address: Ipv4Addr::LOCALHOST, port: 1 }, Upstream::TenantPort] {
            for name in render(upstream).keys.into_keys().filter(|name| name.contains("tenant-acme")) {
                assert!(possible.contains(&name), "{name}");
            }
        }
    }

    #[test]
    fn the_revision_follows_the_content() {
        let one = render(Upstream::Container { address: Ipv4Addr::LOCALHOST, port: 1 });
        assert_eq!(one.revision, render(Upstream::Container { address: Ipv4Addr::LOCALHOST, port: 1 }).revision);
        assert_ne!(one.revision, render(Upstream::Container { address: Ipv4Addr::LOCALHOST, port: 2 }).revision);
    }

    #[test]
    fn the_revision_of_the_wildcard_is_no_routers_and_follows_the_pool() {
        let (key, host) = (TenantKey::parse("acme").unwrap(), Host::parse("acme.localhost").unwrap());
        let by_wildcard = |pool: &str| wildcard(TenantId::from_uuid(uuid::Uuid::from_u128(7)), &key, &host, pool);
        let own = render(Upstream::Pool { name: "eu".into(), urls: vec!["http://a:1".parse().unwrap()] });
        assert_ne!(by_wildcard("eu"), own.revision);
        assert_ne!(by_wildcard("eu"), by_wildcard("us"));
    }

    fn ports(urls: &[&str]) -> TenantPorts {
        TenantPorts::of(urls.iter().map(|url| url.parse().unwrap()).collect()).unwrap()
    }

    #[test]
    fn one_of_several_tenant_ports_that_is_away_gets_no_requests() {
        let suffix = HostSuffix::parse("localhost").unwrap();
        let one = shared(&ports(&["http://a:8000/"]), "web", &suffix);
        let two = shared(&ports(&["http://a:8000/", "http://b:8000"]), "web", &suffix);
        assert!(one.keys().all(|key| two.contains_key(key)));
        let more: Vec<_> = two.iter().filter(|(key, _)| !one.contains_key(*key)).collect();
        let possible = possible_shared_keys();
        assert!(more.iter().all(|(key, _)| possible.contains(key)), "{more:?}");
        let told: Vec<String> = more.into_iter().map(|(key, value)| format!("{key}={value}")).collect();
        assert_eq!(
            told,
            [
                "http/services/gateway/loadbalancer/healthcheck/hostname=health.gateway.invalid",
                "http/services/gateway/loadbalancer/healthcheck/interval=1s",
                "http/services/gateway/loadbalancer/healthcheck/path=/",
                "http/services/gateway/loadbalancer/healthcheck/timeout=2s",
                "http/services/gateway/loadbalancer/servers/1/url=http://b:8000",
            ]
        );
    }

    #[test]
    fn the_wildcard_takes_one_label_below_the_suffix() {
        let suffix = HostSuffix::parse("apps.example.com").unwrap();
        let keys = shared(&ports(&["http://127.0.0.1:8000"]), "web", &suffix);
        let rule = &keys["http/routers/gateway-wildcard/rule"];
        assert_eq!(rule, r"HostRegexp(`^[a-z0-9-]+\.apps\.example\.com$`)");
        for everything in ["PathPrefix(`/`)", "HostRegexp(`.+`)"] {
            assert!(everything.len() < WILDCARD_PRIORITY.parse().unwrap(), "{everything}");
        }
    }

    #[test]
    fn a_pool_that_moves_changes_its_own_keys_only() {
        let urls = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        let one = render(Upstream::Pool { name: "eu".into(), urls: urls(&["http://a:1"]) });
        let two = render(Upstream::Pool { name: "eu".into(), urls: urls(&["http://b:1", "http://c:2/"]) });
        assert_eq!(one.revision, two.revision);
        let possible = possible_pool_keys("eu");
        let own = |rendered: &Rendered| -> Keys {
            rendered
                .keys
                .iter()
                .filter(|(key, _)| !possible.contains(key))
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect()
        };
        assert_eq!(own(&one), own(&two));
        assert_eq!(two.keys[&possible[1]], "http://c:2");
        assert_ne!(one.revision, render(Upstream::Pool { name: "us".into(), urls: urls(&["http://a:1"]) }).revision);
    }
}
