//! A small notes application for many tenants, to see Gateway at work with.
//!
//! With `DATABASE_URL` it serves one tenant (a container of its own). With `GATEWAY_URL` and `GATEWAY_API_KEY` it
//! serves every tenant that a request names in `X-Tenant-Id` (a member of the shared pool).

mod notes;
mod page;
mod tenants;
mod web;

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use secrecy::SecretString;
use tokio::signal::unix::{SignalKind, signal};
use uuid::Uuid;

use tenants::Tenants;

/// Time for open requests after SIGTERM. An orchestrator kills after ten seconds; a demo need not use them up.
const DRAIN: Duration = Duration::from_secs(3);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(tracing::Level::INFO).with_ansi(false).init();
    rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .map_err(|_| anyhow!("another crypto provider is installed already"))?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;

    let tenants = Arc::new(tenants_from_environment()?);
    let address: IpAddr =
        setting("LISTEN_ADDRESS").unwrap_or_else(|| "0.0.0.0".into()).parse().context("LISTEN_ADDRESS")?;
    let port: u16 = setting("PORT").unwrap_or_else(|| "8080".into()).parse().context("PORT")?;
    let listener =
        tokio::net::TcpListener::bind(SocketAddr::new(address, port)).await.context("the port cannot be opened")?;
    tracing::info!(mode = tenants.mode(), address = %listener.local_addr()?, "serving notes");

    let stop = tokio_util::sync::CancellationToken::new();
    let serving = axum::serve(listener, web::router(tenants)).with_graceful_shutdown(stop.clone().cancelled_owned());
    let mut serving = std::pin::pin!(serving.into_future());
    tokio::select! {
        ended = serving.as_mut() => return ended.context("the server ended"),
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    stop.cancel();
    if tokio::time::timeout(DRAIN, serving).await.is_err() {
        tracing::warn!("open requests were cut");
    }
    Ok(())
}

fn tenants_from_environment() -> anyhow::Result<Tenants> {
    if let Some(url) = setting("DATABASE_URL") {
        let id = setting("TENANT_ID").context("TENANT_ID is missing beside DATABASE_URL")?;
        let key = setting("TENANT_KEY").context("TENANT_KEY is missing beside DATABASE_URL")?;
        let id = Uuid::parse_str(&id).context("TENANT_ID")?;
        let company = setting("TENANT_COMPANY_NAME").unwrap_or_else(|| key.clone());
        return Tenants::dedicated(id, key, company, &SecretString::from(url));
    }
    let Some(gateway) = setting("GATEWAY_URL") else {
        bail!("set DATABASE_URL (one tenant) or GATEWAY_URL with GATEWAY_API_KEY (all tenants)")
    };
    let key = match setting("GATEWAY_API_KEY_FILE") {
        Some(file) => {
            std::fs::read_to_string(Path::new(&file)).context("GATEWAY_API_KEY_FILE cannot be read")?.trim().to_owned()
        }
        None => setting("GATEWAY_API_KEY").context("GATEWAY_API_KEY is missing beside GATEWAY_URL")?,
    };
    Tenants::shared(&gateway, SecretString::from(key))
}

/// An environment variable; an empty one counts as not set.
#[expect(clippy::disallowed_methods, reason = "the application is not part of the gateway and has no settings file")]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
