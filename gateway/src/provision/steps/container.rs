//! The container of a dedicated tenant: running and healthy while the tenant is served, stopped while it is suspended.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::domain::failure::Failure;
use crate::domain::names;
use crate::domain::subnet::container_address;
use crate::domain::tenant::Tier;
use crate::infra::containers::{ContainerSpec, FoundContainer};
use crate::infra::engine::Engine;
use crate::infra::probe::Pauses;
use crate::provision::outcome::{Effect, Observed, StepError};
use crate::provision::run::Run;
use crate::provision::steps::{engine, no_engine};

/// Restarts after which a container counts as crashing for good.
const CRASHES: i64 = 3;

pub(super) fn not_needed(run: &Run) -> Option<&'static str> {
    match run.tenant.tier {
        Tier::Shared => Some("the shared tier has no container of its own"),
        Tier::Dedicated => None,
    }
}

pub(super) async fn observe(run: &mut Run) -> Result<Observed, StepError> {
    let world = run.world.clone();
    let engine = engine(&world, "container")?;
    let spec = spec(run).await?;
    let Some(found) = engine.find_container(run.id()).await? else { return Ok(Observed::Wanting) };
    if !engine.find_strays(run.id()).await?.is_empty() {
        return Ok(Observed::Wanting);
    }
    let same = found.spec == Some(spec.digest()) && run.tenant.container_id.as_ref() == Some(&found.id);
    let as_wanted = if run.serves() {
        found.running && world.probe.is_healthy(spec.address, world.docker.app_port, &world.health_path).await
    } else {
        !found.running
    };
    Ok(if same && as_wanted { Observed::AsDesired(describe(&found, spec.address)) } else { Observed::Wanting })
}

fn describe(found: &FoundContainer, address: Ipv4Addr) -> serde_json::Value {
    json!({ "id": found.id, "image": found.image, "address": address.to_string(), "running": found.running })
}

async fn spec(run: &mut Run) -> Result<ContainerSpec, StepError> {
    let plan = run.tenant.limits;
    let docker = &run.world.docker;
    let image = docker.app_image.clone();
    let image = image
        .ok_or_else(|| Failure::permanent("no_image", "docker_app_image (GATEWAY_DOCKER_APP_IMAGE) is not set"))?;
    let missing = || Failure::permanent("not_allocated", "the tenant has no network yet");
    let subnet = run.allocation()?.subnet.ok_or_else(missing)?;
    let network_id = run.tenant.network_id.clone().ok_or_else(missing)?;
    let server = run.world.store.server_address(run.allocation()?.server_id).await?;
    let url = format!(
        "postgres://{}:{}@{}/{}",
        names::login_role(run.id()),
        run.password()?.expose_secret(),
        server,
        names::database(run.id()),
    );
    let mut environment = BTreeMap::new();
    let mut put = |name: &str, value: String| environment.insert(name.to_owned(), SecretString::from(value));
    put("DATABASE_URL", url);
    put("TENANT_ID", run.id().to_string());
    put("TENANT_KEY", run.tenant.key.to_string());
    put("TENANT_COMPANY_NAME", run.tenant.company_name.clone());
    put("PORT", docker.app_port.to_string());
    for (name, value) in &docker.app_environment {
        put(name, value.clone());
    }
    #[expect(clippy::cast_possible_truncation, reason = "plan and setting are at most 1024")]
    let nano_cpus = (plan.cpus.unwrap_or(docker.cpus) * 1e9) as i64;
    Ok(ContainerSpec {
        image,
        environment,
        network_id,
        address: container_address(subnet),
        memory_bytes: plan.memory_mib.map_or(i64::from(docker.memory_mib), i64::from) * 1024 * 1024,
        nano_cpus,
        pids: plan.pids.map_or(i64::from(docker.pids), i64::from),
        restarts: 0,
    })
}

pub(super) async fn ensure(run: &mut Run) -> Result<Effect, StepError> {
    let world = run.world.clone();
    let engine = engine(&world, "container")?;
    let spec = spec(run).await?;
    remove_strays(run, engine).await?;
    let id = match engine.find_container(run.id()).await? {
        Some(found) if found.spec == Some(spec.digest()) => {
            if found.paused {
                engine.unpause_container(&run.lease, &found.id).await?;
            }
            found.id
        }
        Some(other) => {
            engine.remove_container(&run.lease, &other.id).await?;
            engine.create_container(&run.lease, &run.tenant.key, &spec).await?
        }
        None if !run.serves() => return Ok(Effect::nothing("there is none to stop")),
        None => engine.create_container(&run.lease, &run.tenant.key, &spec).await?,
    };
    let found = if run.serves() {
        engine.start_container(&run.lease, &id).await?;
        wait_until_healthy(run, engine, spec.address).await?
    } else {
        engine.stop_container(&run.lease, &id).await?;
        look(run, engine).await?
    };
    world.store.record_container(&run.claim, Some((&found.id, &found.image))).await?;
    run.tenant.container_id = Some(found.id.clone());
    Ok(Effect::Changed(describe(&found, spec.address)))
}

/// What carries the tenant's labels under another name would hold its network and its address.
async fn remove_strays(run: &Run, engine: &Engine) -> Result<(), Failure> {
    for id in engine.find_strays(run.id()).await? {
        engine.remove_container(&run.lease, &id).await?;
    }
    Ok(())
}

async fn look(run: &Run, engine: &Engine) -> Result<FoundContainer, Failure> {
    let gone = || Failure::retryable("container_gone", "the tenant's container was removed by somebody else");
    engine.find_container(run.id()).await?.ok_or_else(gone)
}

/// The step's own timeout ends the wait.
async fn wait_until_healthy(run: &Run, engine: &Engine, address: Ipv4Addr) -> Result<FoundContainer, Failure> {
    let world = &run.world;
    let mut pauses = Pauses::default();
    // The engine counts restarts over the container's whole life.
    let before = look(run, engine).await?.restarts;
    loop {
        let found = look(run, engine).await?;
        if found.restarts - before >= CRASHES || (!found.running && !found.restarting) {
            let text = format!("the tenant's container ends by itself with exit code {}", found.exit_code);
            return Err(Failure::permanent("container_exited", text));
        }
        if world.probe.is_healthy(address, world.docker.app_port, &world.health_path).await {
            return Ok(found);
        }
        pauses.next().await;
    }
}

pub(super) async fn remove(run: &mut Run) -> Result<Effect, StepError> {
    let world = run.world.clone();
    let Some(engine) = &world.engine else { return no_engine(run.tenant.container_id.is_some(), "container") };
    remove_strays(run, engine).await?;
    let Some(found) = engine.find_container(run.id()).await? else {
        world.store.record_container(&run.claim, None).await?;
        return Ok(Effect::nothing("there was none"));
    };
    engine.stop_container(&run.lease, &found.id).await?;
    engine.remove_container(&run.lease, &found.id).await?;
    world.store.record_container(&run.claim, None).await?;
    Ok(Effect::Changed(json!({ "id": found.id })))
}
