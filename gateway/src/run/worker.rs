//! `gateway worker`

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use crate::config::{Environment, Settings, WorkerSettings};
use crate::jobs::Jobs;
use crate::jobs::inspecting::Inspector;
use crate::jobs::loading;
use crate::jobs::restoring;
use crate::jobs::sampling::Sampler;
use crate::provision::run::World;
use crate::provision::steps::publish_shared;
use crate::reconcile::walls;
use crate::run::lifecycle::Lifecycle;
use crate::run::{RunError, notify, open_store};
use crate::worker::pools::{MOST_POOLS, Pools};
use crate::worker::pulse::Pulse;
use crate::worker::{Worker, members, stock};

/// Connections to the control database beside one for each tenant worked on: claims, two for notifications, one
/// for batches, three for the jobs of the fleet, two for the numbers over time, one of which holds the right to them, two
/// for looks into containers, one for claims of pools and one for their notifications, two for each pool worked on, two for
/// looks at members, two to restore Traefik's tree, and one to say how far Traefik is with it.
const EXTRA_CONNECTIONS: u32 = 11 + 2 + 2 * MOST_POOLS + 2 + 2 + 1;

/// The worker's pace, over the settings.
#[derive(Clone, Debug, Args)]
pub struct WorkerArguments {
    /// Look for due tenants this often
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub poll_timeout_seconds: Option<f64>,
    /// Claim at most so many at once
    #[arg(long, value_name = "TENANTS", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub batch_size: Option<u32>,
    /// Claims spent on a tenant before it goes to error
    #[arg(long, value_name = "CLAIMS", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub max_attempts: Option<u32>,
}

/// The same bounds as those of the setting.
fn seconds(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "must be a number".to_owned())?;
    if (0.05..=3600.0).contains(&value) { Ok(value) } else { Err("must be a number from 0.05 to 3600".to_owned()) }
}

impl WorkerArguments {
    /// Puts what was given over the settings.
    pub fn apply(&self, settings: &mut WorkerSettings) {
        if let Some(seconds) = self.poll_timeout_seconds {
            settings.poll = Duration::from_secs_f64(seconds);
        }
        settings.batch_size = self.batch_size.unwrap_or(settings.batch_size);
        settings.max_attempts = self.max_attempts.unwrap_or(settings.max_attempts);
    }
}

/// Works until it is asked to end.
///
/// # Errors
/// See [`RunError`].
pub async fn run(mut settings: Settings, arguments: &WorkerArguments) -> Result<ExitCode, RunError> {
    arguments.apply(&mut settings.worker);
    if settings.environment == Environment::Production && settings.tenant_server.is_control {
        tracing::warn!(
            "tenant_database_url is not set: tenants are put on the server of the control database, by its own user"
        );
    }
    let lifecycle = Lifecycle::start(Duration::ZERO)?;
    start_worker(&lifecycle, &settings).await?;
    notify::tell(&lifecycle, Duration::ZERO, std::future::ready(()));
    Ok(lifecycle.finish().await.exit_code())
}

/// A name that tells workers apart in the records: host, process, and four random hex digits against recycled ids.
fn worker_name() -> String {
    let host = nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok()).unwrap_or_default();
    format!("{host}-{}-{:04x}", std::process::id(), rand::random::<u16>())
}

/// Connects a worker to everything it needs and lets it work.
///
/// # Errors
/// [`RunError::Store`] and [`RunError::Worker`], which name what is missing, not migrated or not reachable.
pub async fn start_worker(lifecycle: &Lifecycle, settings: &Settings) -> Result<(), RunError> {
    let name = worker_name();
    let connections = settings.worker.concurrency.saturating_add(EXTRA_CONNECTIONS);
    let store = open_store(settings, &format!("worker:{name}"), connections).await?;
    walls::restore(settings, &store).await?;
    let world = Arc::new(World::connect(settings, store).await?);
    publish_shared(&world).await?;
    let api = settings.edge.api_url.clone();
    let pools = Pools::new(world.clone(), settings.worker, api.clone(), name.clone());
    let loading = loading::watch(world.clone(), api.clone(), lifecycle.soft());
    let jobs =
        Jobs::new(world.clone(), settings.reconcile, settings.retention, api, settings.worker.poll, name.clone());
    let inspector = Inspector::new(world.clone(), name.clone());
    let sampler = Sampler::new(world.clone(), settings.series);
    let worker = Worker::new(world.clone(), settings.worker, name);
    let pulse = Pulse::new(settings.pulse_file.clone());
    let soft = lifecycle.soft();
    lifecycle.spawn("pools", {
        let soft = soft.clone();
        async move {
            pools.run(soft).await;
            Ok::<(), RunError>(())
        }
    });
    lifecycle.spawn("members", {
        let (world, soft, every) = (world.clone(), soft.clone(), settings.worker.member_look);
        async move {
            members::watch(world, every, soft).await;
            Ok::<(), RunError>(())
        }
    });
    lifecycle.spawn("restoring", {
        let (world, soft) = (world.clone(), soft.clone());
        async move {
            restoring::watch(world, soft).await;
            Ok::<(), RunError>(())
        }
    });
    lifecycle.spawn("loading", async move {
        loading.await;
        Ok::<(), RunError>(())
    });
    lifecycle.spawn("stock", {
        let (world, soft) = (world.clone(), soft.clone());
        async move {
            stock::keep(world, soft).await;
            Ok::<(), RunError>(())
        }
    });
    lifecycle.spawn("inspecting", {
        let soft = soft.clone();
        async move {
            inspector.run(soft).await;
            Ok::<(), RunError>(())
        }
    });
    lifecycle.spawn("sampling", {
        let soft = soft.clone();
        async move {
            sampler.run(soft).await;
            Ok::<(), RunError>(())
        }
    });
    lifecycle.spawn("jobs", {
        let soft = soft.clone();
        async move {
            jobs.run(soft).await;
            Ok::<(), RunError>(())
        }
    });
    lifecycle.spawn("worker", async move {
        worker.run(pulse, soft).await;
        Ok::<(), RunError>(())
    });
    Ok(())
}
