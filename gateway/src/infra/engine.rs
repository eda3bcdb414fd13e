//! Docker Engine: one connection, made when first needed, and what its answers mean.

use std::collections::HashMap;
use std::time::Duration;

use bollard::errors::Error as DockerError;
use bollard::{API_DEFAULT_VERSION, Docker};
use tokio::sync::{OnceCell, Semaphore};

use crate::domain::failure::Failure;
use crate::domain::ids::{Fence, InstallationId, PoolId, TenantId};
use crate::domain::key::TenantKey;
use crate::infra::walls::Walls;

/// Seconds until a silent engine counts as gone.
const TIMEOUT_SECONDS: u64 = 60;
/// How long to wait for a sign of life.
const PING_TIMEOUT: Duration = Duration::from_secs(2);

/// Label that says a program of this kind made the object.
pub const LABEL_MANAGED: &str = "gateway.managed";
/// Label with the id of the control plane that made the object.
pub const LABEL_INSTANCE: &str = "gateway.instance";
/// Label with the tenant's id.
pub const LABEL_TENANT: &str = "gateway.tenant";
/// Label with the id of the managed pool, in place of a tenant's.
pub const LABEL_POOL: &str = "gateway.pool";
/// Label with the tenant's key or the pool's name, for people who look at the engine.
pub const LABEL_KEY: &str = "gateway.key";
/// Label with the claim under which the object was made.
pub const LABEL_FENCE: &str = "gateway.fence";
/// Label with the digest of what the object was made from.
pub const LABEL_SPEC: &str = "gateway.spec";

/// One Docker Engine.
#[derive(Debug)]
pub struct Engine {
    address: String,
    installation: InstallationId,
    client: OnceCell<Docker>,
    /// What keeps networks apart where the engine does not.
    pub(super) walls: Option<Walls>,
    /// Networks are made one at a time: the engine serialises them anyway.
    pub(super) network_creates: Semaphore,
}

/// What an answer of the engine means for a step.
pub(super) fn classify(doing: &str, error: DockerError) -> Failure {
    let failure = match &error {
        DockerError::DockerResponseServerError { status_code, .. } => match status_code {
            400 => Failure::permanent("docker_refuses", format!("could not {doing}: the engine calls the request bad")),
            404 => Failure::retryable(
                "docker_gone",
                format!("could not {doing}: something it needs is gone from the engine"),
            ),
            409 => Failure::retryable(
                "docker_conflict",
                format!("could not {doing}: the object is in use or being changed"),
            ),
            code => Failure::retryable("docker_error", format!("could not {doing}: the engine answered {code}")),
        },
        _ => Failure::unavailable("docker_unreachable", format!("could not {doing}: Docker Engine does not answer")),
    };
    failure.because(error)
}

/// Whether the engine says that the object does not exist.
pub(super) fn is_missing(error: &DockerError) -> bool {
    matches!(error, DockerError::DockerResponseServerError { status_code: 404, .. })
}

impl Engine {
    /// Describes an engine; connects nowhere yet.
    #[must_use]
    pub fn new(address: &str, installation: InstallationId) -> Self {
        Self {
            address: address.to_owned(),
            installation,
            client: OnceCell::new(),
            walls: None,
            network_creates: Semaphore::new(1),
        }
    }

    /// The same engine, which makes no rules of its own: networks are kept apart by a table beside it.
    #[must_use]
    pub fn behind_walls(self) -> Self {
        Self { walls: Some(Walls::of(self.installation)), ..self }
    }

    /// The connection, speaking the newest API version both sides know.
    ///
    /// # Errors
    /// `docker_unreachable`, retryable.
    pub(super) async fn client(&self) -> Result<&Docker, Failure> {
        self.client
            .get_or_try_init(|| async {
                let doing = "reach Docker Engine";
                let client = if self.address.starts_with("unix://") {
                    Docker::connect_with_unix(&self.address, TIMEOUT_SECONDS, API_DEFAULT_VERSION)
                } else {
                    Docker::connect_with_http(&self.address, TIMEOUT_SECONDS, API_DEFAULT_VERSION)
                };
                client.map_err(|e| classify(doing, e))?.negotiate_version().await.map_err(|e| classify(doing, e))
            })
            .await
    }

    /// Whether the engine is there, found out within two seconds: one that accepts and says nothing is not.
    ///
    /// # Errors
    /// `docker_unreachable`, retryable.
    pub async fn ping(&self) -> Result<(), Failure> {
        let doing = "reach Docker Engine";
        match tokio::time::timeout(PING_TIMEOUT, async {
            self.client().await?.ping().await.map_err(|e| classify(doing, e))
        })
        .await
        {
            Ok(answered) => answered.map(|_| ()),
            Err(_elapsed) => {
                let text = format!("could not {doing}: no answer within {} s", PING_TIMEOUT.as_secs());
                Err(Failure::unavailable("docker_unreachable", text))
            }
        }
    }

    /// Labels that mark an object as made here for this tenant.
    pub(super) fn labels(&self, tenant: TenantId, key: &TenantKey, fence: Fence) -> HashMap<String, String> {
        self.labels_of((LABEL_TENANT, tenant.to_string()), key.to_string(), fence)
    }

    /// Labels that mark an object as made here for this pool.
    pub(super) fn pool_labels(&self, pool: PoolId, name: &str, fence: Fence) -> HashMap<String, String> {
        self.labels_of((LABEL_POOL, pool.to_string()), name.to_owned(), fence)
    }

    fn labels_of(&self, (owner, id): (&str, String), key: String, fence: Fence) -> HashMap<String, String> {
        HashMap::from([
            (LABEL_MANAGED.to_owned(), "true".to_owned()),
            (LABEL_INSTANCE.to_owned(), self.installation.to_string()),
            (owner.to_owned(), id),
            (LABEL_KEY.to_owned(), key),
            (LABEL_FENCE.to_owned(), fence.to_string()),
        ])
    }

    /// Whether labels say that the object is ours and this tenant's.
    pub(super) fn is_ours(&self, tenant: TenantId, labels: Option<&HashMap<String, String>>) -> bool {
        labels.is_some_and(|labels| {
            labels.get(LABEL_INSTANCE).is_some_and(|v| *v == self.installation.to_string())
                && labels.get(LABEL_TENANT).is_some_and(|v| *v == tenant.to_string())
        })
    }

    /// The filter that finds the objects of all tenants and pools.
    pub(super) fn filter_all(&self) -> HashMap<String, Vec<String>> {
        HashMap::from([("label".to_owned(), vec![format!("{LABEL_INSTANCE}={}", self.installation)])])
    }

    /// The filter that finds a tenant's objects.
    pub(super) fn filter(&self, tenant: TenantId) -> HashMap<String, Vec<String>> {
        let label = vec![format!("{LABEL_INSTANCE}={}", self.installation), format!("{LABEL_TENANT}={tenant}")];
        HashMap::from([("label".to_owned(), label)])
    }

    /// The filter that finds a pool's objects.
    pub(super) fn pool_filter(&self, pool: PoolId) -> HashMap<String, Vec<String>> {
        let label = vec![format!("{LABEL_INSTANCE}={}", self.installation), format!("{LABEL_POOL}={pool}")];
        HashMap::from([("label".to_owned(), label)])
    }
}
