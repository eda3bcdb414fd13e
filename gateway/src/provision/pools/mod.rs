//! Making a managed pool true: its network, its containers, and where its tenants are led to.
//!
//! # Expected flow
//! A worker claims a pool that is due and calls [`converge`]. It looks at what is there, does one thing that [`roll`] names,
//! and looks again, until nothing is left to do. Whoever goes on after a worker died begins with the same look.
//!
//! # Guarantees
//! - A member is led to only after it answered, and a container goes only after nobody is led to it.
//! - The row of a member is there before its container is made, and goes after it. A container without a row is removed.
//! - Nothing outside is touched once the lease is lost or a newer wish came.
//!
//! # Caveats
//! Docker Engine compares no fence; see [`crate::provision`].

mod lead;
mod network;
pub mod roll;
mod serve;
mod withdraw;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ipnet::Ipv4Net;
use secrecy::SecretString;
use url::Url;

use crate::domain::failure::Failure;
use crate::domain::ids::PoolId;
use crate::domain::lease::Lease;
use crate::domain::names;
use crate::domain::pool::PoolState;
use crate::domain::subnet::member_address;
use crate::infra::containers::ContainerSpec;
use crate::infra::engine::Engine;
use crate::infra::listing::ListedContainer;
use crate::provision::outcome::StepError;
use crate::provision::run::World;
use crate::store::managed_pools::{ManagedPool, PoolClaim};

/// The work on one claimed pool.
#[derive(Debug)]
pub struct PoolRun {
    /// The world outside.
    pub world: Arc<World>,
    /// Where Traefik's API answers.
    pub traefik_api: Option<Url>,
    /// The right to work on the row.
    pub claim: PoolClaim,
    /// The right to change something outside.
    pub lease: Arc<Lease<PoolId>>,
    /// The row as claimed; what is written is written to this copy, too.
    pub pool: ManagedPool,
    /// Longest wait for a container to answer.
    pub patience: Duration,
    /// Whether this run published where the pool is.
    pub published: bool,
}

/// How the work ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Converged {
    /// The pool is as wanted.
    True,
    /// The pool was to be deleted, and is gone.
    Gone,
}

/// Makes a pool true.
///
/// # Errors
/// A classified failure, or a lost lease.
pub async fn converge(run: &mut PoolRun) -> Result<Converged, StepError> {
    let world = run.world.clone();
    match (&world.engine, run.pool.state) {
        (Some(engine), PoolState::Active | PoolState::Draining) => {
            engine.ping().await?;
            serve::serve(run, engine).await.map(|()| Converged::True)
        }
        (Some(engine), PoolState::Stopped) => {
            engine.ping().await?;
            withdraw::stop(run, engine).await.map(|()| Converged::True)
        }
        (engine, PoolState::Deleting) => {
            let Some(engine) = engine else { return withdraw::forget(run).await };
            engine.ping().await?;
            withdraw::remove(run, engine).await
        }
        (None, _) => Err(no_docker().into()),
    }
}

fn no_docker() -> Failure {
    let text = "the pool's containers need Docker Engine: set docker_host (GATEWAY_DOCKER_HOST) of the workers";
    Failure::permanent("no_docker", text)
}

/// What the containers of a pool have in common.
struct Template {
    spec: ContainerSpec,
    subnet: Ipv4Net,
    port: u16,
}

impl Template {
    /// What the container at a place is made from.
    fn at(&self, place: u8) -> ContainerSpec {
        ContainerSpec { address: member_address(self.subnet, place), ..self.spec.clone() }
    }

    /// Where the container at a place answers.
    fn url(&self, place: u8) -> Result<Url, Failure> {
        let text = format!("http://{}:{}/", member_address(self.subnet, place), self.port);
        Url::parse(&text).map_err(|e| Failure::permanent("pool_address", "the address is none").because(e))
    }
}

impl PoolRun {
    fn id(&self) -> PoolId {
        self.claim.pool_id
    }

    /// Whether the work may go on, asked before each thing that is done outside.
    async fn confirm(&self) -> Result<(), StepError> {
        self.lease.require()?;
        Ok(self.world.store.confirm_pool(&self.claim).await?)
    }

    fn template(&self, subnet: Ipv4Net, network_id: String) -> Result<Template, Failure> {
        let (docker, wanted) = (&self.world.docker, &self.pool.spec);
        let port = wanted.port.unwrap_or(docker.app_port);
        let mut environment = BTreeMap::from([("PORT".to_owned(), SecretString::from(port.to_string()))]);
        for (name, value) in &docker.app_environment {
            environment.insert(name.clone(), SecretString::from(value.clone()));
        }
        for (name, sealed) in &self.pool.environment {
            let opened = self.world.key_ring.open(&name.place(self.id()), sealed);
            let value = opened.map_err(|e| Failure::permanent("secret_refused", e.to_string()).because(e))?;
            environment.insert(name.as_str().to_owned(), value);
        }
        #[expect(clippy::cast_possible_truncation, reason = "column and setting are at most 1024")]
        let nano_cpus = (wanted.cpus.unwrap_or(docker.cpus) * 1e9) as i64;
        let spec = ContainerSpec {
            image: wanted.image.as_str().to_owned(),
            environment,
            network_id,
            address: member_address(subnet, 0),
            memory_bytes: wanted.memory_mib.map_or(i64::from(docker.memory_mib), i64::from) * 1024 * 1024,
            nano_cpus,
            pids: wanted.pids.map_or(i64::from(docker.pids), i64::from),
            restarts: self.pool.restarts,
        };
        Ok(Template { spec, subnet, port })
    }
}

/// Removes what carries the pool's label and is the container of none of these places: it would hold an address. Gives the
/// others.
async fn remove_strays(run: &PoolRun, engine: &Engine, places: &[u8]) -> Result<Vec<ListedContainer>, StepError> {
    let names: Vec<String> = places.iter().map(|place| names::pool_container(run.id(), *place)).collect();
    let found = engine.find_pool_containers(run.id()).await?;
    let (known, strays): (Vec<_>, Vec<_>) = found.into_iter().partition(|one| names.contains(&one.name));
    for stray in strays {
        run.confirm().await?;
        engine.remove_container(&run.lease, &stray.id).await?;
    }
    Ok(known)
}
