//! Taking a pool out of use: stopped for a time, or removed for good.

use futures::future::try_join_all;
use url::Url;

use crate::domain::pool::MemberState;
use crate::infra::engine::Engine;
use crate::infra::listing::Running;
use crate::infra::render;
use crate::provision::outcome::StepError;
use crate::provision::pools::{Converged, PoolRun, lead, no_docker, remove_strays};
use crate::provision::run::store_failure;
use crate::provision::steps::QUARANTINE;

/// Leads the pool's tenants to the page, and waits until nobody is led to a member.
async fn leave(run: &mut PoolRun) -> Result<Vec<Url>, StepError> {
    let members = run.world.store.pool_members(run.id()).await?;
    let urls: Vec<Url> = members.into_iter().map(|member| member.url).collect();
    lead::lead_to(run, &[]).await?;
    if !urls.is_empty() {
        lead::await_left(run, &urls).await?;
    }
    Ok(urls)
}

/// Leads the tenants to the page and stops the containers.
pub(super) async fn stop(run: &mut PoolRun, engine: &Engine) -> Result<(), StepError> {
    leave(run).await?;
    let members = run.world.store.pool_members(run.id()).await?;
    let places: Vec<u8> = members.iter().filter_map(|member| Some(member.container.as_ref()?.place)).collect();
    let found = remove_strays(run, engine, &places).await?;
    run.confirm().await?;
    let running = found.iter().filter(|one| one.running != Running::No);
    try_join_all(running.map(|one| engine.stop_container(&run.lease, &one.id))).await?;
    for member in members.iter().filter(|member| member.state != MemberState::Stopped) {
        run.world.store.record_member(&run.claim, &member.url, MemberState::Stopped).await?;
    }
    Ok(())
}

/// Takes away containers, network, keys and row.
pub(super) async fn remove(run: &mut PoolRun, engine: &Engine) -> Result<Converged, StepError> {
    leave(run).await?;
    let found = engine.find_pool_containers(run.id()).await?;
    run.confirm().await?;
    try_join_all(found.iter().map(|one| engine.stop_container(&run.lease, &one.id))).await?;
    run.confirm().await?;
    try_join_all(found.iter().map(|one| engine.remove_container(&run.lease, &one.id))).await?;
    let networks = engine.find_pool_networks(run.id()).await?;
    for network in &networks {
        run.confirm().await?;
        engine.remove_network(&run.lease, &network.id).await?;
    }
    run.confirm().await?;
    run.world.store.record_pool_network(&run.claim, None).await?;
    forget_row(run).await
}

/// Removes the row of a pool on a worker without an engine, where nothing was ever made on one.
pub(super) async fn forget(run: &mut PoolRun) -> Result<Converged, StepError> {
    let members = run.world.store.pool_members(run.id()).await?;
    if run.pool.network_id.is_some() || !members.is_empty() {
        return Err(no_docker().into());
    }
    leave(run).await?;
    forget_row(run).await
}

/// Keys and row in one turn, so that nobody publishes the pool in between.
async fn forget_row(run: &PoolRun) -> Result<Converged, StepError> {
    let turn = run.world.store.publish_turn().await.map_err(store_failure)?;
    let removed = async {
        run.world.store.remove_pool(&run.claim, QUARANTINE).await?;
        let keys = render::possible_pool_keys(&run.pool.name);
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        Ok::<_, StepError>(run.world.routes.change_shared(&render::Keys::new(), &keys).await?)
    };
    let removed = removed.await;
    turn.release().await;
    removed.map(|()| Converged::Gone)
}
