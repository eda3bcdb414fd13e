//! What a network costs on an engine that has many: the making of one, and the start of the engine again. Once with Docker's
//! own rules for each network, once with the one table of the gateway. Each engine runs in a network namespace of its own.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use gateway::domain::ids::{Fence, InstallationId, TenantId};
use gateway::domain::key::TenantKey;
use gateway::domain::lease::Lease;
use gateway::infra::engine::Engine;
use gateway::infra::networks::MadeNetwork;
use ipnet::Ipv4Net;
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use uuid::Uuid;

use crate::stack::{Stack, percentile};

const FLEETS: [u32; 3] = [100, 300, 1_000];
/// Networks whose making is measured before each count is reached.
const SAMPLE: u32 = 20;
/// Longest time for all networks of one engine; what is not reached by then is left out.
const MAKING: Duration = Duration::from_secs(420);
/// Longest wait for an engine to answer.
const START: Duration = Duration::from_secs(180);

pub(crate) async fn measure(stack: &Stack) {
    // Short, as a socket's path is limited to 107 bytes.
    let parent = PathBuf::from(format!("/tmp/gateway-bench-{}", std::process::id()));
    let fleets = fleets();
    println!("the making of a network, median of {SAMPLE} and slowest, and a start of the engine");
    println!("| kept apart by | networks | p50, ms | slowest, ms | start, s |\n|---|---|---|---|---|");
    for (way, walled) in [("nftables", true), ("engine", false)] {
        let (directory, fleets) = (parent.join(way), fleets.clone());
        std::fs::create_dir_all(&directory).unwrap();
        // A thread of its own: what it starts is in the same namespace, and nothing else of this program is.
        let thread = std::thread::spawn(move || {
            unshare(CloneFlags::CLONE_NEWNET).unwrap();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(grow(&directory, way, walled, &fleets));
        });
        tokio::task::spawn_blocking(move || thread.join().unwrap()).await.unwrap();
    }
    std::fs::remove_dir_all(&parent).unwrap();
    // The stack has no part in this.
    let _ = stack;
}

/// Counts of networks, fewer where somebody only wants to see that it works.
fn fleets() -> Vec<u32> {
    #[expect(clippy::disallowed_methods, reason = "chosen by who measures")]
    let chosen = std::env::var("GATEWAY_BENCH_NETWORKS").unwrap_or_default();
    let chosen: Vec<u32> = chosen.split(',').filter_map(|text| text.parse().ok()).collect();
    if chosen.is_empty() { FLEETS.to_vec() } else { chosen }
}

async fn grow(directory: &Path, way: &str, walled: bool, fleets: &[u32]) {
    let mut daemon = Daemon::start(directory, walled);
    let engine = Engine::new(&daemon.host(), InstallationId::from_uuid(Uuid::from_u128(1)));
    let engine = if walled { engine.behind_walls() } else { engine };
    daemon.answers(&engine).await;
    let began = Instant::now();
    let mut made = 0;
    for fleet in fleets {
        let mut latencies = Vec::new();
        while made < *fleet && began.elapsed() < MAKING {
            let took = make(&engine, made).await;
            made += 1;
            if made + SAMPLE > *fleet {
                latencies.push(took.as_secs_f64() * 1000.0);
            }
        }
        if made < *fleet {
            println!("| {way} | {fleet} | not reached: {made} in {} s | | |", MAKING.as_secs());
            return;
        }
        let slowest = latencies.iter().copied().fold(0.0, f64::max);
        let restart = daemon.restart(&engine).await;
        let told = restart.map_or_else(|| format!("more than {}", START.as_secs()), |took| format!("{took:.1}"));
        println!("| {way} | {fleet} | {:.1} | {slowest:.1} | {told} |", percentile(&mut latencies, 0.5));
        if restart.is_none() {
            return;
        }
    }
}

/// What the step does: the network, and what keeps it apart.
async fn make(engine: &Engine, number: u32) -> Duration {
    let tenant = TenantId::from_uuid(Uuid::from_u128(u128::from(number) + 1));
    let lease = Lease::new(tenant, Fence::from_i64(1), Instant::now(), Duration::from_secs(600));
    let subnet = Ipv4Net::new(Ipv4Addr::from(0x0a58_0000 + number * 16), 28).unwrap();
    let key = TenantKey::parse("bench").unwrap();
    let began = Instant::now();
    let made = engine.create_network(&lease, &key, subnet).await.unwrap();
    engine.raise_walls(&[subnet]).await.unwrap();
    assert!(matches!(made, MadeNetwork::Made(_)), "{made:?}");
    began.elapsed()
}

/// A Docker Engine; it ends when this is dropped.
struct Daemon {
    directory: PathBuf,
    walled: bool,
    process: Child,
}

impl Daemon {
    fn start(directory: &Path, walled: bool) -> Self {
        Self { directory: directory.to_owned(), walled, process: spawn(directory, walled) }
    }

    fn host(&self) -> String {
        format!("unix://{}/s", self.directory.display())
    }

    /// Waits until it answers, which it does once it knows its networks again; whether it did in time.
    async fn answers(&self, engine: &Engine) -> bool {
        let began = Instant::now();
        while engine.ping().await.is_err() {
            if began.elapsed() > START {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        true
    }

    /// Seconds from the start to the first answer.
    async fn restart(&mut self, engine: &Engine) -> Option<f64> {
        self.end();
        let began = Instant::now();
        self.process = spawn(&self.directory, self.walled);
        self.answers(engine).await.then(|| began.elapsed().as_secs_f64())
    }

    fn end(&mut self) {
        let number = Pid::from_raw(i32::try_from(self.process.id()).unwrap());
        kill(number, Signal::SIGTERM).unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // One that is still busy with its rules takes no notice of a friendly word.
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = Command::new("umount").arg("--lazy").arg(self.directory.join("data")).output();
    }
}

fn spawn(directory: &Path, walled: bool) -> Child {
    let file = |name: &str| directory.join(name).display().to_string();
    for stale in ["pid", "exec/containerd/containerd.pid"] {
        let _ = std::fs::remove_file(directory.join(stale));
    }
    std::fs::write(directory.join("daemon.json"), "{}").unwrap();
    let log = std::fs::OpenOptions::new().create(true).append(true).open(directory.join("log")).unwrap();
    let mut command = Command::new("dockerd");
    command
        .arg(format!("--host=unix://{}", file("s")))
        .arg(format!("--data-root={}", file("data")))
        .arg(format!("--exec-root={}", file("exec")))
        .arg(format!("--pidfile={}", file("pid")))
        .arg(format!("--config-file={}", file("daemon.json")))
        .arg(format!("--iptables={}", !walled))
        .args(["--bridge=none", "--group=root", "--userland-proxy=false", "--ip6tables=false", "--shutdown-timeout=5"]);
    command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap()
}
