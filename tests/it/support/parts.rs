//! The parts of a private stack as processes: found by the port they listen on, frozen, thawed, killed.
//!
//! `gateway dev` starts a part again a fifth of a second after it ended, and gives up after five ends in a minute: a
//! test may kill a part up to four times.

use std::net::SocketAddr;
use std::path::Path;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::stack::Stack;
use super::{PATIENCE, wait_for};

/// A part that runs as a process of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Postgres,
    Redis,
    Traefik,
}

impl Part {
    fn field(self) -> &'static str {
        match self {
            Self::Postgres => "database_url",
            Self::Redis => "redis_url",
            Self::Traefik => "traefik_url",
        }
    }
}

impl Stack {
    /// Where a part listens.
    pub(crate) fn address(&self, part: Part) -> SocketAddr {
        let url: url::Url = self.text(part.field()).parse().unwrap();
        SocketAddr::from(([127, 0, 0, 1], url.port().unwrap()))
    }

    /// The process of a part.
    pub(crate) fn process(&self, part: Part) -> Pid {
        let port = self.address(part).port();
        listener(port).unwrap_or_else(|| panic!("nobody listens on the port of {part:?}, {port}"))
    }

    /// Sends a part a signal and gives the process that got it.
    pub(crate) fn signal(&self, part: Part, signal: Signal) -> Pid {
        let pid = self.process(part);
        kill(pid, signal).unwrap();
        pid
    }

    /// Freezes a part: it holds its connections and says nothing.
    pub(crate) fn freeze(&self, part: Part) -> Frozen {
        Frozen(self.signal(part, Signal::SIGSTOP))
    }

    /// Ends a part by a signal and waits until it stands again as another process.
    ///
    /// PostgreSQL: SIGINT is the fast shutdown, SIGQUIT leaves recovery to the next start, as a crash does.
    pub(crate) async fn restart(&self, part: Part, signal: Signal) {
        let old = self.signal(part, signal);
        self.until_replaced(part, old).await;
    }

    /// Waits until a part that ended is there again and answers.
    pub(crate) async fn until_replaced(&self, part: Part, old: Pid) {
        let port = self.address(part).port();
        wait_for(&format!("{part:?} to come back"), PATIENCE, || async {
            match listener(port) {
                Some(pid) if pid != old => self.answers(part).await,
                other => Err(format!("{other:?} listens")),
            }
        })
        .await;
    }

    async fn answers(&self, part: Part) -> Result<(), String> {
        match part {
            Part::Postgres => {
                sqlx::query("SELECT 1").execute(&self.control).await.map(|_| ()).map_err(|e| e.to_string())
            }
            Part::Redis => {
                tokio::net::TcpStream::connect(self.address(part)).await.map(|_| ()).map_err(|e| e.to_string())
            }
            Part::Traefik => {
                let url = format!("{}/ping", self.text("traefik_api_url").trim_end_matches('/'));
                let answer = reqwest::Client::builder().no_proxy().build().unwrap().get(url).send().await;
                answer.and_then(reqwest::Response::error_for_status).map(|_| ()).map_err(|e| e.to_string())
            }
        }
    }

    /// Kills Redis after its data was taken away, so that it comes back empty.
    pub(crate) async fn empty_redis(&self) {
        let frozen = self.freeze(Part::Redis);
        std::fs::remove_dir_all(self.data_dir.join("redis/appendonlydir")).unwrap();
        kill(frozen.0, Signal::SIGKILL).unwrap();
        self.until_replaced(Part::Redis, frozen.0).await;
    }
}

/// A process that was stopped; it goes on when this is dropped.
#[derive(Debug)]
pub(crate) struct Frozen(pub(crate) Pid);

impl Drop for Frozen {
    fn drop(&mut self) {
        // It may be gone by now.
        let _ = kill(self.0, Signal::SIGCONT);
    }
}

/// The process that listens on a port of this machine.
pub(crate) fn listener(port: u16) -> Option<Pid> {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let inode = table
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .find(|fields| {
            let local = fields.get(1).and_then(|local| local.rsplit_once(':'));
            local.is_some_and(|(_, text)| u16::from_str_radix(text, 16) == Ok(port)) && fields.get(3) == Some(&"0A")
        })
        .map(|fields| format!("socket:[{}]", fields[9]))?;
    let mut holders: Vec<i32> = std::fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|process| process.file_name().to_string_lossy().parse().ok())
        .filter(|pid| holds(*pid, &inode))
        .collect();
    // Children may have inherited the socket; the parent came first.
    holders.sort_unstable();
    holders.first().copied().map(Pid::from_raw)
}

fn holds(pid: i32, inode: &str) -> bool {
    let descriptors = std::fs::read_dir(Path::new("/proc").join(pid.to_string()).join("fd"));
    descriptors
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|descriptor| std::fs::read_link(descriptor.path()).ok())
        .any(|link| link.to_string_lossy() == inode)
}
