//! A proxy on loopback or a Unix socket that breaks what passes through it, in ways that are switched while it runs.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What happens to connections, the open ones included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Nothing.
    Pass,
    /// Each piece of an answer comes later by this much.
    Latency(Duration),
    /// Open connections are reset, new ones too.
    Reset,
    /// New connections are accepted, and nothing is said on any.
    BlackHole,
    /// A connection ends after so many bytes of answers.
    CutAfter(usize),
    /// The first request that holds these bytes has its effect; its answer is dropped and its connection ends.
    LoseAnswerTo(&'static [u8]),
    /// The first request that holds these bytes is kept back until the mode changes, then delivered and its answer waited
    /// for, also when whoever sent it is gone by then. A second hit says that the answer came, or
    /// that the server had ended the connection.
    HoldRequest(&'static [u8]),
    /// The first answer that holds these bytes is dropped and its connection ends.
    LoseAnswer(&'static [u8]),
}

/// A running proxy; it ends when dropped.
#[derive(Debug)]
pub(crate) struct Chaos {
    /// Where clients connect.
    pub(crate) place: Place,
    mode: watch::Sender<Mode>,
    hits: Arc<AtomicUsize>,
    stop: CancellationToken,
}

/// An address of either family.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
}

enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

trait Bytes: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Bytes for T {}

impl Stream {
    async fn connect(place: &Place) -> io::Result<Self> {
        match place {
            Place::Tcp(address) => TcpStream::connect(address).await.map(Self::Tcp),
            Place::Unix(path) => UnixStream::connect(path).await.map(Self::Unix),
        }
    }

    fn bytes(&mut self) -> &mut dyn Bytes {
        match self {
            Self::Tcp(stream) => stream,
            Self::Unix(stream) => stream,
        }
    }

    /// Makes the end of the connection a reset where the family has such a thing.
    fn reset(self) {
        if let Self::Tcp(stream) = &self {
            // A connection that is gone already needs none.
            let _ = stream.set_zero_linger();
        }
    }
}

impl Chaos {
    /// A proxy on a free port of loopback.
    pub(crate) async fn tcp(upstream: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let place = Place::Tcp(listener.local_addr().unwrap());
        Self::start(Listener::Tcp(listener), place, Place::Tcp(upstream))
    }

    /// A proxy on a free port of another address of this machine.
    pub(crate) async fn tcp_on(address: &str, upstream: SocketAddr) -> Self {
        let listener = TcpListener::bind((address, 0)).await.unwrap();
        let place = Place::Tcp(listener.local_addr().unwrap());
        Self::start(Listener::Tcp(listener), place, Place::Tcp(upstream))
    }

    /// A proxy for a Unix socket, at a path that is free.
    pub(crate) fn unix(path: &Path, upstream: &Path) -> Self {
        let listener = UnixListener::bind(path).unwrap();
        Self::start(Listener::Unix(listener), Place::Unix(path.to_owned()), Place::Unix(upstream.to_owned()))
    }

    fn start(listener: Listener, place: Place, upstream: Place) -> Self {
        let (mode, modes) = watch::channel(Mode::Pass);
        let (hits, stop) = (Arc::new(AtomicUsize::new(0)), CancellationToken::new());
        let shared = Shared { upstream, modes, mode: mode.clone(), hits: hits.clone(), stop: stop.clone() };
        TaskTracker::new().spawn(shared.accept(listener));
        Self { place, mode, hits, stop }
    }

    /// Switches, and forgets what was hit before.
    pub(crate) fn set(&self, mode: Mode) {
        self.hits.store(0, Ordering::SeqCst);
        self.mode.send_replace(mode);
    }

    /// Lets everything pass from now on, without forgetting what was hit.
    pub(crate) fn release(&self) {
        self.mode.send_replace(Mode::Pass);
    }

    /// Connections the present mode did something to. A fault that hit nothing proves nothing.
    pub(crate) fn hits(&self) -> usize {
        self.hits.load(Ordering::SeqCst)
    }

    /// The URL with this proxy in the place of its server.
    pub(crate) fn in_url(&self, url: &str) -> String {
        match &self.place {
            Place::Tcp(address) => {
                let mut url: url::Url = url.parse().unwrap();
                url.set_port(Some(address.port())).unwrap();
                url.set_host(Some("127.0.0.1")).unwrap();
                url.into()
            }
            Place::Unix(path) => format!("unix://{}", path.display()),
        }
    }
}

impl Drop for Chaos {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Place::Unix(path) = &self.place {
            let _ = std::fs::remove_file(path);
        }
    }
}

#[derive(Clone)]
struct Shared {
    upstream: Place,
    modes: watch::Receiver<Mode>,
    mode: watch::Sender<Mode>,
    hits: Arc<AtomicUsize>,
    stop: CancellationToken,
}

/// What is to be done with a piece of an answer.
enum Fate {
    Forward,
    End,
}

impl Shared {
    async fn accept(self, listener: Listener) {
        let connections = TaskTracker::new();
        loop {
            let accepted = tokio::select! {
                accepted = async { match &listener {
                    Listener::Tcp(listener) => listener.accept().await.map(|(stream, _)| Stream::Tcp(stream)),
                    Listener::Unix(listener) => listener.accept().await.map(|(stream, _)| Stream::Unix(stream)),
                }} => accepted,
                () = self.stop.cancelled() => return,
            };
            let Ok(client) = accepted else { continue };
            let shared = self.clone();
            connections.spawn(async move {
                let stop = shared.stop.clone();
                tokio::select! {
                    () = shared.carry(client) => {}
                    () = stop.cancelled() => {}
                }
            });
        }
    }

    fn hit(&self) {
        self.hits.fetch_add(1, Ordering::SeqCst);
    }

    /// One connection until either side ends it or the mode does.
    async fn carry(mut self, mut client: Stream) {
        let mut upstream = None;
        let (mut asked, mut answered) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
        let mut sent = 0;
        let mut losing = false;
        loop {
            let mode = self.modes.borrow_and_update().clone();
            match mode {
                Mode::Reset => {
                    self.hit();
                    return client.reset();
                }
                Mode::BlackHole => {
                    self.hit();
                    if self.modes.changed().await.is_err() {
                        return;
                    }
                    continue;
                }
                _ => {}
            }
            let server = match &mut upstream {
                Some(server) => server,
                none => match Stream::connect(&self.upstream).await {
                    Ok(stream) => none.insert(stream),
                    Err(_) => return client.reset(),
                },
            };
            tokio::select! {
                changed = self.modes.changed() => if changed.is_err() { return },
                read = client.bytes().read(&mut asked) => {
                    let Some(piece) = piece(read, &asked) else { return };
                    if let Mode::LoseAnswerTo(wanted) = mode && holds(piece, wanted) {
                        losing = true;
                    }
                    if let Mode::HoldRequest(wanted) = mode && self.hits.load(Ordering::SeqCst) == 0 && holds(piece, wanted) {
                        return self.deliver_late(piece, server).await;
                    }
                    if server.bytes().write_all(piece).await.is_err() {
                        return;
                    }
                }
                read = server.bytes().read(&mut answered) => {
                    let Some(piece) = piece(read, &answered) else { return };
                    let fate = self.judge(&mode, piece, losing, sent).await;
                    let piece = match (&fate, &mode) {
                        (Fate::End, Mode::CutAfter(limit)) => &piece[..limit.saturating_sub(sent).min(piece.len())],
                        (Fate::End, _) => &[],
                        (Fate::Forward, _) => piece,
                    };
                    sent += piece.len();
                    if client.bytes().write_all(piece).await.is_err() || matches!(fate, Fate::End) {
                        return;
                    }
                }
            }
        }
    }

    /// Delivers a request once the mode has changed, and drops its answer.
    async fn deliver_late(&mut self, request: &[u8], server: &mut Stream) {
        self.hit();
        if self.modes.changed().await.is_err() || server.bytes().write_all(request).await.is_err() {
            return;
        }
        let mut answer = [0; 1024];
        // An answer, or the end of a connection that the server has closed since.
        let _ = server.bytes().read(&mut answer).await;
        self.hit();
    }

    async fn judge(&self, mode: &Mode, piece: &[u8], losing: bool, sent: usize) -> Fate {
        match mode {
            Mode::Latency(time) => {
                self.hit();
                // The latency itself, not a wait for something.
                tokio::time::sleep(*time).await;
                Fate::Forward
            }
            Mode::CutAfter(limit) if sent + piece.len() > *limit => {
                self.hit();
                Fate::End
            }
            Mode::LoseAnswerTo(_) if losing => self.lost(),
            Mode::LoseAnswer(wanted) if holds(piece, wanted) => self.lost(),
            _ => Fate::Forward,
        }
    }

    /// An answer is lost once; afterwards everything passes.
    fn lost(&self) -> Fate {
        self.hit();
        self.mode.send_replace(Mode::Pass);
        Fate::End
    }
}

fn piece(read: io::Result<usize>, buffer: &[u8]) -> Option<&[u8]> {
    read.ok().filter(|length| *length > 0).and_then(|length| buffer.get(..length))
}

fn holds(piece: &[u8], wanted: &[u8]) -> bool {
    piece.windows(wanted.len()).any(|window| window == wanted)
}

/// Sends a line through a proxy in front of an echo and gives what came back, or the kind of trouble.
#[cfg(test)]
async fn exchange(stream: &mut TcpStream, line: &[u8]) -> Result<Vec<u8>, io::ErrorKind> {
    stream.write_all(line).await.map_err(|error| error.kind())?;
    let mut answer = vec![0; 1024];
    let length = stream.read(&mut answer).await.map_err(|error| error.kind())?;
    answer.truncate(length);
    Ok(answer)
}

#[test]
fn the_modes_do_what_they_say_and_can_be_switched_on_open_connections() {
    super::run(async {
        let echo = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let upstream = echo.local_addr().unwrap();
        let heard = Arc::new(AtomicUsize::new(0));
        let counted = heard.clone();
        TaskTracker::new().spawn(async move {
            while let Ok((mut stream, _)) = echo.accept().await {
                let counted = counted.clone();
                TaskTracker::new().spawn(async move {
                    let mut buffer = [0; 1024];
                    while let Ok(length @ 1..) = stream.read(&mut buffer).await {
                        counted.fetch_add(1, Ordering::SeqCst);
                        if stream.write_all(&buffer[..length]).await.is_err() {
                            return;
                        }
                    }
                });
            }
        });
        let chaos = Chaos::tcp(upstream).await;
        let Place::Tcp(address) = chaos.place else { panic!("a TCP proxy") };
        let mut open = TcpStream::connect(address).await.unwrap();
        assert_eq!(exchange(&mut open, b"a").await.unwrap(), b"a");

        chaos.set(Mode::Latency(Duration::from_millis(50)));
        let since = std::time::Instant::now();
        assert_eq!(exchange(&mut open, b"b").await.unwrap(), b"b");
        assert!(since.elapsed() >= Duration::from_millis(50) && chaos.hits() == 1);

        chaos.set(Mode::LoseAnswerTo(b"lose"));
        assert_eq!(exchange(&mut open, b"keep").await.unwrap(), b"keep");
        let before = heard.load(Ordering::SeqCst);
        assert_eq!(exchange(&mut open, b"lose me").await.unwrap(), b"", "the connection ends");
        assert_eq!((heard.load(Ordering::SeqCst), chaos.hits()), (before + 1, 1), "the request had its effect");
        let mut next = TcpStream::connect(address).await.unwrap();
        assert_eq!(exchange(&mut next, b"lose me").await.unwrap(), b"lose me", "once");

        chaos.set(Mode::CutAfter(9));
        assert_eq!(exchange(&mut next, b"four").await.unwrap(), b"fo");
        assert_eq!(exchange(&mut next, b"x").await.unwrap_or_default(), b"");

        chaos.set(Mode::BlackHole);
        let mut stuck = TcpStream::connect(address).await.unwrap();
        let silence = tokio::time::timeout(Duration::from_millis(100), exchange(&mut stuck, b"hello?")).await;
        assert!(silence.is_err(), "{silence:?}");
        chaos.set(Mode::Reset);
        let mut buffer = [0; 1];
        assert_eq!(stuck.read(&mut buffer).await.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    });
}
