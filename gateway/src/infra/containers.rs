//! The containers of dedicated tenants and of managed pools, hardened: read-only root, no capabilities, no new privileges, limits on
//! memory, CPU and processes, bounded logs, no published port.

use std::collections::{BTreeMap, HashMap};
use std::net::Ipv4Addr;

use bollard::models::{
    ContainerCreateBody, ContainerInspectResponse, EndpointIpamConfig, EndpointSettings, HostConfig,
    HostConfigLogConfig, NetworkingConfig, RestartPolicy, RestartPolicyNameEnum,
};
use bollard::query_parameters::{
    CreateContainerOptionsBuilder, InspectContainerOptions, ListContainersOptionsBuilder,
    RemoveContainerOptionsBuilder, StartContainerOptions, StopContainerOptionsBuilder,
};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::domain::failure::Failure;
use crate::domain::ids::TenantId;
use crate::domain::key::TenantKey;
use crate::domain::lease::Lease;
use crate::domain::names;
use crate::infra::engine::{Engine, LABEL_SPEC, classify, is_missing};

/// Seconds an app gets to stop by itself.
const STOP_SECONDS: i32 = 10;

/// What a container is made from.
#[derive(Clone, Debug)]
pub struct ContainerSpec {
    /// Image reference; it must be on the engine.
    pub image: String,
    /// Environment; holds secrets.
    pub environment: BTreeMap<String, SecretString>,
    /// The engine's id of the network it is in.
    pub network_id: String,
    /// Its fixed address there.
    pub address: Ipv4Addr,
    /// Memory limit in bytes.
    pub memory_bytes: i64,
    /// CPU limit in billionths of a CPU.
    pub nano_cpus: i64,
    /// Process limit.
    pub pids: i64,
    /// Raised to have an equal container made anew; 0 where that is never asked for.
    pub restarts: i64,
}

impl ContainerSpec {
    /// Changes whenever a container made from it would differ.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        let limits = format!("{}/{}/{}", self.memory_bytes, self.nano_cpus, self.pids);
        let address = self.address.to_string();
        for part in [self.image.as_str(), self.network_id.as_str(), &address, &limits] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        for (name, value) in &self.environment {
            hash.update(name.as_bytes());
            hash.update([b'=']);
            hash.update(value.expose_secret().as_bytes());
            hash.update([0]);
        }
        if self.restarts > 0 {
            hash.update(self.restarts.to_be_bytes());
        }
        hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// A container, as the engine has it.
#[derive(Clone, Debug)]
pub struct FoundContainer {
    /// The engine's id.
    pub id: String,
    /// Digest of the image it runs.
    pub image: String,
    /// Digest of the spec it was made from.
    pub spec: Option<String>,
    /// Whether its process runs.
    pub running: bool,
    /// Whether somebody holds its process still.
    pub paused: bool,
    /// Whether the engine is starting it over after it ended.
    pub restarting: bool,
    /// Exit code of its last end.
    pub exit_code: i64,
    /// How often the engine started it over.
    pub restarts: i64,
}

impl FoundContainer {
    fn read(found: ContainerInspectResponse) -> Self {
        let labels = found.config.and_then(|config| config.labels);
        let state = found.state.unwrap_or_default();
        Self {
            id: found.id.unwrap_or_default(),
            image: found.image.unwrap_or_default(),
            spec: labels.and_then(|mut labels| labels.remove(LABEL_SPEC)),
            running: state.running.unwrap_or(false) && !state.paused.unwrap_or(false),
            paused: state.paused.unwrap_or(false),
            restarting: state.restarting.unwrap_or(false),
            exit_code: state.exit_code.unwrap_or(0),
            restarts: found.restart_count.unwrap_or(0),
        }
    }
}

impl Engine {
    /// Whether the engine holds an image, so that a container can be made from it.
    ///
    /// # Errors
    /// A classified failure.
    pub async fn has_image(&self, image: &str) -> Result<bool, Failure> {
        match self.client().await?.inspect_image(image).await {
            Ok(_) => Ok(true),
            Err(error) if is_missing(&error) => Ok(false),
            Err(error) => Err(classify("look for an image", error)),
        }
    }

    /// The tenant's container; `None` when there is none.
    ///
    /// # Errors
    /// `foreign_container`, permanent, when one of that name is not ours; or a classified failure.
    pub async fn find_container(&self, tenant: TenantId) -> Result<Option<FoundContainer>, Failure> {
        let name = names::container(tenant);
        let found = match self.client().await?.inspect_container(&name, None::<InspectContainerOptions>).await {
            Ok(found) => found,
            Err(error) if is_missing(&error) => return Ok(None),
            Err(error) => return Err(classify("look at the tenant's container", error)),
        };
        let labels = found.config.as_ref().and_then(|config| config.labels.as_ref());
        if !self.is_ours(tenant, labels) {
            let text = format!("a container {name} exists that was not made for this tenant");
            return Err(Failure::permanent("foreign_container", text));
        }
        Ok(Some(FoundContainer::read(found)))
    }

    /// A container by the engine's id; `None` when it is gone.
    ///
    /// # Errors
    /// A classified failure.
    pub async fn look_at_container(&self, id: &str) -> Result<Option<FoundContainer>, Failure> {
        match self.client().await?.inspect_container(id, None::<InspectContainerOptions>).await {
            Ok(found) => Ok(Some(FoundContainer::read(found))),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(classify("look at a container", error)),
        }
    }

    /// Containers with the tenant's labels under another name: copies, or renamed by somebody.
    ///
    /// # Errors
    /// A classified failure.
    pub async fn find_strays(&self, tenant: TenantId) -> Result<Vec<String>, Failure> {
        let options = ListContainersOptionsBuilder::new().all(true).filters(&self.filter(tenant)).build();
        let found = self.client().await?.list_containers(Some(options)).await;
        let found = found.map_err(|e| classify("look for the tenant's containers", e))?;
        let own = format!("/{}", names::container(tenant));
        let strays = found.into_iter().filter(|one| !one.names.as_ref().is_some_and(|names| names.contains(&own)));
        Ok(strays.filter_map(|one| one.id).collect())
    }

    /// Lets a process that is held still go on.
    ///
    /// # Errors
    /// `lease_over`, or a classified failure.
    pub async fn unpause_container(&self, lease: &Lease, id: &str) -> Result<(), Failure> {
        lease.require()?;
        let unpaused = self.client().await?.unpause_container(id).await;
        unpaused.map_err(|e| classify("let the tenant's container go on", e))
    }

    /// Creates the tenant's container; it does not run yet.
    ///
    /// # Errors
    /// `image_missing`, permanent; or a classified failure.
    pub async fn create_container(
        &self,
        lease: &Lease,
        key: &TenantKey,
        spec: &ContainerSpec,
    ) -> Result<String, Failure> {
        let labels = self.labels(lease.tenant(), key, lease.fence());
        self.create(lease, &names::container(lease.tenant()), labels, spec).await
    }

    /// Creates a container of this name, with these labels and that of what it is made from.
    pub(super) async fn create<Of>(
        &self,
        lease: &Lease<Of>,
        name: &str,
        mut labels: HashMap<String, String>,
        spec: &ContainerSpec,
    ) -> Result<String, Failure> {
        labels.insert(LABEL_SPEC.to_owned(), spec.digest());
        let environment =
            spec.environment.iter().map(|(name, value)| format!("{name}={}", value.expose_secret())).collect();
        let endpoint = EndpointSettings {
            ipam_config: Some(EndpointIpamConfig {
                ipv4_address: Some(spec.address.to_string()),
                ..EndpointIpamConfig::default()
            }),
            ..EndpointSettings::default()
        };
        let log_limits =
            HashMap::from([("max-size".to_owned(), "10m".to_owned()), ("max-file".to_owned(), "3".to_owned())]);
        let body = ContainerCreateBody {
            image: Some(spec.image.clone()),
            env: Some(environment),
            labels: Some(labels),
            host_config: Some(HostConfig {
                network_mode: Some(spec.network_id.clone()),
                memory: Some(spec.memory_bytes),
                memory_swap: Some(spec.memory_bytes),
                nano_cpus: Some(spec.nano_cpus),
                pids_limit: Some(spec.pids),
                readonly_rootfs: Some(true),
                tmpfs: Some(HashMap::from([("/tmp".to_owned(), "rw,noexec,nosuid,nodev,size=64m".to_owned())])),
                cap_drop: Some(vec!["ALL".to_owned()]),
                security_opt: Some(vec!["no-new-privileges:true".to_owned()]),
                restart_policy: Some(RestartPolicy {
                    name: Some(RestartPolicyNameEnum::UNLESS_STOPPED),
                    maximum_retry_count: None,
                }),
                log_config: Some(HostConfigLogConfig { typ: Some("json-file".to_owned()), config: Some(log_limits) }),
                ..HostConfig::default()
            }),
            networking_config: Some(NetworkingConfig {
                endpoints_config: Some(HashMap::from([(spec.network_id.clone(), endpoint)])),
            }),
            ..ContainerCreateBody::default()
        };
        let options = CreateContainerOptionsBuilder::new().name(name).build();
        lease.require()?;
        match self.client().await?.create_container(Some(options), body).await {
            Ok(made) => Ok(made.id),
            // Of all the request names, only the image can be missing: the network was just looked at by id.
            Err(error) if is_missing(&error) => {
                let text = format!("the image {} is not on Docker Engine", spec.image);
                Err(Failure::permanent("image_missing", text).because(error))
            }
            Err(error) => Err(classify("create a container", error)),
        }
    }

    /// Starts the container; fine when it runs already.
    ///
    /// # Errors
    /// A classified failure.
    pub async fn start_container<Of>(&self, lease: &Lease<Of>, id: &str) -> Result<(), Failure> {
        lease.require()?;
        let started = self.client().await?.start_container(id, None::<StartContainerOptions>).await;
        started.map_err(|e| classify("start a container", e))
    }

    /// Stops the container; fine when it does not run or is gone.
    ///
    /// # Errors
    /// A classified failure.
    pub async fn stop_container<Of>(&self, lease: &Lease<Of>, id: &str) -> Result<(), Failure> {
        lease.require()?;
        let options = StopContainerOptionsBuilder::new().t(STOP_SECONDS).build();
        match self.client().await?.stop_container(id, Some(options)).await {
            Ok(()) => Ok(()),
            Err(error) if is_missing(&error) => Ok(()),
            Err(error) => Err(classify("stop a container", error)),
        }
    }

    /// Removes the container with its anonymous volumes, running or not; fine when it is gone.
    ///
    /// # Errors
    /// `lease_over`, or a classified failure.
    pub async fn remove_container<Of>(&self, lease: &Lease<Of>, id: &str) -> Result<(), Failure> {
        lease.require()?;
        self.collect_container(id).await
    }

    /// Removes a container that nobody owns, running or not; fine when it is gone.
    ///
    /// # Errors
    /// A classified failure.
    pub async fn collect_container(&self, id: &str) -> Result<(), Failure> {
        let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
        match self.client().await?.remove_container(id, Some(options)).await {
            Ok(()) => Ok(()),
            Err(error) if is_missing(&error) => Ok(()),
            Err(error) => Err(classify("remove a container", error)),
        }
    }
}
