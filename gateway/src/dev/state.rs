//! What is kept between starts, and what the running process tells others.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ipnet::Ipv4Net;
use nix::fcntl::{Flock, FlockArg};
use serde::{Deserialize, Serialize};

use crate::dev::error::DevError;
use crate::dev::layout::{Layout, write_private};
use crate::dev::ports;

/// Form of `state.json`.
const VERSION: u32 = 1;

/// Ports of the children, all on 127.0.0.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ports {
    /// PostgreSQL.
    pub postgres: u16,
    /// Redis.
    pub redis: u16,
    /// Traefik: entry point of tenants.
    pub traefik: u16,
    /// Traefik: API, dashboard, ping.
    pub traefik_api: u16,
    /// The demo app.
    pub demo_app: u16,
}

/// Kept in `state.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct State {
    /// Form of this file.
    pub version: u32,
    /// When the data directory was made.
    pub created: jiff::Timestamp,
    /// Added to 8000, 8001 and 8080.
    pub port_offset: u16,
    /// Ports of the children.
    pub ports: Ports,
    /// Block that tenants' networks come out of.
    pub network_block: Ipv4Net,
    /// Where PostgreSQL lives when that is not inside the data directory.
    pub postgres_home: Option<PathBuf>,
    /// The gateway's own id, with which it labels what it makes in Docker.
    pub instance: Option<uuid::Uuid>,
}

/// How far the running process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// On its way.
    Starting,
    /// All parts answer.
    Ready,
    /// Nobody runs it.
    Stopped,
}

/// Kept in `run/instance.json`; counts only while the lock is held.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Instance {
    /// The process.
    pub pid: u32,
    /// How far it is.
    pub phase: Phase,
    /// The settings it computed, with secrets.
    pub environment: BTreeMap<String, String>,
}

impl std::fmt::Debug for Instance {
    /// Without the values of settings, of which some are secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Instance")
            .field("pid", &self.pid)
            .field("phase", &self.phase)
            .field("environment", &self.environment.keys())
            .finish()
    }
}

fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<Option<T>, DevError> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|source| DevError::Unreadable { path: path.to_owned(), source }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(DevError::file("read", path)(error)),
    }
}

fn write<T: Serialize>(path: &Path, value: &T) -> Result<(), DevError> {
    let text =
        serde_json::to_vec_pretty(value).map_err(|source| DevError::Unreadable { path: path.to_owned(), source })?;
    write_private(path, &text)
}

impl Ports {
    /// All of them.
    pub(super) fn all(self) -> [u16; 5] {
        [self.postgres, self.redis, self.traefik, self.traefik_api, self.demo_app]
    }
}

impl State {
    /// Reads the state, `None` before the first start.
    ///
    /// # Errors
    /// When the file cannot be read or does not parse.
    pub(super) fn read(layout: &Layout) -> Result<Option<Self>, DevError> {
        match read::<Self>(&layout.state())? {
            Some(state) if state.version != VERSION => Err(DevError::Refused(format!(
                "{} was written by another version of gateway; `gateway dev reset` starts over",
                layout.state().display()
            ))),
            state => Ok(state),
        }
    }

    /// Draws a new state.
    #[must_use]
    pub(super) fn draw(port_offset: u16) -> Self {
        let mut taken = vec![8000 + port_offset, 8001 + port_offset];
        let mut next = |preferred: Option<u16>| {
            let port = ports::draw(preferred, &taken);
            taken.push(port);
            port
        };
        let ports = Ports {
            traefik: next(Some(8080 + port_offset)),
            postgres: next(None),
            redis: next(None),
            traefik_api: next(None),
            demo_app: next(None),
        };
        Self {
            version: VERSION,
            created: jiff::Timestamp::now(),
            port_offset,
            ports,
            network_block: ports::draw_block(),
            postgres_home: None,
            instance: None,
        }
    }

    /// Takes another offset; Traefik prefers a port that goes with it.
    pub(super) fn move_to(&mut self, port_offset: u16) {
        if self.port_offset != port_offset {
            self.port_offset = port_offset;
            self.ports.traefik = ports::draw(Some(8080 + port_offset), &[8000 + port_offset, 8001 + port_offset]);
        }
    }

    /// Draws those ports again that somebody else took since, and tells which.
    pub(super) fn redraw_lost_ports(&mut self) -> Vec<(&'static str, u16, u16)> {
        let mut taken = vec![8000 + self.port_offset, 8001 + self.port_offset];
        let mut changed = Vec::new();
        let preferred = 8080 + self.port_offset;
        for (name, port, first) in [
            ("Traefik", &mut self.ports.traefik, Some(preferred)),
            ("PostgreSQL", &mut self.ports.postgres, None),
            ("Redis", &mut self.ports.redis, None),
            ("Traefik's API", &mut self.ports.traefik_api, None),
            ("the demo app", &mut self.ports.demo_app, None),
        ] {
            if taken.contains(port) || !ports::is_free(*port) {
                let fresh = ports::draw(first, &taken);
                changed.push((name, *port, fresh));
                *port = fresh;
            }
            taken.push(*port);
        }
        changed
    }

    /// Keeps the state.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(super) fn write(&self, layout: &Layout) -> Result<(), DevError> {
        write(&layout.state(), self)
    }
}

impl Instance {
    /// Tells that this process, which has just taken the lock, is starting, and returns whether the one before it was
    /// killed. Until this is called others read the number of a process that is gone. The settings of the last start
    /// stay until there are new ones: `reset` finds the engine by them.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(super) fn take_over(layout: &Layout) -> Result<bool, DevError> {
        // One that does not parse was not written by this version, whose writes are whole or not at all.
        let before = Self::read(layout).ok().flatten();
        let was_killed = before.as_ref().is_some_and(|told| told.phase != Phase::Stopped);
        let environment = before.map(|told| told.environment).unwrap_or_default();
        Self { pid: std::process::id(), phase: Phase::Starting, environment }.write(layout)?;
        Ok(was_killed)
    }

    /// What the running or last process told.
    ///
    /// # Errors
    /// When the file cannot be read or does not parse.
    pub(super) fn read(layout: &Layout) -> Result<Option<Self>, DevError> {
        read(&layout.instance())
    }

    /// Tells others.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(super) fn write(&self, layout: &Layout) -> Result<(), DevError> {
        write(&layout.instance(), self)
    }
}

fn open_lock(layout: &Layout) -> Result<File, DevError> {
    let path = layout.lock();
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(DevError::file("open", &path))
}

/// Takes the lock of a data directory for the life of the returned value.
///
/// # Errors
/// [`DevError::Running`] when another process holds it.
pub(super) fn take_lock(layout: &Layout) -> Result<Flock<File>, DevError> {
    // `is_running` holds it for an instant too, so one refusal is not yet an answer.
    let deadline = Instant::now() + Duration::from_millis(300);
    loop {
        match Flock::lock(open_lock(layout)?, FlockArg::LockExclusiveNonblock) {
            Ok(lock) => return Ok(lock),
            Err(_) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(20)),
            Err(_) => return Err(DevError::Running),
        }
    }
}

/// Whether a stack was started in this directory: its lock is there, or a state that one wrote. Other programs have
/// files named `state.json` too, and `/var/run/lock` is a directory.
#[must_use]
pub(super) fn is_ours(layout: &Layout) -> bool {
    let plain = |path: PathBuf| fs::symlink_metadata(path).ok();
    let locked = plain(layout.run()).is_some_and(|found| found.is_dir())
        && plain(layout.lock()).is_some_and(|found| found.is_file() && found.len() == 0);
    let state: Option<serde_json::Value> = read(&layout.state()).ok().flatten();
    // Those of every version have these.
    locked
        || state
            .is_some_and(|state| ["version", "port_offset", "network_block"].iter().all(|name| !state[*name].is_null()))
}

/// Whether a process runs the stack of this data directory.
#[must_use]
pub(super) fn is_running(layout: &Layout) -> bool {
    File::open(layout.lock()).is_ok_and(|file| Flock::lock(file, FlockArg::LockSharedNonblock).is_err())
}

/// Whether there is a process of this number.
#[must_use]
pub(super) fn is_alive(pid: u32) -> bool {
    Path::new("/proc").join(pid.to_string()).exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made() -> (tempfile::TempDir, Layout) {
        let directory = tempfile::tempdir().unwrap();
        let layout = Layout::new(directory.path()).unwrap();
        layout.create().unwrap();
        (directory, layout)
    }

    #[test]
    fn a_state_is_read_back() {
        let (_directory, layout) = made();
        assert_eq!(State::read(&layout).unwrap(), None);
        let state = State::draw(300);
        state.write(&layout).unwrap();
        assert_eq!(State::read(&layout).unwrap(), Some(state));
    }

    #[test]
    fn a_state_of_another_version_or_shape_is_refused() {
        let (_directory, layout) = made();
        let mut state = State::draw(0);
        state.version = 99;
        state.write(&layout).unwrap();
        assert!(matches!(State::read(&layout), Err(DevError::Refused(_))));
        fs::write(layout.state(), "{").unwrap();
        assert!(matches!(State::read(&layout), Err(DevError::Unreadable { .. })));
    }

    #[test]
    fn drawn_ports_differ_and_lost_ones_are_drawn_again() {
        let mut state = State::draw(40_000);
        let listener = std::net::TcpListener::bind(("127.0.0.1", state.ports.redis)).unwrap();
        let before = state.ports;
        let changed = state.redraw_lost_ports();
        assert_eq!(changed.len(), 1);
        assert_eq!(changed[0].0, "Redis");
        assert_eq!(Ports { redis: before.redis, ..state.ports }, before);
        drop(listener);
    }

    #[test]
    fn who_takes_over_tells_its_own_process_and_keeps_the_settings() {
        let (_directory, layout) = made();
        assert!(!Instance::take_over(&layout).unwrap());
        let environment: BTreeMap<_, _> = [("GATEWAY_DOCKER_HOST".to_owned(), "unix:///x".to_owned())].into();
        for (phase, killed) in [(Phase::Ready, true), (Phase::Starting, true), (Phase::Stopped, false)] {
            Instance { pid: 7, phase, environment: environment.clone() }.write(&layout).unwrap();
            assert_eq!(Instance::take_over(&layout).unwrap(), killed);
            let told = Instance::read(&layout).unwrap().unwrap();
            assert_eq!((told.pid, told.phase, &told.environment), (std::process::id(), Phase::Starting, &environment));
        }
    }

    #[test]
    fn one_process_holds_the_lock() {
        let (_directory, layout) = made();
        assert!(!is_running(&layout));
        let lock = take_lock(&layout).unwrap();
        assert!(is_running(&layout));
        assert!(matches!(take_lock(&layout), Err(DevError::Running)));
        drop(lock);
        assert!(!is_running(&layout));
    }
}
