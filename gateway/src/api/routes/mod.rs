//! `/api/gateway/routes`: one file per verb.

pub(super) mod explain;
pub(super) mod list;
pub(super) mod republish;
pub(super) mod test;

use crate::api::types::{Route, RouteDifference, RouteServer, RouteView, TraefikSight};
use crate::infra::traefik::sight::Sight;
use crate::inventory::published::{self, RouteReport};
use crate::store::fleet::TenantRow;

/// What is shown of a look at Traefik.
pub(super) fn sight_shown(sight: &Sight) -> TraefikSight {
    let blind = sight.held.as_ref().err();
    TraefikSight {
        known: blind.is_none(),
        seen_at: sight.at,
        since: sight.since,
        code: blind.map(|blind| blind.code.to_owned()),
        message: blind.map(|blind| blind.message.clone()),
    }
}

/// What is shown of a route in Traefik's words.
fn view_shown(view: published::RouteView) -> RouteView {
    RouteView {
        router: view.router,
        rule: view.rule,
        entry_points: view.entry_points,
        priority: view.priority,
        middlewares: view.middlewares,
        service: view.service,
        servers: view.servers.into_iter().map(|server| RouteServer { url: server.url, up: server.is_up }).collect(),
        revision: view.revision,
        served: view.is_served,
        errors: view.errors,
    }
}

/// What is shown of a tenant's route.
fn shown(row: &TenantRow, report: RouteReport) -> Route {
    let difference =
        |one: published::Difference| RouteDifference { part: one.part.to_owned(), wanted: one.wanted, held: one.held };
    Route {
        tenant_id: row.id.as_uuid(),
        tenant_key: row.key.to_string(),
        tenant_status: row.status,
        state: report.state,
        wanted: report.wanted.map(view_shown),
        held: report.held.map(view_shown),
        differences: report.differences.into_iter().map(difference).collect(),
    }
}
