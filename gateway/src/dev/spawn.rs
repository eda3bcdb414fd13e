//! Starts children from one thread that lives as long as the process.
//!
//! A child asks the kernel for a signal at the death of its parent, so that nothing outlives a killed `gateway dev`.
//! Linux sends that signal when the *thread* that started the child ends; threads of the async runtime come and go.
//! `setpriv` of util-linux asks for the signal and gives up root, in the order that keeps both.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use nix::sys::signal::Signal;
use tokio::process::{Child, Command};
use tokio::sync::oneshot;

use crate::dev::account::Account;
use crate::dev::layout::open_log;

/// What to run, and how it is told to end.
#[derive(Clone, Debug)]
pub(super) struct Program {
    /// For messages and the name of the log.
    pub name: &'static str,
    /// The executable.
    pub executable: PathBuf,
    /// Never holds a secret: everybody can read it.
    pub arguments: Vec<OsString>,
    /// The whole environment besides `PATH`, `HOME` and the locale.
    pub environment: Vec<(String, String)>,
    /// Whom to run as; `None` is ourselves.
    pub account: Option<Account>,
    /// Sent by the kernel when we die.
    pub death_signal: Signal,
    /// Its log.
    pub log: PathBuf,
}

impl Program {
    fn command(&self) -> io::Result<Command> {
        let log = open_log(&self.log).map_err(io::Error::other)?;
        let mut command = Command::new("setpriv");
        let signal = self.death_signal.as_str();
        command.arg("--pdeathsig").arg(signal.strip_prefix("SIG").unwrap_or(signal));
        if let Some(account) = &self.account {
            command.arg("--reuid").arg(account.uid.to_string());
            command.arg("--regid").arg(account.gid.to_string());
            command.arg("--clear-groups");
        }
        command
            .arg("--")
            .arg(&self.executable)
            .args(&self.arguments)
            // Variables such as PGDATA or TRAEFIK_LOG would change what the children do.
            .env_clear()
            .env("PATH", search_path())
            .env("HOME", "/")
            .env("LANG", "C.UTF-8")
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            // Ctrl-C on the terminal must not reach a child before we decide the order of stopping.
            .process_group(0);
        Ok(command)
    }
}

/// `PATH` of this process, with the directories of system programs that a plain user's lacks.
#[must_use]
pub(super) fn search_path() -> OsString {
    let mut path = std::env::var_os("PATH").unwrap_or_default();
    path.push(":/usr/sbin:/sbin:/usr/bin:/bin");
    path
}

/// The first executable of this name on the search path.
#[must_use]
pub(super) fn find_on_path(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&search_path()).map(|directory| directory.join(name)).find(|file| is_executable(file))
}

/// Whether this is a file that may be executed.
#[must_use]
pub(super) fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

struct Job {
    program: Program,
    answer: oneshot::Sender<io::Result<Child>>,
}

/// The thread that starts children. Cheap to clone; the thread stays as long as a clone does.
#[derive(Clone, Debug)]
pub(super) struct Spawner {
    jobs: std::sync::mpsc::Sender<Job>,
}

impl Spawner {
    /// Starts the thread. Call it inside the async runtime.
    ///
    /// # Errors
    /// When no thread can be made.
    pub(super) fn start() -> io::Result<Self> {
        let (jobs, todo) = std::sync::mpsc::channel::<Job>();
        let runtime = tokio::runtime::Handle::current();
        std::thread::Builder::new().name("children".into()).spawn(move || {
            let _inside = runtime.enter();
            for job in todo {
                let started = job.program.command().and_then(|mut command| command.spawn());
                // Nobody waits for the answer only while the process ends.
                drop(job.answer.send(started));
            }
        })?;
        Ok(Self { jobs })
    }

    /// Starts a child.
    ///
    /// # Errors
    /// When its log cannot be opened or `setpriv` cannot be run.
    pub(super) async fn spawn(&self, program: &Program) -> io::Result<Child> {
        let (answer, started) = oneshot::channel();
        let gone = || io::Error::other("the thread that starts children is gone");
        self.jobs.send(Job { program: program.clone(), answer }).map_err(|_| gone())?;
        started.await.map_err(|_| gone())?
    }
}

/// Runs a short program to its end and returns its log when it failed.
///
/// # Errors
/// When it cannot be started.
pub(super) async fn run_to_end(spawner: &Spawner, program: &Program) -> io::Result<bool> {
    Ok(spawner.spawn(program).await?.wait().await?.success())
}
