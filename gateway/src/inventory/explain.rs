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
mod tests;
