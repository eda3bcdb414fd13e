//! Explanations of requests to a Traefik that holds a few routers.

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::*;
use crate::domain::host::{Host, HostSuffix};
use crate::domain::ids::{Generation, PoolId, ServerId};
use crate::domain::key::TenantKey;
use crate::domain::plan::{PlanLimits, PlanNetwork};
use crate::domain::ports::TenantPorts;
use crate::domain::route::RoutingMode;
use crate::domain::seal::Sealed;
use crate::domain::tenant::Tier;
use crate::infra::traefik::live::{EntryPoint, LiveService, LoadBalancer, Server};
use crate::store::places::SharedPool;

fn routing() -> Routing {
    let tenant_ports = TenantPorts::of(vec!["http://127.0.0.1:8000".parse().unwrap()]).unwrap();
    Routing {
        entrypoint: "web".into(),
        tenant_ports,
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
        network: PlanNetwork::PerTenant,
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
    assert_eq!(causes(&Held { entry_points: vec![], ..traefik(vec![]) }), [Cause::EntryPointMissing, Cause::NoRouter]);
}

#[test]
fn a_tenant_without_a_router_of_its_own_is_answered_by_the_wildcard() {
    let row = || Owner::Tenant(Box::new(TenantRow { route_revision: Some("0123456789abcdef".into()), ..row() }));
    let wildcard = || LiveRouter {
        service: "gateway".into(),
        middlewares: vec!["gateway-nobody".into()],
        ..router("gateway-wildcard", "HostRegexp(`^[a-z0-9-]+\\.test$`)", 17)
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
    let above = router("other", "PathPrefix(`/`)", 18);
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
