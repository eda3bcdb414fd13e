//! The networks and containers that carry this control plane's label. What a list does not say is told in
//! [`crate::infra::listing`].

use crate::domain::failure::Failure;
use crate::domain::ids::{PoolId, TenantId};
use crate::infra::engine::Engine;
use crate::infra::listing::{ListedContainer, ListedNetwork};
use crate::infra::walls::SeenWalls;
use crate::provision::run::World;

/// Everything of ours on the engine. A tenant may have more than one of either, as network names are not unique.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EngineObjects {
    /// Networks, in the order of their ids.
    pub networks: Vec<ListedNetwork>,
    /// Containers, in the order of their ids.
    pub containers: Vec<ListedContainer>,
}

impl EngineObjects {
    /// The networks with a tenant's label.
    pub fn networks_of(&self, tenant: TenantId) -> impl Iterator<Item = &ListedNetwork> {
        self.networks.iter().filter(move |network| network.labels.tenant == Some(tenant))
    }

    /// The networks with a managed pool's label.
    pub fn networks_of_pool(&self, pool: PoolId) -> impl Iterator<Item = &ListedNetwork> {
        self.networks.iter().filter(move |network| network.labels.pool == Some(pool))
    }

    /// The containers with a managed pool's label.
    pub fn containers_of_pool(&self, pool: PoolId) -> impl Iterator<Item = &ListedContainer> {
        self.containers.iter().filter(move |container| container.labels.pool == Some(pool))
    }

    /// The containers with a tenant's label.
    pub fn containers_of(&self, tenant: TenantId) -> impl Iterator<Item = &ListedContainer> {
        self.containers.iter().filter(move |container| container.labels.tenant == Some(tenant))
    }
}

/// What stands between networks; `None` where that is not ours to see to.
///
/// # Errors
/// A classified failure; then nothing is known.
pub async fn load_walls(world: &World) -> Result<Option<SeenWalls>, Failure> {
    match world.engine.as_ref().and_then(Engine::walls) {
        Some(walls) => walls.look().await.map(Some),
        None => Ok(None),
    }
}

/// Two list requests; `None` where there is no engine.
///
/// # Errors
/// A classified failure; then nothing is known.
pub async fn load(world: &World) -> Result<Option<EngineObjects>, Failure> {
    let Some(engine) = &world.engine else { return Ok(None) };
    let (networks, containers) = tokio::try_join!(engine.list_networks(), engine.list_containers())?;
    Ok(Some(EngineObjects { networks, containers }))
}
