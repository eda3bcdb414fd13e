//! `gateway health`: what an orchestrator asks, without another program in the image.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::config::Settings;
use crate::run::{RunError, print};
use crate::worker::pulse::{self, Sign};

/// Longest wait for an answer, below the patience of usual health checks.
const LIMIT: Duration = Duration::from_secs(4);
/// The command line of the process that a container was started for.
const FIRST_PROCESS: &str = "/proc/1/cmdline";

/// Whom to ask for what.
#[derive(Clone, Copy, Debug, Args)]
pub struct HealthArguments {
    /// Which process; that of the container when left out
    #[arg(value_enum)]
    pub role: Option<Role>,
    /// Ask only whether it lives: what a restart of it would not mend does not count
    #[arg(long)]
    pub live: bool,
}

/// A process that can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// Asked for /ready, or /health, on its admin port
    Serve,
    /// Its pulse file is read
    Worker,
}

/// Asks, and ends with 0 where the process is well.
///
/// # Errors
/// [`RunError::Refused`] says what is wrong; [`RunError::Argument`] when nothing says which process is meant.
pub async fn run(settings: &Settings, arguments: &HealthArguments) -> Result<ExitCode, RunError> {
    let role = match arguments.role {
        Some(role) => role,
        None => role_of(&std::fs::read(FIRST_PROCESS)?)
            .ok_or_else(|| RunError::Argument("say which: gateway health serve, gateway health worker".to_owned()))?,
    };
    match role {
        Role::Serve => ask(settings, arguments.live).await?,
        Role::Worker => read(settings, arguments.live)?,
    }
    print("well\n");
    Ok(ExitCode::SUCCESS)
}

/// The verb in a command line, whose words end with zeros.
fn role_of(command: &[u8]) -> Option<Role> {
    command.split(|byte| *byte == 0).find_map(|word| match word {
        b"serve" => Some(Role::Serve),
        b"worker" => Some(Role::Worker),
        _ => None,
    })
}

/// The address to ask a process at that listens on this one.
fn reached_at(listens_on: IpAddr) -> IpAddr {
    match listens_on {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        address => address,
    }
}

async fn ask(settings: &Settings, live: bool) -> Result<(), RunError> {
    let address = SocketAddr::new(reached_at(settings.http.admin_listen_address), settings.http.admin_port);
    let path = if live { "health" } else { "ready" };
    let refused = |why: String| RunError::Refused(format!("the admin port on {address} {why}"));
    // No certificates are needed here, and a small image may have none.
    let client = reqwest::Client::builder().no_proxy().timeout(LIMIT).tls_certs_only([]).build();
    let client = client.map_err(|error| refused(format!("cannot be asked: {error}")))?;
    let answer = client.get(format!("http://{address}/{path}")).send().await;
    let answer = answer.map_err(|error| refused(format!("does not answer: {}", error.without_url())))?;
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    let problem: serde_json::Value = answer.json().await.unwrap_or_default();
    let why = problem.get("detail").and_then(serde_json::Value::as_str).unwrap_or("without a reason").to_owned();
    Err(refused(format!("answers {}: {why}", status.as_u16())))
}

fn read(settings: &Settings, live: bool) -> Result<(), RunError> {
    let refused = |why: &str| RunError::Refused(why.to_owned());
    let file = settings.pulse_file.as_ref();
    let file = file.ok_or_else(|| refused("worker_pulse_file (GATEWAY_WORKER_PULSE_FILE) is not set"))?;
    match pulse::read(file, &settings.worker) {
        Ok(Sign::Looking) => Ok(()),
        Ok(Sign::Waiting) if live => Ok(()),
        Ok(Sign::Waiting) => Err(refused("the worker waits for the control database")),
        Ok(Sign::Silent) => Err(refused("the worker has not looked for work for too long")),
        Err(error) => Err(RunError::Refused(format!("no pulse of the worker in {}: {error}", file.display()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_process_of_a_container_is_known_by_its_words() {
        assert_eq!(role_of(b"/usr/local/bin/gateway\0serve\0"), Some(Role::Serve));
        assert_eq!(role_of(b"/sbin/docker-init\0--\0gateway\0worker\0--batch-size\0" as &[u8]), Some(Role::Worker));
        assert_eq!(role_of(b"/sbin/init\0"), None);
    }

    #[test]
    fn who_listens_everywhere_is_asked_on_loopback() {
        assert_eq!(reached_at("0.0.0.0".parse().unwrap()), IpAddr::from([127, 0, 0, 1]));
        assert_eq!(reached_at("::".parse().unwrap()), IpAddr::from(Ipv6Addr::LOCALHOST));
        assert_eq!(reached_at("10.0.0.7".parse().unwrap()), IpAddr::from([10, 0, 0, 7]));
    }
}
