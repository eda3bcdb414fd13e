//! The seam to the program that runs the gateway itself inside this process.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::BoxFuture;
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use crate::dev::error::HostedError;

/// All `GATEWAY_*` settings of this stack, by the name of their variable.
pub type Environment = BTreeMap<String, String>;

/// Shows one line about the demo's progress.
pub type Tell = Arc<dyn Fn(&str) + Send + Sync>;

/// What migrating the control database brought.
#[derive(Clone, Debug)]
pub struct FirstRun {
    /// The gateway's own id, with which it labels what it makes in Docker.
    pub instance: Uuid,
    /// The owner of the console.
    pub owner_email: String,
    /// Their password, when this run made it.
    pub owner_password: Option<SecretString>,
}

/// The gateway as the stack needs it.
pub trait Hosted: Send + Sync + 'static {
    /// Brings the control database up to date and makes the first owner. Called once PostgreSQL answers.
    fn migrate(&self, environment: Environment) -> BoxFuture<'static, Result<FirstRun, HostedError>>;

    /// Serves both ports, and provisions tenants when `with_worker`, until `stop`; then ends in its own time, of which
    /// it gets five seconds.
    fn run(
        &self,
        environment: Environment,
        with_worker: bool,
        stop: CancellationToken,
    ) -> BoxFuture<'static, Result<(), HostedError>>;

    /// Makes the demo's tenants where they are missing and waits until they are active. Called once all is ready.
    fn seed_demo(&self, environment: Environment, tell: Tell) -> BoxFuture<'static, Result<(), HostedError>>;
}
