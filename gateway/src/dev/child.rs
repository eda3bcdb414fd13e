//! Supervision: a child that ends by itself is started again, until it does so too often.

use std::collections::VecDeque;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::process::Child;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::dev::error::DevError;
use crate::dev::spawn::{Program, Spawner};
use crate::dev::terminal;

/// So many ends within [`WINDOW`] are too many.
const TOO_OFTEN: usize = 5;
const WINDOW: Duration = Duration::from_secs(60);
/// Wait before the first new start; doubles with each.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// Lines of a log shown when its child is given up.
const TAIL_LINES: usize = 20;

/// How a child is asked to end.
#[derive(Clone, Copy, Debug)]
pub(super) struct StopManner {
    /// Sent to its process group.
    pub signal: Signal,
    /// Killed after this time.
    pub limit: Duration,
}

/// Supervises children and hears of those given up.
#[derive(Clone, Debug)]
pub(super) struct Supervisor {
    spawner: Spawner,
    tasks: TaskTracker,
    failures: mpsc::UnboundedSender<DevError>,
}

/// A supervised child.
#[derive(Debug)]
pub(super) struct Supervised {
    name: &'static str,
    stop: CancellationToken,
    ended: CancellationToken,
    first_end: CancellationToken,
}

impl Supervisor {
    /// Makes a supervisor and the channel on which it tells of children it gave up.
    #[must_use]
    pub(super) fn new(spawner: Spawner) -> (Self, mpsc::UnboundedReceiver<DevError>) {
        let (failures, heard) = mpsc::unbounded_channel();
        (Self { spawner, tasks: TaskTracker::new(), failures }, heard)
    }

    /// The thread that starts children.
    #[must_use]
    pub(super) fn spawner(&self) -> &Spawner {
        &self.spawner
    }

    /// Starts a child and keeps it running until [`Supervised::stop`].
    #[must_use]
    pub(super) fn supervise(&self, program: Program, manner: StopManner) -> Supervised {
        let supervised = Supervised {
            name: program.name,
            stop: CancellationToken::new(),
            ended: CancellationToken::new(),
            first_end: CancellationToken::new(),
        };
        let (stop, ended) = (supervised.stop.clone(), supervised.ended.clone());
        let first_end = supervised.first_end.clone();
        let (spawner, failures) = (self.spawner.clone(), self.failures.clone());
        self.tasks.spawn(async move {
            // Dropped at the end of the task whichever way that comes.
            let _ended = ended.drop_guard();
            if let Err(error) = keep_running(&spawner, &program, manner, &stop, first_end).await {
                // Nobody hears it only while the process ends.
                drop(failures.send(error));
            }
        });
        supervised
    }

    /// Runs a task of this layer beside the children.
    pub(super) fn run_beside(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(task);
    }

    /// Waits until all children and tasks have ended, at most for `limit`.
    pub(super) async fn finish(&self, limit: Duration) {
        self.tasks.close();
        // What is still there then gets its signal when this process ends.
        drop(tokio::time::timeout(limit, self.tasks.wait()).await);
    }

    /// Tells of a failure as if a child had been given up.
    pub(super) fn report(&self, failure: DevError) {
        drop(self.failures.send(failure));
    }
}

impl Supervised {
    /// Asks the child to end and waits for it.
    pub(super) async fn stop(&self) {
        let since = Instant::now();
        self.stop.cancel();
        self.ended.cancelled().await;
        terminal::note(format_args!("  {:<12} stopped ({} ms)", self.name, since.elapsed().as_millis()));
    }

    /// Waits until the child has ended by itself for the first time, or could not be started at all. Whoever can do
    /// without it stops it then: before [`FIRST_PAUSE`] is over it is neither started again nor given up.
    pub(super) async fn ended_once(&self) {
        tokio::select! {
            () = self.first_end.cancelled() => {}
            () = self.ended.cancelled() => {}
        }
    }
}

impl Drop for Supervised {
    /// A child nobody holds any more is asked to end, without waiting for it.
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn keep_running(
    spawner: &Spawner,
    program: &Program,
    manner: StopManner,
    stop: &CancellationToken,
    first_end: CancellationToken,
) -> Result<(), DevError> {
    let mut ends: VecDeque<Instant> = VecDeque::new();
    loop {
        let mut child =
            spawner.spawn(program).await.map_err(|source| DevError::Spawn { name: program.name, source })?;
        let status = tokio::select! {
            () = stop.cancelled() => {
                end(&mut child, manner).await;
                return Ok(());
            }
            status = child.wait() => status.map_or_else(|error| error.to_string(), |status| status.to_string()),
        };
        first_end.cancel();
        let now = Instant::now();
        ends.push_back(now);
        while ends.front().is_some_and(|end| now.duration_since(*end) > WINDOW) {
            ends.pop_front();
        }
        if ends.len() >= TOO_OFTEN {
            let (times, log) = (ends.len(), program.log.clone());
            return Err(DevError::GaveUp { name: program.name, times, status, tail: tail(&log), log });
        }
        let pause = FIRST_PAUSE * 2_u32.saturating_pow(u32::try_from(ends.len() - 1).unwrap_or(0));
        terminal::note(format_args!(
            "{} ended by itself ({status}), starting it again in {} ms; log: {}",
            program.name,
            pause.as_millis(),
            program.log.display()
        ));
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Signals the child's process group and waits; kills the group when the limit is over.
async fn end(child: &mut Child, manner: StopManner) {
    let Some(group) = child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw) else { return };
    // A group that is gone already cannot be signalled, and that is what we want.
    let _ = killpg(group, manner.signal);
    if tokio::time::timeout(manner.limit, child.wait()).await.is_err() {
        let _ = killpg(group, Signal::SIGKILL);
        drop(child.wait().await);
    }
}

/// The last line of a log that says something.
#[must_use]
pub(super) fn last_line(log: &Path) -> Option<String> {
    tail(log).lines().rev().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned)
}

/// The last lines of a log.
#[must_use]
pub(super) fn tail(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines.get(lines.len().saturating_sub(TAIL_LINES)..).unwrap_or_default().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dev::spawn::find_on_path;

    fn program(directory: &Path, script: &str) -> Program {
        Program {
            name: "script",
            executable: find_on_path("sh").unwrap(),
            arguments: vec!["-c".into(), script.into()],
            environment: Vec::new(),
            account: None,
            death_signal: Signal::SIGKILL,
            log: directory.join("script.log"),
        }
    }

    const MANNER: StopManner = StopManner { signal: Signal::SIGTERM, limit: Duration::from_secs(10) };

    #[tokio::test]
    async fn a_child_that_keeps_ending_is_given_up_with_its_last_lines() {
        let directory = tempfile::tempdir().unwrap();
        let (supervisor, mut failures) = Supervisor::new(Spawner::start().unwrap());
        let child = supervisor.supervise(program(directory.path(), "echo no such luck; exit 7"), MANNER);
        let failure = tokio::time::timeout(Duration::from_secs(30), failures.recv()).await.unwrap().unwrap();
        let text = failure.to_string();
        assert!(text.contains("script ended 5 times"), "{text}");
        assert!(text.contains("exit status: 7") && text.contains("no such luck"), "{text}");
        child.stop().await;
    }

    #[tokio::test]
    async fn a_child_one_can_do_without_is_not_given_up() {
        let directory = tempfile::tempdir().unwrap();
        let (supervisor, mut failures) = Supervisor::new(Spawner::start().unwrap());
        let program = program(directory.path(), "echo no such luck; echo; exit 7");
        let log = program.log.clone();
        let child = supervisor.supervise(program, MANNER);
        tokio::time::timeout(Duration::from_secs(20), child.ended_once()).await.unwrap();
        tokio::time::timeout(Duration::from_secs(20), child.stop()).await.unwrap();
        assert!(failures.try_recv().is_err());
        assert_eq!(last_line(&log).as_deref(), Some("no such luck"));
    }

    #[tokio::test]
    async fn a_child_and_its_own_children_end_when_asked() {
        let directory = tempfile::tempdir().unwrap();
        let (supervisor, _failures) = Supervisor::new(Spawner::start().unwrap());
        let mark = directory.path().join("started");
        let script = format!("sleep 600 & touch {}; wait", mark.display());
        let child = supervisor.supervise(program(directory.path(), &script), MANNER);
        let deadline = Instant::now() + Duration::from_secs(20);
        while !mark.exists() {
            assert!(Instant::now() < deadline, "the child did not start");
            tokio::task::yield_now().await;
        }
        tokio::time::timeout(Duration::from_secs(9), child.stop()).await.unwrap();
    }

    #[test]
    fn the_tail_is_the_end() {
        let directory = tempfile::tempdir().unwrap();
        let log = directory.path().join("a.log");
        assert_eq!(tail(&log), "");
        let lines: Vec<String> = (1..=30).map(|number| number.to_string()).collect();
        std::fs::write(&log, lines.join("\n")).unwrap();
        assert_eq!(tail(&log).lines().next(), Some("11"));
        assert_eq!(tail(&log).lines().count(), 20);
    }
}
