//! A private stack whose worker reaches every part through a proxy that can break, with the tenants' databases on a
//! server of their own.

use std::path::Path;

use super::chaos::Chaos;
use super::instance::Instance;
use super::parts::Part;
use super::postgres::TenantServer;
use super::worker::Worker;

/// Short, so that the next worker need not wait long for a dead one's claim, and that a test sees several attempts.
pub(crate) const HASTE: &[(&str, &str)] = &[
    ("GATEWAY_WORKER_LEASE_SECONDS", "1"),
    ("GATEWAY_WORKER_RETRY_BASE_SECONDS", "0.1"),
    ("GATEWAY_WORKER_POLL_SECONDS", "0.2"),
    ("GATEWAY_WORKER_MAX_ATTEMPTS", "100"),
    ("GATEWAY_DELETE_GRACE_SECONDS", "0"),
    // What a suite proves must not be the work of the reconciler, which comes by the clock.
    ("GATEWAY_RECONCILE_SECONDS", "0"),
];

/// A stack with a proxy in front of each dependency.
#[derive(Debug)]
pub(crate) struct Rig {
    // Fields are dropped in this order: proxies and the stack before the server they use.
    pub(crate) control: Chaos,
    pub(crate) tenants: Chaos,
    pub(crate) redis: Chaos,
    pub(crate) docker: Chaos,
    pub(crate) instance: Instance,
    pub(crate) server: TenantServer,
    settings: Vec<(String, String)>,
}

impl Rig {
    /// Starts everything but a worker. `mebibytes` limits the disk of the tenants' server.
    pub(crate) async fn start(mebibytes: Option<u32>) -> Self {
        let server = TenantServer::start(mebibytes).await;
        let instance = Instance::without_worker(&[]).await;
        let stack = &instance.stack;
        let control = Chaos::tcp(stack.address(Part::Postgres)).await;
        let tenants = Chaos::tcp(([127, 0, 0, 1], server.port).into()).await;
        let redis = Chaos::tcp(stack.address(Part::Redis)).await;
        let socket = stack.text("docker_host");
        let docker = Chaos::unix(&stack.data_dir.join("docker.sock"), Path::new(socket.trim_start_matches("unix://")));
        let settings = [
            ("DATABASE_URL", control.in_url(&stack.text("database_url"))),
            ("TENANT_DATABASE_URL", tenants.in_url(&server.url())),
            ("TENANT_DATABASE_ADDRESS", server.address()),
            ("REDIS_URL", redis.in_url(&stack.redis_url())),
            ("DOCKER_HOST", docker.in_url("")),
        ];
        let settings = settings.map(|(name, value)| (format!("GATEWAY_{name}"), value)).to_vec();
        Self { control, tenants, redis, docker, instance, server, settings }
    }

    /// Settings of a worker on the proxies, with short waits.
    pub(crate) fn settings<'a>(&'a self, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        let own = self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        HASTE.iter().copied().chain(own).chain(more.iter().copied()).collect()
    }

    /// Starts a worker on the proxies.
    pub(crate) fn worker(&self, more: &[(&str, &str)]) -> Worker {
        self.instance.worker(&self.settings(more))
    }
}
