//! Asks the members of shared pools by the clock whether they answer. One worker at a time does; what it finds is written
//! only where it differs from what stands there.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use futures::future::join_all;
use futures::stream;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::domain::failure::Failure;
use crate::domain::pool::MemberState;
use crate::provision::run::{World, store_failure};
use crate::store::pool_members::{PoolMember, WatchedPool};

/// Pools looked at once, each of 16 members at most.
const AT_ONCE: usize = 8;
/// Longest look.
const LONGEST: Duration = Duration::from_secs(120);

/// Looks each `every` until `stop`; never where that is zero.
pub async fn watch(world: Arc<World>, every: Duration, stop: CancellationToken) {
    if every.is_zero() {
        return stop.cancelled().await;
    }
    loop {
        // Workers that started together do not look together.
        tokio::select! {
            () = tokio::time::sleep(every.mul_f64(0.9 + 0.2 * rand::random::<f64>())) => {}
            () = stop.cancelled() => return,
        }
        let looked = tokio::select! {
            looked = tokio::time::timeout(LONGEST, look_in_turn(&world)) => looked,
            () = stop.cancelled() => return,
        };
        // The claims of tenants tell of an outage.
        match looked {
            Ok(Ok(())) => {}
            Ok(Err(failure)) => {
                tracing::debug!(code = failure.code, message = %failure, "cannot look at members; trying on");
            }
            Err(_elapsed) => tracing::debug!("a look at members took too long"),
        }
    }
}

async fn look_in_turn(world: &World) -> Result<(), Failure> {
    let Some(turn) = world.store.try_look_at_members().await.map_err(store_failure)? else { return Ok(()) };
    let looked = look(world).await;
    turn.release().await;
    looked
}

/// Looks at the pools, several at once. Each is written when its own members were asked, so that one whose members give no
/// answer holds up nobody else.
async fn look(world: &World) -> Result<(), Failure> {
    let pools = world.store.watched_pools().await.map_err(store_failure)?;
    let looks: Vec<_> = pools.iter().map(|pool| look_at(world, pool)).collect();
    let ended: Vec<Result<(), Failure>> = stream::iter(looks).buffer_unordered(AT_ONCE).collect().await;
    ended.into_iter().collect()
}

async fn look_at(world: &World, pool: &WatchedPool) -> Result<(), Failure> {
    let found = join_all(pool.members.iter().map(|member| ask(world, member))).await;
    let found: Vec<(Url, MemberState)> = found
        .into_iter()
        .zip(&pool.members)
        .filter(|(state, member)| member.since.is_none() || member.state != *state)
        .map(|(state, member)| (member.url.clone(), state))
        .collect();
    if found.is_empty() { Ok(()) } else { record(world, pool, &found).await }
}

/// How a member is. One that answered is asked more than once before it is told to be gone.
async fn ask(world: &World, member: &PoolMember) -> MemberState {
    let answers = match member.state {
        MemberState::Healthy => world.probe.is_steady(&member.url, &world.health_path).await,
        MemberState::Starting | MemberState::Unhealthy | MemberState::Stopped => {
            world.probe.is_up(&member.url, &world.health_path).await
        }
    };
    if answers { MemberState::Healthy } else { MemberState::Unhealthy }
}

async fn record(world: &World, pool: &WatchedPool, found: &[(Url, MemberState)]) -> Result<(), Failure> {
    for (url, state) in found {
        tracing::info!(pool.id = %pool.id, pool.name = pool.name, member = %url, %state, "a member of a pool changed");
    }
    let is_broken = pool.is_managed && found.iter().any(|(_, state)| *state == MemberState::Unhealthy);
    let repair = is_broken.then_some("a container does not answer");
    world.store.record_watch(pool, found, repair).await.map_err(store_failure)
}
