//! `gateway dev reset`: delete everything the stack made, and nothing else.

use std::collections::HashMap;
use std::io::{IsTerminal as _, stdin};
use std::path::Path;
use std::time::Duration;

use bollard::Docker;
use bollard::query_parameters::{
    ListContainersOptionsBuilder, ListNetworksOptionsBuilder, RemoveContainerOptionsBuilder,
};
use uuid::Uuid;

use crate::config;
use crate::dev::child::Supervisor;
use crate::dev::docker::{self, Found};
use crate::dev::error::DevError;
use crate::dev::layout::Layout;
use crate::dev::spawn::Spawner;
use crate::dev::state::{self, Instance, State};
use crate::dev::{postgres, stop, terminal};

/// Label of everything a gateway makes in Docker; its value is the gateway's id.
pub(super) const INSTANCE_LABEL: &str = "gateway.instance";
/// What must be typed.
const WORD: &str = "reset";

/// Deletes the data of the stack, stopping it first.
///
/// # Errors
/// When it is not confirmed or something cannot be deleted.
pub(super) async fn reset(layout: &Layout, yes: bool) -> Result<(), DevError> {
    if !state::is_ours(layout) {
        if layout.state().exists() {
            return Err(DevError::Refused(format!(
                "{} holds a state.json that no stack wrote; nothing was deleted",
                layout.root().display()
            )));
        }
        terminal::note(format_args!("There is no stack in {}.", layout.root().display()));
        return Ok(());
    }
    if !yes {
        confirm(layout)?;
    }
    if state::is_running(layout) {
        stop::stop(layout).await?;
    }
    let _lock = state::take_lock(layout)?;
    // A state that does not parse is a reason to reset, not against it.
    let kept = State::read(layout).ok().flatten();
    let told = Instance::read(layout).ok().flatten();
    let host = told.and_then(|told| told.environment.get("GATEWAY_DOCKER_HOST").cloned());
    match (kept.as_ref().and_then(|state| state.instance), host) {
        (Some(instance), Some(host)) => clear_engine(layout, instance, &host).await?,
        (Some(instance), None) => tell_left_behind(instance, "no engine of the last start is known"),
        (None, _) => {}
    }
    if let Some(home) = kept.and_then(|state| state.postgres_home) {
        // A start draws no other place; a name written there by hand is not deleted on its word.
        if home.parent() == Some(Path::new(postgres::ELSEWHERE)) {
            delete(&home)?;
        } else {
            terminal::note(format_args!("{} was left: it is not a place of ours", home.display()));
        }
    }
    for name in ["pg", "redis", "traefik", "certs", "secrets", "logs", "demo-app", "state.json", "run"] {
        delete(&layout.root().join(name))?;
    }
    // Kept when somebody else put files into it.
    drop(std::fs::remove_dir(layout.root()));
    terminal::note(format_args!("Deleted the data in {}.", layout.root().display()));
    Ok(())
}

fn confirm(layout: &Layout) -> Result<(), DevError> {
    if !stdin().is_terminal() {
        return Err(DevError::Refused("this deletes all data; without a terminal say so with --yes".to_owned()));
    }
    terminal::note(format_args!("This deletes all tenants and all data in {}.", layout.root().display()));
    terminal::note(format_args!("Type {WORD} to go on:"));
    let mut answer = String::new();
    stdin().read_line(&mut answer).map_err(DevError::file("read", Path::new("the answer")))?;
    if answer.trim() == WORD { Ok(()) } else { Err(DevError::Refused("nothing was deleted".to_owned())) }
}

fn delete(path: &Path) -> Result<(), DevError> {
    let gone = match std::fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => std::fs::remove_dir_all(path),
        Ok(_) => std::fs::remove_file(path),
        Err(error) => Err(error),
    };
    match gone {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(DevError::file("delete", path)(error)),
        _ => Ok(()),
    }
}

/// Removes what this gateway made in the engine, starting the private engine for it if need be.
async fn clear_engine(layout: &Layout, instance: Uuid, host: &str) -> Result<(), DevError> {
    let spawner = Spawner::start().map_err(|source| DevError::Spawn { name: "the thread of children", source })?;
    let (supervisor, _failures) = Supervisor::new(spawner);
    let given = config::process_environment();
    let named = given.get("GATEWAY_DOCKER_HOST").map_or(host, String::as_str);
    let engine = match docker::find(Some(named), &supervisor, layout.log("dockerd")).await {
        Ok(Found::Engine(engine)) => engine,
        Ok(Found::None(why)) => {
            tell_left_behind(instance, &why);
            return Ok(());
        }
        Err(error) => {
            tell_left_behind(instance, &error.chain());
            return Ok(());
        }
    };
    let (containers, networks) = remove_labelled(&engine.client, instance).await?;
    terminal::note(format_args!("Removed {containers} containers and {networks} networks."));
    if engine.is_private() && is_unused(&engine.client).await? {
        engine.stop_and_delete().await;
    } else {
        engine.stop().await;
    }
    supervisor.finish(Duration::from_secs(20)).await;
    Ok(())
}

/// An engine that is gone takes what it held along; one that is only unreachable does not, so this is said.
fn tell_left_behind(instance: Uuid, why: &str) {
    terminal::note(format_args!(
        "Docker objects with the label {INSTANCE_LABEL}={instance} were not looked for: {why}"
    ));
}

/// Removes containers and networks with the label of this gateway, and counts them.
///
/// # Errors
/// When the engine refuses.
pub(super) async fn remove_labelled(client: &Docker, instance: Uuid) -> Result<(usize, usize), DevError> {
    let refused = |what| move |source| DevError::Docker { what, source };
    let filters = HashMap::from([("label", vec![format!("{INSTANCE_LABEL}={instance}")])]);
    let options = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
    let containers = client.list_containers(Some(options)).await.map_err(refused("list containers"))?;
    let ids: Vec<String> = containers.into_iter().filter_map(|found| found.id).collect();
    for id in &ids {
        let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
        client.remove_container(id, Some(options)).await.map_err(refused("remove a container"))?;
    }
    let options = ListNetworksOptionsBuilder::new().filters(&filters).build();
    let networks = client.list_networks(Some(options)).await.map_err(refused("list networks"))?;
    let networks: Vec<String> = networks.into_iter().filter_map(|found| found.id).collect();
    for id in &networks {
        client.remove_network(id).await.map_err(refused("remove a network"))?;
    }
    Ok((ids.len(), networks.len()))
}

/// Whether the engine holds no container and no network but its own three.
async fn is_unused(client: &Docker) -> Result<bool, DevError> {
    let refused = |what| move |source| DevError::Docker { what, source };
    let options = ListContainersOptionsBuilder::new().all(true).build();
    let containers = client.list_containers(Some(options)).await.map_err(refused("list containers"))?;
    let networks = client.list_networks(None).await.map_err(refused("list networks"))?;
    let own = ["bridge", "host", "none"];
    let foreign = networks.iter().any(|found| !found.name.as_deref().is_some_and(|name| own.contains(&name)));
    Ok(containers.is_empty() && !foreign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_what_the_stack_made_is_deleted() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("data");
        let layout = Layout::new(&root).unwrap();
        layout.create().unwrap();
        State::draw(0).write(&layout).unwrap();
        std::fs::write(root.join("notes.txt"), "mine").unwrap();
        reset(&layout, true).await.unwrap();
        let left: Vec<_> = std::fs::read_dir(&root).unwrap().flatten().map(|entry| entry.file_name()).collect();
        assert_eq!(left, ["notes.txt"]);
        reset(&layout, true).await.unwrap();
    }

    #[tokio::test]
    async fn a_directory_of_something_else_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        let layout = Layout::new(root).unwrap();
        std::fs::create_dir_all(root.join("run/lock")).unwrap();
        std::fs::create_dir(root.join("logs")).unwrap();
        reset(&layout, true).await.unwrap();
        for text in ["{", "{\"version\": 4}", "[]"] {
            std::fs::write(layout.state(), text).unwrap();
            assert!(matches!(reset(&layout, true).await, Err(DevError::Refused(_))), "{text}");
        }
        assert!(root.join("run/lock").is_dir() && root.join("logs").is_dir() && layout.state().exists());
        std::fs::remove_dir(root.join("run/lock")).unwrap();
        // With the lock of a stack a broken state is a reason to reset.
        std::fs::write(layout.lock(), "").unwrap();
        reset(&layout, true).await.unwrap();
        assert!(!root.join("logs").exists() && !layout.state().exists());
    }
}
