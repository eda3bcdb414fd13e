//! A database server for tenants of a test's own, apart from the control database, so that one can fail without the
//! other.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Gid, Pid, Uid, User};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};
use tempfile::TempDir;

use super::instance::data_directory;
use super::login::ease_login;
use super::{PATIENCE, wait_for};

/// A running server; it is ended and its data goes when this is dropped.
#[derive(Debug)]
pub(crate) struct TenantServer {
    pub(crate) port: u16,
    directory: TempDir,
    mount: Option<Mount>,
    process: Option<Child>,
}

/// A file system of limited size.
#[derive(Debug)]
struct Mount(PathBuf);

impl Mount {
    fn new(path: &Path, mebibytes: u32) -> Self {
        std::fs::create_dir(path).unwrap();
        let size = format!("size={mebibytes}m");
        let done = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(path).output().unwrap();
        assert!(done.status.success(), "{done:?}");
        Self(path.to_owned())
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).output();
    }
}

/// The newest installed server's programs, or those of `GATEWAY_TEST_POSTGRES_BIN`, to try another version by hand.
fn programs() -> PathBuf {
    if let Some(named) = std::env::var_os("GATEWAY_TEST_POSTGRES_BIN") {
        return named.into();
    }
    let mut versions: Vec<u32> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_string_lossy().parse().ok())
        .collect();
    versions.sort_unstable();
    versions.last().map_or_else(PathBuf::new, |version| PathBuf::from(format!("/usr/lib/postgresql/{version}/bin")))
}

/// PostgreSQL refuses to run as root; it then runs as its package's account.
fn account() -> Option<(Uid, Gid)> {
    let user = nix::unistd::geteuid().is_root().then(|| User::from_name("postgres").unwrap().unwrap());
    user.map(|user| (user.uid, user.gid))
}

/// A program of PostgreSQL that ends with the test.
fn command(name: &str) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "INT"]);
    if let Some((uid, gid)) = account() {
        command.args(["--reuid", &uid.to_string(), "--regid", &gid.to_string(), "--clear-groups"]);
    }
    command.arg(programs().join(name)).current_dir("/").stdin(Stdio::null());
    command
}

impl TenantServer {
    /// Starts a server; `mebibytes` limits the file system of its data, which only root can ask for. What it must write
    /// to survive, its log of changes, is never limited.
    pub(crate) async fn start(mebibytes: Option<u32>) -> Self {
        let directory = data_directory();
        let root = directory.path();
        let disk = root.join("disk");
        let mount = match mebibytes {
            Some(size) => Some(Mount::new(&disk, size)),
            None => {
                std::fs::create_dir(&disk).unwrap();
                None
            }
        };
        std::fs::write(root.join("password"), "secret").unwrap();
        for path in [root, &disk, &root.join("password")] {
            let (uid, gid) = account().map_or((None, None), |(uid, gid)| (Some(uid.as_raw()), Some(gid.as_raw())));
            std::os::unix::fs::chown(path, uid, gid).unwrap();
        }
        std::fs::set_permissions(root, std::fs::Permissions::from_mode(0o711)).unwrap();
        let made = command("initdb")
            .args(["--no-sync", "--username=gateway", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8"])
            .arg(format!("--pwfile={}", root.join("password").display()))
            .arg(format!("--waldir={}", root.join("wal").display()))
            .arg(format!("--pgdata={}", disk.join("data").display()))
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut server = Self { port, directory, mount, process: None };
        server.run().await;
        ease_login(&mut server.connect("postgres").await.unwrap(), "gateway", "secret").await;
        server
    }

    /// Starts it again after it was ended.
    pub(crate) async fn run(&mut self) {
        let root = self.directory.path();
        let log = std::fs::OpenOptions::new().create(true).append(true).open(root.join("log")).unwrap();
        let mut command = command("postgres");
        command.arg("-D").arg(root.join("disk/data")).arg("-k").arg("");
        let port = format!("port={}", self.port);
        let steady = ["listen_addresses=127.0.0.1", "fsync=off", "max_connections=200", "authentication_timeout=10s"];
        for setting in std::iter::once(port.as_str()).chain(steady) {
            command.args(["-c", setting]);
        }
        self.process = Some(command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap());
        self.until_ready().await;
    }

    /// Waits until it answers.
    pub(crate) async fn until_ready(&self) {
        wait_for("the tenants' server to answer", PATIENCE, || async {
            match self.connect("postgres").await {
                Ok(connection) => connection.close().await.map_err(|error| error.to_string()),
                Err(error) => Err(format!("{error}: {}", self.log())),
            }
        })
        .await;
    }

    /// What it said.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("log")).unwrap_or_default()
    }

    /// Its administrator's URL.
    pub(crate) fn url(&self) -> String {
        format!("postgres://gateway:secret@127.0.0.1:{}/postgres", self.port)
    }

    /// `host:port`.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// A connection to a database of it as administrator.
    pub(crate) async fn connect(&self, database: &str) -> sqlx::Result<PgConnection> {
        self.url().parse::<PgConnectOptions>().unwrap().database(database).connect().await
    }

    /// Ends it: SIGINT is the fast shutdown, SIGQUIT leaves recovery to the next start, as a crash does.
    pub(crate) fn end(&mut self, signal: Signal) {
        let Some(mut process) = self.process.take() else { return };
        kill(Pid::from_raw(i32::try_from(process.id()).unwrap()), signal).unwrap();
        process.wait().unwrap();
    }

    /// Leaves nothing free on its file system.
    pub(crate) fn fill_disk(&self) {
        let mount = self.mount.as_ref().expect("a server of limited size");
        let room = nix::sys::statvfs::statvfs(&mount.0).unwrap();
        let free = room.blocks_available() * room.fragment_size();
        let ballast = std::fs::File::create(mount.0.join("ballast")).unwrap();
        std::io::copy(&mut std::io::Read::take(std::io::repeat(1), free), &mut &ballast).unwrap();
    }

    /// Takes back what [`Self::fill_disk`] took.
    pub(crate) fn free_disk(&self) {
        let mount = self.mount.as_ref().expect("a server of limited size");
        std::fs::remove_file(mount.0.join("ballast")).unwrap();
    }
}

impl Drop for TenantServer {
    fn drop(&mut self) {
        self.end(Signal::SIGQUIT);
    }
}
