//! A tenant without a router of its own: the wildcard router leads its host to the tenant port, which serves it by its row.
//!
//! # Expected flow
//! The row gets the revision → tenant ports hear of it → keys of the tenant's own that stand in Traefik's tree go. The other
//! way round: its own keys are written → the row's revision is cleared. Whoever dies in between leaves a tenant that either
//! of the two ways serves, and the next claim begins anew.

use std::time::Instant;

use serde_json::json;

use crate::domain::failure::Failure;
use crate::domain::host::Host;
use crate::domain::operation::OperationKind;
use crate::domain::route::{Led, RoutingMode, Way};
use crate::domain::tenant::Tier;
use crate::infra::render;
use crate::provision::outcome::{Effect, StepError};
use crate::provision::run::Run;
use crate::provision::steps::route;
use crate::store::allocations::RouteRecord;

/// A name that no tenant can have, since a key holds no two hyphens in a row.
const NOBODY: &str = "gateway--probe";
/// The page that a tenant port shows for it.
const UNKNOWN_HOST: &str = "unknown_host";

/// Has the wildcard router lead to the tenant. `None` where settings, pool or row say that it is to have a router of its own.
pub(super) async fn ensure(run: &mut Run) -> Result<Option<Effect>, StepError> {
    if run.world.routing_mode == RoutingMode::PerTenant || run.tenant.tier == Tier::Dedicated {
        return Ok(None);
    }
    let host = run.allocation()?.host.clone();
    let pool = route::pool_of(run).await?;
    let led = Led {
        tier: run.tenant.tier,
        serves: run.serves(),
        // The row says, and is asked when it is written.
        pinned: false,
        by_http: pool.is_by_http(),
        host: &host,
        suffix: &run.world.host_suffix,
    };
    if run.world.routing_mode.way(led) == Way::Own {
        return Ok(None);
    }
    let revision = render::wildcard(run.id(), &run.tenant.key, &host, &pool.name);
    let possible = render::possible_keys(&run.tenant.key);
    let possible: Vec<&str> = possible.iter().map(String::as_str).collect();
    let record = run.world.store.record_route(&run.claim, Some(&revision)).await?;
    if record == RouteRecord::Pinned {
        return Ok(None);
    }
    // Nobody is led yet to a tenant that is made.
    let was_led = run.tenant.kind != OperationKind::Provision;
    if was_led && !run.world.routes.read(possible.iter().copied()).await?.is_empty() {
        require_tenant_port(run).await?;
    }
    run.route_revision = Some(revision);
    // Also where none was seen: Redis has to be told of the newest claim, and what came meanwhile goes.
    let removed = run.world.routes.withdraw(&run.lease, &possible, &route::shared_keys(run)).await?;
    run.told_traefik = (removed > 0).then(Instant::now);
    let result = json!({ "host": host.as_str(), "by": render::WILDCARD_ROUTER, "keys_removed": removed });
    let is_same = record == RouteRecord::Same && removed == 0;
    Ok(Some(if is_same { Effect::Unchanged(result) } else { Effect::Changed(result) }))
}

/// Has tenant ports no longer serve the tenant under a revision. Says whether they did.
pub(super) async fn leave(run: &mut Run) -> Result<bool, StepError> {
    run.route_revision = None;
    // No worker of any mode ever wrote one for this tier.
    if run.tenant.tier == Tier::Dedicated {
        return Ok(false);
    }
    Ok(run.world.store.record_route(&run.claim, None).await? == RouteRecord::Written)
}

/// Looks, before a tenant loses its own router, whether Traefik reaches a tenant port. Trouble is that of a part that all
/// tenants need, so it is waited for.
async fn require_tenant_port(run: &Run) -> Result<(), Failure> {
    let Some(entry) = &run.world.entry_url else { return Ok(()) };
    let nobody = Host::parse(&format!("{NOBODY}.{}", run.world.host_suffix));
    let nobody = nobody.map_err(|e| Failure::permanent("host_refused", e.to_string()))?;
    let answer = run.world.probe.ask_edge(entry, &nobody, "/").await?;
    // A port that has only just started knows nobody yet, and says another word.
    if answer.page.as_deref() == Some(UNKNOWN_HOST) {
        return Ok(());
    }
    let text =
        format!("the tenant keeps its router: Traefik does not lead {nobody} to a tenant port ({})", answer.status);
    Err(Failure::unavailable("tenant_port_unreached", text))
}
