//! The fleet, as its rows tell of it.

use std::sync::atomic::AtomicU64;

use jiff::Timestamp;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::api::AppState;
use crate::domain::status::Status;
use crate::domain::subnet::subnets_in;
use crate::store::StoreError;

type Labels = Vec<(&'static str, String)>;
type Levels = Family<Labels, Gauge<f64, AtomicU64>>;

/// Puts levels into a registry, each name once.
struct Told<'a>(&'a mut Registry);

impl Told<'_> {
    /// A level of which there are several, told apart by labels.
    fn each(&mut self, name: &str, help: &str, levels: impl IntoIterator<Item = (Labels, f64)>) {
        let family = Levels::default();
        for (labels, value) in levels {
            family.get_or_create(&labels).set(value);
        }
        self.0.register(name, help, family);
    }

    /// A level of which there is one; what is not known is left out.
    fn one(&mut self, name: &str, help: &str, level: Option<f64>) {
        let Some(level) = level else { return };
        let gauge = Gauge::<f64, AtomicU64>::default();
        gauge.set(level);
        self.0.register(name, help, gauge);
    }
}

fn label(name: &'static str, value: impl Into<String>) -> Labels {
    vec![(name, value.into())]
}

/// Reads the rows, and puts what they tell into a registry.
///
/// # Errors
/// [`StoreError`] of a query.
pub(super) async fn register(registry: &mut Registry, state: &AppState) -> Result<(), StoreError> {
    let mut told = Told(registry);
    tenants(&mut told, state).await?;
    queue(&mut told, state).await?;
    workers(&mut told, state).await?;
    capacity(&mut told, state).await
}

async fn tenants(told: &mut Told<'_>, state: &AppState) -> Result<(), StoreError> {
    let counted = state.store.tenants_by_status().await?;
    // One that nobody is in is 0 and no gap, so that an alert can compare it.
    let levels = Status::ALL.into_iter().filter(|status| *status != Status::Deleted).map(|status| {
        let count = counted.iter().find(|(name, _)| name == status.as_str()).map_or(0, |(_, count)| *count);
        (label("status", status.as_str()), count as f64)
    });
    told.each("tenants", "Tenants that are not deleted, by status", levels);
    Ok(())
}

async fn queue(told: &mut Told<'_>, state: &AppState) -> Result<(), StoreError> {
    let queue = state.store.queue_use().await?;
    let states = [
        ("due", queue.due),
        ("behind", queue.behind),
        ("later", queue.later),
        ("claimed", queue.claimed),
        ("paused", queue.paused),
    ];
    let levels = states.map(|(name, count)| (label("state", name), count as f64));
    told.each("queue_tenants", "Tenants with work: due, due as a repair or further attempt (behind), due later, claimed by a worker, or paused", levels);
    let oldest = queue.oldest_seconds.unwrap_or(0.0).max(0.0);
    told.one("queue_oldest_seconds", "For how long the oldest of what is due has waited", Some(oldest));
    Ok(())
}

async fn workers(told: &mut Told<'_>, state: &AppState) -> Result<(), StoreError> {
    let store = &state.store;
    let seen = store.worker_seen_ago().await?;
    told.one("worker_seen_seconds", "Seconds since any worker left a sign of life", seen.map(|ago| ago.max(0.0)));
    let mut work = Vec::new();
    for worker in store.worker_use().await? {
        for (kind, count) in [("tenant", worker.tenants), ("job", worker.jobs)] {
            work.push((vec![("worker", worker.name.clone()), ("kind", kind.to_owned())], count as f64));
        }
    }
    told.each("worker_claims", "Tenants and jobs that a worker has a lease on", work);
    let look = store.last_look().await?;
    let looked = look.as_ref().map(|look| Timestamp::now().duration_since(look.looked_at).as_secs_f64().max(0.0));
    told.one("look_age_seconds", "Seconds since a worker last looked over the whole fleet for drift", looked);
    let orphans = look.map(|look| look.orphans as f64);
    told.one("orphans", "What the last look found that belongs to no tenant", orphans);
    let load = store.tree_load().await?;
    let waited = load.and_then(|load| load.waited()).map(|seconds| seconds.max(0.0));
    told.one("routes_waiting_seconds", "For how long a change of routes waits for Traefik to load it", waited);
    let steps = state.step_times().look(store).await?;
    let levels = steps.iter().flat_map(|one| {
        [("0.5", one.half), ("0.95", one.most)].map(|(quantile, milliseconds)| {
            let labels = vec![
                ("step", one.step.as_str().to_owned()),
                ("action", one.action.as_str().to_owned()),
                ("quantile", quantile.to_owned()),
            ];
            (labels, milliseconds / 1000.0)
        })
    });
    told.each("step_duration_seconds", "How long a step took of late, where it succeeded", levels);
    Ok(())
}

async fn capacity(told: &mut Told<'_>, state: &AppState) -> Result<(), StoreError> {
    let (store, settings) = (&state.store, &state.settings);
    let block = settings.docker.network_block;
    let subnets = store.subnet_count(block).await?;
    let states = [("used", subnets.used), ("quarantined", subnets.quarantined)];
    let levels = states.map(|(name, count)| (label("state", name), count as f64));
    told.each("subnets", "Subnets of the block, in those of a tenant", levels);
    let limit = subnets_in(block.prefix_len()) as f64;
    told.one("subnets_limit", "Subnets that the block has, in those of a tenant", Some(limit));
    let connection_limit = i32::try_from(settings.tenant_server.connection_limit).unwrap_or(i32::MAX);
    let servers = store.server_use(connection_limit).await?;
    let of = |value: &dyn Fn(&crate::store::capacity::ServerUse) -> Option<i64>| -> Vec<(Labels, f64)> {
        servers
            .iter()
            .filter_map(|server| Some((label("server", server.name.clone()), value(server)? as f64)))
            .collect()
    };
    let tenants = of(&|server| Some(server.tenants));
    told.each("database_server_tenants", "Tenants whose databases are on a server", tenants);
    let promised = of(&|server| Some(server.promised));
    told.each("database_server_connections_promised", "Connections that the apps of its tenants may hold", promised);
    let limit = of(&|server| server.measured.map(|(one, _)| one.max_connections - one.reserved_connections));
    told.each("database_server_connections_limit", "Connections that a server has for tenants", limit);
    let databases = of(&|server| server.measured.map(|(one, _)| one.databases));
    told.each("database_server_databases", "Databases of tenants on a server, retired ones too", databases);
    let bytes = of(&|server| server.measured.and_then(|(one, _)| one.databases_bytes));
    told.each("database_server_bytes", "Size of these databases on disk", bytes);
    let pools = store.pool_use().await?.into_iter();
    let tenants = pools.map(|pool| (label("pool", pool.name), pool.tenants as f64));
    told.each("pool_tenants", "Tenants in a shared pool", tenants);
    Ok(())
}
