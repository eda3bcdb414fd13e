//! Keeps templates and spares in stock on every database server, one worker at a time for each.
//!
//! A pass is called for by a tenant that took something or found nothing to take, and made by the clock for what other
//! workers took. Tenants come first: while this worker makes a database for one, it makes no spare.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

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
/// A template is dropped when workers that want another one have been at work for so long, which none that wants this one
/// has been since: two releases may be at work side by side for a while.
const STALE_AFTER: Duration = Duration::from_secs(3600);
/// Time that a pass waits for further calls: many tenants come together.
const COALESCE: Duration = Duration::from_millis(200);

/// What is known of a server's stock without looking.
#[derive(Debug, Default)]
struct Memory {
    /// Templates that cannot be, with what was wrong told once.
    unfit: BTreeSet<(String, TemplateName)>,
    /// Templates of which this process has said that it wants them.
    wanted: BTreeSet<(String, TemplateName)>,
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
        match stock_up(world, held, &migrations, takes, memory).await {
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
        clear_away(server, &mut stock, &template, is_wanted).await?;
        if is_wanted && offers(world, held, &mut stock, migrations, memory).await? {
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
async fn clear_away(
    server: &TenantServer,
    stock: &mut StockSession,
    template: &TemplateName,
    is_wanted: bool,
) -> Result<(), Failure> {
    let mut templates = templates::list(server, stock).await?;
    let own = templates.iter().find(|one| one.name == *template).map(|one| one.wanted);
    let is_settled = own.and_then(|since| since.elapsed().ok()).is_some_and(|age| age >= STALE_AFTER);
    let mut gone = BTreeSet::new();
    for one in &templates {
        let is_own = one.name == *template;
        let is_stale = !is_own && is_settled && own.is_some_and(|since| one.wanted < since);
        let is_unwanted = is_own && !is_wanted;
        if (is_stale || is_unwanted) && templates::remove(server, stock, &one.name).await? {
            tracing::info!(template = one.name.as_str(), "dropped a template that no worker wants");
            gone.insert(one.name.clone());
        }
    }
    templates.retain(|one| !gone.contains(&one.name));
    for spare in spares::list(server, stock).await? {
        let goes = match &spare.of {
            None => true,
            Some(of) if of == template => !is_wanted,
            Some(of) => templates.iter().all(|one| one.name != *of),
        };
        if goes {
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
    match templates::ensure(&held.server, stock, migrations, world.stock.copies).await? {
        Built::Sealed => {
            if memory.wanted.insert(known) {
                let template = migrations.template(world.servers.installation());
                templates::want(&held.server, stock, &template).await?;
            }
            Ok(true)
        }
        Built::Unfit(why) => {
            tracing::info!(
                server = %held.name, why,
                "each tenant's database goes through the migrations by itself (tenant_database_copies)"
            );
            memory.unfit.insert(known);
            Ok(false)
        }
    }
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
        if !server.is_making_none() || spares::make(server, stock, template).await?.is_none() {
            break;
        }
    }
    Ok(())
}
