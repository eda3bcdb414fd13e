//! Docker Engine.

use crate::config::NetworkIsolation;
use crate::doctor::Look;
use crate::doctor::report::{Check, Finding};
use crate::domain::failure::Failure;
use crate::infra::engine::Engine;
use crate::infra::walls::Walls;
use crate::provision::run::store_failure;

/// Networks up to which Docker's own rules cost little; see docs/operations.md.
const MANY: usize = 100;

/// Looks at the engine, where the settings name one.
pub(super) async fn look(look: &Look<'_>) -> Vec<Finding> {
    let docker = &look.settings.docker;
    let Some(address) = &docker.host else {
        let why = "docker_host is not set: tenants get neither network nor container";
        return [Check::Engine, Check::EngineImage, Check::EngineIsolation]
            .map(|check| Finding::skipped(check, why))
            .into();
    };
    let Some(store) = &look.store else {
        return vec![Finding::skipped(Check::Engine, "cannot be told before control_schema is in order")];
    };
    let installation = match store.installation().await {
        Ok(installation) => installation,
        Err(error) => {
            return vec![Finding::failed(Check::Engine, &store_failure(error), "look at the control database")];
        }
    };
    let engine = Engine::new(address, installation);
    if let Err(failure) = engine.ping().await {
        let advice = "look whether Docker Engine runs, and whether this user may use docker_host";
        return vec![Finding::failed(Check::Engine, &failure, advice)];
    }
    let isolation = match docker.network_isolation {
        NetworkIsolation::Engine => engine.list_networks().await.map(|networks| by_engine(networks.len())),
        NetworkIsolation::Nftables => by_walls(&engine, &Walls::of(installation)).await,
    };
    let isolation = isolation.unwrap_or_else(|failure| {
        let advice =
            "install nftables and give this program and the workers CAP_NET_ADMIN, in the engine's network namespace";
        Finding::failed(Check::EngineIsolation, &failure, advice)
    });
    vec![Finding::ok(Check::Engine, "answers"), image(&engine, docker.app_image.as_deref()).await, isolation]
}

async fn image(engine: &Engine, image: Option<&str>) -> Finding {
    let check = Check::EngineImage;
    let Some(image) = image else {
        return Finding::skipped(check, "docker_app_image is not set: no tenant can be dedicated");
    };
    match engine.has_image(image).await {
        Ok(true) => Finding::ok(check, format!("{image} is there")),
        Ok(false) => {
            let found = format!("the engine does not hold {image}");
            Finding::problem(check, found, format!("docker pull {image}; workers do not pull"))
        }
        Err(failure) => Finding::failed(check, &failure, "look at Docker Engine"),
    }
}

fn by_engine(networks: usize) -> Finding {
    let check = Check::EngineIsolation;
    if networks <= MANY {
        return Finding::ok(check, format!("{networks} networks, kept apart by Docker's own rules"));
    }
    let advice = "read \"Keep many networks apart\" in docs/operations.md";
    Finding::warning(check, format!("{networks} networks: Docker's own rules make it slow"), advice)
}

async fn by_walls(engine: &Engine, walls: &Walls) -> Result<Finding, Failure> {
    let (networks, seen) = tokio::try_join!(engine.list_networks(), walls.look())?;
    let subnets: Vec<_> = networks.iter().flat_map(|network| network.subnets.iter().copied()).collect();
    let open = subnets.iter().filter(|subnet| !seen.keep(**subnet)).count();
    let check = Check::EngineIsolation;
    if seen.stand && open == 0 {
        return Ok(Finding::ok(
            check,
            format!("{} networks, kept apart by the table {}", subnets.len(), walls.table()),
        ));
    }
    let found = format!("the table {} does not keep {open} of {} networks apart", walls.table(), subnets.len());
    Ok(Finding::problem(check, found, "start a worker with network_isolation nftables, or `gatewayctl reconcile`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::report::State;

    #[test]
    fn many_networks_are_told() {
        assert_eq!(by_engine(MANY).state, State::Ok);
        assert_eq!(by_engine(MANY + 1).state, State::Warning);
    }
}
