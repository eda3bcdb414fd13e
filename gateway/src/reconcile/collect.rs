//! Removes orphans, on request only: those that have been listed for the whole quarantine and, looked at afresh, are
//! still nobody's.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::domain::failure::Failure;
use crate::domain::orphan::OrphanKind;
use crate::infra::{databases, roles};
use crate::inventory;
use crate::inventory::wanted::Wanted;
use crate::provision::run::{World, store_failure};
use crate::provision::servers::not_held;
use crate::reconcile::drift::Orphan;
use crate::reconcile::orphans::{Orphans, may_be_the_only_copy, orphans, server_at};

/// What holds something goes before what it holds.
const ORDER: [OrphanKind; 5] =
    [OrphanKind::Route, OrphanKind::Container, OrphanKind::Network, OrphanKind::Database, OrphanKind::Role];

/// For how many seconds orphans have been listed, by kind, place and name.
type Listed<'a> = HashMap<(OrphanKind, &'a str, &'a str), f64>;

/// What to collect.
#[derive(Clone, Debug)]
pub struct Collection {
    /// Only say what would be removed.
    pub dry_run: bool,
    /// How long an orphan must have been listed, in seconds.
    pub quarantine_seconds: f64,
    /// Only these kinds; all when empty.
    pub kinds: Vec<OrphanKind>,
    /// Who asked.
    pub requested_by: String,
}

/// An orphan by name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Named {
    /// What it is.
    pub kind: OrphanKind,
    /// Where it is.
    pub place: String,
    /// Its name there.
    pub name: String,
    /// Why it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// What was removed, or would be, and what was not.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Collected {
    /// Whether nothing was touched.
    pub dry_run: bool,
    /// Removed, or to be removed.
    pub collected: Vec<Named>,
    /// Kept, with the reason.
    pub kept: Vec<Named>,
}

/// Collects. `None` while another pass runs.
///
/// # Errors
/// A classified failure of the control database, or `source_unknown` while not everything can be read.
pub async fn collect(world: &World, collection: &Collection) -> Result<Option<Collected>, Failure> {
    let Some(lock) = world.store.try_reconcile().await.map_err(store_failure)? else { return Ok(None) };
    let collected = Box::pin(collect_locked(world, collection)).await;
    lock.release().await;
    collected.map(Some)
}

async fn collect_locked(world: &World, collection: &Collection) -> Result<Collected, Failure> {
    let seen = Box::pin(inventory::load(world)).await;
    let Some(Orphans { mut found, .. }) = orphans(&seen, &Wanted::of(world, None)) else {
        let text = "not everything could be read, so nothing can be told to be nobody's";
        return Err(Failure::retryable("source_unknown", text));
    };
    let listed = world.store.known_orphans().await.map_err(store_failure)?;
    let listed: Listed<'_> =
        listed.iter().map(|l| ((l.kind, l.place.as_str(), l.name.as_str()), l.seen_seconds)).collect();
    found.sort_by_key(|orphan| ORDER.iter().position(|kind| *kind == orphan.kind));
    let mut result = Collected { dry_run: collection.dry_run, collected: Vec::new(), kept: Vec::new() };
    for orphan in found {
        match verdict(&orphan, &listed, collection) {
            Err(why) => result.kept.push(named(&orphan, Some(why))),
            Ok(()) if collection.dry_run => result.collected.push(named(&orphan, None)),
            Ok(()) => match remove(world, &orphan, &collection.requested_by).await {
                Ok(()) => {
                    tracing::warn!(
                        kind = orphan.kind.as_str(),
                        place = orphan.place,
                        name = orphan.name,
                        requested_by = collection.requested_by,
                        "an orphan was removed"
                    );
                    result.collected.push(named(&orphan, None));
                }
                Err(failure) => result.kept.push(named(&orphan, Some(failure.message))),
            },
        }
    }
    Ok(result)
}

fn named(orphan: &Orphan, why: Option<String>) -> Named {
    Named { kind: orphan.kind, place: orphan.place.clone(), name: orphan.name.clone(), why }
}

/// Whether an orphan may go. Pure.
fn verdict(orphan: &Orphan, listed: &Listed<'_>, collection: &Collection) -> Result<(), String> {
    if !collection.kinds.is_empty() && !collection.kinds.contains(&orphan.kind) {
        return Err("its kind was not asked for".to_owned());
    }
    if may_be_the_only_copy(orphan) {
        return Err(
            "its tenant lives on another database server, which was not seen to have it: it may be all there is"
                .to_owned(),
        );
    }
    match listed.get(&(orphan.kind, orphan.place.as_str(), orphan.name.as_str())) {
        None => Err("it was not listed before: let the reconciler see it first".to_owned()),
        Some(seen_seconds) if *seen_seconds < collection.quarantine_seconds => Err(format!(
            "it was first seen {seen_seconds:.0} s ago, and has to be known for {:.0} s",
            collection.quarantine_seconds
        )),
        Some(_) => Ok(()),
    }
}

async fn remove(world: &World, orphan: &Orphan, by: &str) -> Result<(), Failure> {
    let (kind, place, name) = (orphan.kind, orphan.place.as_str(), orphan.name.as_str());
    world.store.condemn_orphan(kind, place, name, by).await.map_err(store_failure)?;
    let no_engine = || Failure::permanent("no_docker", "docker_host (GATEWAY_DOCKER_HOST) is not set");
    match orphan.kind {
        OrphanKind::Route => {
            let seen = orphan.detail.get("value").and_then(serde_json::Value::as_str).unwrap_or_default();
            if !world.routes.remove_unowned(name, seen).await? {
                return Err(Failure::retryable("redis_changed", "the key has another value by now"));
            }
        }
        OrphanKind::Container => world.engine.as_ref().ok_or_else(no_engine)?.collect_container(name).await?,
        OrphanKind::Network => world.engine.as_ref().ok_or_else(no_engine)?.collect_network(name).await?,
        OrphanKind::Database | OrphanKind::Role => {
            let unknown = || Failure::permanent("identifier", format!("{name} is not named like a tenant's"));
            let server = server_at(place).ok_or_else(|| not_held(place))?;
            let held = world.servers.named(&server).ok_or_else(|| not_held(server.as_str()))?;
            let mut session = held.server.admin_unowned(orphan.tenant_id.ok_or_else(unknown)?).await?;
            let removed = match orphan.kind {
                OrphanKind::Database => databases::collect(&mut session).await,
                _ => roles::remove(&held.server, &mut session).await.map(|_| ()),
            };
            session.close().await;
            removed?;
        }
    }
    world.store.forget_orphan(kind, place, name).await.map_err(store_failure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_listed_long_enough_goes() {
        let orphan = Orphan {
            kind: OrphanKind::Network,
            place: "docker".into(),
            name: "n".into(),
            tenant_id: None,
            detail: serde_json::json!({}),
        };
        let listed = |seen_seconds| Listed::from([((OrphanKind::Network, "docker", "n"), seen_seconds)]);
        let mut collection =
            Collection { dry_run: false, quarantine_seconds: 60.0, kinds: Vec::new(), requested_by: "t".into() };
        assert!(verdict(&orphan, &Listed::new(), &collection).unwrap_err().contains("not listed"));
        assert!(verdict(&orphan, &listed(59.0), &collection).unwrap_err().contains("first seen"));
        assert!(verdict(&orphan, &listed(60.0), &collection).is_ok());
        let astray = |only_copy| Orphan { detail: serde_json::json!({ "only_copy": only_copy }), ..orphan.clone() };
        assert!(verdict(&astray(true), &listed(60.0), &collection).unwrap_err().contains("all there is"));
        assert!(verdict(&astray(false), &listed(60.0), &collection).is_ok());
        collection.kinds = vec![OrphanKind::Role];
        assert!(verdict(&orphan, &listed(60.0), &collection).is_err());
    }
}
