//! I28: the keys below Traefik's root are exactly what the rows render to; and, of I1, that Traefik made of them exactly
//! the wanted routers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::domain::ids::TenantId;
use crate::domain::names;
use crate::infra::render::{self, FALLBACK_ROUTER, Keys, WILDCARD_ROUTER};
use crate::infra::traefik::live::{LiveRouter, PROVIDER};
use crate::inventory::routing::Published;
use crate::inventory::rows::Rows;
use crate::inventory::tree::Tree;
use crate::inventory::wanted::Wanted;
use crate::store::fleet::TenantRow;
use crate::store::places::SharedPool;
use crate::verify::leaks::tenant_key;
use crate::verify::violation::{Invariant, Violation};

/// What the rows render to, and what they say nothing about.
struct Plan<'a> {
    keys: BTreeMap<String, (String, Option<TenantId>)>,
    /// Keys of tenants that cannot be judged now.
    unjudged: BTreeSet<&'a str>,
    /// Keys of pools: they stay while the pool does, used or not.
    pools: BTreeSet<String>,
    rows: &'a Rows,
}

impl<'a> Plan<'a> {
    fn of(rows: &'a Rows, wanted: &Wanted) -> Self {
        let shared = wanted.routing.shared();
        let mut keys: BTreeMap<String, (String, Option<TenantId>)> =
            shared.into_iter().map(|(key, value)| (key, (value, None))).collect();
        let mut unjudged: BTreeSet<&str> = rows.unreadable.values().map(|row| row.key.as_str()).collect();
        unjudged.extend(rows.moved.iter().filter_map(|id| rows.tombstones.get(id)).map(|row| row.key.as_str()));
        let of_pool =
            |pool: &SharedPool| render::pool(&pool.name, &pool.upstreams(&wanted.routing.tenant_ports)).into_keys();
        let pools: BTreeSet<String> = rows.pools.iter().flat_map(of_pool).collect();
        for row in rows.tenants.values() {
            match judge(rows, row, wanted) {
                Published::Anything => {
                    unjudged.insert(row.key.as_str());
                }
                Published::ByWildcard(_) | Published::Nothing => {}
                Published::Exactly(rendered) => keys.extend(rendered.keys.into_iter().map(|(key, value)| {
                    let owner = (!pools.contains(&key)).then_some(row.id);
                    (key, (value, owner))
                })),
            }
        }
        Self { keys, unjudged, pools, rows }
    }

    fn judges(&self, name: &str) -> bool {
        self.rows.pool_of_key(name).is_none_or(|(_, is_judged)| is_judged)
            && !tenant_key(name).is_some_and(|key| self.unjudged.contains(key))
    }
}

fn judge(rows: &Rows, row: &TenantRow, wanted: &Wanted) -> Published {
    if rows.is_settled(row) { wanted.routing.route(row) } else { Published::Anything }
}

/// Compares the tree with what the rows render to; one violation for each tenant, and one for what is nobody's.
#[must_use]
pub fn of_tree(rows: &Rows, tree: &Tree, wanted: &Wanted) -> Vec<Violation> {
    let plan = Plan::of(rows, wanted);
    let by_key: BTreeMap<&str, TenantId> = rows.tenants.values().map(|row| (row.key.as_str(), row.id)).collect();
    let mut wrong: BTreeMap<Option<TenantId>, (Keys, Keys)> = BTreeMap::new();
    for (key, (value, owner)) in plan.keys.iter().filter(|(key, _)| plan.judges(key)) {
        let present = tree.keys.get(key);
        if present != Some(value) {
            let (expected, found) = wrong.entry(*owner).or_default();
            expected.insert(key.clone(), value.clone());
            found.extend(present.map(|present| (key.clone(), present.clone())));
        }
    }
    // Its value is how often the tree was changed, which no row says.
    let sentinel = render::sentinel_key();
    for (key, value) in &tree.keys {
        if !plan.keys.contains_key(key) && *key != sentinel && !plan.pools.contains(key) && plan.judges(key) {
            let owner = tenant_key(key).and_then(|key| by_key.get(key)).copied();
            wrong.entry(owner).or_default().1.insert(key.clone(), value.clone());
        }
    }
    if !tree.keys.contains_key(&sentinel) {
        wrong.entry(None).or_default().0.insert(sentinel, "a number".to_owned());
    }
    let what = "the published keys are not those that the rows render to";
    wrong
        .into_iter()
        .map(|(owner, (expected, found))| {
            Violation::about(Invariant::I28, rows, owner, what, json!(expected), json!(found))
        })
        .collect()
}

/// Compares Traefik's routers with those that the rows ask for.
#[must_use]
pub fn of_routers(rows: &Rows, live: &[LiveRouter], wanted: &Wanted) -> Vec<Violation> {
    let plan = Plan::of(rows, wanted);
    let mut expected: BTreeMap<String, Option<TenantId>> =
        [FALLBACK_ROUTER, WILDCARD_ROUTER].map(|name| (name.to_owned(), None)).into();
    let mut named: BTreeMap<String, Option<TenantId>> = BTreeMap::new();
    for row in rows.tenants.values() {
        named.insert(names::router(&row.key), Some(row.id));
        if matches!(judge(rows, row, wanted), Published::Exactly(_)) {
            expected.insert(names::router(&row.key), Some(row.id));
        }
    }
    let live: BTreeMap<&str, &str> =
        live.iter().filter_map(|router| Some((router.name.strip_suffix(PROVIDER)?, router.status.as_str()))).collect();
    let mut found = Vec::new();
    for (name, owner) in &expected {
        let status = live.get(name.as_str());
        if status != Some(&"enabled") {
            let what = format!("Traefik does not have the router {name} enabled");
            found.push(Violation::about(Invariant::I1, rows, *owner, &what, "enabled", json!(status)));
        }
    }
    for (name, status) in live {
        let is_unjudged = name.strip_prefix("tenant-").is_some_and(|key| plan.unjudged.contains(key));
        if !expected.contains_key(name) && !is_unjudged {
            let owner = named.get(name).copied().flatten();
            let what = format!("Traefik has a router {name} that no row asks for");
            found.push(Violation::about(Invariant::I1, rows, owner, &what, json!(null), status));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::status::Status;
    use crate::verify::sample::{Sample, only};

    fn check(sample: &Sample) -> Vec<Violation> {
        of_tree(&sample.rows, &sample.tree, &sample.wanted)
    }

    #[test]
    fn a_tree_that_follows_from_the_rows_passes() {
        assert_eq!(check(&Sample::new()), []);
    }

    #[test]
    fn one_missing_one_changed_and_one_more_key_are_found() {
        let flaws: [fn(&mut Keys); 3] = [
            |keys| drop(keys.remove("http/routers/tenant-acme/priority")),
            |keys| drop(keys.insert("http/routers/tenant-acme/priority".into(), "1".into())),
            |keys| drop(keys.insert("http/routers/tenant-acme/tls".into(), "true".into())),
        ];
        for flaw in flaws {
            let mut sample = Sample::new();
            flaw(&mut sample.tree.keys);
            assert_eq!(only(&check(&sample)), (Invariant::I28, Some(sample.shared)));
        }
        for key in [
            "http/services/gateway/loadbalancer/servers/0/url",
            "http/services/pool-default/loadbalancer/servers/0/url",
            render::sentinel_key().as_str(),
        ] {
            let mut sample = Sample::new();
            sample.tree.keys.remove(key);
            assert_eq!(only(&check(&sample)), (Invariant::I28, None), "{key}");
        }
        let mut sample = Sample::new();
        sample.tree.keys.insert("tcp/routers/x/rule".into(), "HostSNI(`*`)".into());
        assert_eq!(only(&check(&sample)), (Invariant::I28, None));
    }

    #[test]
    fn the_route_of_a_suspended_or_retired_tenant_that_leads_to_the_app_is_found() {
        for status in [Status::Suspended, Status::Deleting] {
            let mut sample = Sample::new();
            sample.row().status = status;
            assert_eq!(only(&check(&sample)), (Invariant::I28, Some(sample.shared)), "{status}");
        }
    }

    #[test]
    fn a_tenant_that_the_wildcard_leads_to_has_no_keys() {
        let mut sample = Sample::new();
        let revision = sample.wanted.routing.wildcard(&sample.rows.tenants[&sample.shared]);
        sample.row().route_revision = revision;
        assert_eq!(only(&check(&sample)), (Invariant::I28, Some(sample.shared)));
        sample.tree.keys.retain(|key, _| !key.contains("/tenant-acme/"));
        assert_eq!(check(&sample), []);
    }

    #[test]
    fn nothing_is_said_about_open_or_failed_work_and_a_pool_without_tenants() {
        let mut sample = Sample::new();
        sample.row().status = Status::Error;
        sample.tree.keys.remove("http/routers/tenant-acme/priority");
        assert_eq!(check(&sample), []);
        let mut sample = Sample::new();
        sample.row().lease_held = true;
        sample.tree.keys.remove("http/routers/tenant-acme/priority");
        assert_eq!(check(&sample), []);
    }

    #[test]
    fn routers_that_are_missing_disabled_or_too_many_are_found() {
        let sample = Sample::new();
        let routers = |names: &[(&str, &str)]| -> Vec<LiveRouter> {
            let router = |(name, status): &(&str, &str)| LiveRouter {
                name: (*name).into(),
                status: (*status).into(),
                ..LiveRouter::default()
            };
            names.iter().map(router).collect()
        };
        let good = [
            ("tenant-acme@redis", "enabled"),
            ("tenant-globex@redis", "enabled"),
            ("gateway-fallback@redis", "enabled"),
            ("gateway-wildcard@redis", "enabled"),
            ("dashboard@internal", "enabled"),
        ];
        let check = |names: &[(&str, &str)]| of_routers(&sample.rows, &routers(names), &sample.wanted);
        assert_eq!(check(&good), []);
        assert_eq!(only(&check(&good[1..])), (Invariant::I1, Some(sample.shared)));
        let mut disabled = good;
        disabled[1].1 = "disabled";
        assert_eq!(only(&check(&disabled)), (Invariant::I1, Some(sample.dedicated)));
        let more: Vec<(&str, &str)> = good.into_iter().chain([("tenant-old@redis", "enabled")]).collect();
        assert_eq!(only(&check(&more)), (Invariant::I1, None));
    }
}
