//! The Docker networks of tenants and of managed pools.
//!
//! Network names are not unique in Docker, so identity is the engine's id and our labels, and the subnet is the fence:
//! the engine refuses a second network on it.

use std::collections::HashMap;

use bollard::errors::Error as DockerError;
use bollard::models::{Ipam, IpamConfig, NetworkCreateRequest};
use bollard::query_parameters::ListNetworksOptionsBuilder;
use ipnet::Ipv4Net;

use crate::domain::failure::Failure;
use crate::domain::ids::TenantId;
use crate::domain::key::TenantKey;
use crate::domain::lease::Lease;
use crate::domain::names;
use crate::domain::subnet::{bridge_name, gateway_address};
use crate::infra::engine::{Engine, classify, is_missing};

/// The driver's option that names the bridge.
const BRIDGE_OPTION: &str = "com.docker.network.bridge.name";

/// A network that carries our labels.
#[derive(Clone, Debug)]
pub struct FoundNetwork {
    /// The engine's id.
    pub id: String,
    /// Its subnet, where it has exactly one.
    pub subnet: Option<Ipv4Net>,
}

/// How making a network ended.
#[derive(Debug)]
pub enum MadeNetwork {
    /// It is there; the engine's id.
    Made(String),
    /// The engine refuses the subnet: something else on the host holds it.
    SubnetTaken,
}

impl Engine {
    /// All networks with this tenant's labels.
    ///
    /// # Errors
    /// A classified failure.
    pub async fn find_networks(&self, tenant: TenantId) -> Result<Vec<FoundNetwork>, Failure> {
        self.find_networks_by(&self.filter(tenant)).await
    }

    /// All networks with the labels of a filter.
    pub(super) async fn find_networks_by(
        &self,
        filter: &HashMap<String, Vec<String>>,
    ) -> Result<Vec<FoundNetwork>, Failure> {
        let options = ListNetworksOptionsBuilder::new().filters(filter).build();
        let doing = "look for a network";
        let found = self.client().await?.list_networks(Some(options)).await.map_err(|e| classify(doing, e))?;
        Ok(found
            .into_iter()
            .filter_map(|network| {
                let configs = network.ipam.and_then(|ipam| ipam.config).unwrap_or_default();
                let subnet = match configs.as_slice() {
                    [one] => one.subnet.as_deref().and_then(|text| text.parse().ok()),
                    _ => None,
                };
                Some(FoundNetwork { id: network.id?, subnet })
            })
            .collect())
    }

    /// Makes the tenant's bridge on its subnet.
    ///
    /// # Errors
    /// `walls_elsewhere`, permanent; or a classified failure.
    pub async fn create_network(
        &self,
        lease: &Lease,
        key: &TenantKey,
        subnet: Ipv4Net,
    ) -> Result<MadeNetwork, Failure> {
        let labels = self.labels(lease.tenant(), key, lease.fence());
        self.create_bridge(lease, names::network(lease.tenant()), labels, subnet).await
    }

    /// Makes a bridge of this name on a subnet. Whoever made it raises its walls before a container is in it.
    pub(super) async fn create_bridge<Of>(
        &self,
        lease: &Lease<Of>,
        name: String,
        labels: HashMap<String, String>,
        subnet: Ipv4Net,
    ) -> Result<MadeNetwork, Failure> {
        let doing = "create a network";
        // A name of ours tells the walls a tenant's bridge, whatever address a packet from it claims.
        let options = self.walls.as_ref().map(|_| HashMap::from([(BRIDGE_OPTION.to_owned(), bridge_name(subnet))]));
        let request = NetworkCreateRequest {
            name,
            options,
            driver: Some("bridge".to_owned()),
            labels: Some(labels),
            ipam: Some(Ipam {
                config: Some(vec![IpamConfig {
                    subnet: Some(subnet.to_string()),
                    gateway: Some(gateway_address(subnet).to_string()),
                    ..IpamConfig::default()
                }]),
                ..Ipam::default()
            }),
            ..NetworkCreateRequest::default()
        };
        let client = self.client().await?;
        let _one_at_a_time = self
            .network_creates
            .acquire()
            .await
            .map_err(|e| Failure::unavailable("stopping", "the worker is stopping").because(e))?;
        lease.require()?;
        match client.create_network(request).await {
            Ok(made) => {
                if let Err(failure) = self.require_bridge(subnet) {
                    self.collect_network(&made.id).await?;
                    return Err(failure);
                }
                Ok(MadeNetwork::Made(made.id))
            }
            // The bridge driver answers 403 to an overlapping pool, and to nothing else that we ask for.
            Err(DockerError::DockerResponseServerError { status_code: 403, .. }) => Ok(MadeNetwork::SubnetTaken),
            Err(error) => Err(classify(doing, error)),
        }
    }

    /// Removes a network by the engine's id; fine when it is gone already.
    ///
    /// # Errors
    /// `lease_over`, or a classified failure.
    pub async fn remove_network<Of>(&self, lease: &Lease<Of>, id: &str) -> Result<(), Failure> {
        lease.require()?;
        self.collect_network(id).await
    }

    /// Removes a network that nobody owns; fine when it is gone already.
    ///
    /// # Errors
    /// A classified failure.
    pub async fn collect_network(&self, id: &str) -> Result<(), Failure> {
        match self.client().await?.remove_network(id).await {
            Ok(()) => Ok(()),
            Err(error) if is_missing(&error) => Ok(()),
            Err(error) => Err(classify("remove a network", error)),
        }
    }
}
