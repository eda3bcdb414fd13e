//! What a service manager such as systemd hears of the roles: on a datagram socket of its own, as sd_notify(3) has it.

use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::instance::{Instance, NO_STOCK};
use crate::support::stack::{Stack, gateway};
use crate::support::{PATIENCE, run, wait_for};

/// The service manager is promised to hear of the process within this time, in microseconds.
const WATCHDOG: &str = "1500000";

struct ServiceManager {
    socket: UnixDatagram,
    path: PathBuf,
}

impl ServiceManager {
    fn listen(path: PathBuf) -> Self {
        let socket = UnixDatagram::bind(&path).unwrap();
        Self { socket, path }
    }

    /// What came first of what was not read yet; `None` when nothing comes for so long.
    fn hear(&self, patience: Duration) -> Option<String> {
        self.socket.set_read_timeout(Some(patience)).unwrap();
        let mut text = [0; 512];
        let length = self.socket.recv(&mut text).ok()?;
        Some(String::from_utf8_lossy(&text[..length]).trim_end().to_owned())
    }

    /// Hears beats until something else comes, and gives how many there were before it.
    fn hear_until(&self, wanted: &str) -> usize {
        let since = Instant::now();
        let mut beats = 0;
        while since.elapsed() < PATIENCE {
            match self.hear(PATIENCE).as_deref() {
                Some("WATCHDOG=1") => beats += 1,
                other => {
                    assert_eq!(other, Some(wanted), "after {beats} beats");
                    return beats;
                }
            }
        }
        panic!("{wanted} did not come, after {beats} beats");
    }

    fn start(&self, stack: &Stack, verb: &str, settings: &[(&str, &str)], log: &Path) -> Role {
        let log = std::fs::File::create(log).unwrap();
        let mut command = gateway();
        command.arg(verb).env(NO_STOCK.0, NO_STOCK.1).envs(stack.environment());
        command.envs(settings.iter().copied()).env("NOTIFY_SOCKET", &self.path).env("WATCHDOG_USEC", WATCHDOG);
        Role(command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap())
    }

    /// Asks for the end, and hears of it before it comes, and how long it may take after so many seconds of going on.
    fn stop(&self, mut role: Role, delay: u32) {
        kill(Pid::from_raw(i32::try_from(role.0.id()).unwrap()), Signal::SIGTERM).unwrap();
        self.hear_until("STOPPING=1");
        assert!(role.0.try_wait().unwrap().is_none() || delay == 0, "it goes on for the delay");
        self.hear_until(&format!("EXTEND_TIMEOUT_USEC={}", (delay + 40) * 1_000_000));
        assert_eq!(role.0.wait().unwrap().code(), Some(0));
    }
}

/// A process; killed when dropped.
struct Role(Child);

impl Drop for Role {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> String {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string()
}

#[test]
fn the_service_manager_hears_when_a_role_is_ready_that_it_lives_and_that_it_ends() {
    run(async {
        // Docker has no part in it.
        let alone = [("GATEWAY_NETWORK_MODE", "none"), ("GATEWAY_DOCKER_HOST", "")];
        let instance = Instance::without_worker(&alone).await;
        let directory = tempfile::tempdir().unwrap();
        let (port, admin_port) = (free_port(), free_port());
        let settings = [
            ("GATEWAY_PORT", port.as_str()),
            ("GATEWAY_ADMIN_PORT", admin_port.as_str()),
            ("GATEWAY_STOP_DELAY_SECONDS", "2"),
        ];
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let ready = || http.get(format!("http://127.0.0.1:{admin_port}/ready")).send();

        // The hosts of the tenants cannot be read, so there is no service yet, whichever ports answer.
        let mut held = instance.stack.server("gateway").await;
        let lock = "BEGIN; LOCK TABLE gateway.tenant IN ACCESS EXCLUSIVE MODE";
        sqlx::raw_sql(lock).execute(&mut held).await.unwrap();
        let manager = ServiceManager::listen(directory.path().join("serve"));
        let serve = manager.start(&instance.stack, "serve", &settings, &directory.path().join("serve.log"));
        wait_for("the admin port to answer", PATIENCE, || async {
            ready().await.map_err(|error| error.to_string()).map(|answer| assert_eq!(answer.status(), 503))
        })
        .await;
        manager.socket.set_nonblocking(true).unwrap();
        while let Some(said) = manager.hear(Duration::from_millis(1)) {
            assert_eq!(said, "WATCHDOG=1", "before it is ready");
        }
        manager.socket.set_nonblocking(false).unwrap();
        sqlx::raw_sql("ROLLBACK").execute(&mut held).await.unwrap();
        manager.hear_until("READY=1");
        assert_eq!(ready().await.unwrap().status(), 200, "the first call after READY=1");

        // Each beat comes within the time that was promised.
        let promised = Duration::from_micros(WATCHDOG.parse().unwrap());
        for beat in 0..3 {
            assert_eq!(manager.hear(promised).as_deref(), Some("WATCHDOG=1"), "beat {beat}");
        }
        manager.stop(serve, 2);

        let manager = ServiceManager::listen(directory.path().join("worker"));
        let log = directory.path().join("worker.log");
        let worker = manager.start(&instance.stack, "worker", &[], &log);
        manager.hear_until("READY=1");
        assert_eq!(manager.hear(promised).as_deref(), Some("WATCHDOG=1"), "beat of the worker");
        manager.stop(worker, 0);
        crate::support::worker::assert_calm(&log, &[]);
    });
}

#[test]
fn a_role_that_cannot_start_is_never_ready() {
    run(async {
        let stack = Stack::shared().await;
        let url = stack.text("database_url");
        let empty = format!("{}/postgres", url.rsplit_once('/').unwrap().0);
        let directory = tempfile::tempdir().unwrap();
        for verb in ["serve", "worker"] {
            let manager = ServiceManager::listen(directory.path().join(verb));
            let settings = [("GATEWAY_DATABASE_URL", empty.as_str())];
            let mut role = manager.start(&stack, verb, &settings, &directory.path().join("log"));
            assert_eq!(role.0.wait().unwrap().code(), Some(10), "{verb} on a control database that is not migrated");
            manager.socket.set_nonblocking(true).unwrap();
            assert_eq!(manager.hear(PATIENCE), None, "{verb}");
        }
    });
}
