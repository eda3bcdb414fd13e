//! Looks for differences between the rows and the world, and has them repaired.
//!
//! # Expected flow
//! [`crate::inventory`] reads both into plain types → [`diff`] and [`orphans`] compare them → [`guard`] refuses a pass that
//! looks like trouble of our own → tenants with drift are made due with the reason, behind what people wait for. The
//! worker converges them by the same steps that made them; nothing is repaired here.
//!
//! # Guarantees
//! - A pass that finds nothing new writes nothing, but one row each quarter of an hour that says that it looked.
//! - Nothing without an owner is removed, only listed; see [`collect`] for removal on request.
//! - At most one pass runs at a time for one control database.
//!
//! # Caveats
//! Lists are read, not every object: an app that runs and answers wrongly, and rights inside a tenant's database, are
//! found by `verify` and not here.

pub mod collect;
pub mod diff;
pub mod drift;
pub mod guard;
mod list;
pub mod orphans;
pub mod pools;
pub mod republish;
pub mod walls;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::domain::failure::Failure;
use crate::domain::ids::{PoolId, TenantId};
use crate::infra::render::is_pool_key;
use crate::inventory::wanted::{Secrets, Wanted};
use crate::inventory::{self, Inventory};
use crate::provision::run::{World, store_failure};
use crate::provision::steps::publish_shared;
use crate::reconcile::drift::{Drift, Orphan};
use crate::reconcile::orphans::Orphans;
use crate::reconcile::pools::PoolDrift;
use crate::reconcile::republish::Republished;
use crate::store::StoreError;
use crate::store::drift::Repair;

/// What a pass found and did.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// Tenants looked at.
    pub tenants: usize,
    /// What is not as the rows say.
    pub drift: Vec<Drift>,
    /// What is not as the rows of managed pools say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pools: Vec<PoolDrift>,
    /// What nobody owns.
    pub orphans: Vec<Orphan>,
    /// Why nothing was repaired.
    pub refused: Option<Trouble>,
    /// Sources that could not be read.
    pub unknown: Vec<Trouble>,
    /// What was published again, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub republished: Option<Republished>,
}

/// A code and a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// Where it is, for a source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Stable word.
    pub code: String,
    /// For people.
    pub message: String,
}

/// How a pass may act.
#[derive(Clone, Debug)]
pub struct Manner {
    /// Only look: what is found is listed, and nothing is repaired.
    pub dry_run: bool,
    /// See [`crate::config::ReconcileSettings`].
    pub budget: u32,
    /// Only these tenants, by id or key; `None` for the whole fleet.
    pub tenants: Option<Vec<String>>,
    /// Write Traefik's whole tree again as well, also where it looks right.
    pub republish: bool,
}

impl Manner {
    /// A pass over the whole fleet that has repaired what it finds, unless that is something from more tenants than `budget`.
    #[must_use]
    pub const fn repairing(budget: u32) -> Self {
        Self { dry_run: false, budget, tenants: None, republish: false }
    }
}

/// One pass over the whole fleet. `None` while another one runs.
///
/// # Errors
/// `no_such_tenant`; a classified failure of the control database, or of Redis where routes are published again. A repair
/// that was asked for stays asked for.
pub async fn pass(world: &World, manner: &Manner) -> Result<Option<Report>, Failure> {
    let Some(lock) = world.store.try_reconcile().await.map_err(store_failure)? else { return Ok(None) };
    let report = Box::pin(look_and_repair(world, manner)).await;
    lock.release().await;
    report.map(Some)
}

/// The tenants a pass is about.
fn chosen(seen: &Inventory, names: &[String]) -> Result<BTreeSet<TenantId>, Failure> {
    let Some(rows) = seen.rows.known() else { return Ok(BTreeSet::new()) };
    let find = |name: &String| {
        let missing = || Failure::permanent("no_such_tenant", format!("there is no tenant {name}"));
        rows.find(name).ok_or_else(missing)
    };
    names.iter().map(find).collect()
}

async fn look_and_repair(world: &World, manner: &Manner) -> Result<Report, Failure> {
    let began = Instant::now();
    // Before the look: where a pool is belongs to no tenant, so it is no drift of any.
    if !manner.dry_run {
        publish_shared(world).await?;
    }
    let seen = Box::pin(inventory::load(world)).await;
    if !manner.dry_run {
        forget_pools(world, &seen).await?;
    }
    let wanted = Wanted::of(world, None);
    let secrets = seen.rows.known().map(|rows| Secrets::open(rows, &world.key_ring)).unwrap_or_default();
    let only = manner.tenants.as_deref().map(|names| chosen(&seen, names)).transpose()?;
    let mut drift = diff::drift(&seen, &wanted, &secrets);
    drift.retain(|one| only.as_ref().is_none_or(|only| only.contains(&one.tenant_id)));
    let mut of_pools = match (seen.rows.known(), seen.engine.known()) {
        (Some(rows), Some(Some(engine))) if only.is_none() => {
            pools::drift(rows, engine, seen.walls.known().and_then(Option::as_ref))
        }
        _ => Vec::new(),
    };
    let orphans = orphans::orphans(&seen, &wanted);
    let unknown = guard::unknown_sources(&seen);
    let unknown: Vec<Trouble> = unknown
        .into_iter()
        .map(|(source, failure)| Trouble {
            source: Some(source),
            code: failure.code.to_owned(),
            message: failure.message.clone(),
        })
        .collect();
    let refusal = guard::check(&seen, &drift, manner.budget).err();
    if !manner.dry_run {
        walls::mend(world, &seen).await;
    }
    if refusal.is_none() && !manner.dry_run {
        repair(world, &seen, &mut drift).await.map_err(store_failure)?;
        repair_pools(world, &mut of_pools).await.map_err(store_failure)?;
    }
    let republished = match manner.republish {
        true => Some(republish::republish(world, &seen, &wanted, began, manner.dry_run).await?),
        false => None,
    };
    let report = Report {
        tenants: seen.rows.known().map_or(0, |rows| only.as_ref().map_or(rows.tenants.len(), BTreeSet::len)),
        drift,
        pools: of_pools,
        orphans: orphans.as_ref().map(|orphans| orphans.found.clone()).unwrap_or_default(),
        refused: refusal.map(|why| Trouble { source: None, code: why.code().to_owned(), message: why.message() }),
        unknown,
        republished,
    };
    write_down(world, &seen, only.as_ref(), orphans.as_ref(), &report).await.map_err(store_failure)?;
    Ok(report)
}

/// Removes the keys of pools that are gone. They belonged to no tenant, and nothing is led to them.
async fn forget_pools(world: &World, seen: &Inventory) -> Result<(), Failure> {
    let (Some(rows), Some(tree)) = (seen.rows.known(), seen.tree.known()) else { return Ok(()) };
    for (key, value) in tree.keys.iter().filter(|(key, _)| is_pool_key(key) && rows.pool_of_key(key).is_none()) {
        world.routes.remove_unowned(key, value).await?;
    }
    Ok(())
}

/// Brings the lists that people see up to date. `orphans` is `None` where not all of them could be told.
async fn write_down(
    world: &World,
    seen: &Inventory,
    only: Option<&BTreeSet<TenantId>>,
    orphans: Option<&Orphans>,
    report: &Report,
) -> Result<(), StoreError> {
    if let Some(orphans) = orphans {
        list::orphans(&world.store, orphans).await?;
    }
    list::drift(&world.store, seen, only, report).await?;
    match only {
        None => list::look(&world.store, seen, report).await,
        Some(_) => Ok(()),
    }
}

/// Makes the tenants due. What cannot be repaired is told, and stays for somebody; a tenant whose database server cannot be
/// read waits until it can.
async fn repair(world: &World, seen: &Inventory, drift: &mut [Drift]) -> Result<(), StoreError> {
    let mut reasons: BTreeMap<TenantId, (Repair, BTreeSet<&str>)> = BTreeMap::new();
    for one in drift.iter() {
        if !one.kind.is_repairable() {
            tracing::error!(tenant.id = %one.tenant_id, tenant.key = %one.tenant_key, what = one.what, "drift that needs somebody");
            continue;
        }
        let repair = || Repair { tenant_id: one.tenant_id, generation: one.generation, reason: String::new() };
        reasons.entry(one.tenant_id).or_insert_with(|| (repair(), BTreeSet::new())).1.insert(one.kind.words());
    }
    // A tenant whose data is lost is not converged: that would make an empty database.
    let lost: BTreeSet<TenantId> =
        drift.iter().filter(|one| !one.kind.is_repairable()).map(|one| one.tenant_id).collect();
    let repairs: Vec<Repair> = reasons
        .into_values()
        .filter(|(repair, _)| !lost.contains(&repair.tenant_id) && diff::is_in_sight(seen, repair.tenant_id))
        .map(|(repair, words)| Repair {
            reason: format!("drift: {}", words.into_iter().collect::<Vec<_>>().join(", ")),
            ..repair
        })
        .collect();
    if repairs.is_empty() {
        return Ok(());
    }
    let due: BTreeSet<TenantId> = world.store.request_repairs(&repairs).await?.into_iter().collect();
    for repair in repairs.iter().filter(|repair| due.contains(&repair.tenant_id)) {
        tracing::info!(tenant.id = %repair.tenant_id, reason = repair.reason, "drift found; the tenant is converged again");
    }
    for one in drift.iter_mut() {
        one.repaired = one.kind.is_repairable() && due.contains(&one.tenant_id);
    }
    Ok(())
}

/// Makes managed pools due, each once.
async fn repair_pools(world: &World, drift: &mut [PoolDrift]) -> Result<(), StoreError> {
    let mut repairs: BTreeMap<PoolId, (i64, String)> = BTreeMap::new();
    for one in drift.iter() {
        repairs.entry(one.pool_id).or_insert_with(|| (one.revision, format!("drift: {}", one.what)));
    }
    if repairs.is_empty() {
        return Ok(());
    }
    let repairs: Vec<(PoolId, i64, String)> =
        repairs.into_iter().map(|(id, (revision, reason))| (id, revision, reason)).collect();
    let due = world.store.request_pool_repairs(&repairs).await?;
    for (id, _, reason) in repairs.iter().filter(|(id, _, _)| due.contains(id)) {
        tracing::info!(pool.id = %id, reason, "drift found; the pool is converged again");
    }
    for one in drift.iter_mut() {
        one.repaired = due.contains(&one.pool_id);
    }
    Ok(())
}

/// A text as the control database takes it: outside any bytes can stand, but PostgreSQL keeps no text with a zero byte. An
/// orphan that is told otherwise here is not collected, as nothing has this name or value.
fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}
