//! All networks and containers of this control plane in two list calls.
//!
//! # Caveats
//! A list tells less than a look at each object: of a container it says neither exit code nor number of restarts nor
//! its environment and limits (its spec label stands for those); of a network it does not say which containers are in it
//! (their own entries do). A stopped container has no address but the fixed one it will get again.

use std::collections::HashMap;
use std::net::Ipv4Addr;

use bollard::models::{ContainerSummary, ContainerSummaryStateEnum, Network};
use bollard::query_parameters::{ListContainersOptionsBuilder, ListNetworksOptionsBuilder};
use ipnet::Ipv4Net;

use crate::domain::failure::Failure;
use crate::domain::ids::{PoolId, TenantId};
use crate::infra::engine::{Engine, LABEL_FENCE, LABEL_KEY, LABEL_POOL, LABEL_SPEC, LABEL_TENANT, classify};

/// What our labels on an object say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    /// Whose it is; `None` when the label is missing or no tenant's id.
    pub tenant: Option<TenantId>,
    /// The managed pool whose it is; `None` when the label is missing or no pool's id.
    pub pool: Option<PoolId>,
    /// That tenant's key or pool's name when it was made.
    pub key: Option<String>,
    /// Digest of what it was made from.
    pub spec: Option<String>,
    /// Fence of the claim under which it was made; `None` when missing or not a number.
    pub fence: Option<i64>,
}

/// A network with our label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedNetwork {
    /// The engine's id.
    pub id: String,
    /// Its name; not unique on the engine.
    pub name: String,
    /// Our labels.
    pub labels: Labels,
    /// Its subnets.
    pub subnets: Vec<Ipv4Net>,
}

/// How a container's process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Running {
    /// It runs.
    Yes,
    /// It ended by itself and is being started over.
    Restarting,
    /// It does not run: never started, ended, or held still.
    No,
}

/// A container's place in one network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// The engine's id of the network.
    pub network_id: String,
    /// Its address there: the present one, or while it does not run the fixed one.
    pub address: Option<Ipv4Addr>,
}

/// A container with our label, running or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedContainer {
    /// The engine's id.
    pub id: String,
    /// Its name, unique on the engine.
    pub name: String,
    /// Our labels.
    pub labels: Labels,
    /// How its process is.
    pub running: Running,
    /// Digest of its image.
    pub image_id: String,
    /// The networks it is in, in the order of their ids.
    pub attachments: Vec<Attachment>,
}

impl Labels {
    fn read(labels: Option<&HashMap<String, String>>) -> Self {
        let get = |name: &str| labels.and_then(|labels| labels.get(name));
        Self {
            tenant: get(LABEL_TENANT).and_then(|text| text.parse().ok()).map(TenantId::from_uuid),
            pool: get(LABEL_POOL).and_then(|text| text.parse().ok()).map(PoolId::from_uuid),
            key: get(LABEL_KEY).cloned(),
            spec: get(LABEL_SPEC).cloned(),
            fence: get(LABEL_FENCE).and_then(|text| text.parse().ok()),
        }
    }
}

fn network(found: Network) -> Option<ListedNetwork> {
    let configs = found.ipam.and_then(|ipam| ipam.config).unwrap_or_default();
    Some(ListedNetwork {
        id: found.id?,
        name: found.name.unwrap_or_default(),
        labels: Labels::read(found.labels.as_ref()),
        subnets: configs.into_iter().filter_map(|config| config.subnet?.parse().ok()).collect(),
    })
}

fn container(found: ContainerSummary) -> Option<ListedContainer> {
    let networks = found.network_settings.and_then(|settings| settings.networks).unwrap_or_default();
    let mut attachments: Vec<Attachment> = networks
        .into_values()
        .filter_map(|endpoint| {
            let fixed = endpoint.ipam_config.and_then(|config| config.ipv4_address);
            let address = endpoint.ip_address.filter(|text| !text.is_empty()).or(fixed);
            let network_id = endpoint.network_id.filter(|id| !id.is_empty())?;
            Some(Attachment { network_id, address: address.and_then(|text| text.parse().ok()) })
        })
        .collect();
    attachments.sort_by(|a, b| a.network_id.cmp(&b.network_id));
    let name = found.names.unwrap_or_default().into_iter().next().unwrap_or_default();
    Some(ListedContainer {
        id: found.id?,
        name: name.trim_start_matches('/').to_owned(),
        labels: Labels::read(found.labels.as_ref()),
        running: match found.state {
            Some(ContainerSummaryStateEnum::RUNNING) => Running::Yes,
            Some(ContainerSummaryStateEnum::RESTARTING) => Running::Restarting,
            _ => Running::No,
        },
        image_id: found.image_id.unwrap_or_default(),
        attachments,
    })
}

impl Engine {
    /// Every network that carries this control plane's label, in the order of their ids.
    ///
    /// # Errors
    /// A classified failure; then nothing is known.
    pub async fn list_networks(&self) -> Result<Vec<ListedNetwork>, Failure> {
        let options = ListNetworksOptionsBuilder::new().filters(&self.filter_all()).build();
        let found = self.client().await?.list_networks(Some(options)).await;
        let found = found.map_err(|e| classify("list the networks", e))?;
        let mut all: Vec<ListedNetwork> = found.into_iter().filter_map(network).collect();
        all.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(all)
    }

    /// Every container that carries this control plane's label, running or not, in the order of their ids.
    ///
    /// # Errors
    /// A classified failure; then nothing is known.
    pub async fn list_containers(&self) -> Result<Vec<ListedContainer>, Failure> {
        self.list_containers_by(&self.filter_all()).await
    }

    /// Every container with the labels of a filter, in the order of their ids.
    pub(super) async fn list_containers_by(
        &self,
        filter: &HashMap<String, Vec<String>>,
    ) -> Result<Vec<ListedContainer>, Failure> {
        let options = ListContainersOptionsBuilder::new().all(true).filters(filter).build();
        let found = self.client().await?.list_containers(Some(options)).await;
        let found = found.map_err(|e| classify("list the containers", e))?;
        let mut all: Vec<ListedContainer> = found.into_iter().filter_map(container).collect();
        all.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stopped_container_keeps_its_fixed_address() {
        let text = r#"{"Id": "c1", "Names": ["/t_app"], "State": "exited", "ImageID": "sha256:1",
            "Labels": {"gateway.tenant": "00000000-0000-0000-0000-000000000007", "gateway.fence": "3", "gateway.key": "acme"},
            "NetworkSettings": {"Networks": {"t": {"IPAMConfig": {"IPv4Address": "10.88.0.2"}, "NetworkID": "n1", "IPAddress": ""}}}}"#;
        let listed = container(serde_json::from_str(text).unwrap()).unwrap();
        assert_eq!(listed.name, "t_app");
        assert_eq!(listed.running, Running::No);
        assert_eq!(listed.labels.fence, Some(3));
        assert_eq!(listed.labels.tenant, Some(TenantId::from_uuid(uuid::Uuid::from_u128(7))));
        let attachment = Attachment { network_id: "n1".into(), address: Some(Ipv4Addr::new(10, 88, 0, 2)) };
        assert_eq!(listed.attachments, [attachment]);
    }
}
