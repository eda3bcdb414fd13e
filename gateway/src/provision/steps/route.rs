//! How a tenant is led to: by keys of its own in Traefik's tree, or by those that all share.

use std::collections::BTreeSet;
use std::time::Instant;

use serde_json::json;

use crate::domain::failure::Failure;
use crate::domain::status::Status;
use crate::domain::subnet::container_address;
use crate::domain::tenant::Tier;
use crate::infra::render::{self, Keys, Rendered, Route, Upstream};
use crate::infra::tree::Writing;
use crate::provision::outcome::{Effect, Observed, StepError};
use crate::provision::run::{Run, World, store_failure};
use crate::provision::steps::wildcard;
use crate::store::places::SharedPool;

/// The tenant's route as it should be. Also tells the proof which revision to wait for.
pub(super) async fn render(run: &Run) -> Result<Rendered, StepError> {
    let allocation = run.allocation()?;
    let upstream = if !run.serves() {
        Upstream::TenantPort
    } else {
        match run.tenant.tier {
            Tier::Shared => {
                let pool = pool_of(run).await?;
                Upstream::Pool { urls: pool.upstreams(&run.world.tenant_ports), name: pool.name }
            }
            Tier::Dedicated => {
                let missing = || Failure::permanent("not_allocated", "the tenant has no subnet yet");
                let subnet = allocation.subnet.ok_or_else(missing)?;
                Upstream::Container { address: container_address(subnet), port: run.world.docker.app_port }
            }
        }
    };
    Ok(render::route(&Route {
        tenant: run.id(),
        key: &run.tenant.key,
        host: &allocation.host,
        upstream,
        entrypoint: &run.world.entrypoint,
    }))
}

/// The shared pool that serves the tenant.
pub(super) async fn pool_of(run: &Run) -> Result<SharedPool, StepError> {
    let missing = || Failure::permanent("not_allocated", "the tenant has no shared pool yet");
    let id = run.allocation()?.pool_id.ok_or_else(missing)?;
    Ok(run.world.store.shared_pool(id).await?)
}

/// What does not belong to one tenant but where the pools are.
pub(super) fn shared_keys(run: &Run) -> Keys {
    shared_of(&run.world)
}

fn shared_of(world: &World) -> Keys {
    render::shared(&world.tenant_ports, &world.entrypoint, &world.host_suffix)
}

/// What has to change in the tree: keys to set, and keys of the tenant to remove.
async fn difference(run: &Run) -> Result<(Keys, Vec<String>), StepError> {
    let mut wanted = render(run).await?.keys;
    wanted.extend(shared_keys(run));
    let possible = render::possible_keys(&run.tenant.key);
    let names = wanted.keys().map(String::as_str).chain(possible.iter().map(String::as_str));
    let present = run.world.routes.read(names).await?;
    let stale = possible.into_iter().filter(|key| present.contains_key(key) && !wanted.contains_key(key)).collect();
    // A pool that is published is published for all its tenants, by whoever changes it: its row may have changed since it was
    // read here.
    let is_published = present.keys().any(|key| render::is_pool_key(key));
    wanted.retain(|key, _| !is_published || !render::is_pool_key(key));
    wanted.retain(|key, value| present.get(key) != Some(value));
    Ok((wanted, stale))
}

/// Always wanting: Redis has to be told of the newest claim also where the keys are as they should be. Else what a dead
/// worker had sent off could arrive late and be taken.
pub(super) const fn observe() -> Observed {
    Observed::Wanting
}

pub(super) async fn ensure(run: &mut Run) -> Result<Effect, StepError> {
    if let Some(effect) = wildcard::ensure(run).await? {
        return Ok(effect);
    }
    let (set, stale) = difference(run).await?;
    let stale: Vec<&str> = stale.iter().map(String::as_str).collect();
    run.world.routes.change(&run.lease, &set, &stale, false).await?;
    run.told_traefik = (!set.is_empty() || !stale.is_empty()).then(Instant::now);
    // After its own keys are there, and before they are proved: a tenant port serves who was served before without it.
    let has_left = wildcard::leave(run).await?;
    let host = run.allocation()?.host.as_str().to_owned();
    if set.is_empty() && stale.is_empty() && !has_left {
        return Ok(Effect::Unchanged(json!({ "host": host })));
    }
    Ok(Effect::Changed(json!({ "host": host, "keys_set": set.len(), "keys_removed": stale.len() })))
}

pub(super) async fn remove(run: &mut Run) -> Result<Effect, StepError> {
    let has_left = wildcard::leave(run).await?;
    let possible = render::possible_keys(&run.tenant.key);
    let present = run.world.routes.read(possible.iter().map(String::as_str)).await?;
    // The key may belong to a younger tenant by now; its keys carry its id.
    if present.get(&render::identity_key(&run.tenant.key)).is_some_and(|id| *id != run.id().to_string()) {
        return Ok(Effect::nothing("the keys belong to another tenant"));
    }
    let stale: Vec<&str> = present.keys().map(String::as_str).collect();
    // The shared keys go with every change, since Traefik keeps its last configuration when the tree becomes empty.
    let shared = shared_keys(run);
    // Also where there is nothing to remove: the fence has to be told.
    let set = if stale.is_empty() { Keys::new() } else { shared };
    let last = run.tenant.status == Status::Purging;
    run.world.routes.change(&run.lease, &set, &stale, last).await?;
    run.told_traefik = (!stale.is_empty()).then(Instant::now);
    if stale.is_empty() && !has_left {
        return Ok(Effect::nothing("there was none"));
    }
    Ok(Effect::Changed(json!({ "keys_removed": stale.len() })))
}

/// What does not belong to one tenant, and the names of all keys it could have.
async fn shared(world: &World) -> Result<(Keys, BTreeSet<String>), Failure> {
    let mut wanted = shared_of(world);
    let mut possible: BTreeSet<String> = wanted.keys().cloned().chain(render::possible_shared_keys()).collect();
    for pool in world.store.shared_pools().await.map_err(store_failure)? {
        wanted.extend(render::pool(&pool.name, &pool.upstreams(&world.tenant_ports)));
        possible.extend(render::possible_pool_keys(&pool.name));
    }
    Ok((wanted, possible))
}

/// Publishes what does not belong to one tenant: where each shared pool is, the way from every unknown host to the tenant
/// port, and the sentinel. Writes what differs.
///
/// # Errors
/// A classified failure.
pub async fn publish_shared(world: &World) -> Result<(), Failure> {
    let turn = world.store.publish_turn().await.map_err(store_failure)?;
    let published = async {
        let (mut wanted, possible) = shared(world).await?;
        let present = world.routes.read(possible.iter().map(String::as_str)).await?;
        let stale: Vec<&str> = present.keys().filter(|key| !wanted.contains_key(*key)).map(String::as_str).collect();
        wanted.retain(|key, value| present.get(key) != Some(value));
        if wanted.is_empty() && stale.is_empty() && world.routes.is_marked().await? {
            return Ok(());
        }
        world.routes.change_shared(&wanted, &stale).await
    };
    let published = published.await;
    turn.release().await;
    published
}

/// Publishes the same once more, whether or not it is there, and tells Traefik; where the whole tree was written, it counts as
/// whole with this. Gives the number of keys.
///
/// # Errors
/// A classified failure.
pub async fn republish_shared(world: &World, writing: Option<Writing>) -> Result<usize, Failure> {
    let turn = world.store.publish_turn().await.map_err(store_failure)?;
    let published = async {
        let (wanted, _) = shared(world).await?;
        match writing {
            Some(writing) => world.routes.begin_count(writing, &wanted).await?,
            None => world.routes.change_shared(&wanted, &[]).await?,
        }
        // The sentinel is one of them.
        Ok(wanted.len() + 1)
    };
    let published = published.await;
    turn.release().await;
    published
}
