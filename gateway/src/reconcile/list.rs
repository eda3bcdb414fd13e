//! Brings the lists that people see up to date with what a look found. Writes nothing where they are.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::domain::drift::{DriftKind, DriftRepair};
use crate::domain::ids::TenantId;
use crate::inventory::Inventory;
use crate::reconcile::diff::{is_in_sight, is_judged};
use crate::reconcile::drift::Drift;
use crate::reconcile::orphans::Orphans;
use crate::reconcile::{Report, storable};
use crate::store::looks::{FoundDrift, NewLook};
use crate::store::orphans::{KnownOrphan, NewOrphan};
use crate::store::{Store, StoreError};

/// Longest text that is kept of what was found, in characters.
const LONGEST: usize = 500;

/// Lists orphans. Those at a place that could not be looked at stay.
pub(super) async fn orphans(store: &Store, Orphans { found: orphans, unknown }: &Orphans) -> Result<(), StoreError> {
    let listed = store.known_orphans().await?;
    let known: BTreeSet<_> = listed.iter().map(|one| (one.kind, one.place.as_str(), one.name.as_str())).collect();
    let seen: BTreeSet<_> = orphans.iter().map(|one| (one.kind, one.place.as_str(), one.name.as_str())).collect();
    let new: Vec<NewOrphan<'_>> = orphans
        .iter()
        .filter(|orphan| !known.contains(&(orphan.kind, orphan.place.as_str(), orphan.name.as_str())))
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
        store.add_orphans(&new).await?;
    }
    let still = |one: &KnownOrphan| {
        unknown.contains(&one.place) || seen.contains(&(one.kind, one.place.as_str(), one.name.as_str()))
    };
    for gone in listed.iter().filter(|one| !still(one)) {
        store.forget_orphan(gone.kind, &gone.place, &gone.name).await?;
    }
    Ok(())
}

/// What was done about one difference.
fn fate(drift: &Drift, is_refused: bool) -> DriftRepair {
    match (drift.kind.is_repairable(), drift.repaired, is_refused) {
        (false, ..) => DriftRepair::Impossible,
        (true, true, _) => DriftRepair::Asked,
        (true, false, true) => DriftRepair::Refused,
        (true, false, false) => DriftRepair::Left,
    }
}

/// A part of a long text, as the control database takes it.
fn shortened(text: &str) -> String {
    storable(text).chars().take(LONGEST).collect()
}

/// What is listed and was not found any more, and what was found and is not listed just so. There may be some of every tenant.
fn difference<'a>(known: &'a [FoundDrift], found: &'a [FoundDrift]) -> (Vec<&'a FoundDrift>, Vec<&'a FoundDrift>) {
    fn by_thing(drift: &[FoundDrift]) -> BTreeMap<(TenantId, DriftKind, &str), &FoundDrift> {
        drift.iter().map(|one| ((one.tenant_id, one.kind, one.what.as_str()), one)).collect()
    }
    let (listed, seen) = (by_thing(known), by_thing(found));
    let gone = listed.iter().filter(|(thing, _)| !seen.contains_key(*thing)).map(|(_, one)| *one).collect();
    let new = seen.into_iter().filter(|(thing, one)| listed.get(thing) != Some(one)).map(|(_, one)| one).collect();
    (gone, new)
}

/// Lists drift. What an earlier look found goes when its tenant was looked at with all its sources known, and is in order, or
/// is there no longer; a tenant that is being worked on keeps what it has, and so does one on a server that was not read.
pub(super) async fn drift(
    store: &Store,
    seen: &Inventory,
    only: Option<&BTreeSet<TenantId>>,
    report: &Report,
) -> Result<(), StoreError> {
    let Some(rows) = seen.rows.known() else { return Ok(()) };
    let found: Vec<FoundDrift> = report
        .drift
        .iter()
        .map(|one| FoundDrift {
            tenant_id: one.tenant_id,
            kind: one.kind,
            what: shortened(&one.what),
            wanted: one.wanted.as_deref().map(shortened),
            observed: one.observed.as_deref().map(shortened),
            repair: fate(one, report.refused.is_some()),
            generation: one.generation,
        })
        .collect();
    let known = store.known_drift().await?;
    let is_over = |one: &FoundDrift| {
        let is_looked_at = only.is_none_or(|only| only.contains(&one.tenant_id));
        let is_whole = is_in_sight(seen, one.tenant_id);
        let is_clean = rows.tenants.get(&one.tenant_id).is_none_or(|row| is_judged(rows, row));
        is_looked_at && is_whole && is_clean && !rows.moved.contains(&one.tenant_id)
    };
    let (gone, new) = difference(&known, &found);
    let gone: Vec<FoundDrift> = gone.into_iter().filter(|one| is_over(one)).cloned().collect();
    let new: Vec<FoundDrift> = new.into_iter().cloned().collect();
    store.put_drift(&gone, &new).await
}

/// Lists how a look at the whole fleet ended.
pub(super) async fn look(store: &Store, seen: &Inventory, report: &Report) -> Result<(), StoreError> {
    let engine = seen.engine.known().and_then(Option::as_ref);
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let unknown: Vec<Value> = report
        .unknown
        .iter()
        .map(|trouble| json!({ "source": trouble.source, "code": trouble.code, "message": trouble.message }))
        .collect();
    let look = NewLook {
        tenants: count(report.tenants),
        networks: engine.map(|engine| count(engine.networks.len())),
        containers: engine.map(|engine| count(engine.containers.len())),
        refused: report.refused.as_ref().map(|why| (why.code.clone(), why.message.clone())),
        unknown: Value::Array(unknown),
    };
    store.put_look(&look).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::Generation;

    #[test]
    fn only_what_differs_is_written() {
        let drift = |tenant: u128, what: &str, observed: &str| FoundDrift {
            tenant_id: TenantId::from_uuid(uuid::Uuid::from_u128(tenant)),
            kind: DriftKind::RouteDiffers,
            what: what.to_owned(),
            wanted: None,
            observed: Some(observed.to_owned()),
            repair: DriftRepair::Asked,
            generation: Generation::from_i64(1),
        };
        let known = [drift(1, "same", "a"), drift(1, "other", "a"), drift(2, "over", "a")];
        // What is named twice counts as it was named last.
        let found = [drift(1, "same", "a"), drift(1, "other", "x"), drift(1, "other", "b"), drift(3, "first", "a")];
        let (gone, new) = difference(&known, &found);
        assert_eq!((gone, new), (vec![&known[2]], vec![&found[2], &found[3]]));
    }

    #[test]
    fn whatever_somebody_wrote_outside_can_be_kept() {
        assert_eq!(shortened("a\0b"), "a\u{fffd}b");
        assert_eq!(shortened(&"ä".repeat(10_000)).chars().count(), LONGEST);
    }
}
