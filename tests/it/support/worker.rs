//! Workers as processes: started by hand, frozen, killed, asked to end, and their logs read.

use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use super::instance::{Instance, NO_STOCK};
use super::stack::gateway;
use super::{PATIENCE, wait_for};

/// A worker process; killed when dropped.
#[derive(Debug)]
pub(crate) struct Worker {
    process: Child,
    pub(crate) log: PathBuf,
}

/// Where a worker stalls: a file says that it does, another lets it go on.
#[derive(Clone, Debug)]
pub(crate) struct Stall {
    /// `kind:step:point`.
    pub(crate) place: String,
    marker: PathBuf,
    resume: PathBuf,
}

impl Stall {
    /// A place to stall at, with files of its own below `directory`.
    pub(crate) fn at(directory: &Path, place: impl Into<String>) -> Self {
        let stem = format!("stall-{:08x}", rand::random::<u32>());
        let file = |ending| directory.join(format!("{stem}.{ending}"));
        Self { place: place.into(), marker: file("hit"), resume: file("resume") }
    }

    /// Settings for the worker that is to stall.
    pub(crate) fn settings(&self) -> [(&str, &str); 3] {
        [
            ("GATEWAY_FAILPOINT", &self.place),
            ("GATEWAY_FAILPOINT_FILE", self.marker.to_str().unwrap()),
            ("GATEWAY_FAILPOINT_RESUME", self.resume.to_str().unwrap()),
        ]
    }

    /// Waits until the worker stalls there. A fault that never fired fails the test.
    pub(crate) async fn reached(&self, worker: &Worker) {
        wait_for(&format!("the worker to reach {}", self.place), PATIENCE, || async {
            if self.marker.exists() { Ok(()) } else { Err(worker.text()) }
        })
        .await;
    }

    /// Lets it go on.
    pub(crate) fn resume(&self) {
        std::fs::write(&self.resume, "").unwrap();
    }
}

impl Instance {
    /// Starts a worker by hand with the stack's environment.
    pub(crate) fn worker(&self, settings: &[(&str, &str)]) -> Worker {
        let log = self.stack.data_dir.join(format!("worker-{:08x}.log", rand::random::<u32>()));
        let file = std::fs::File::create(&log).unwrap();
        let mut command = gateway();
        command
            .arg("worker")
            .env(NO_STOCK.0, NO_STOCK.1)
            .envs(self.environment.iter().cloned())
            .envs(settings.iter().copied());
        command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file);
        Worker { process: command.spawn().unwrap(), log }
    }
}

impl Worker {
    pub(crate) fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.process.id()).unwrap())
    }

    fn signal(&self, signal: Signal) {
        kill(self.pid(), signal).unwrap();
    }

    /// `kill -9`, and waits until it is gone.
    pub(crate) fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// SIGTERM, and its exit code.
    pub(crate) fn stop(mut self) -> Option<i32> {
        self.signal(Signal::SIGTERM);
        self.process.wait().unwrap().code()
    }

    /// SIGTERM without waiting.
    pub(crate) fn terminate(&self) {
        self.signal(Signal::SIGTERM);
    }

    /// SIGSTOP: it keeps its connections and does nothing.
    pub(crate) fn freeze(&self) {
        self.signal(Signal::SIGSTOP);
    }

    /// SIGCONT.
    pub(crate) fn thaw(&self) {
        self.signal(Signal::SIGCONT);
    }

    /// Waits for its end and gives how and after which time.
    pub(crate) async fn ended(mut self, patience: Duration) -> (ExitStatus, Duration) {
        let since = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                return (status, since.elapsed());
            }
            assert!(since.elapsed() < patience, "the worker did not end in {patience:?}: {}", self.text());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Everything it said.
    pub(crate) fn text(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits until it looks for work.
    pub(crate) async fn until_started(&self) {
        self.until_said(&["worker started"]).await;
    }

    /// Waits until its log holds one of these texts.
    pub(crate) async fn until_said(&self, texts: &[&str]) {
        wait_for(&format!("the worker to say one of {texts:?}"), PATIENCE, || async {
            let said = self.text();
            if texts.iter().any(|text| said.contains(text)) { Ok(()) } else { Err(said) }
        })
        .await;
    }

    /// Asserts that it logged no error but those whose code is expected, and no panic.
    pub(crate) fn assert_calm(&self, expected: &[&str]) {
        assert_calm(&self.log, expected);
    }

    /// Resident memory in KiB and open files.
    pub(crate) fn size(&self) -> (u64, usize) {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        let memory = line.trim().trim_end_matches(" kB").parse().unwrap();
        (memory, std::fs::read_dir(format!("/proc/{}/fd", self.pid())).unwrap().count())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Asserts that a log holds no error but those whose code is expected, and no panic.
pub(crate) fn assert_calm(log: &Path, expected: &[&str]) {
    let text = std::fs::read_to_string(log).unwrap();
    let bad: Vec<&str> = text.lines().filter(|line| is_bad(line, expected)).collect();
    assert!(bad.is_empty(), "{} holds unexpected errors:\n{}", log.display(), bad.join("\n"));
}

fn is_bad(line: &str, expected: &[&str]) -> bool {
    if line.contains("panicked at") {
        return true;
    }
    let Ok(said) = serde_json::from_str::<Value>(line) else { return false };
    let code = said["code"].as_str().unwrap_or_default();
    said["level"] == "ERROR" && !expected.contains(&code)
}

#[test]
fn unexpected_errors_and_panics_are_found_in_a_log() {
    let failed = r#"{"level":"ERROR","code":"image_missing","message":"step failed"}"#;
    assert!(is_bad(failed, &[]) && !is_bad(failed, &["image_missing"]));
    assert!(is_bad("thread 'main' panicked at a.rs:1:1", &["image_missing"]));
    assert!(!is_bad(r#"{"level":"WARN","code":"x"}"#, &[]) && !is_bad("plain text", &[]));
}
