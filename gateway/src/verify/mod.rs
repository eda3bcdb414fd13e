//! The auditor: compares the rows with everything that stands outside and with what the records say, and names every
//! promise that is not kept.
//!
//! # Guarantees
//! - It only looks: no row, object, key or database is written, and no lock is taken that a worker needs.
//! - A place that cannot be looked at is named as unknown; nothing is concluded from it.
//! - About a tenant on which work is open, or whose row changed while it was looked at, nothing is said but what holds at
//!   every moment: that it shares nothing (I3), that nothing is without an owner (I12), and that its history is whole (I13).
//!
//! # Caveats
//! What is true only after Traefik or the tenant port took note of a change is looked at again for [`PATIENCE`] before it
//! counts as wrong. Of a tenant on a database server whose credential is not held, databases and roles are not seen.

pub mod databases;
pub mod fences;
pub mod history;
pub mod leaks;
pub mod pools;
pub mod probes;
pub mod routes;
#[cfg(test)]
mod sample;
pub mod serving;
pub mod uniqueness;
pub mod violation;

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use crate::domain::failure::Failure;
use crate::domain::ids::TenantId;
use crate::infra::probe::Pauses;
use crate::infra::schema::TenantMigrations;
use crate::inventory::rows::{self, Rows};
use crate::inventory::servers::Servers;
use crate::inventory::wanted::{Secrets, Wanted};
use crate::inventory::{self, Inventory};
use crate::provision::run::{World, store_failure};
use crate::verify::violation::{Findings, Invariant, Report, Violation};

/// How long something that is not yet as it should be is looked at again. Traefik takes note of a change within 0.2 s.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// What to audit.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Keys or ids; empty for the whole fleet.
    pub tenants: Vec<String>,
    /// Believe the catalogue instead of entering every tenant's database.
    pub quick: bool,
}

/// A name that no tenant has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no tenant {0}")]
pub struct NoSuchTenant(pub String);

/// Looks at everything. `api` is where Traefik's API answers.
///
/// # Errors
/// [`NoSuchTenant`]; trouble with a place is part of the report.
pub async fn audit(world: &World, api: Option<&Url>, scope: &Scope) -> Result<Report, NoSuchTenant> {
    let inventory = inventory::load(world).await;
    let mut findings = Findings::default();
    note_unknown(&inventory, &mut findings);
    let Some(rows) = inventory.rows.known() else { return Ok(report(0, BTreeSet::new(), findings, Vec::new())) };
    let chosen = choose(rows, &scope.tenants)?;
    let in_scope = |id: TenantId| chosen.as_ref().is_none_or(|chosen| chosen.contains(&id));

    let migrations = match TenantMigrations::read(&world.migrations_dir).await {
        Ok(migrations) => Some(migrations),
        Err(failure) => {
            findings.unknown("migrations", &failure);
            None
        }
    };
    let wanted = Wanted::of(world, migrations.as_ref().map(TenantMigrations::version));
    compare(&inventory, rows, &wanted, world, &mut findings);
    read_records(world, rows, &mut findings).await;

    let skipped = what_is_skipped(world, api, scope);
    let dial = migrations.as_ref().filter(|_| !scope.quick);
    let answers = probes::run(world, rows, &wanted, dial, in_scope, &mut findings).await;
    if let Some(api) = api {
        look_at_routers(world, api, rows, &wanted, &mut findings).await;
    }

    // Last of all the rows again: a claim lifts its row's fence before anybody else sees it, and what was judged by a row
    // that changed since proves nothing.
    let now = match rows::load(world).await {
        Ok(now) => now.since(rows),
        Err(failure) => {
            findings.unknown("rows", &failure);
            return Ok(report(0, BTreeSet::new(), findings, skipped));
        }
    };
    if let Some(tree) = inventory.tree.known() {
        findings.violations.extend(fences::of_tree(&now, tree));
    }
    if let Some(Some(engine)) = inventory.engine.known() {
        findings.violations.extend(fences::of_engine(&now, engine));
    }
    findings.violations.extend(fences::of_databases(&now, &answers.inside));
    for (_, failure) in answers.silent.iter().filter(|(id, _)| !now.moved.contains(id)) {
        findings.unknown("databases", failure);
    }
    findings.violations.retain(|violation| {
        let about_state = matches!(violation.invariant, Invariant::I1 | Invariant::I2 | Invariant::I5 | Invariant::I28);
        violation.tenant_id.map_or(chosen.is_none(), in_scope)
            && !(about_state && violation.tenant_id.is_some_and(|id| now.moved.contains(&id)))
    });
    let live: Vec<TenantId> = rows.tenants.keys().copied().filter(|id| in_scope(*id)).collect();
    let settling = live.iter().copied().filter(|id| rows.settled(*id).is_none() || now.moved.contains(id)).collect();
    Ok(report(live.len(), settling, findings, skipped))
}

/// The outcome when the control database itself does not answer.
#[must_use]
pub fn unknown_rows(failure: &Failure) -> Report {
    let mut findings = Findings::default();
    findings.unknown("rows", failure);
    report(0, BTreeSet::new(), findings, Vec::new())
}

fn report(tenants: usize, settling: BTreeSet<TenantId>, findings: Findings, skipped: Vec<String>) -> Report {
    let mut violations = findings.violations;
    violations.sort_by(|a, b| (a.invariant, &a.tenant_key, &a.what).cmp(&(b.invariant, &b.tenant_key, &b.what)));
    let unknown = findings.unknown.into_iter().collect();
    Report { checked_at: Timestamp::now(), tenants, settling, violations, unknown, skipped }
}

fn note_unknown(inventory: &Inventory, findings: &mut Findings) {
    let failures = [
        ("rows", inventory.rows.failure()),
        ("catalog", inventory.servers.failure()),
        ("engine", inventory.engine.failure()),
        ("walls", inventory.walls.failure()),
        ("tree", inventory.tree.failure()),
    ];
    for (source, failure) in failures {
        if let Some(failure) = failure {
            findings.unknown(source, failure);
        }
    }
    for (name, failure) in inventory.servers.known().into_iter().flat_map(Servers::unknown) {
        findings.unknown_server(name, failure);
    }
    for row in inventory.rows.known().into_iter().flat_map(|rows| rows.unreadable.values()) {
        let text = format!("the column {} of the tenant {} holds an unknown value", row.column, row.id);
        findings.unknown("rows", &Failure::permanent("row_unreadable", text));
    }
}

/// The tenants asked for, deleted ones too; `None` for all.
fn choose(rows: &Rows, names: &[String]) -> Result<Option<BTreeSet<TenantId>>, NoSuchTenant> {
    if names.is_empty() {
        return Ok(None);
    }
    let find = |name: &String| rows.find(name).ok_or_else(|| NoSuchTenant(name.clone()));
    names.iter().map(find).collect::<Result<_, _>>().map(Some)
}

/// What is left out on purpose, so that a clean report is not taken for more than it is.
fn what_is_skipped(world: &World, api: Option<&Url>, scope: &Scope) -> Vec<String> {
    let skipped = [
        (scope.quick, "databases are not entered (--quick)"),
        (world.engine.is_none(), "there is no Docker Engine (docker_host is not set)"),
        (world.entry_url.is_none(), "hosts are not asked for (traefik_url is not set)"),
        (api.is_none(), "Traefik's routers are not listed (traefik_api_url is not set)"),
    ];
    skipped.into_iter().filter(|(is_skipped, _)| *is_skipped).map(|(_, why)| why.to_owned()).collect()
}

/// All checks that need nothing but the inventory.
fn compare(inventory: &Inventory, rows: &Rows, wanted: &Wanted, world: &World, findings: &mut Findings) {
    let secrets = Secrets::open(rows, &world.key_ring);
    let found = &mut findings.violations;
    found.extend(uniqueness::of_rows(rows, &secrets));
    found.extend(pools::of_rows(rows));
    for (id, _, catalog) in inventory.servers.known().into_iter().flat_map(Servers::known) {
        let here = (id, catalog);
        found.extend(databases::served(rows, here, &secrets, wanted));
        found.extend(databases::kept(rows, here));
        found.extend(uniqueness::of_catalog(rows, catalog));
        found.extend(leaks::of_catalog(rows, here, wanted));
    }
    if let Some(Some(engine)) = inventory.engine.known() {
        found.extend(serving::of_engine(rows, engine, wanted));
        let walls = inventory.walls.known().and_then(Option::as_ref);
        found.extend(uniqueness::of_engine(rows, engine));
        found.extend(walls.map(|walls| uniqueness::of_walls(rows, engine, walls)).unwrap_or_default());
        found.extend(leaks::of_engine(rows, engine, wanted));
        found.extend(pools::of_engine(rows, engine, walls));
    }
    if let Some(tree) = inventory.tree.known() {
        found.extend(routes::of_tree(rows, tree, wanted));
        found.extend(uniqueness::of_tree(rows, tree));
        found.extend(leaks::of_tree(rows, tree));
    }
}

async fn read_records(world: &World, rows: &Rows, findings: &mut Findings) {
    let store = &world.store;
    let read = async { tokio::try_join!(store.histories(), store.late_effects(), store.purges()) };
    match read.await {
        Ok((histories, late, purges)) => {
            findings.violations.extend(history::check(&histories));
            findings.violations.extend(fences::of_records(rows, &late));
            findings.violations.extend(databases::purged(rows, &purges));
        }
        Err(error) => findings.unknown("records", &store_failure(error)),
    }
}

/// Asks Traefik until what it says fits, or patience ends.
async fn look_at_routers(world: &World, api: &Url, rows: &Rows, wanted: &Wanted, findings: &mut Findings) {
    let look = async || -> Result<Vec<Violation>, (&'static str, Failure)> {
        let live = world.probe.routers(api).await.map_err(|failure| ("traefik", failure))?;
        let now = rows::load(world).await.map_err(|failure| ("rows", failure))?.since(rows);
        Ok(routes::of_routers(&now, &live, wanted))
    };
    let mut pauses = Pauses::default();
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        match look().await {
            Ok(wrong) if wrong.is_empty() => return,
            Ok(wrong) if tokio::time::Instant::now() >= deadline => {
                findings.violations.extend(wrong);
                return;
            }
            Ok(_) => pauses.next().await,
            Err((source, failure)) => {
                findings.unknown(source, &failure);
                return;
            }
        }
    }
}
