//! A stack of a test's own, for tests that kill workers or break parts: `gateway dev` in a fresh data directory, on the
//! Docker Engine of the shared stack unless another is named.

use std::path::PathBuf;
use std::process::{Child, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;

use super::login::ease_login;
use super::stack::{Stack, gateway};
use super::{PATIENCE, wait_for};

/// Suites that break the engine say what they have to do with the stock of databases: nothing is made beforehand, unless a
/// test asks for it.
pub(crate) const NO_STOCK: (&str, &str) = ("GATEWAY_TENANT_DATABASE_COPIES", "never");

/// A private stack; it stops and its data goes when this is dropped.
#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) stack: Stack,
    /// Settings of the stack's gateway, for workers started by hand.
    pub(crate) environment: Vec<(String, String)>,
    #[expect(dead_code, reason = "ends the stack when dropped, before the directory goes")]
    guard: Guard,
    #[expect(dead_code, reason = "kept so that the directory lives as long as the stack")]
    directory: TempDir,
}

/// A running `gateway dev`; stopped and reset when dropped, so that nothing of it stays on the engine or elsewhere.
#[derive(Debug)]
struct Guard {
    process: Child,
    data_dir: PathBuf,
}

/// Ports of tests that run at the same time must differ; nextest numbers the slots tests run in.
pub(crate) fn port_offset() -> u16 {
    #[expect(clippy::disallowed_methods, reason = "set by the test runner")]
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u16>().ok()).unwrap_or(0);
    number("GATEWAY_TEST_PORT_BASE") + 1000 + number("NEXTEST_TEST_GLOBAL_SLOT") * 200
}

/// A directory that goes with the test and that an unprivileged PostgreSQL can reach: in memory where `.ci/test` found room.
pub(crate) fn data_directory() -> TempDir {
    let parent = std::env::var_os("GATEWAY_TEST_DIR").unwrap_or_else(|| env!("CARGO_TARGET_TMPDIR").into());
    tempfile::Builder::new().prefix("i").tempdir_in(parent).unwrap()
}

impl Instance {
    /// Starts a stack without a worker.
    pub(crate) async fn without_worker(settings: &[(&str, &str)]) -> Self {
        Self::start(&["--without-worker"], settings).await
    }

    /// Starts a stack and waits until it is ready.
    pub(crate) async fn start(arguments: &[&str], settings: &[(&str, &str)]) -> Self {
        let is_engine_named = settings.iter().any(|(name, _)| *name == "GATEWAY_DOCKER_HOST");
        let shared = if is_engine_named { None } else { Some(Stack::shared().await.text("docker_host")) };
        let directory = data_directory();
        let data_dir = directory.path().join("data");
        let log = std::fs::File::create(directory.path().join("log")).unwrap();
        let mut command = gateway();
        command.args(["dev", "--port-offset", &port_offset().to_string(), "--data-dir"]).arg(&data_dir).args(arguments);
        command.envs(shared.map(|host| ("GATEWAY_DOCKER_HOST", host))).env("GATEWAY_DELETE_GRACE_SECONDS", "0");
        command.env(NO_STOCK.0, NO_STOCK.1);
        command.envs(settings.iter().copied());
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        // From here on the child ends with the guard, also when the test gives up.
        let mut guard = Guard { process: command.spawn().unwrap(), data_dir: data_dir.clone() };
        wait_for("the stack to be ready", PATIENCE, || {
            let ended = guard.process.try_wait().unwrap();
            let log = directory.path().join("log");
            assert!(ended.is_none(), "gateway dev ended: {}", std::fs::read_to_string(log).unwrap());
            // The file that `gateway dev status` goes by. To start that program again and again would take half of a processor
            // from the stack that is waited for.
            let told = std::fs::read(data_dir.join("run/instance.json")).unwrap_or_default();
            let phase = serde_json::from_slice::<Value>(&told).map_or(Value::Null, |mut told| told["phase"].take());
            async move { if phase == "ready" { Ok(()) } else { Err(phase.to_string()) } }
        })
        .await;
        assert_eq!(Stack::status_of(&data_dir)["state"], "ready");
        let stack = Stack::at(&data_dir).await;
        let (role, password) = stack.administrator();
        ease_login(&mut stack.control.acquire().await.unwrap(), &role, &password).await;
        // Tests end processes, never the machine: what the kernel has was not lost. A slow disk would be measured else.
        for sql in ["ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()"] {
            sqlx::raw_sql(sql).execute(&stack.control).await.unwrap();
        }
        Self { environment: stack.environment(), stack, guard, directory }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let pid = Pid::from_raw(i32::try_from(self.process.id()).unwrap());
        let _ = kill(pid, Signal::SIGTERM);
        let _ = self.process.wait();
        let _ = gateway().args(["dev", "reset", "--yes", "--data-dir"]).arg(&self.data_dir).output();
    }
}
