//! Names, secrets, server, pool and subnet: fixed in the row before anything outside is touched, so that every later
//! attempt works from the same.

use std::time::Duration;

use serde_json::json;

use crate::domain::failure::Failure;
use crate::domain::host::Host;
use crate::domain::names;
use crate::domain::tenant::{Allocation, Tier};
use crate::provision::outcome::{Effect, Observed, StepError};
use crate::provision::run::Run;
use crate::store::allocations::{Allocated, NewAllocation, PoolChoice};
use crate::store::places::ServerChoice;

/// How long a freed subnet rests, so that nothing still routed to it reaches somebody else.
pub const QUARANTINE: Duration = Duration::from_secs(600);

pub(super) fn observe(run: &Run) -> Result<Observed, StepError> {
    if run.tenant.tier == Tier::Dedicated && run.serves() {
        require_engine(run)?;
    }
    let Some(allocation) = &run.tenant.allocation else { return Ok(Observed::Wanting) };
    let has_pool = run.tenant.tier == Tier::Dedicated || allocation.pool_id.is_some();
    let has_subnet = !run.has_network() || allocation.subnet.is_some();
    if run.tenant.credentials_current && has_pool && has_subnet {
        return Ok(Observed::AsDesired(json!({ "host": allocation.host.as_str() })));
    }
    Ok(Observed::Wanting)
}

pub(super) async fn ensure(run: &mut Run) -> Result<Effect, StepError> {
    let host = match &run.tenant.host {
        Some(host) => host.clone(),
        None => Host::of_tenant(&run.tenant.key, &run.world.host_suffix),
    };
    let (suffix, console) = (&run.world.host_suffix, run.world.admin_hostname.as_ref());
    if let Err(error) = host.check_claim(&run.tenant.key, suffix, console) {
        return Err(Failure::permanent("host_refused", format!("the host {host} {error}")).into());
    }
    let pool = match (run.tenant.tier, run.tenant.pool_id) {
        (Tier::Shared, Some(named)) => PoolChoice::Named(named),
        (Tier::Shared, None) => PoolChoice::Any,
        (Tier::Dedicated, _) => PoolChoice::None,
    };
    let (password, verifier) = match &run.tenant.allocation {
        Some(known) if run.tenant.credentials_current => (known.password.clone(), known.verifier.clone()),
        _ => {
            let drawn = run.world.credentials.take().await?;
            run.seal(&drawn)?
        }
    };
    let servers = &run.world.servers;
    let (held, resting) = (servers.names(), servers.resting());
    let new = NewAllocation {
        host: &host,
        servers: ServerChoice { held: &held, resting: &resting, connection_limit: servers.connection_limit() },
        pool,
        password: &password,
        verifier: &verifier,
        block: run.has_network().then_some(run.world.docker.network_block),
    };
    let Allocated { server_id, address, pool_id, subnet } = run.world.store.allocate(&run.claim, &new).await?;
    let result = json!({
        "host": host.as_str(),
        "database": names::database(run.id()),
        "server": address,
        "subnet": subnet.map(|net| net.to_string()),
    });
    run.tenant.host = Some(host.clone());
    run.tenant.pool_id = pool_id;
    run.tenant.credentials_current = true;
    run.tenant.allocation = Some(Allocation { host, server_id, pool_id, password, verifier, subnet });
    Ok(Effect::Changed(result))
}

/// A dedicated tenant needs an engine, a network and an image; better to say so before anything is made.
fn require_engine(run: &Run) -> Result<(), Failure> {
    if !run.world.has_networks() {
        let text = "the dedicated tier needs Docker Engine and networks: set docker_host (GATEWAY_DOCKER_HOST)";
        return Err(Failure::permanent("no_docker", text));
    }
    if run.world.docker.app_image.is_none() {
        let text = "the dedicated tier needs an image: set docker_app_image (GATEWAY_DOCKER_APP_IMAGE)";
        return Err(Failure::permanent("no_image", text));
    }
    Ok(())
}

pub(super) async fn remove(run: &mut Run) -> Result<Effect, StepError> {
    run.world.store.clear_allocation(&run.claim, QUARANTINE).await?;
    run.tenant.allocation = None;
    Ok(Effect::Changed(json!({ "subnet_free_after_seconds": QUARANTINE.as_secs() })))
}
