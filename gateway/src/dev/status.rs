//! `gateway dev status`: whether the stack runs, and where.

use serde::Serialize;

use crate::dev::args::StatusOutput;
use crate::dev::environment;
use crate::dev::error::DevError;
use crate::dev::hosted::Environment;
use crate::dev::layout::Layout;
use crate::dev::state::{self, Instance, Phase};
use crate::dev::terminal;

/// What `gateway dev status -o json` prints. Addresses are those of the last start until this one has computed its own,
/// `null` before the first. Holds secrets.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Whether it runs.
    pub state: Phase,
    /// The process; `null` while stopped.
    pub pid: Option<u32>,
    /// Admin API and console.
    pub admin_url: Option<String>,
    /// The tenant port.
    pub tenant_url: Option<String>,
    /// Traefik's entry point of tenants.
    pub traefik_url: Option<String>,
    /// Traefik's API and dashboard.
    pub traefik_api_url: Option<String>,
    /// The control database, as administrator.
    pub database_url: Option<String>,
    /// Traefik's Redis, as somebody who may do everything.
    pub redis_url: Option<String>,
    /// Docker Engine.
    pub docker_host: Option<String>,
    /// Tenants are `<key>.<host_suffix>`.
    pub host_suffix: Option<String>,
    /// The operator's API key.
    pub api_key: Option<String>,
    /// The data directory.
    pub data_dir: String,
}

impl std::fmt::Debug for Status {
    /// Without the API key and without URLs that hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Status")
            .field("state", &self.state)
            .field("pid", &self.pid)
            .field("admin_url", &self.admin_url)
            .field("tenant_url", &self.tenant_url)
            .field("traefik_url", &self.traefik_url)
            .field("traefik_api_url", &self.traefik_api_url)
            .field("docker_host", &self.docker_host)
            .field("host_suffix", &self.host_suffix)
            .field("data_dir", &self.data_dir)
            .finish_non_exhaustive()
    }
}

/// Reads the status. Only a process that holds the lock counts, so a killed one is stopped.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn read(layout: &Layout) -> Result<(Status, Environment), DevError> {
    let running = state::is_running(layout);
    let instance = Instance::read(layout)?;
    let environment = instance.as_ref().map(|told| told.environment.clone()).unwrap_or_default();
    let setting = |name: &str| environment.get(&format!("GATEWAY_{name}")).cloned();
    // One that was killed may still be what is told last when the next has just taken the lock.
    let told = instance.as_ref().filter(|told| running && state::is_alive(told.pid));
    let status = Status {
        state: match told {
            _ if !running => Phase::Stopped,
            Some(told) => told.phase,
            None => Phase::Starting,
        },
        pid: told.map(|told| told.pid),
        admin_url: setting("URL"),
        tenant_url: setting("TENANT_PORT_URL"),
        traefik_url: setting("TRAEFIK_URL"),
        traefik_api_url: setting("TRAEFIK_API_URL"),
        database_url: setting("DATABASE_URL"),
        redis_url: setting("DEV_REDIS_URL"),
        docker_host: setting("DOCKER_HOST"),
        host_suffix: setting("HOST_SUFFIX"),
        api_key: setting("API_KEY"),
        data_dir: layout.root().display().to_string(),
    };
    Ok((status, environment))
}

/// Prints the status.
///
/// # Errors
/// When a file cannot be read, or settings are asked for before there are any.
pub(super) fn show(layout: &Layout, output: StatusOutput) -> Result<(), DevError> {
    let (status, environment) = read(layout)?;
    match output {
        StatusOutput::Table => terminal::print(table(&status)),
        StatusOutput::Json => {
            let text = serde_json::to_string_pretty(&status)
                .map_err(|source| DevError::Unreadable { path: layout.instance(), source })?;
            terminal::print(text);
        }
        StatusOutput::Env if environment.is_empty() => {
            return Err(DevError::Refused("there are no settings yet: start `gateway dev` first".to_owned()));
        }
        StatusOutput::Env => terminal::print(environment::exports(&environment).trim_end()),
    }
    Ok(())
}

/// For people: without secrets.
fn table(status: &Status) -> String {
    let state = match status.state {
        Phase::Starting => "starting",
        Phase::Ready => "ready",
        Phase::Stopped => "stopped",
    };
    let mut rows = vec![("State", state.to_owned())];
    if let Some(pid) = status.pid {
        rows.push(("Process", pid.to_string()));
        let places = [
            ("Admin UI", &status.admin_url),
            ("Tenant port", &status.tenant_url),
            ("Traefik", &status.traefik_url),
            ("Traefik API", &status.traefik_api_url),
            ("Docker", &status.docker_host),
        ];
        rows.extend(places.into_iter().filter_map(|(name, place)| Some((name, place.clone()?))));
    }
    rows.push(("Data", status.data_dir.clone()));
    rows.iter().map(|(name, value)| format!("{name:<12} {value}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_without_the_lock_is_stopped_whatever_it_told() {
        let directory = tempfile::tempdir().unwrap();
        let layout = Layout::new(directory.path()).unwrap();
        assert_eq!(read(&layout).unwrap().0.state, Phase::Stopped);
        layout.create().unwrap();
        let settings = [("GATEWAY_URL", "http://127.0.0.1:8001"), ("GATEWAY_API_KEY", "gwk_secret")];
        let environment = settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let told = Instance { pid: 7, phase: Phase::Ready, environment };
        told.write(&layout).unwrap();
        let (status, _) = read(&layout).unwrap();
        assert_eq!((status.state, status.pid), (Phase::Stopped, None));
        assert!(table(&status).starts_with("State        stopped\n"));
        let lock = state::take_lock(&layout).unwrap();
        let (status, _) = read(&layout).unwrap();
        assert_eq!((status.state, status.pid), (Phase::Ready, Some(7)));
        assert_eq!(status.admin_url.as_deref(), Some("http://127.0.0.1:8001"));
        assert_eq!(serde_json::to_value(&status).unwrap()["state"], "ready");
        assert_eq!(status.api_key.as_deref(), Some("gwk_secret"));
        assert!(!format!("{status:?} {told:?}").contains("gwk_secret"));
        drop(lock);
    }
}
