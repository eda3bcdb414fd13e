//! The tenant port in a process: its table comes from the control database, its listener from the settings.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::config::Settings;
use crate::domain::host::{Host, HostSuffix};
use crate::domain::key::TenantKey;
use crate::domain::status::Status;
use crate::domain::subnet::container_address;
use crate::domain::tenant::Tier;
use crate::proxy::{
    Cadence, Entry, EntryState, Forwarder, Limits, LoadError, RouteTable, Routes, Source, Timeouts, Traffic,
    TrustedPeers, keep_fresh, serve_tenants,
};
use crate::run::traffic;
use crate::store::Store;
use crate::store::routes::HostRecord;

/// Pause before the connection for notifications is tried again; the table is re-read every few seconds meanwhile.
const LISTEN_PAUSE: Duration = Duration::from_secs(1);

/// Answers tenants until `stop`. Goes on with the last known table while the control database is away.
///
/// `routes` is filled here, and is empty until the first load.
pub async fn serve(
    listener: TcpListener,
    routes: Arc<Routes>,
    settings: Arc<Settings>,
    store: Store,
    stop: CancellationToken,
) {
    let changed = Arc::new(Notify::new());
    let trusted = TrustedPeers::new(settings.http.trusted_proxies.clone());
    let traffic = Arc::new(Traffic::default());
    let forwarder = Arc::new(Forwarder::new(routes.clone(), trusted.clone(), Timeouts::default(), traffic.clone()));
    let interval = settings.series.interval;
    let limits = Limits { trusted, ..Limits::default() };
    let refresh =
        keep_fresh(routes, source(store.clone(), settings), changed.clone(), Cadence::default(), stop.clone());
    let drained_all = CancellationToken::new();
    let writing = traffic::write(traffic, store.clone(), interval, drained_all.clone());
    let serving = async {
        let drained = serve_tenants(listener, limits, forwarder, stop.clone()).await;
        // What is answered during the drain is counted, too.
        drained_all.cancel();
        drained
    };
    let ((), (), (), drained) = tokio::join!(refresh, listen(store, changed, stop.clone()), writing, serving);
    if drained.cut > 0 {
        tracing::info!(connections = drained.cut, "connections of tenants were cut at shutdown");
    }
}

fn source(store: Store, settings: Arc<Settings>) -> Source {
    Arc::new(move || {
        let (store, settings) = (store.clone(), settings.clone());
        Box::pin(async move {
            let records = store.hosts().await.map_err(LoadError::new)?;
            let (suffix, port) = (&settings.tenants.host_suffix, settings.docker.app_port);
            Ok(RouteTable::new(records.into_iter().filter_map(|record| entry(record, suffix, port))))
        })
    })
}

/// `None` for a row whose key is not one, which the table's constraints rule out.
fn entry(record: HostRecord, suffix: &HostSuffix, app_port: u16) -> Option<Entry> {
    let host = match &record.host {
        Some(host) => host.clone(),
        None => Host::of_tenant(&TenantKey::parse(&record.key).ok()?, suffix).as_str().to_owned(),
    };
    Some(Entry {
        state: state(&record, app_port),
        tenant_id: record.tenant_id.as_uuid(),
        key: record.key,
        company_name: record.company_name,
        host,
    })
}

fn state(record: &HostRecord, app_port: u16) -> EntryState {
    if record.tier == Tier::Shared && record.pool_stopped && record.served_before && record.status.serves() {
        return EntryState::Suspended;
    }
    let upstream = match record.tier {
        Tier::Shared => record.pool_url.clone(),
        Tier::Dedicated => record
            .subnet
            .and_then(|subnet| Url::parse(&format!("http://{}:{app_port}", container_address(subnet))).ok()),
    };
    let serving = |otherwise| upstream.map_or(otherwise, EntryState::Serving);
    match record.status {
        Status::Active => serving(EntryState::Unavailable),
        // A tenant that was live before keeps being served while work on it is due.
        Status::Pending | Status::Provisioning if record.served_before => serving(EntryState::Preparing),
        Status::Pending | Status::Provisioning => EntryState::Preparing,
        Status::Error if record.served_before => serving(EntryState::Unavailable),
        Status::Error => EntryState::Unavailable,
        Status::Deleting | Status::Purging | Status::Deleted => EntryState::Closed,
        Status::Suspended => EntryState::Suspended,
    }
}

/// Tells the table about changed tenants.
async fn listen(store: Store, changed: Arc<Notify>, stop: CancellationToken) {
    let forever = async {
        loop {
            if let Ok(mut changes) = store.tenant_changes().await {
                changed.notify_one();
                while changes.changed().await.is_ok() {
                    changed.notify_one();
                }
            }
            tokio::time::sleep(LISTEN_PAUSE).await;
        }
    };
    tokio::select! {
        () = forever => {}
        () = stop.cancelled() => {}
    }
}
