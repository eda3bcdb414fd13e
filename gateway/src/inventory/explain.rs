//! Which router answers a request, and why that is or is not what the rows want. Pure.

use crate::domain::ids::TenantId;
use crate::domain::pool::PoolState;
use crate::domain::route::{Cause, RouteState};
use crate::domain::rule::{Request, Rule};
use crate::domain::status::Status;
use crate::domain::tenant::Tier;
use crate::infra::render::WILDCARD_ROUTER;
use crate::infra::traefik::live::LiveRouter;
use crate::infra::traefik::sight::{Blind, Held};
use crate::inventory::published::{RouteReport, RouteView, compare};
use crate::inventory::routing::Routing;
use crate::store::fleet::TenantRow;

/// Who has the host that is asked for.
#[derive(Clone, Debug)]
pub enum Owner {
    /// A tenant that is not deleted.
    Tenant(Box<TenantRow>),
    /// Only tenants that were deleted had it.
    Deleted(TenantId, String),
    /// The console.
    Console,
    /// Nobody.
    Nobody,
}

/// A reason, in a stable word and in plain ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Stable word.
    pub cause: Cause,
    /// One sentence for people.
    pub text: String,
}

/// What was found out about a request.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The route that answers; `None` where none does, or nobody can tell which.
    pub answer: Option<RouteView>,
    /// The names of routers that take the request, the one that answers first, then those of lower priority.
    pub takers: Vec<String>,
    /// The owner's row beside Traefik; `None` where no tenant has the host.
    pub report: Option<RouteReport>,
    /// Whether the request is answered as the rows want it; `None` where nobody can tell.
    pub as_wanted: Option<bool>,
    /// Why it is answered so; empty where an active tenant's app answers.
    pub reasons: Vec<Reason>,
}

/// A request at an entry point.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The request.
    pub request: Request,
    /// Whether its URL begins with https.
    pub is_tls: bool,
    /// The entry point it comes in by.
    pub entry_point: String,
}

/// Takers shown at most.
const MOST_TAKERS: usize = 20;

/// The routers that take a request, by falling priority, and those of which nobody can tell.
#[derive(Debug, Default)]
struct Walk<'a> {
    takers: Vec<&'a LiveRouter>,
    undecided: Vec<&'a LiveRouter>,
}

/// Asks the routers of an entry point as Traefik does: those of higher priority first. Where no router there takes
/// requests by TLS, something before Traefik ends it, and all are asked.
fn walk<'a>(held: &'a Held, asked: &Asked) -> Walk<'a> {
    let on_entry_point = |router: &&LiveRouter| router.is_asked() && router.entry_points.contains(&asked.entry_point);
    let has_tls = held.routers.values().filter(on_entry_point).any(|router| router.tls);
    let is_tls = asked.is_tls && has_tls;
    let mut routers: Vec<&LiveRouter> =
        held.routers.values().filter(on_entry_point).filter(|router| router.tls == is_tls).collect();
    routers.sort_by_key(|router| std::cmp::Reverse(router.priority));
    let mut walk = Walk::default();
    for router in routers {
        let rule = if router.rule_syntax == "v2" { None } else { Rule::parse(&router.rule).ok() };
        match rule.map_or(Some(None), |rule| rule.takes(&asked.request).map(Some)) {
            Some(Some(true)) => walk.takers.push(router),
            Some(Some(false)) => {}
            Some(None) | None => walk.undecided.push(router),
        }
        if walk.takers.len() == MOST_TAKERS {
            break;
        }
    }
    walk
}

#[derive(Debug, Default)]
struct Reasons(Vec<Reason>);

impl Reasons {
    fn add(&mut self, cause: Cause, text: impl Into<String>) {
        self.0.push(Reason { cause, text: text.into() });
    }

    /// What the owner's state says, whatever Traefik holds.
    fn about_owner(&mut self, owner: &Owner) {
        let row = match owner {
            Owner::Nobody => return self.add(Cause::NoSuchTenant, "no tenant has this host"),
            Owner::Console => return self.add(Cause::AdminHost, "this is the host of the console"),
            Owner::Deleted(_, key) => {
                return self.add(Cause::TenantDeleted, format!("the tenant {key}, which had this host, is deleted"));
            }
            Owner::Tenant(row) => row,
        };
        let key = &row.key;
        match row.status {
            Status::Active => {
                if let (Some(_), Some(pool)) = (&row.route_revision, &row.pool) {
                    let text = format!(
                        "the tenant {key} has no router of its own: {WILDCARD_ROUTER} leads to the tenant port, whose table leads on to the pool {}",
                        pool.name
                    );
                    self.add(Cause::TenantPortLeads, text);
                }
                let away = row.pool.as_ref().filter(|pool| !pool.is_serving());
                if let Some(pool) = away.filter(|_| row.tier == Tier::Shared) {
                    let why = match pool.state {
                        PoolState::Active | PoolState::Draining => "has no member that answers",
                        PoolState::Stopped | PoolState::Deleting => "is stopped",
                    };
                    let text = format!("the pool {} {why}: the tenant port answers with its page", pool.name);
                    self.add(Cause::PoolStopped, text);
                }
            }
            Status::Suspended => {
                let text = format!("the tenant {key} is suspended: the tenant port answers with its page");
                self.add(Cause::TenantSuspended, text);
            }
            Status::Pending | Status::Provisioning => {
                let text = format!("work on the tenant {key} is open: it is {}", row.status);
                self.add(Cause::TenantProvisioning, text);
            }
            Status::Error => {
                let text = format!("work on the tenant {key} failed; what was made before stays");
                self.add(Cause::TenantError, text);
            }
            Status::Deleting | Status::Purging | Status::Deleted => {
                self.add(Cause::TenantDeleted, format!("the tenant {key} is {}", row.status));
            }
        }
        if row.paused && row.due_at.is_some() {
            self.add(Cause::TenantPaused, format!("the tenant {key} is paused, so its open work waits"));
        }
    }

    /// What hinders the owner's own router.
    fn about_report(&mut self, report: &RouteReport) {
        let name = |view: &Option<RouteView>| view.as_ref().map_or(String::new(), |view| view.router.clone());
        match report.state {
            RouteState::Missing => {
                let text = format!("Traefik does not have the router {} that the row wants", name(&report.wanted));
                self.add(Cause::RouteNotPublished, text);
            }
            RouteState::Unwanted => {
                let text = format!("Traefik has the router {} although the row wants none", name(&report.held));
                self.add(Cause::RouteUnwanted, text);
            }
            RouteState::Unsettled if report.held.is_none() => {
                self.add(Cause::RouteNotPublished, "Traefik has no router of the tenant yet");
            }
            _ => {}
        }
        if let Some(held) = report.held.as_ref().filter(|held| !held.is_served) {
            let text = format!("Traefik does not serve the router {}: {}", held.router, told(&held.errors));
            self.add(Cause::RouterDisabled, text);
        }
        let parts: Vec<&str> = report.differences.iter().map(|one| one.part).filter(|part| *part != "status").collect();
        if !parts.is_empty() {
            let text = format!("Traefik holds {} with another {}", name(&report.held), parts.join(", "));
            self.add(Cause::RouteDiffers, text);
        }
    }

    /// What is wrong behind the router that answers.
    fn about_service(&mut self, answer: &RouteView, held: &Held) {
        if answer.service.ends_with("@internal") {
            return;
        }
        let Some(service) = held.services.get(&answer.service).filter(|service| service.status != "disabled") else {
            let text = format!("Traefik does not serve the service {}: {}", answer.service, told(&answer.errors));
            return self.add(Cause::ServiceMissing, text);
        };
        if service.load_balancer.is_some() && answer.servers.is_empty() {
            self.add(Cause::ServiceEmpty, format!("the service {} has no servers", answer.service));
        }
        let down: Vec<&str> =
            answer.servers.iter().filter(|server| server.is_up == Some(false)).map(|server| &*server.url).collect();
        if !down.is_empty() {
            self.add(Cause::ServerDown, format!("a health check got no answer from {}", down.join(", ")));
        }
    }
}

fn told(errors: &[String]) -> String {
    if errors.is_empty() { "it does not say why".to_owned() } else { errors.join("; ") }
}

/// Says who answers a request and why.
#[must_use]
pub fn explain(asked: &Asked, owner: &Owner, routing: &Routing, traefik: Result<&Held, &Blind>) -> Explanation {
    let mut reasons = Reasons::default();
    let held = match traefik {
        Ok(held) => Some(held),
        Err(blind) => {
            reasons.add(Cause::TraefikUnknown, blind.message.clone());
            None
        }
    };
    reasons.about_owner(owner);
    let report = match owner {
        Owner::Tenant(row) => Some(compare(row, routing, held)),
        Owner::Deleted(..) | Owner::Console | Owner::Nobody => None,
    };
    let Some(held) = held else {
        return Explanation { answer: None, takers: Vec::new(), report, as_wanted: None, reasons: reasons.0 };
    };
    if !held.entry_points.iter().any(|one| one.name == asked.entry_point) {
        let text = format!("Traefik has no entry point {}", asked.entry_point);
        reasons.add(Cause::EntryPointMissing, text);
    }
    if let Some(report) = &report {
        reasons.about_report(report);
    }
    let walk = walk(held, asked);
    let first = walk.takers.first().copied();
    let is_above = |router: &&&LiveRouter| first.is_none_or(|first| router.priority >= first.priority);
    let undecided: Vec<&str> = walk.undecided.iter().filter(is_above).map(|router| &*router.name).collect();
    let tied: Vec<&str> = walk
        .takers
        .iter()
        .filter(|one| Some(one.priority) == first.map(|f| f.priority))
        .map(|one| &*one.name)
        .collect();
    if !undecided.is_empty() {
        let text = format!("whether {} takes the request cannot be told here", undecided.join(", "));
        reasons.add(Cause::RuleUndecided, text);
    }
    if tied.len() > 1 {
        let text = format!("{} have the same priority and take the request; Traefik asks one of them", tied.join(", "));
        reasons.add(Cause::RoutersTied, text);
    }
    if first.is_none() && undecided.is_empty() {
        reasons.add(Cause::NoRouter, "no router takes the request, so Traefik itself answers 404");
    }
    let is_told = undecided.is_empty() && tied.len() < 2;
    let answer = first.filter(|_| is_told).map(|router| RouteView::of_router(router, held));
    if let Some(answer) = &answer {
        about_rank(&mut reasons, answer, report.as_ref());
        reasons.about_service(answer, held);
    }
    let as_wanted = is_told.then(|| is_as_wanted(answer.as_ref(), report.as_ref())).flatten();
    let takers = walk.takers.iter().map(|router| router.name.clone()).collect();
    Explanation { answer, takers, report, as_wanted, reasons: reasons.0 }
}

/// Whether another router than the owner's answers although the owner's is served.
fn about_rank(reasons: &mut Reasons, answer: &RouteView, report: Option<&RouteReport>) {
    let own = report.and_then(|report| report.held.as_ref()).filter(|held| held.is_served);
    if let Some(own) = own.filter(|own| own.router != answer.router && own.priority < answer.priority) {
        let text = format!(
            "the router {} with priority {} goes before {} with {}",
            answer.router, answer.priority, own.router, own.priority
        );
        reasons.add(Cause::RouterOutranked, text);
    }
}

/// Where the row does not say what is wanted, nobody can tell.
fn is_as_wanted(answer: Option<&RouteView>, report: Option<&RouteReport>) -> Option<bool> {
    let report = report?;
    match report.state {
        RouteState::Published => {
            Some(answer.map(|answer| &answer.router) == report.held.as_ref().map(|own| &own.router))
        }
        RouteState::Missing | RouteState::Differs | RouteState::Unwanted => Some(false),
        RouteState::Withdrawn => Some(true),
        RouteState::Unsettled | RouteState::Unknown => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;
    use crate::domain::host::{Host, HostSuffix};
    use crate::domain::ids::{Generation, PoolId, ServerId};
    use crate::domain::key::TenantKey;
    use crate::domain::plan::PlanLimits;
    use crate::domain::route::RoutingMode;
    use crate::domain::seal::Sealed;
    use crate::domain::tenant::Tier;
    use crate::infra::traefik::live::{EntryPoint, LiveService, LoadBalancer, Server};
    use crate::store::places::SharedPool;

    fn routing() -> Routing {
        let tenant_port_url = "http://127.0.0.1:8000".parse().unwrap();
        Routing {
            entrypoint: "web".into(),
            tenant_port_url,
            app_port: 8080,
            host_suffix: HostSuffix::parse("test").unwrap(),
            mode: RoutingMode::PerTenant,
        }
    }

    fn row() -> TenantRow {
        TenantRow {
            id: TenantId::from_uuid(Uuid::from_u128(7)),
            key: TenantKey::parse("acme").unwrap(),
            company_name: "Acme".into(),
            tier: Tier::Shared,
            status: Status::Active,
            paused: false,
            host: Some(Host::parse("acme.test").unwrap()),
            pool: Some(SharedPool {
                id: PoolId::from_uuid(Uuid::nil()),
                name: "default".into(),
                members: vec!["http://127.0.0.1:9000/".parse().unwrap()],
                state: PoolState::Active,
            }),
            limits: PlanLimits::default(),
            server_id: Some(ServerId::from_uuid(Uuid::nil())),
            subnet: None,
            network_id: None,
            container_id: None,
            migration_version: None,
            password: Some(Sealed::from_stored("v1.a.b".into())),
            verifier: Some(Sealed::from_stored("v1.a.b".into())),
            credentials: 1,
            credentials_made: 1,
            generation: Generation::from_i64(1),
            observed_generation: Generation::from_i64(1),
            fence: 1,
            due_at: None,
            lease_held: false,
            operation: None,
            repair: false,
            purge_at: None,
            route_revision: None,
            route_pinned: false,
            updated_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn router(name: &str, rule: &str, priority: i64) -> LiveRouter {
        LiveRouter {
            name: format!("{name}@redis"),
            status: "enabled".into(),
            rule: rule.into(),
            priority,
            entry_points: vec!["web".into()],
            service: "pool-default".into(),
            ..LiveRouter::default()
        }
    }

    /// A Traefik that holds these routers, and one service with one server.
    fn traefik(routers: Vec<LiveRouter>) -> Held {
        let servers = vec![Server { url: "http://127.0.0.1:9000".into() }];
        let service = LiveService {
            name: "pool-default@redis".into(),
            status: "enabled".into(),
            load_balancer: Some(LoadBalancer { servers }),
            ..LiveService::default()
        };
        Held {
            entry_points: vec![EntryPoint { name: "web".into(), address: ":80".into() }],
            routers: routers.into_iter().map(|router| (router.name.clone(), router)).collect(),
            services: BTreeMap::from([(service.name.clone(), service)]),
            ..Held::default()
        }
    }

    fn ask(url: &str, owner: &Owner, held: &Held) -> (Option<String>, Option<bool>, Vec<Cause>) {
        let url: url::Url = url.parse().unwrap();
        let request = Request::new(&url, "GET", &[], None);
        let asked = Asked { request, is_tls: url.scheme() == "https", entry_point: "web".into() };
        let found = explain(&asked, owner, &routing(), Ok(held));
        let causes = found.reasons.iter().map(|reason| reason.cause).collect();
        (found.answer.map(|answer| answer.router), found.as_wanted, causes)
    }

    #[test]
    fn the_highest_priority_answers_and_ties_are_not_guessed() {
        let acme = || router("tenant-acme", "Host(`acme.test`)", 1000);
        let fallback = || router("gateway-fallback", "PathPrefix(`/`)", 1);
        let answer = |routers| ask("http://acme.test/a", &Owner::Nobody, &traefik(routers));
        assert_eq!(answer(vec![fallback(), acme()]).0.as_deref(), Some("tenant-acme@redis"));
        assert_eq!(answer(vec![fallback()]).0.as_deref(), Some("gateway-fallback@redis"));
        assert_eq!(answer(vec![]).2, [Cause::NoSuchTenant, Cause::NoRouter]);
        let (found, _, causes) = answer(vec![acme(), router("other", "PathPrefix(`/a`)", 1000)]);
        assert_eq!((found, causes), (None, vec![Cause::NoSuchTenant, Cause::RoutersTied]));
        let unsure = || router("unsure", "ClientIP(`10.0.0.1`)", 2000);
        let (found, _, causes) = answer(vec![acme(), unsure()]);
        assert_eq!((found, causes), (None, vec![Cause::NoSuchTenant, Cause::RuleUndecided]));
        let below = LiveRouter { priority: 2, ..unsure() };
        assert_eq!(answer(vec![acme(), below]).0.as_deref(), Some("tenant-acme@redis"));
        let disabled = LiveRouter { status: "disabled".into(), ..acme() };
        assert_eq!(answer(vec![fallback(), disabled]).0.as_deref(), Some("gateway-fallback@redis"));
    }

    #[test]
    fn routers_by_tls_take_https_only_and_all_are_asked_where_there_is_none() {
        let plain = || router("plain", "Host(`acme.test`)", 1000);
        let held = traefik(vec![plain(), LiveRouter { tls: true, ..router("secure", "PathPrefix(`/`)", 1) }]);
        assert_eq!(ask("http://acme.test/", &Owner::Nobody, &held).0.as_deref(), Some("plain@redis"));
        assert_eq!(ask("https://acme.test/", &Owner::Nobody, &held).0.as_deref(), Some("secure@redis"));
        let held = traefik(vec![plain()]);
        assert_eq!(ask("https://acme.test/", &Owner::Nobody, &held).0.as_deref(), Some("plain@redis"));
    }

    #[test]
    fn what_hinders_a_tenant_is_named() {
        let own = || router("tenant-acme", "Host(`acme.test`)", 1000);
        let causes = |status: Status, routers: Vec<LiveRouter>| {
            let row = TenantRow { status, ..row() };
            ask("http://acme.test/", &Owner::Tenant(Box::new(row)), &traefik(routers))
        };
        let (_, as_wanted, found) = causes(Status::Active, vec![]);
        assert_eq!((as_wanted, found), (Some(false), vec![Cause::RouteNotPublished, Cause::NoRouter]));
        let disabled = LiveRouter { status: "disabled".into(), ..own() };
        assert!(causes(Status::Active, vec![disabled]).2.contains(&Cause::RouterDisabled));
        let above = router("other", "PathPrefix(`/`)", 5000);
        assert!(causes(Status::Active, vec![own(), above]).2.contains(&Cause::RouterOutranked));
        assert!(causes(Status::Active, vec![own()]).2.contains(&Cause::RouteDiffers));
        assert_eq!(causes(Status::Suspended, vec![own()]).2[0], Cause::TenantSuspended);
        assert_eq!(causes(Status::Pending, vec![]).1, None);
        let (_, as_wanted, found) = causes(Status::Deleting, vec![own()]);
        assert_eq!((as_wanted, &found[..2]), (Some(false), &[Cause::TenantDeleted, Cause::RouteUnwanted][..]));
        assert_eq!(causes(Status::Deleting, vec![]).1, Some(true));
        let paused = TenantRow { status: Status::Pending, paused: true, due_at: Some(Timestamp::UNIX_EPOCH), ..row() };
        let found = ask("http://acme.test/", &Owner::Tenant(Box::new(paused)), &traefik(vec![])).2;
        assert_eq!(found[..2], [Cause::TenantProvisioning, Cause::TenantPaused]);
    }

    #[test]
    fn what_is_behind_the_router_is_looked_at() {
        let held = |service: LiveService| {
            let mut held = traefik(vec![router("one", "PathPrefix(`/`)", 1)]);
            held.services = BTreeMap::from([("pool-default@redis".to_owned(), service)]);
            held
        };
        let causes = |held: &Held| ask("http://acme.test/", &Owner::Nobody, held).2[1..].to_vec();
        let enabled = || LiveService {
            status: "enabled".into(),
            load_balancer: Some(LoadBalancer::default()),
            ..LiveService::default()
        };
        assert_eq!(causes(&held(enabled())), [Cause::ServiceEmpty]);
        assert_eq!(causes(&held(LiveService { status: "disabled".into(), ..enabled() })), [Cause::ServiceMissing]);
        let servers = vec![Server { url: "http://h".into() }];
        let down = LiveService {
            load_balancer: Some(LoadBalancer { servers }),
            server_status: BTreeMap::from([("http://h".to_owned(), "DOWN".to_owned())]),
            ..enabled()
        };
        assert_eq!(causes(&held(down)), [Cause::ServerDown]);
        assert_eq!(causes(&Held { services: BTreeMap::new(), ..held(enabled()) }), [Cause::ServiceMissing]);
        assert_eq!(
            causes(&Held { entry_points: vec![], ..traefik(vec![]) }),
            [Cause::EntryPointMissing, Cause::NoRouter]
        );
    }

    #[test]
    fn a_tenant_without_a_router_of_its_own_is_answered_by_the_wildcard() {
        let row = || Owner::Tenant(Box::new(TenantRow { route_revision: Some("0123456789abcdef".into()), ..row() }));
        let wildcard = || LiveRouter {
            service: "gateway".into(),
            ..router("gateway-wildcard", "HostRegexp(`^[a-z0-9-]+\\.test$`)", 16)
        };
        let held = |routers: Vec<LiveRouter>| {
            let mut held = traefik(routers);
            let servers = vec![Server { url: "http://127.0.0.1:8000".into() }];
            let service = LiveService {
                name: "gateway@redis".into(),
                status: "enabled".into(),
                load_balancer: Some(LoadBalancer { servers }),
                ..LiveService::default()
            };
            held.services.insert(service.name.clone(), service);
            held
        };
        let ask = |routers| ask("http://acme.test/", &row(), &held(routers));
        let (answer, as_wanted, causes) = ask(vec![wildcard()]);
        assert_eq!((answer.as_deref(), as_wanted), (Some("gateway-wildcard@redis"), Some(true)));
        assert_eq!(causes, [Cause::TenantPortLeads]);
        let own = router("tenant-acme", "Host(`acme.test`)", 1000);
        let (answer, as_wanted, causes) = ask(vec![wildcard(), own]);
        assert_eq!((answer.as_deref(), as_wanted), (Some("tenant-acme@redis"), Some(false)));
        assert_eq!(causes, [Cause::TenantPortLeads, Cause::RouteUnwanted]);
        let (_, as_wanted, causes) = ask(vec![]);
        assert_eq!((as_wanted, &causes[1..]), (Some(false), &[Cause::RouteNotPublished, Cause::NoRouter][..]));
        let above = router("other", "PathPrefix(`/`)", 17);
        assert_eq!(ask(vec![wildcard(), above]).2, [Cause::TenantPortLeads, Cause::RouterOutranked]);
    }

    #[test]
    fn nothing_is_concluded_while_nothing_is_known() {
        let blind = Blind { code: "traefik_api_unreachable", message: "no answer".into() };
        let request = Request::new(&"http://acme.test/".parse().unwrap(), "GET", &[], None);
        let asked = Asked { request, is_tls: false, entry_point: "web".into() };
        let found = explain(&asked, &Owner::Tenant(Box::new(row())), &routing(), Err(&blind));
        let report = found.report.unwrap();
        assert_eq!((report.state, found.as_wanted, found.answer), (RouteState::Unknown, None, None));
        assert_eq!(report.wanted.unwrap().rule, "Host(`acme.test`)");
        assert_eq!(found.reasons.iter().map(|reason| reason.cause).collect::<Vec<_>>(), [Cause::TraefikUnknown]);
    }
}
