//! The tenant port in a process: its table comes from the control database, its listener from the settings.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use url::Url;
use uuid::Uuid;

use crate::config::Settings;
use crate::domain::host::{Host, HostSuffix};
use crate::domain::ids::TenantId;
use crate::domain::key::TenantKey;
use crate::domain::status::Status;
use crate::domain::subnet::container_address;
use crate::domain::tenant::Tier;
use crate::proxy::{
    Cadence, Change, Entry, EntryState, Forwarder, Limits, LoadError, Look, Making, RouteTable, Routes, Source,
    Timeouts, Traffic, TrustedPeers, keep_fresh, serve_tenants,
};
use crate::run::traffic;
use crate::store::Store;
use crate::store::notify::RouteChange;
use crate::store::routes::HostRecord;

/// Pause before the connection for notifications is tried again; the table is re-read by the clock meanwhile.
const LISTEN_PAUSE: Duration = Duration::from_secs(1);

/// Answers tenants until `stop`. Goes on with the last known table while the control database is away.
///
/// `routes` is filled here, and is empty until the first load. From `leaving` on, which comes first, it says that requests are to
/// go elsewhere.
pub async fn serve(
    listener: TcpListener,
    routes: Arc<Routes>,
    settings: Arc<Settings>,
    store: Store,
    leaving: CancellationToken,
    stop: CancellationToken,
) {
    let changed = Arc::new(Notify::new());
    let trusted = TrustedPeers::new(settings.http.trusted_proxies.clone());
    let traffic = Arc::new(Traffic::default());
    let forwarder =
        Arc::new(Forwarder::new(routes.clone(), trusted.clone(), Timeouts::default(), traffic.clone(), leaving));
    let interval = settings.series.interval;
    let limits = Limits { trusted, ..Limits::default() };
    let cadence = Cadence::default();
    let look = look(store.clone(), settings.clone());
    let listening = listen(store.clone(), routes.clone(), look, cadence.load_timeout, changed.clone(), stop.clone());
    let refresh = keep_fresh(routes, source(store.clone(), settings), changed, cadence, stop.clone());
    let drained_all = CancellationToken::new();
    let writing = traffic::write(traffic, store, interval, drained_all.clone());
    let serving = async {
        let drained = serve_tenants(listener, limits, forwarder, stop.clone()).await;
        // What is answered during the drain is counted, too.
        drained_all.cancel();
        drained
    };
    let ((), (), (), drained) = tokio::join!(refresh, listening, writing, serving);
    if drained.cut > 0 {
        tracing::info!(connections = drained.cut, "connections of tenants were cut at shutdown");
    }
}

fn source(store: Store, settings: Arc<Settings>) -> Source {
    Arc::new(move || {
        let (store, settings) = (store.clone(), settings.clone());
        Box::pin(async move {
            let records = store.hosts().await.map_err(LoadError::new)?;
            let making: Making = Box::new(move || {
                let (suffix, port) = (&settings.tenants.host_suffix, settings.docker.app_port);
                RouteTable::new(records.into_iter().filter_map(|record| entry(record, suffix, port)))
            });
            Ok(making)
        })
    })
}

fn look(store: Store, settings: Arc<Settings>) -> Look {
    Arc::new(move |tenants| {
        let (store, settings) = (store.clone(), settings.clone());
        Box::pin(async move {
            let records = store.hosts_of(&tenants).await.map_err(LoadError::new)?;
            let (suffix, port) = (&settings.tenants.host_suffix, settings.docker.app_port);
            let entries = records.into_iter().filter_map(|record| entry(record, suffix, port));
            let mut found: HashMap<Uuid, Vec<Entry>> = HashMap::new();
            for entry in entries {
                found.entry(entry.tenant_id).or_default().push(entry);
            }
            let change = |tenant_id| Change { tenant_id, entries: found.remove(&tenant_id).unwrap_or_default() };
            Ok(tenants.into_iter().map(change).collect())
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
        revision: record.route_revision,
    })
}

fn state(record: &HostRecord, app_port: u16) -> EntryState {
    // Before it was ever active it is served so that this can be proved.
    let is_served = record.served_before || record.route_revision.is_some();
    if record.tier == Tier::Shared && record.pool_stopped && is_served && record.status.serves() {
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
        Status::Pending | Status::Provisioning if is_served => serving(EntryState::Preparing),
        Status::Pending | Status::Provisioning => EntryState::Preparing,
        Status::Error if record.served_before => serving(EntryState::Unavailable),
        Status::Error => EntryState::Unavailable,
        Status::Deleting | Status::Purging | Status::Deleted => EntryState::Closed,
        Status::Suspended => EntryState::Suspended,
    }
}

/// Takes over tenants that changed, one by one; has the table loaded whole for what cannot be told so, and after each loss of
/// the connection.
async fn listen(
    store: Store,
    routes: Arc<Routes>,
    look: Look,
    limit: Duration,
    changed: Arc<Notify>,
    stop: CancellationToken,
) {
    let forever = async {
        loop {
            if let Ok(mut changes) = store.route_changes().await {
                changed.notify_one();
                while let Ok(change) = changes.next().await {
                    let is_done = match change {
                        RouteChange::Tenants(tenants) => {
                            let tenants = tenants.into_iter().map(TenantId::as_uuid).collect();
                            // The whole load tells of trouble.
                            routes.take_over(&look, tenants, limit).await.unwrap_or(false)
                        }
                        RouteChange::Everything => false,
                    };
                    if !is_done {
                        changed.notify_one();
                    }
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
