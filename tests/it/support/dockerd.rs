//! A Docker Engine of a test's own, so that it can be killed without anybody else noticing.
//!
//! Two engines on one machine fight over iptables and over `docker0`. This one writes no rule and gets a bridge made for
//! it; containers are reached through their bridges, which needs neither.

use std::io::{Read, Write};
use std::net::Ipv4Addr;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use super::PATIENCE;
use super::namespace::ip;

/// A running engine; it ends and its data goes when this is dropped. Only root can start one.
#[derive(Debug)]
pub(crate) struct Dockerd {
    // Its sockets' paths are limited to 107 bytes, so it does not live in the build's directory.
    directory: TempDir,
    process: Option<Child>,
    bridge: Bridge,
}

/// A bridge of this machine for containers without a network of their own, as `docker0` is.
#[derive(Debug)]
struct Bridge(String);

impl Bridge {
    fn new(name: String, address: Ipv4Addr) -> Self {
        ip(&["link", "add", &name, "type", "bridge"]);
        let bridge = Self(name);
        ip(&["address", "add", &format!("{address}/24"), "dev", &bridge.0]);
        ip(&["link", "set", &bridge.0, "up"]);
        bridge
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        let _ = Command::new("ip").args(["link", "delete", &self.0]).output();
    }
}

impl Dockerd {
    /// Starts an engine and waits until it answers.
    pub(crate) fn start() -> Self {
        let number: u8 = rand::random();
        let directory = tempfile::Builder::new().prefix("gateway-test-").tempdir_in("/tmp").unwrap();
        let bridge = Bridge::new(format!("gwtest{number}"), Ipv4Addr::new(10, 30, number, 1));
        std::fs::write(directory.path().join("daemon.json"), "{}").unwrap();
        let mut engine = Self { directory, process: None, bridge };
        engine.run();
        engine.wait();
        engine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// In the form of `GATEWAY_DOCKER_HOST`.
    pub(crate) fn host(&self) -> String {
        format!("unix://{}", self.path("s").display())
    }

    fn run(&mut self) {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.path("log")).unwrap();
        let file = |name: &str| self.path(name).display().to_string();
        let mut command = Command::new("dockerd");
        command
            .arg(format!("--host={}", self.host()))
            .arg(format!("--data-root={}", file("data")))
            .arg(format!("--exec-root={}", file("exec")))
            .arg(format!("--pidfile={}", file("pid")))
            .arg(format!("--config-file={}", file("daemon.json")))
            .arg(format!("--bridge={}", self.bridge.0))
            .args(["--group=root", "--userland-proxy=false", "--iptables=false", "--ip6tables=false"])
            .args(["--ip-masq=false", "--shutdown-timeout=5"]);
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        // A killed engine leaves its files behind, and does not start while any process has the number in one of them. Its
        // containerd ends with it.
        for stale in ["pid", "exec/containerd/containerd.pid"] {
            let _ = std::fs::remove_file(self.path(stale));
        }
        self.process = Some(command.spawn().unwrap());
    }

    /// Waits until it answers, which it does once it knows its containers again.
    fn wait(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        while self.ask().is_err() {
            let ended = self.process.as_mut().and_then(|process| process.try_wait().unwrap());
            let log = || std::fs::read_to_string(self.path("log")).unwrap_or_default();
            assert!(ended.is_none() && Instant::now() < deadline, "dockerd does not answer: {ended:?} {}", log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn ask(&self) -> std::io::Result<()> {
        let mut stream = UnixStream::connect(self.path("s"))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(b"GET /_ping HTTP/1.0\r\n\r\n")?;
        stream.read_exact(&mut [0; 12])
    }

    fn signal(&self, signal: Signal) {
        let Some(process) = &self.process else { return };
        // It may have ended by itself.
        let _ = kill(Pid::from_raw(i32::try_from(process.id()).unwrap()), signal);
    }

    /// `kill -9`. Containers go on; their engine is away until the value is dropped.
    pub(crate) fn kill(&mut self) -> Down<'_> {
        self.signal(Signal::SIGKILL);
        self.process.take().unwrap().wait().unwrap();
        let _ = std::fs::remove_file(self.path("s"));
        Down(self)
    }
}

/// A killed engine; it runs again when this is dropped.
#[derive(Debug)]
pub(crate) struct Down<'a>(&'a mut Dockerd);

impl Drop for Down<'_> {
    fn drop(&mut self) {
        self.0.run();
        self.0.wait();
    }
}

impl Drop for Dockerd {
    fn drop(&mut self) {
        self.signal(Signal::SIGTERM);
        if let Some(mut process) = self.process.take() {
            let _ = process.wait();
        }
        // It has mounted its data onto itself, which would keep the directory.
        let _ = Command::new("umount").arg("--lazy").arg(self.path("data")).output();
    }
}
