//! Writes Traefik's whole tree again, whether or not it looks right: for a Traefik that missed a change, or a Redis that
//! nobody trusts.
//!
//! Each tenant's keys are written under the fence of its last claim. Redis refuses them where a newer claim has written
//! since, and a newer claim writes over them: it is as if the last worker had repeated its write.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::domain::failure::Failure;
use crate::domain::ids::{Fence, TenantId};
use crate::domain::key::TenantKey;
use crate::infra::render::{self, Keys};
use crate::infra::routes::Rewrite;
use crate::infra::tree::Wholeness;
use crate::inventory::Inventory;
use crate::inventory::routing::Published;
use crate::inventory::rows::{self, Rows};
use crate::inventory::tree::{self, Tree};
use crate::inventory::wanted::Wanted;
use crate::provision::run::{World, store_failure};
use crate::provision::steps::republish_shared;

/// Tenants written at once.
const AT_ONCE: usize = 200;
/// How old the rows may be that are written from. A fence is remembered for longer.
const FRESH: Duration = Duration::from_secs(60);

/// What was written again.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Republished {
    /// Tenants whose route was written.
    pub tenants: usize,
    /// Tenants that need none, as the wildcard router leads to them.
    #[serde(default)]
    pub by_wildcard: usize,
    /// Keys that were written, the shared ones included.
    pub keys: usize,
    /// Keys of tenants that were removed, as no row asks for them.
    pub removed: usize,
    /// Tenants that were left out, as their work is open or failed; it writes their routes itself.
    pub unsettled: usize,
    /// Tenants that a newer claim had written since.
    pub fenced: Vec<TenantId>,
}

/// Writes the tree that the rows render to and tells Traefik once. With `dry_run` it only counts.
///
/// # Errors
/// `source_unknown` where the rows or the tree could not be read; a classified failure of Redis, after which a part may be
/// written.
pub(super) async fn republish(
    world: &World,
    seen: &Inventory,
    wanted: &Wanted,
    seen_at: Instant,
    dry_run: bool,
) -> Result<Republished, Failure> {
    let (Some(rows), Some(tree)) = (seen.rows.known(), seen.tree.known()) else {
        let text = "the control database or Redis could not be read, so nothing was published again";
        return Err(Failure::retryable("source_unknown", text));
    };
    let mut done = write(world, rows, tree, wanted, seen_at, dry_run).await?;
    if !dry_run {
        done.keys += republish_shared(world, None).await?;
    }
    Ok(done)
}

/// Writes the whole tree where it was lost or an older one took its place. Gives `None` where it is whole, or where another
/// worker is at it.
///
/// # Errors
/// A classified failure of the control database or of Redis; a part may be written then, and it counts as lost still.
pub async fn restore(world: &World) -> Result<Option<Republished>, Failure> {
    if world.routes.wholeness().await? == Wholeness::Whole {
        return Ok(None);
    }
    let Some(turn) = world.store.try_restore_tree().await.map_err(store_failure)? else { return Ok(None) };
    let restored = async {
        // Another worker may have done it since.
        let wholeness = world.routes.wholeness().await?;
        if wholeness == Wholeness::Whole {
            return Ok(None);
        }
        let began = Instant::now();
        let writing = world.routes.stop_count().await?;
        let (rows, tree) = (rows::load(world).await?, tree::load(world).await?);
        let mut done = write(world, &rows, &tree, &Wanted::of(world, None), began, false).await?;
        done.keys += republish_shared(world, Some(writing)).await?;
        let seconds = began.elapsed().as_secs_f64();
        tracing::info!(found = ?wholeness, tenants = done.tenants, keys = done.keys, seconds, "wrote Traefik's whole tree again");
        Ok(Some(done))
    };
    let restored = restored.await;
    turn.release().await;
    restored
}

/// Writes what belongs to tenants, and tells Traefik nothing.
async fn write(
    world: &World,
    rows: &Rows,
    tree: &Tree,
    wanted: &Wanted,
    seen_at: Instant,
    dry_run: bool,
) -> Result<Republished, Failure> {
    let mut done = Republished::default();
    let mut shared = wanted.routing.shared();
    for pool in &rows.pools {
        shared.extend(render::pool(&pool.name, &pool.upstreams(&wanted.routing.tenant_ports)));
    }
    let is_shared = |key: &str| shared.contains_key(key) || render::is_pool_key(key);
    let mut writes = Vec::new();
    for row in rows.tenants.values() {
        let published = if rows.is_settled(row) { wanted.routing.route(row) } else { Published::Anything };
        let last = matches!(published, Published::Nothing);
        let set: Keys = match published {
            Published::Exactly(rendered) => rendered.keys.into_iter().filter(|(key, _)| !is_shared(key)).collect(),
            Published::ByWildcard(_) => {
                done.by_wildcard += 1;
                Keys::new()
            }
            Published::Nothing => Keys::new(),
            Published::Anything => {
                done.unsettled += 1;
                continue;
            }
        };
        let possible = render::possible_keys(&row.key).into_iter();
        let remove: Vec<String> =
            possible.filter(|key| tree.keys.contains_key(key) && !set.contains_key(key)).collect();
        // Redis may have lost the fence, and what a stalled worker sends must be refused also where no key stands.
        if set.is_empty() && remove.is_empty() && row.route_revision.is_none() {
            continue;
        }
        done.tenants += usize::from(!set.is_empty());
        done.keys += set.len();
        done.removed += remove.len();
        writes.push(Rewrite { tenant: row.id, fence: Fence::from_i64(row.fence), set, remove, last });
    }
    for tombstone in rows.tombstones.values() {
        let Ok(key) = TenantKey::parse(&tombstone.key) else { continue };
        let identity = tree.keys.get(&render::identity_key(&key));
        // The key may be a younger tenant's by now, whose own keys carry its id.
        if identity.is_none_or(|id| *id != tombstone.id.to_string()) {
            continue;
        }
        let possible = render::possible_keys(&key).into_iter();
        let remove: Vec<String> = possible.filter(|key| tree.keys.contains_key(key)).collect();
        done.removed += remove.len();
        writes.push(Rewrite {
            tenant: tombstone.id,
            fence: Fence::from_i64(tombstone.fence),
            set: Keys::new(),
            remove,
            last: true,
        });
    }
    if dry_run {
        done.keys += shared.len() + 1;
        return Ok(done);
    }
    for some in writes.chunks(AT_ONCE) {
        if seen_at.elapsed() > FRESH {
            return Err(Failure::retryable(
                "rows_outdated",
                "writing took so long that the rows may say something else",
            ));
        }
        done.fenced.extend(world.routes.rewrite(some).await?);
    }
    done.tenants = done.tenants.saturating_sub(done.fenced.len());
    Ok(done)
}
