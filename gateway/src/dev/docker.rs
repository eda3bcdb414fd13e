//! Docker Engine: the one that answers, or else a private one.
//!
//! Two engines on one machine fight over iptables and bridges, so there is at most one private engine, shared by all
//! stacks of the machine. Whoever holds its lock runs it; when that stack ends, another takes over on the same socket
//! and the same data, so that networks and containers go on.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::net::Ipv4Addr;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bollard::query_parameters::InspectNetworkOptions;
use bollard::{API_DEFAULT_VERSION, Docker};
use ipnet::Ipv4Net;
use nix::fcntl::{Flock, FlockArg};
use nix::sys::signal::Signal;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use crate::dev::child::{self, StopManner, Supervised, Supervisor};
use crate::dev::error::DevError;
use crate::dev::layout::write_private;
use crate::dev::probe;
use crate::dev::spawn::{Program, find_on_path};
use crate::dev::terminal;

/// The engine of the machine.
const DEFAULT_SOCKET: &str = "/var/run/docker.sock";
/// Socket, process files and lock of the private engine. Short, since a socket's path is limited to 107 bytes.
const RUN: &str = "/run/gateway-dev";
/// Images, containers and networks of the private engine.
const DATA: &str = "/var/lib/gateway-dev/engine";
/// Time for one request; importing an image takes the longest.
const REQUEST_SECONDS: u64 = 120;
/// The private engine loads its networks and containers before it answers: a second for two networks on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(180);
/// How often a stack that shares the engine looks whether it must take over.
const LOOK: Duration = Duration::from_millis(500);

/// The engine stops all containers first.
const STOP: StopManner = StopManner { signal: Signal::SIGTERM, limit: Duration::from_secs(40) };

/// The engine of this stack.
#[derive(Debug)]
pub(super) struct Engine {
    /// Its address, in the form of `GATEWAY_DOCKER_HOST`.
    pub host: String,
    /// A client.
    pub client: Docker,
    /// For the banner.
    pub description: &'static str,
    private: Option<Private>,
}

#[derive(Debug)]
struct Private {
    /// Held shared by every stack that uses the engine, so that nobody deletes its data under another.
    users: Flock<File>,
    running: std::sync::Arc<Mutex<Option<Owned>>>,
    watch: CancellationToken,
}

impl Drop for Private {
    fn drop(&mut self) {
        self.watch.cancel();
    }
}

#[derive(Debug)]
struct Owned {
    child: Supervised,
    _lock: Flock<File>,
}

/// An engine, or why there is none.
#[derive(Debug)]
pub(super) enum Found {
    /// There is one.
    Engine(Engine),
    /// There is none; the end of a sentence.
    None(String),
}

fn private_socket() -> PathBuf {
    Path::new(RUN).join("docker.sock")
}

async fn connect(host: &str) -> Result<Docker, bollard::errors::Error> {
    let client = match host.strip_prefix("unix://") {
        Some(path) => Docker::connect_with_unix(path, REQUEST_SECONDS, API_DEFAULT_VERSION)?,
        None => Docker::connect_with_http(host, REQUEST_SECONDS, API_DEFAULT_VERSION)?,
    };
    client.negotiate_version().await
}

/// Connects to the engine at an address if it answers.
///
/// # Errors
/// When it does not.
pub(super) async fn answering(host: &str) -> Result<Docker, DevError> {
    let refused = |source| DevError::Docker { what: "reach it", source };
    let client = connect(host).await.map_err(refused)?;
    client.ping().await.map_err(refused)?;
    Ok(client)
}

/// The engine to use: the one named, the machine's, or a private one when we are root.
///
/// # Errors
/// When a named engine does not answer, or one that another stack runs. A private one that does not start is none: the
/// machine may not allow it, and the rest of the stack is of use without.
pub(super) async fn find(named: Option<&str>, supervisor: &Supervisor, log: PathBuf) -> Result<Found, DevError> {
    let private = format!("unix://{}", private_socket().display());
    // A shell that took over another stack's settings names the private engine, which is not ours to rely on.
    if let Some(host) = named.filter(|host| !host.is_empty() && *host != private) {
        let client = answering(host).await?;
        return Ok(found(host.to_owned(), client, "named by GATEWAY_DOCKER_HOST", None));
    }
    let machine = format!("unix://{DEFAULT_SOCKET}");
    if let Ok(client) = answering(&machine).await {
        return Ok(found(machine, client, "the machine's", None));
    }
    if !nix::unistd::geteuid().is_root() {
        return Ok(Found::None(format!("{DEFAULT_SOCKET} does not answer, and only root can start an engine")));
    }
    let (Some(dockerd), Some(_)) = (find_on_path("dockerd"), find_on_path("iptables")) else {
        return Ok(Found::None(format!("{DEFAULT_SOCKET} does not answer; `make setup` installs docker.io")));
    };
    start_private(private, dockerd, supervisor, log).await
}

fn found(host: String, client: Docker, description: &'static str, private: Option<Private>) -> Found {
    Found::Engine(Engine { host, client, description, private })
}

async fn start_private(
    host: String,
    dockerd: PathBuf,
    supervisor: &Supervisor,
    log: PathBuf,
) -> Result<Found, DevError> {
    for (directory, mode) in [(Path::new(RUN), 0o700), (Path::new(DATA), 0o711)] {
        DirBuilder::new().recursive(true).mode(mode).create(directory).map_err(DevError::file("make", directory))?;
    }
    let users = join_users().await?;
    let running = std::sync::Arc::new(Mutex::new(None));
    let watch = CancellationToken::new();
    let program = program(dockerd, log.clone());
    let ready = |limit| probe::until_ready("dockerd", limit, &log, || async { answering(&host).await.is_ok() });
    let deadline = Instant::now() + START_LIMIT;
    let description = loop {
        if let Some(lock) = try_lock()? {
            let owned = run(lock, &program, supervisor).await?;
            let failure = tokio::select! {
                biased;
                () = owned.child.ended_once() => Some("dockerd ended by itself".to_owned()),
                ready = ready(START_LIMIT) => ready.err().map(|error| error.to_string()),
            };
            if let Some(failure) = failure {
                owned.child.stop().await;
                // What is owned goes with its lock, so that another stack may try.
                return Ok(Found::None(cannot_start(&failure, &log)));
            }
            *running.lock().await = Some(owned);
            break "private";
        }
        // The stack that has the lock may find that it cannot start the engine, and give it back.
        match ready(LOOK).await {
            Ok(()) => break "private, shared with another stack",
            Err(error) if Instant::now() >= deadline => return Err(error),
            Err(_) => {}
        }
    };
    let client = answering(&host).await?;
    if running.lock().await.is_none() {
        supervisor.run_beside(take_over(running.clone(), watch.clone(), program, supervisor.clone()));
    }
    Ok(found(host, client, description, Some(Private { users, running, watch })))
}

fn cannot_start(failure: &str, log: &Path) -> String {
    let said = child::last_line(log).map_or_else(String::new, |line| format!(", saying: {line}"));
    format!(
        "{DEFAULT_SOCKET} does not answer, and a private engine cannot start here ({failure}{said}); log: {}",
        log.display()
    )
}

fn open_lock(name: &str) -> Result<File, DevError> {
    let path = Path::new(RUN).join(name);
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(DevError::file("open", &path))
}

/// Takes the lock of whoever runs the engine, `None` while another stack has it.
fn try_lock() -> Result<Option<Flock<File>>, DevError> {
    Ok(Flock::lock(open_lock("engine.lock")?, FlockArg::LockExclusiveNonblock).ok())
}

/// Counts this stack among the users of the engine. Waits for the moment another one may need to delete its data.
async fn join_users() -> Result<Flock<File>, DevError> {
    let deadline = Instant::now() + STOP.limit;
    loop {
        match Flock::lock(open_lock("users.lock")?, FlockArg::LockSharedNonblock) {
            Ok(users) => return Ok(users),
            Err(_) if Instant::now() < deadline => tokio::time::sleep(LOOK).await,
            Err((_, errno)) => {
                return Err(DevError::Refused(format!("the private Docker Engine is being deleted: {errno}")));
            }
        }
    }
}

/// Runs the engine under our lock, once the one of a killed stack has ended: two on the same data would ruin it.
async fn run(lock: Flock<File>, program: &Program, supervisor: &Supervisor) -> Result<Owned, DevError> {
    let pid_file = Path::new(RUN).join("dockerd.pid");
    let deadline = Instant::now() + STOP.limit;
    while let Some(pid) = leftover(&pid_file) {
        if Instant::now() > deadline {
            return Err(DevError::Refused(format!(
                "the private Docker Engine of a killed stack, pid {pid}, does not end"
            )));
        }
        tokio::time::sleep(LOOK).await;
    }
    // dockerd refuses to start while the process named by an old file lives, whatever that process is by now.
    for stale in [pid_file, Path::new(RUN).join("exec/containerd/containerd.pid")] {
        drop(fs::remove_file(stale));
    }
    // The engine's own file is /etc/docker/daemon.json, which is about the machine's engine.
    write_private(&Path::new(RUN).join("daemon.json"), b"{}\n")?;
    Ok(Owned { child: supervisor.supervise(program.clone(), STOP), _lock: lock })
}

/// The process of this file, if it lives and is the private engine and not one that got its number since.
fn leftover(pid_file: &Path) -> Option<u32> {
    let pid: u32 = fs::read_to_string(pid_file).ok()?.trim().parse().ok()?;
    let command = fs::read(Path::new("/proc").join(pid.to_string()).join("cmdline")).ok()?;
    String::from_utf8_lossy(&command).contains(&format!("--data-root={DATA}")).then_some(pid)
}

fn program(dockerd: PathBuf, log: PathBuf) -> Program {
    let run = Path::new(RUN);
    Program {
        name: "dockerd",
        executable: dockerd,
        arguments: vec![
            format!("--host=unix://{}", private_socket().display()).into(),
            format!("--data-root={DATA}").into(),
            format!("--exec-root={}", run.join("exec").display()).into(),
            format!("--pidfile={}", run.join("dockerd.pid").display()).into(),
            format!("--config-file={}", run.join("daemon.json").display()).into(),
            "--group=root".into(),
            "--userland-proxy=false".into(),
            "--shutdown-timeout=10".into(),
        ],
        environment: Vec::new(),
        account: None,
        death_signal: Signal::SIGTERM,
        log,
    }
}

/// Waits until the stack that runs the engine ends, then runs it.
async fn take_over(
    running: std::sync::Arc<Mutex<Option<Owned>>>,
    watch: CancellationToken,
    program: Program,
    supervisor: Supervisor,
) {
    loop {
        tokio::select! {
            () = watch.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
        let mut running = running.lock().await;
        if watch.is_cancelled() {
            return;
        }
        let lock = match try_lock() {
            Ok(None) => continue,
            Ok(Some(lock)) => lock,
            Err(error) => return supervisor.report(error),
        };
        match run(lock, &program, &supervisor).await {
            Ok(owned) => {
                terminal::note("the stack that ran Docker Engine ended: this one runs it now");
                *running = Some(owned);
                return;
            }
            Err(error) => return supervisor.report(error),
        }
    }
}

impl Engine {
    /// Stops the engine if it is private and this stack runs it.
    pub(super) async fn stop(&self) {
        let Some(private) = &self.private else { return };
        private.watch.cancel();
        if let Some(owned) = private.running.lock().await.take() {
            owned.child.stop().await;
        }
    }

    /// Whether the engine is the private one.
    pub(super) fn is_private(&self) -> bool {
        self.private.is_some()
    }

    /// Stops the private engine and deletes all it holds, if this process runs it and no other stack uses it; else
    /// only does what [`Self::stop`] does.
    pub(super) async fn stop_and_delete(&self) {
        let Some(private) = &self.private else { return };
        private.watch.cancel();
        // Its lock is kept until the data is gone.
        let Some(owned) = private.running.lock().await.take() else { return };
        owned.child.stop().await;
        if private.users.relock(FlockArg::LockExclusiveNonblock).is_ok() {
            delete_data();
        }
    }

    /// The address of this machine on the engine's default bridge, if this machine has it: with an engine elsewhere or
    /// inside a virtual machine it does not.
    ///
    /// # Errors
    /// When the engine does not tell.
    pub(super) async fn bridge(&self) -> Result<Option<Ipv4Addr>, DevError> {
        let network = self
            .client
            .inspect_network("bridge", None::<InspectNetworkOptions>)
            .await
            .map_err(|source| DevError::Docker { what: "inspect its default bridge", source })?;
        let configurations = network.ipam.and_then(|ipam| ipam.config).unwrap_or_default();
        let address = configurations
            .iter()
            .find_map(|one| bridge_address(one.gateway.as_deref(), one.subnet.as_deref()))
            .filter(|address| std::net::TcpListener::bind((*address, 0)).is_ok());
        Ok(address)
    }
}

/// Deletes the engine's data as far as that goes. The engine may have mounted the directory onto itself, and then it
/// cannot go; nothing that is left is in the way of a later start.
fn delete_data() {
    for entry in fs::read_dir(DATA).into_iter().flatten().flatten() {
        let path = entry.path();
        drop(if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) });
    }
    drop(fs::remove_dir(DATA));
}

/// The gateway if it is told, else the first address of the subnet, which is what the engine uses.
fn bridge_address(gateway: Option<&str>, subnet: Option<&str>) -> Option<Ipv4Addr> {
    let told = gateway.and_then(|text| text.split('/').next()?.parse().ok());
    told.or_else(|| subnet?.parse::<Ipv4Net>().ok()?.hosts().next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bridge_is_told_or_derived() {
        let address = Some(Ipv4Addr::new(172, 17, 0, 1));
        assert_eq!(bridge_address(Some("172.17.0.1"), Some("172.17.0.0/16")), address);
        assert_eq!(bridge_address(None, Some("172.17.0.0/16")), address);
        assert_eq!(bridge_address(None, Some("fd00::/64")), None);
        assert_eq!(bridge_address(None, None), None);
    }

    #[test]
    fn sockets_of_the_engine_fit() {
        let longest = Path::new(RUN).join("exec/containerd/containerd.sock.ttrpc");
        assert!(longest.as_os_str().len() < 107);
    }
}
