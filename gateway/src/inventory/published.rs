//! What a row wants of Traefik beside what Traefik holds of it. Pure.

use crate::domain::names;
use crate::domain::route::RouteState;
use crate::infra::render::{Keys, WILDCARD_ROUTER};
use crate::infra::traefik::live::{LiveRouter, LiveService, PROVIDER, qualified};
use crate::infra::traefik::sight::Held;
use crate::inventory::routing::{Published, Routing};
use crate::store::fleet::TenantRow;

/// A route in Traefik's words. Names are with provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RouteView {
    /// Its router.
    pub router: String,
    /// What it takes.
    pub rule: String,
    /// Entry points it listens to.
    pub entry_points: Vec<String>,
    /// The higher one is asked first.
    pub priority: i64,
    /// Middlewares, in order.
    pub middlewares: Vec<String>,
    /// Where it leads to.
    pub service: String,
    /// What stands behind that.
    pub servers: Vec<ServerView>,
    /// Revision of the route; answers through it carry it.
    pub revision: Option<String>,
    /// Whether Traefik serves it.
    pub is_served: bool,
    /// What Traefik finds wrong with it.
    pub errors: Vec<String>,
}

/// A server of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerView {
    /// Where it answers.
    pub url: String,
    /// Whether it does, as a health check found; `None` where nothing checks.
    pub is_up: Option<bool>,
}

/// One part of a route that is not as wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The part, such as `rule`.
    pub part: &'static str,
    /// How the row wants it.
    pub wanted: String,
    /// How Traefik holds it.
    pub held: String,
}

/// A tenant's row and Traefik side by side.
#[derive(Clone, Debug)]
pub struct RouteReport {
    /// How they agree.
    pub state: RouteState,
    /// What is wanted; `None` where the row wants none, or does not say.
    pub wanted: Option<RouteView>,
    /// What Traefik holds; `None` where it holds none, or nothing is known.
    pub held: Option<RouteView>,
    /// What is not as wanted.
    pub differences: Vec<Difference>,
}

impl RouteView {
    /// The route that keys describe.
    #[must_use]
    pub fn of_keys(name: &str, keys: &Keys, revision: &str) -> Self {
        let router = format!("http/routers/{name}");
        let one = |attribute: &str| keys.get(&format!("{router}/{attribute}")).cloned().unwrap_or_default();
        let here = |name: String| format!("{name}{PROVIDER}");
        let service = one("service");
        let servers = values_below(keys, &format!("http/services/{service}/loadbalancer/servers/"));
        Self {
            rule: one("rule"),
            entry_points: values_below(keys, &format!("{router}/entrypoints/")),
            priority: one("priority").parse().unwrap_or_default(),
            middlewares: values_below(keys, &format!("{router}/middlewares/")).into_iter().map(here).collect(),
            router: here(name.to_owned()),
            service: here(service),
            servers: servers.into_iter().map(|url| ServerView { url, is_up: None }).collect(),
            revision: Some(revision.to_owned()),
            is_served: true,
            errors: Vec::new(),
        }
    }

    /// A router as Traefik holds it, with what stands behind it.
    #[must_use]
    pub fn of_router(router: &LiveRouter, held: &Held) -> Self {
        let service_name = router.service_name();
        let service = held.services.get(&service_name);
        let is_up = |status: Option<&str>| match status {
            Some("UP") => Some(true),
            Some("DOWN") => Some(false),
            _ => None,
        };
        let servers = service.into_iter().flat_map(LiveService::servers);
        let middlewares: Vec<String> = router.middlewares.iter().map(|name| qualified(name, &router.name)).collect();
        let errors = router.error.iter().chain(service.into_iter().flat_map(|service| &service.error));
        Self {
            router: router.name.clone(),
            rule: router.rule.clone(),
            entry_points: router.entry_points.clone(),
            priority: router.priority,
            revision: middlewares.iter().find_map(|name| held.middlewares.get(name)?.revision()).map(str::to_owned),
            middlewares,
            service: service_name,
            servers: servers.map(|(url, status)| ServerView { url: url.to_owned(), is_up: is_up(status) }).collect(),
            is_served: router.is_asked(),
            errors: errors.cloned().collect(),
        }
    }

    /// What of `held` is not as in this one.
    #[must_use]
    pub fn differences(&self, held: &Self) -> Vec<Difference> {
        let urls = |view: &Self| view.servers.iter().map(|server| server.url.clone()).collect::<Vec<_>>().join(", ");
        let served = |view: &Self| if view.is_served { "served" } else { "disabled" }.to_owned();
        let revision = |view: &Self| view.revision.clone().unwrap_or_else(|| "none".to_owned());
        let parts = [
            ("status", served(self), served(held)),
            ("rule", self.rule.clone(), held.rule.clone()),
            ("entry_points", self.entry_points.join(", "), held.entry_points.join(", ")),
            ("priority", self.priority.to_string(), held.priority.to_string()),
            ("middlewares", self.middlewares.join(", "), held.middlewares.join(", ")),
            ("service", self.service.clone(), held.service.clone()),
            ("servers", urls(self), urls(held)),
            ("revision", revision(self), revision(held)),
        ];
        let differs = parts.into_iter().filter(|(_, wanted, held)| wanted != held);
        differs.map(|(part, wanted, held)| Difference { part, wanted, held }).collect()
    }
}

/// The values of the keys below a place, in order.
fn values_below(keys: &Keys, place: &str) -> Vec<String> {
    keys.iter().filter(|(key, _)| key.starts_with(place)).map(|(_, value)| value.clone()).collect()
}

/// Compares a row with Traefik; without `held` nothing is concluded.
#[must_use]
pub fn compare(row: &TenantRow, routing: &Routing, held: Option<&Held>) -> RouteReport {
    let own = names::router(&row.key);
    let published = if row.is_settling() { Published::Anything } else { routing.route(row) };
    let wanted = match &published {
        Published::Exactly(rendered) => Some(RouteView::of_keys(&own, &rendered.keys, &rendered.revision)),
        Published::ByWildcard(revision) => Some(RouteView::of_keys(WILDCARD_ROUTER, &routing.shared(), revision)),
        Published::Nothing | Published::Anything => None,
    };
    let Some(traefik) = held else {
        return RouteReport { state: RouteState::Unknown, wanted, held: None, differences: Vec::new() };
    };
    let view = |name: &str| traefik.published_router(name).map(|router| RouteView::of_router(router, traefik));
    let is_wildcard = matches!(published, Published::ByWildcard(_));
    let held = view(&own);
    let is_unwanted = is_wildcard && held.is_some();
    let held = if is_wildcard { held.or_else(|| view(WILDCARD_ROUTER)) } else { held };
    let mut differences = match (&wanted, &held) {
        (Some(wanted), Some(held)) if !is_unwanted => wanted.differences(held),
        _ => Vec::new(),
    };
    // The tenant port adds it, not the router.
    differences.retain(|one| !is_wildcard || one.part != "revision");
    let state = match (&published, &held) {
        (Published::Anything, _) => RouteState::Unsettled,
        (Published::ByWildcard(_), Some(_)) if is_unwanted => RouteState::Unwanted,
        (Published::Nothing, None) => RouteState::Withdrawn,
        (Published::Nothing, Some(_)) => RouteState::Unwanted,
        (Published::Exactly(_) | Published::ByWildcard(_), None) => RouteState::Missing,
        (Published::Exactly(_) | Published::ByWildcard(_), Some(_)) if differences.is_empty() => RouteState::Published,
        (Published::Exactly(_) | Published::ByWildcard(_), Some(_)) => RouteState::Differs,
    };
    RouteReport { state, wanted, held, differences }
}
