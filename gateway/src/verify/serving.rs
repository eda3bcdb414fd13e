//! I1 and I2: an active tenant is served by its own app, over a route that follows from its row; nobody else is served.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use crate::domain::ids::TenantId;
use crate::domain::status::Status;
use crate::domain::subnet::container_address;
use crate::domain::tenant::Tier;
use crate::infra::dial::Dialled;
use crate::infra::listing::{ListedContainer, Running};
use crate::infra::probe::EdgeAnswer;
use crate::inventory::engine::EngineObjects;
use crate::inventory::rows::Rows;
use crate::inventory::wanted::Wanted;
use crate::store::fleet::TenantRow;
use crate::verify::violation::{Invariant, Violation};

/// Statuses of the pages for hosts that are not served.
const PAGES: [u16; 3] = [404, 410, 503];

/// What a host is to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answering {
    /// The app, through the route of this revision.
    App {
        /// The revision.
        revision: String,
    },
    /// A page of the tenant port: through the tenant's own route if that leads there, or through none.
    Page {
        /// The revision of that route.
        revision: Option<String>,
    },
}

/// I1: networks and containers of active tenants; I2: no container of a suspended one runs.
#[must_use]
pub fn of_engine(rows: &Rows, engine: &EngineObjects, wanted: &Wanted) -> Vec<Violation> {
    let mut found = Vec::new();
    for row in rows.tenants.values().filter(|row| rows.is_settled(row)) {
        let container = engine.containers_of(row.id).find(|one| Some(&one.id) == row.container_id.as_ref());
        match row.status {
            Status::Active => {
                found.extend(network(row, engine, wanted));
                if row.tier == Tier::Dedicated {
                    found.extend(running(row, container));
                }
            }
            Status::Suspended => {
                found.extend(container.filter(|one| one.running != Running::No).map(|one| {
                    Violation::of(
                        Invariant::I2,
                        row,
                        "the container of a suspended tenant runs",
                        Value::Null,
                        one.id.as_str(),
                    )
                }));
            }
            Status::Pending
            | Status::Provisioning
            | Status::Deleting
            | Status::Purging
            | Status::Deleted
            | Status::Error => {}
        }
    }
    found
}

fn network(row: &TenantRow, engine: &EngineObjects, wanted: &Wanted) -> Option<Violation> {
    if !wanted.has_network(row) {
        return None;
    }
    let found = engine.networks_of(row.id).find(|one| Some(&one.id) == row.network_id.as_ref());
    let subnets: Option<Vec<String>> = found.map(|one| one.subnets.iter().map(ToString::to_string).collect());
    let expected = row.subnet.map(|net| vec![net.to_string()]);
    let what = "the tenant's network is not there with its subnet";
    let whole = expected.is_some() && subnets == expected;
    let is = json!({ "id": found.map(|one| &one.id), "subnets": subnets });
    (!whole).then(|| Violation::of(Invariant::I1, row, what, json!({ "id": row.network_id, "subnets": expected }), is))
}

fn running(row: &TenantRow, container: Option<&ListedContainer>) -> Option<Violation> {
    let expected =
        json!({ "id": row.container_id, "running": true, "address": address(row), "networks": [row.network_id] });
    let is = container.map(|one| {
        let networks: Vec<&str> = one.attachments.iter().map(|at| at.network_id.as_str()).collect();
        json!({ "id": one.id, "running": one.running == Running::Yes,
                "address": one.attachments.iter().find_map(|at| at.address), "networks": networks })
    });
    let what = "the tenant's container does not run as it should";
    (is.as_ref() != Some(&expected)).then(|| Violation::of(Invariant::I1, row, what, expected, is))
}

/// Where a dedicated tenant's app answers.
#[must_use]
pub fn address(row: &TenantRow) -> Option<Ipv4Addr> {
    row.subnet.map(container_address)
}

/// I1: how a login with the stored password ended; `inside` says what is wrong with the schema.
#[must_use]
pub fn of_login(row: &TenantRow, login: &Dialled) -> Option<Violation> {
    match login {
        Dialled::In | Dialled::Full => None,
        Dialled::Refused(code) => {
            let what = "the tenant's app cannot log in with the stored password";
            Some(Violation::of(Invariant::I1, row, what, "a session", json!({ "sqlstate": code })))
        }
    }
}

/// I1: whether a database that was looked into has every migration.
#[must_use]
pub fn of_migrations(row: &TenantRow, applied: Result<(), &'static str>) -> Option<Violation> {
    let what = "the database lacks a migration as it is written, or its app the rights on what is there";
    applied.err().map(|why| Violation::of(Invariant::I1, row, what, "applied", why))
}

/// What the host of a live tenant is to answer; `None` where the row does not say.
#[must_use]
pub fn answering(row: &TenantRow, wanted: &Wanted) -> Option<Answering> {
    match row.status {
        Status::Active => {
            let rendered = wanted.routing.app(row).and_then(|app| wanted.routing.render(row, app));
            let revision = match row.route_revision {
                Some(_) => wanted.routing.wildcard(row),
                None => rendered.map(|rendered| rendered.revision),
            };
            let is_away = row.pool.as_ref().is_some_and(|pool| !pool.is_serving());
            if is_away && row.tier == Tier::Shared {
                return Some(Answering::Page { revision });
            }
            Some(Answering::App { revision: revision.unwrap_or_default() })
        }
        Status::Suspended => {
            let rendered = wanted.routing.render(row, crate::infra::render::Upstream::TenantPort);
            Some(Answering::Page { revision: rendered.map(|rendered| rendered.revision) })
        }
        Status::Deleting | Status::Purging | Status::Deleted => Some(Answering::Page { revision: None }),
        // Work that failed or was cancelled leaves what it had got to, for the retry to go on from.
        Status::Error | Status::Pending | Status::Provisioning => None,
    }
}

/// Judges an answer; `None` for no answer in time.
#[must_use]
pub fn of_answer(
    rows: &Rows,
    tenant: TenantId,
    host: &str,
    answering: &Answering,
    answer: Option<&EdgeAnswer>,
) -> Option<Violation> {
    let is = match answer {
        None => json!({ "host": host, "status": null }),
        Some(a) => json!({ "host": host, "status": a.status, "revision": a.revision, "page": a.page }),
    };
    match answering {
        Answering::App { revision } => {
            let right = answer.is_some_and(|answer| {
                answer.status < 500 && answer.revision.as_ref() == Some(revision) && answer.page.is_none()
            });
            let what = "the tenant's host is not answered by its app over its newest route";
            let expected = json!({ "status": "below 500", "revision": revision, "page": null });
            (!right).then(|| Violation::about(Invariant::I1, rows, Some(tenant), what, expected, is))
        }
        Answering::Page { revision } => {
            let right = answer.is_some_and(|answer| {
                PAGES.contains(&answer.status)
                    && answer.page.is_some()
                    && (answer.revision.is_none() || answer.revision == *revision)
            });
            let what = "the host of a tenant that is not to be served does not answer with the page for it";
            let expected = json!({ "status": PAGES, "revision": revision, "page": "any" });
            (!right).then(|| Violation::about(Invariant::I2, rows, Some(tenant), what, expected, is))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::plan::PlanNetwork;
    use crate::verify::sample::{Flaw, Sample, only};

    fn check(sample: &Sample) -> Vec<Violation> {
        of_engine(&sample.rows, &sample.engine, &sample.wanted)
    }

    #[test]
    fn every_flaw_of_networks_and_containers_is_found() {
        assert_eq!(check(&Sample::new()), []);
        let flaws: [Flaw; 6] = [
            ("no container", |s| s.engine.containers.clear()),
            ("ended", |s| s.engine.containers[0].running = Running::No),
            ("starting over", |s| s.engine.containers[0].running = Running::Restarting),
            ("elsewhere", |s| s.engine.containers[0].attachments[0].address = Some(Ipv4Addr::LOCALHOST)),
            ("in no network", |s| s.engine.containers[0].attachments.clear()),
            ("another one", |s| s.engine.containers[0].id = "other".into()),
        ];
        for (what, flaw) in flaws {
            let mut sample = Sample::new();
            flaw(&mut sample);
            assert_eq!(only(&check(&sample)), (Invariant::I1, Some(sample.dedicated)), "{what}");
        }
        let mut sample = Sample::new();
        sample.engine.networks.retain(|network| network.labels.tenant != Some(sample.shared));
        assert_eq!(only(&check(&sample)), (Invariant::I1, Some(sample.shared)));
        let mut sample = Sample::new();
        sample.row().subnet = Some("10.88.9.0/28".parse().unwrap());
        assert_eq!(only(&check(&sample)), (Invariant::I1, Some(sample.shared)));
    }

    #[test]
    fn a_tenant_whose_plan_gives_it_no_network_needs_none() {
        for network in [PlanNetwork::PerPool, PlanNetwork::None] {
            let mut sample = Sample::new();
            sample.engine.networks.retain(|network| network.labels.tenant != Some(sample.shared));
            (sample.row().network, sample.row().network_id, sample.row().subnet) = (network, None, None);
            assert_eq!(check(&sample), []);
        }
    }

    #[test]
    fn a_suspended_tenant_whose_container_runs_is_found() {
        let mut sample = Sample::new();
        sample.rows.tenants.get_mut(&sample.dedicated).unwrap().status = Status::Suspended;
        assert_eq!(only(&check(&sample)), (Invariant::I2, Some(sample.dedicated)));
        sample.engine.containers[0].running = Running::No;
        assert_eq!(check(&sample), []);
    }

    #[test]
    fn a_refused_login_and_a_missing_migration_are_found() {
        let sample = Sample::new();
        let row = &sample.rows.tenants[&sample.shared];
        assert_eq!(of_login(row, &Dialled::In), None);
        assert_eq!(of_login(row, &Dialled::Full), None);
        assert!(of_login(row, &Dialled::Refused("28P01".into())).is_some());
        assert_eq!(of_migrations(row, Ok(())), None);
        assert!(of_migrations(row, Err("missing")).is_some());
    }

    #[test]
    fn answers_are_judged_by_status_route_and_who_gave_them() {
        let answer = |status, revision: Option<&str>, page: Option<&str>| EdgeAnswer {
            status,
            revision: revision.map(str::to_owned),
            page: page.map(str::to_owned),
        };
        let rows = Rows::default();
        let id = TenantId::from_uuid(uuid::Uuid::from_u128(1));
        let judge = |answering: &Answering, answer: Option<EdgeAnswer>| {
            of_answer(&rows, id, "acme.localhost", answering, answer.as_ref()).map(|violation| violation.invariant)
        };
        let app = Answering::App { revision: "new".into() };
        assert_eq!(judge(&app, Some(answer(200, Some("new"), None))), None);
        assert_eq!(judge(&app, Some(answer(404, Some("new"), None))), None);
        for bad in [
            Some(answer(500, Some("new"), None)),
            Some(answer(200, Some("old"), None)),
            Some(answer(200, None, None)),
            Some(answer(404, Some("new"), Some("unknown_host"))),
            None,
        ] {
            assert_eq!(judge(&app, bad.clone()), Some(Invariant::I1), "{bad:?}");
        }
        let page = Answering::Page { revision: Some("page".into()) };
        assert_eq!(judge(&page, Some(answer(503, Some("page"), Some("suspended")))), None);
        assert_eq!(judge(&page, Some(answer(404, None, Some("unknown_host")))), None);
        assert_eq!(judge(&page, Some(answer(410, None, Some("closed")))), None);
        for bad in [
            Some(answer(200, Some("page"), None)),
            Some(answer(503, Some("app"), Some("suspended"))),
            Some(answer(404, Some("app"), None)),
            Some(answer(502, None, Some("upstream_unreachable"))),
            None,
        ] {
            assert_eq!(judge(&page, bad.clone()), Some(Invariant::I2), "{bad:?}");
        }
    }

    #[test]
    fn what_a_host_is_to_answer_follows_from_the_row() {
        let mut sample = Sample::new();
        let wanted = sample.wanted.clone();
        let published =
            sample.tree.keys["http/middlewares/tenant-acme/headers/customresponseheaders/X-Gateway-Route"].clone();
        assert_eq!(answering(sample.row(), &wanted), Some(Answering::App { revision: published.clone() }));
        sample.row().status = Status::Suspended;
        assert!(
            matches!(answering(sample.row(), &wanted), Some(Answering::Page { revision: Some(r) }) if r != published)
        );
        sample.row().status = Status::Error;
        assert_eq!(answering(sample.row(), &wanted), None, "it keeps what it had got to");
    }
}
