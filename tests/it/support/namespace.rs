//! Network namespaces of a test's own: the machine's rules and addresses are neither seen nor changed from there.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use nix::sched::{CloneFlags, setns, unshare};
use nix::unistd::gettid;

/// How long a packet that nobody answers is waited for. An answer comes within a millisecond.
const SILENCE: Duration = Duration::from_secs(2);
/// Two ends of a cable, by addresses that are nobody's.
const NEAR: &str = "192.0.2.1/24";
const FAR: &str = "192.0.2.2/24";
/// Where somebody outside answers.
const OUTSIDE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2)), 7);

/// Runs `ip` in the namespace of this thread.
pub(crate) fn ip(arguments: &[&str]) {
    let done = Command::new("ip").args(arguments).output().unwrap();
    assert!(done.status.success(), "ip {arguments:?}: {done:?}");
}

/// Takes this thread, and every thread and program it starts from now on, off the machine's network.
pub(crate) fn leave_the_machine() {
    unshare(CloneFlags::CLONE_NEWNET).unwrap();
    ip(&["link", "set", "lo", "up"]);
}

/// What became of an attempt to connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Somebody answered.
    Answered,
    /// The machine is there, and nobody listens.
    Refused,
    /// The packets went nowhere.
    Dropped,
}

fn attempt(address: SocketAddr) -> Reach {
    match TcpStream::connect_timeout(&address, SILENCE) {
        Ok(_) => Reach::Answered,
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => Reach::Refused,
        Err(error) if error.kind() == ErrorKind::TimedOut => Reach::Dropped,
        Err(error) => panic!("{address}: {error}"),
    }
}

/// Tries to connect from where a process is.
pub(crate) fn reach(process: i64, address: SocketAddr) -> Reach {
    within(process, move || attempt(address))
}

fn within<T: Send + 'static>(process: i64, act: impl FnOnce() -> T + Send + 'static) -> T {
    let enter = move || {
        let namespace = File::open(format!("/proc/{process}/ns/net")).unwrap();
        setns(namespace, CloneFlags::CLONE_NEWNET).unwrap();
        act()
    };
    std::thread::spawn(enter).join().unwrap()
}

type Job = Box<dyn FnOnce() + Send>;

/// Another machine on a cable to this one, which tells everybody who connects from which address they come.
#[derive(Debug)]
pub(crate) struct Outside {
    jobs: Sender<Job>,
}

impl Outside {
    /// Lays the cable. Packets to `block` go to this machine.
    pub(crate) fn connect(block: &str) -> Self {
        let (jobs, todo) = channel::<Job>();
        let (number, told) = channel();
        std::thread::spawn(move || {
            leave_the_machine();
            number.send(gettid()).unwrap();
            for job in todo {
                job();
            }
        });
        let number = told.recv().unwrap().to_string();
        ip(&["link", "add", "near", "type", "veth", "peer", "name", "far", "netns", &number]);
        ip(&["address", "add", NEAR, "dev", "near"]);
        ip(&["link", "set", "near", "up"]);
        let outside = Self { jobs };
        let (block, near) = (block.to_owned(), NEAR.trim_end_matches("/24"));
        outside.act(move || {
            ip(&["address", "add", FAR, "dev", "far"]);
            ip(&["link", "set", "far", "up"]);
            ip(&["route", "add", &block, "via", near]);
            let listener = TcpListener::bind(OUTSIDE).unwrap();
            std::thread::spawn(move || {
                for mut stream in listener.incoming().flatten() {
                    let peer = stream.peer_addr().unwrap().ip().to_string();
                    let _ = stream.write_all(peer.as_bytes());
                }
            });
        });
        outside
    }

    fn act<T: Send + 'static>(&self, act: impl FnOnce() -> T + Send + 'static) -> T {
        let (done, result) = channel();
        self.jobs.send(Box::new(move || done.send(act()).unwrap())).unwrap();
        result.recv().unwrap()
    }

    /// Tries to connect from there.
    pub(crate) fn reach(&self, address: SocketAddr) -> Reach {
        self.act(move || attempt(address))
    }

    /// Connects there from where a process is; the address that it is seen to come from.
    pub(crate) fn sees(&self, process: i64) -> String {
        within(process, || {
            let mut stream = TcpStream::connect_timeout(&OUTSIDE, SILENCE).unwrap();
            stream.set_read_timeout(Some(SILENCE)).unwrap();
            let mut seen = String::new();
            stream.read_to_string(&mut seen).unwrap();
            seen
        })
    }
}
