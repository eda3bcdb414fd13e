//! Keeps templates and spares in stock on every database server, one worker at a time for each.
//!
//! A pass is called for by a tenant that took something or found nothing to take, and made by the clock for what other
//! workers took. Tenants come first: while this worker makes a database for one, it makes no spare.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use crate::domain::failure::{Failure, Verdict};
use crate::domain::server::ServerState;
use crate::domain::stock::{Copies, TemplateName};
use crate::infra::schema::TenantMigrations;
use crate::infra::spares;
use crate::infra::stock::StockSession;
use crate::infra::templates::{self, Built};
use crate::infra::tenant_server::TenantServer;
use crate::provision::run::{World, store_failure};
use crate::provision::servers::HeldServer;

/// Time between two passes that nothing called for.
const EVERY: Duration = Duration::from_secs(30);
/// A template that no worker has wanted for so long is dropped: two releases may be at work side by side.
const STALE_AFTER: Duration = Duration::from_secs(3600);
/// How often a worker says that it wants its template.
const WANTED_EVERY: Duration = Duration::from_secs(600);
/// Longest work on one server: one that vanished in the middle must not keep the others without stock.
const LONGEST: Duration = Duration::from_secs(900);
/// Time that a pass waits for further calls: many tenants come together.
const COALESCE: Duration = Duration::from_millis(200);

/// What is known of a server's stock without looking.
#[derive(Debug, Default)]
struct Memory {
    /// Templates that cannot be, with what was wrong told once.
    unfit: BTreeSet<(String, TemplateName)>,
    /// When this process last said that it wants a template.
    wanted: BTreeMap<(String, TemplateName), Instant>,
    /// Servers whose trouble was told.
    troubled: BTreeSet<String>,
}

/// Keeps the stock until `stop`. A spare that is being made then is left half made, for the next pass to clear away.
pub async fn keep(world: Arc<World>, stop: CancellationToken) {
    let mut memory = Memory::default();
    loop {
        tokio::select! {
            () = pass(&world, &mut memory) => {}
            () = stop.cancelled() => return,
        }
        tokio::select! {
            () = called(&world) => {}
            () = tokio::time::sleep(EVERY.mul_f64(0.9 + 0.2 * rand::random::<f64>())) => {}
            () = stop.cancelled() => return,
        }
    }
}

async fn called(world: &World) {
    world.restock.notified().await;
    tokio::time::sleep(COALESCE).await;
}

/// One pass over every server that this worker holds and that takes tenants.
async fn pass(world: &World, memory: &mut Memory) {
    // The claims of tenants tell of an outage, and their steps of migrations that cannot be read.
    let Ok(migrations) = TenantMigrations::read(&world.migrations_dir).await else { return };
    let Ok(states) = world.store.server_states().await.map_err(store_failure) else { return };
    for (name, state) in states {
        let Some(held) = world.servers.named(&name) else { continue };
        if state == ServerState::Offline || held.breaker.is_resting() {
            continue;
        }
        let takes = state == ServerState::Active;
        let worked = tokio::time::timeout(LONGEST, Box::pin(stock_up(world, held, &migrations, takes, memory))).await;
        let silent =
            |_| Err(Failure::unavailable("database_server_unreachable", "the database server does not answer"));
        match worked.unwrap_or_else(silent) {
            Ok(()) => {
                memory.troubled.remove(name.as_str());
            }
            Err(failure) if matches!(failure.verdict, Verdict::Permanent) => {
                if memory.troubled.insert(name.as_str().to_owned()) {
                    tracing::warn!(server = %name, code = failure.code, message = %failure, "no stock can be kept on a database server");
                }
            }
            Err(failure) => {
                tracing::debug!(server = %name, code = failure.code, message = %failure, "no stock for now; trying on");
            }
        }
    }
}

async fn stock_up(
    world: &World,
    held: &HeldServer,
    migrations: &TenantMigrations,
    takes: bool,
    memory: &mut Memory,
) -> Result<(), Failure> {
    let server = &held.server;
    let Some(mut stock) = server.try_keep_stock().await? else { return Ok(()) };
    let template = migrations.template(world.servers.installation());
    let is_wanted = takes && world.stock.copies != Copies::Never;
    let worked = async {
        let offers = is_wanted && offers(world, held, &mut stock, migrations, memory).await?;
        clear_away(server, &mut stock, takes).await?;
        if offers {
            fill(world, server, &mut stock, &template).await?;
        }
        Ok(())
    };
    let worked = worked.await;
    stock.close().await;
    worked
}

/// Drops templates that no worker wants any more, spares of such, and spares that nobody finished. On a server that takes
/// no tenants nothing stays.
async fn clear_away(server: &TenantServer, stock: &mut StockSession, takes: bool) -> Result<(), Failure> {
    let mut kept = BTreeSet::new();
    for one in templates::list(server, stock).await? {
        let is_stale = one.wanted.elapsed().is_ok_and(|age| age >= STALE_AFTER);
        if (is_stale || !takes) && templates::remove(server, stock, &one.name).await? {
            tracing::info!(template = one.name.as_str(), "dropped a template that no worker wants");
        } else {
            kept.insert(one.name);
        }
    }
    for spare in spares::list(server, stock).await? {
        if !takes || spare.of.is_none_or(|of| !kept.contains(&of)) {
            spares::remove(server, stock, spare.name).await?;
        }
    }
    Ok(())
}

/// Whether there is a template, made now if need be.
async fn offers(
    world: &World,
    held: &HeldServer,
    stock: &mut StockSession,
    migrations: &TenantMigrations,
    memory: &mut Memory,
) -> Result<bool, Failure> {
    let known = (held.name.as_str().to_owned(), migrations.template(world.servers.installation()));
    if memory.unfit.contains(&known) {
        return Ok(false);
    }
    let template = &known.1;
    let why = match templates::ensure(&held.server, stock, migrations, world.stock.copies).await {
        Ok(Built::Sealed) => {
            let is_told = memory.wanted.get(&known).is_some_and(|told| told.elapsed() < WANTED_EVERY);
            if !is_told {
                templates::want(&held.server, stock, template).await?;
                memory.wanted.insert(known, Instant::now());
            }
            return Ok(true);
        }
        Ok(Built::Unfit(why)) => why,
        // The migrations say the same again to whoever tries; a name that is somebody else's is told by the caller.
        Err(failure) if failure.verdict == Verdict::Permanent && failure.code.starts_with("migration") => {
            failure.to_string()
        }
        Err(failure) if failure.verdict == Verdict::Permanent && failure.code == "database_statement" => {
            failure.to_string()
        }
        Err(failure) => return Err(failure),
    };
    tracing::info!(
        server = %held.name, why,
        "each tenant's database goes through the migrations by itself (tenant_database_copies)"
    );
    memory.unfit.insert(known);
    Ok(false)
}

/// Makes spares until there are enough, or until tenants need the server.
async fn fill(
    world: &World,
    server: &TenantServer,
    stock: &mut StockSession,
    template: &TemplateName,
) -> Result<(), Failure> {
    let all = spares::list(server, stock).await?;
    let there = all.iter().filter(|spare| spare.of.as_ref() == Some(template)).count();
    for _ in there..world.stock.spares as usize {
        if !server.is_making_none() || spares::make(server, stock, template, &world.key_ring).await?.is_none() {
            break;
        }
    }
    Ok(())
}
