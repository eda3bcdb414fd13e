//! The network and the containers of a managed pool, found by its label.

use ipnet::Ipv4Net;

use crate::domain::failure::Failure;
use crate::domain::ids::PoolId;
use crate::domain::lease::Lease;
use crate::domain::names;
use crate::infra::containers::ContainerSpec;
use crate::infra::engine::Engine;
use crate::infra::listing::ListedContainer;
use crate::infra::networks::{FoundNetwork, MadeNetwork};

impl Engine {
    /// All networks with this pool's labels.
    ///
    /// # Errors
    /// A classified failure.
    pub async fn find_pool_networks(&self, pool: PoolId) -> Result<Vec<FoundNetwork>, Failure> {
        self.find_networks_by(&self.pool_filter(pool)).await
    }

    /// Makes the pool's bridge on its subnet.
    ///
    /// # Errors
    /// A classified failure.
    pub async fn create_pool_network(
        &self,
        lease: &Lease<PoolId>,
        name: &str,
        subnet: Ipv4Net,
    ) -> Result<MadeNetwork, Failure> {
        let labels = self.pool_labels(lease.pool(), name, lease.fence());
        self.create_bridge(lease, names::pool_network(lease.pool()), labels, subnet).await
    }

    /// All containers with this pool's labels, running or not, in the order of their ids.
    ///
    /// # Errors
    /// A classified failure.
    pub async fn find_pool_containers(&self, pool: PoolId) -> Result<Vec<ListedContainer>, Failure> {
        self.list_containers_by(&self.pool_filter(pool)).await
    }

    /// Creates the container at one place of the pool; it does not run yet.
    ///
    /// # Errors
    /// `image_missing`, permanent; or a classified failure.
    pub async fn create_pool_container(
        &self,
        lease: &Lease<PoolId>,
        name: &str,
        place: u8,
        spec: &ContainerSpec,
    ) -> Result<String, Failure> {
        let labels = self.pool_labels(lease.pool(), name, lease.fence());
        self.create(lease, &names::pool_container(lease.pool(), place), labels, spec).await
    }
}
