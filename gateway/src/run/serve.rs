//! `gateway serve`

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use secrecy::SecretString;
use tokio::net::TcpListener;

use crate::api::{self, AppState};
use crate::config::{ConfigError, ConfigErrors, Environment, Settings};
use crate::infra::limits::Limits;
use crate::infra::mail::Mailer;
use crate::proxy::Routes;
use crate::run::lifecycle::Lifecycle;
use crate::run::worker::start_worker;
use crate::run::{RunError, notify, open_store, tenant_port};
use crate::store::Store;

/// Connections to the control database that the two ports hold at most.
const CONNECTIONS: u32 = 16;

/// What to serve.
#[derive(Clone, Debug, Args)]
pub struct ServeArguments {
    /// Run a worker in the same process
    #[arg(long)]
    pub with_worker: bool,
}

/// Serves until it is asked to end.
///
/// # Errors
/// See [`RunError`]; nothing is served then.
pub async fn run(settings: Settings, arguments: &ServeArguments) -> Result<ExitCode, RunError> {
    let is_by_tls = settings.edge.entry_url.as_ref().is_some_and(|url| url.scheme() == "https");
    if settings.environment == Environment::Production && !is_by_tls {
        tracing::warn!(
            "tenants' URLs are shown with http://, as the server's traefik_url does not begin with https://"
        );
    }
    let settings = Arc::new(settings);
    let store = open_store(&settings, "api", CONNECTIONS).await?;
    let lifecycle = Lifecycle::start(settings.http.stop_delay)?;
    let routes = start_ports(&lifecycle, &store, &settings).await?;
    if arguments.with_worker {
        start_worker(&lifecycle, &settings).await?;
    }
    let mut loads = routes.freshness();
    notify::tell(&lifecycle, settings.http.stop_delay, async move {
        // The sender lives as long as the ports.
        let _ = loads.wait_for(|freshness| freshness.loads > 0).await;
    });
    let ending = lifecycle.finish().await;
    store.close().await;
    Ok(ending.exit_code())
}

fn limits_redis_url(settings: &Settings) -> Result<&SecretString, ConfigErrors> {
    settings.edge.limits_redis_url.as_ref().ok_or_else(|| {
        let why = "or redis_url is required by the server: attempts to log in are counted there".to_owned();
        ConfigErrors(vec![ConfigError { name: "limits_redis_url".to_owned(), why }])
    })
}

/// Opens both ports. The routes of the tenant port are empty until they are first loaded.
///
/// # Errors
/// [`RunError::Listen`] when one is taken; [`RunError::Password`].
pub async fn start_ports(
    lifecycle: &Lifecycle,
    store: &Store,
    settings: &Arc<Settings>,
) -> Result<Arc<Routes>, RunError> {
    let wanted = SocketAddr::new(settings.http.listen_address, settings.http.port);
    let listener = TcpListener::bind(wanted).await.map_err(|error| RunError::Listen(wanted, error))?;
    let routes = Arc::new(Routes::default());
    start_admin_port(lifecycle, store, settings, &routes).await?;
    let (leaving, stop) = (lifecycle.leaving(), lifecycle.soft());
    let serving = tenant_port::serve(listener, Arc::clone(&routes), Arc::clone(settings), store.clone(), leaving, stop);
    lifecycle.spawn("tenant port", async move {
        serving.await;
        Ok::<(), RunError>(())
    });
    tracing::info!(address = %wanted, "the tenant port answers");
    Ok(routes)
}

/// Opens the admin port and serves API and console on it; `routes` are those of the tenant port.
///
/// # Errors
/// [`RunError::Listen`] when the port is taken; [`RunError::Settings`] and [`RunError::Worker`] without the Redis of the
/// limits; [`RunError::Password`].
async fn start_admin_port(
    lifecycle: &Lifecycle,
    store: &Store,
    settings: &Arc<Settings>,
    routes: &Arc<Routes>,
) -> Result<SocketAddr, RunError> {
    let wanted = SocketAddr::new(settings.http.admin_listen_address, settings.http.admin_port);
    let listener = TcpListener::bind(wanted).await.map_err(|error| RunError::Listen(wanted, error))?;
    let address = listener.local_addr()?;
    let limits = Limits::connect(limits_redis_url(settings)?, store.installation().await?).await?;
    start_mail(lifecycle, store, settings)?;
    start_sweep(lifecycle, store, settings);
    let (settings, routes, leaving) = (Arc::clone(settings), Arc::clone(routes), lifecycle.leaving());
    let router = api::router(AppState::new(store.clone(), settings, routes, limits, leaving)?);
    let (soft, hard) = (lifecycle.soft(), lifecycle.hard());
    lifecycle.spawn("admin port", async move {
        api::server::serve(listener, router, soft, hard).await;
        Ok::<(), RunError>(())
    });
    tracing::info!(%address, "the admin port answers");
    Ok(address)
}

/// Sends mail where there is a mail server.
fn start_mail(lifecycle: &Lifecycle, store: &Store, settings: &Arc<Settings>) -> Result<(), RunError> {
    let Some(mail) = &settings.mail else { return Ok(()) };
    let mailer = Mailer::new(mail)?;
    let sending = api::letter::deliver(store.clone(), settings.key_ring.clone(), mailer, lifecycle.soft());
    lifecycle.spawn("mail", async move {
        sending.await;
        Ok::<(), RunError>(())
    });
    Ok(())
}

/// Ends old signups.
fn start_sweep(lifecycle: &Lifecycle, store: &Store, settings: &Arc<Settings>) {
    let sweeping = api::signup::sweep(store.clone(), settings.signup.keep, lifecycle.soft());
    lifecycle.spawn("signups", async move {
        sweeping.await;
        Ok::<(), RunError>(())
    });
}
