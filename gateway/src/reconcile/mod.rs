//! Looks for differences between the rows and the world, and has them repaired.
//!
//! # Expected flow
//! [`crate::inventory`] reads both into plain types → [`diff`] and [`orphans`] compare them → [`guard`] refuses a pass that
//! looks like trouble of our own → tenants with drift are made due with the reason, behind what people wait for. The
//! worker converges them by the same steps that made them; nothing is repaired here.
//!
//! # Guarantees
//! - A pass that finds nothing new writes nothing.
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
pub mod orphans;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::domain::failure::Failure;
use crate::domain::ids::TenantId;
use crate::inventory;
use crate::inventory::wanted::{Secrets, Wanted};
use crate::provision::run::{World, store_failure};
use crate::provision::steps::publish_shared;
use crate::reconcile::drift::{Drift, Orphan};
use crate::store::StoreError;
use crate::store::drift::Repair;
use crate::store::orphans::{KnownOrphan, NewOrphan};

/// What a pass found and did.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// Tenants looked at.
    pub tenants: usize,
    /// What is not as the rows say.
    pub drift: Vec<Drift>,
    /// What nobody owns.
    pub orphans: Vec<Orphan>,
    /// Why nothing was repaired.
    pub refused: Option<Trouble>,
    /// Sources that could not be read.
    pub unknown: Vec<Trouble>,
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
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// Only look.
    pub dry_run: bool,
    /// See [`crate::config::ReconcileSettings`].
    pub budget: u32,
}

/// One pass over the whole fleet. `None` while another one runs.
///
/// # Errors
/// A classified failure of the control database; a repair that was asked for stays asked for.
pub async fn pass(world: &World, manner: Manner) -> Result<Option<Report>, Failure> {
    let Some(lock) = world.store.try_reconcile().await.map_err(store_failure)? else { return Ok(None) };
    let report = Box::pin(look_and_repair(world, manner)).await;
    lock.release().await;
    report.map(Some)
}

async fn look_and_repair(world: &World, manner: Manner) -> Result<Report, Failure> {
    // Before the look: where a pool is belongs to no tenant, so it is no drift of any.
    if !manner.dry_run {
        publish_shared(world).await?;
    }
    let seen = Box::pin(inventory::load(world)).await;
    let wanted = Wanted::of(world, None);
    let secrets = seen.rows.known().map(|rows| Secrets::open(rows, &world.key_ring)).unwrap_or_default();
    let mut drift = diff::drift(&seen, &wanted, &secrets);
    let orphans = orphans::orphans(&seen, &wanted);
    let unknown = guard::unknown_sources(&seen);
    let unknown: Vec<Trouble> = unknown
        .into_iter()
        .map(|(source, failure)| Trouble {
            source: Some(source.to_owned()),
            code: failure.code.to_owned(),
            message: failure.message.clone(),
        })
        .collect();
    let refusal = guard::check(&seen, &drift, manner.budget).err();
    if refusal.is_none() && !manner.dry_run {
        repair(world, &mut drift).await.map_err(store_failure)?;
    }
    if let (Some(orphans), false) = (&orphans, manner.dry_run) {
        list(world, orphans).await.map_err(store_failure)?;
    }
    Ok(Report {
        tenants: seen.rows.known().map_or(0, |rows| rows.tenants.len()),
        drift,
        orphans: orphans.unwrap_or_default(),
        refused: refusal.map(|why| Trouble { source: None, code: why.code().to_owned(), message: why.message() }),
        unknown,
    })
}

/// Makes the tenants due. What cannot be repaired is told, and stays for somebody.
async fn repair(world: &World, drift: &mut [Drift]) -> Result<(), StoreError> {
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
        .filter(|(repair, _)| !lost.contains(&repair.tenant_id))
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

/// Brings the list of orphans up to date; writes nothing when it is.
async fn list(world: &World, orphans: &[Orphan]) -> Result<(), StoreError> {
    let listed = world.store.known_orphans().await?;
    let is_listed = |orphan: &Orphan| {
        listed.iter().any(|l| l.kind == orphan.kind && l.place == orphan.place && l.name == orphan.name)
    };
    let new: Vec<NewOrphan<'_>> = orphans
        .iter()
        .filter(|orphan| !is_listed(orphan))
        .map(|orphan| NewOrphan {
            kind: orphan.kind,
            place: &orphan.place,
            name: &orphan.name,
            tenant_id: orphan.tenant_id,
            detail: &orphan.detail,
        })
        .collect();
    for orphan in &new {
        tracing::warn!(kind = %orphan.kind, place = orphan.place, name = orphan.name, "an object that no tenant owns");
    }
    if !new.is_empty() {
        world.store.add_orphans(&new).await?;
    }
    let still = |l: &KnownOrphan| orphans.iter().any(|o| l.kind == o.kind && l.place == o.place && l.name == o.name);
    for gone in listed.iter().filter(|l| !still(l)) {
        world.store.forget_orphan(gone.kind, &gone.place, &gone.name).await?;
    }
    Ok(())
}
