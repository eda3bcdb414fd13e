//! The private PostgreSQL: its directory, its configuration and the control database.

use std::fs::{self, DirBuilder};
use std::net::Ipv4Addr;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ipnet::Ipv4Net;
use nix::sys::signal::Signal;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};

use crate::dev::account::Account;
use crate::dev::binaries::PostgresPrograms;
use crate::dev::child::StopManner;
use crate::dev::error::DevError;
use crate::dev::layout::{Layout, write_private};
use crate::dev::spawn::{Program, Spawner, run_to_end};

/// Administrator of the server.
pub(super) const ADMINISTRATOR: &str = "gateway";
/// The control database.
pub(super) const CONTROL_DATABASE: &str = "gateway";
/// Where PostgreSQL lives when its account cannot reach the data directory.
pub(super) const ELSEWHERE: &str = "/var/lib/gateway-dev";
/// Longest path of a Unix socket, less the name PostgreSQL gives it.
const SOCKET_DIRECTORY_LIMIT: usize = 107 - "/.s.PGSQL.65535.lock".len();

/// Fast shutdown is SIGINT: SIGTERM would wait until every session has left.
pub(super) const STOP: StopManner = StopManner { signal: Signal::SIGINT, limit: Duration::from_secs(20) };

/// What the server is reached by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Listening {
    /// On 127.0.0.1 and, if there is one, on the bridge.
    pub port: u16,
    /// Address of Docker's default bridge on this machine.
    pub bridge: Option<Ipv4Addr>,
    /// Block of tenants' networks.
    pub block: Ipv4Net,
}

/// The directory PostgreSQL lives in, and a sentence when that is not inside the data directory.
#[must_use]
pub(super) fn home(layout: &Layout, kept: Option<&Path>, account: Option<&Account>) -> (PathBuf, Option<String>) {
    let inside = layout.postgres();
    if let Some(kept) = kept {
        return (kept.to_owned(), None);
    }
    let Some(account) = account.filter(|account| !account.reaches(layout.root())) else { return (inside, None) };
    let digest = Sha256::digest(layout.root().as_os_str().as_encoded_bytes());
    let name: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let home = Path::new(ELSEWHERE).join(name);
    let note = format!(
        "PostgreSQL runs as {} and cannot pass through {}: its data is kept in {}",
        account.name,
        layout.root().display(),
        home.display()
    );
    (home, Some(note))
}

/// Makes the data directory if it is missing.
///
/// # Errors
/// When it belongs to another major version, or initdb fails.
pub(super) async fn prepare(
    programs: &PostgresPrograms,
    home: &Path,
    account: Option<&Account>,
    password: &SecretString,
    spawner: &Spawner,
    log: &Path,
) -> Result<(), DevError> {
    let data = home.join("data");
    if let Ok(found) = fs::read_to_string(data.join("PG_VERSION")) {
        return same_major(found.trim(), programs, &data);
    }
    if let Some(parent) = home.parent() {
        DirBuilder::new().recursive(true).mode(0o711).create(parent).map_err(DevError::file("make", parent))?;
    }
    // A start that was killed inside initdb left a directory without PG_VERSION or one that is half filled.
    for stale in [&data, &home.join("fresh")] {
        if stale.exists() {
            fs::remove_dir_all(stale).map_err(DevError::file("remove", stale))?;
        }
    }
    DirBuilder::new().recursive(true).mode(0o700).create(home).map_err(DevError::file("make", home))?;
    let password_file = home.join("password");
    write_private(&password_file, password.expose_secret().as_bytes())?;
    if let Some(account) = account {
        account.give(home)?;
        account.give(&password_file)?;
    }
    let fresh = home.join("fresh");
    let initdb = Program {
        name: "initdb",
        executable: programs.initdb.clone(),
        arguments: [
            "--pgdata".as_ref(),
            fresh.as_os_str(),
            "--username".as_ref(),
            ADMINISTRATOR.as_ref(),
            "--pwfile".as_ref(),
            password_file.as_os_str(),
            "--auth=scram-sha-256".as_ref(),
            "--encoding=UTF8".as_ref(),
            "--locale=C.UTF-8".as_ref(),
            "--data-checksums".as_ref(),
        ]
        .map(std::ffi::OsStr::to_owned)
        .to_vec(),
        environment: Vec::new(),
        account: account.cloned(),
        death_signal: Signal::SIGKILL,
        log: log.to_owned(),
    };
    let done = run_to_end(spawner, &initdb).await;
    fs::remove_file(&password_file).map_err(DevError::file("remove", &password_file))?;
    match done {
        Ok(true) => fs::rename(&fresh, &data).map_err(DevError::file("complete", &data)),
        Ok(false) => Err(DevError::Refused(format!("initdb failed:\n{}", crate::dev::child::tail(log)))),
        Err(source) => Err(DevError::Spawn { name: "initdb", source }),
    }
}

fn same_major(found: &str, programs: &PostgresPrograms, data: &Path) -> Result<(), DevError> {
    let installed = programs.major;
    if found == installed.to_string() {
        return Ok(());
    }
    Err(DevError::Refused(format!(
        "{data} was made by PostgreSQL {found}, and PostgreSQL {installed} cannot read it. Either\n  \
         - install PostgreSQL {found} and name it: GATEWAY_DEV_POSTGRES_BIN=/usr/lib/postgresql/{found}/bin gateway dev, or\n  \
         - take out what you need: start with {found} as above, in another shell\n    \
           eval \"$(gateway dev status -o env)\" && pg_dumpall --dbname \"$GATEWAY_DATABASE_URL\" --file dump.sql, or\n  \
         - start over: gateway dev reset",
        data = data.display(),
    )))
}

/// Writes the configuration for this start and returns the server's program.
///
/// # Errors
/// When a file cannot be written.
pub(super) fn configure(
    programs: &PostgresPrograms,
    home: &Path,
    account: Option<&Account>,
    listening: &Listening,
    log: PathBuf,
) -> Result<Program, DevError> {
    let data = home.join("data");
    let socket = (home.as_os_str().len() <= SOCKET_DIRECTORY_LIMIT).then_some(home);
    for (name, text) in [("postgresql.conf", settings(listening, socket)), ("pg_hba.conf", admission(listening))] {
        let path = data.join(name);
        write_private(&path, text.as_bytes())?;
        if let Some(account) = account {
            account.give(&path)?;
        }
    }
    Ok(Program {
        name: "postgres",
        executable: programs.postgres.clone(),
        arguments: vec!["-D".into(), data.into()],
        environment: Vec::new(),
        account: account.cloned(),
        death_signal: Signal::SIGINT,
        log,
    })
}

fn settings(listening: &Listening, socket: Option<&Path>) -> String {
    let addresses = std::iter::once(Ipv4Addr::LOCALHOST)
        .chain(listening.bridge)
        .map(|address| address.to_string())
        .collect::<Vec<_>>()
        .join(",");
    let socket = socket.map_or_else(String::new, |path| path.display().to_string().replace('\'', "''"));
    format!(
        "# Written by `gateway dev` at each start; changes are lost.\n\
         listen_addresses = '{addresses}'\n\
         port = {port}\n\
         unix_socket_directories = '{socket}'\n\
         unix_socket_permissions = 0700\n\
         password_encryption = 'scram-sha-256'\n\
         max_connections = 300\n\
         # A client that stalls while it signs in holds up every DROP DATABASE for so long.\n\
         authentication_timeout = '10s'\n\
         shared_buffers = '128MB'\n\
         dynamic_shared_memory_type = posix\n\
         max_wal_size = '1GB'\n\
         timezone = 'UTC'\n\
         log_timezone = 'UTC'\n\
         log_line_prefix = '%m [%p] %q%u@%d '\n\
         lc_messages = 'C.UTF-8'\n",
        port = listening.port,
    )
}

/// Who may connect from where. The administrator only from this machine's loopback and the socket.
fn admission(listening: &Listening) -> String {
    let mut text = format!(
        "# Written by `gateway dev` at each start; changes are lost.\n\
         local all all scram-sha-256\n\
         host all all 127.0.0.1/32 scram-sha-256\n\
         host all {ADMINISTRATOR} all reject\n"
    );
    if listening.bridge.is_some() {
        // Containers come from the block. Processes of this machine that use the bridge's address come from any of its
        // addresses: Docker masquerades what leaves the bridge's address through another interface, loopback included.
        text.push_str(&format!("host all all {} scram-sha-256\n", listening.block));
        text.push_str("host all all samehost scram-sha-256\n");
    }
    text
}

/// Connects to a database of the server as its administrator.
#[must_use]
pub(super) fn options(port: u16, password: &SecretString, database: &str) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .host("127.0.0.1")
        .port(port)
        .username(ADMINISTRATOR)
        .password(password.expose_secret())
        .database(database)
        .ssl_mode(PgSslMode::Disable)
        .application_name("gateway dev")
}

/// Makes the control database if it is missing.
///
/// # Errors
/// When the server refuses.
pub(super) async fn create_control_database(port: u16, password: &SecretString) -> Result<(), DevError> {
    let mut connection =
        PgConnection::connect_with(&options(port, password, "postgres")).await.map_err(DevError::Database)?;
    let exists: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind(CONTROL_DATABASE)
        .fetch_one(&mut connection)
        .await
        .map_err(DevError::Database)?;
    if !exists {
        sqlx::query("CREATE DATABASE gateway").execute(&mut connection).await.map_err(DevError::Database)?;
    }
    connection.close().await.map_err(DevError::Database)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listening(bridge: Option<Ipv4Addr>) -> Listening {
        Listening { port: 25_000, bridge, block: "10.77.0.0/16".parse().unwrap() }
    }

    #[test]
    fn without_docker_only_loopback_is_admitted() {
        let text = admission(&listening(None));
        assert_eq!(text.lines().filter(|line| line.starts_with("host")).count(), 2);
        assert!(settings(&listening(None), None).contains("listen_addresses = '127.0.0.1'\n"));
    }

    #[test]
    fn the_administrator_is_refused_before_networks_are_admitted() {
        let text = admission(&listening(Some(Ipv4Addr::new(172, 17, 0, 1))));
        let place = |what: &str| text.find(what).unwrap();
        assert!(place("127.0.0.1/32") < place("gateway all reject"));
        assert!(place("gateway all reject") < place("10.77.0.0/16"));
        assert!(place("gateway all reject") < place("samehost"));
        let text = settings(&listening(Some(Ipv4Addr::new(172, 17, 0, 1))), Some(Path::new("/it's")));
        assert!(text.contains("'127.0.0.1,172.17.0.1'"), "{text}");
        assert!(text.contains("'/it''s'"), "{text}");
    }

    #[test]
    fn another_major_is_refused_with_a_way_out() {
        let programs = PostgresPrograms { initdb: "i".into(), postgres: "p".into(), major: 17 };
        assert!(same_major("17", &programs, Path::new("/d")).is_ok());
        let text = same_major("15", &programs, Path::new("/d")).unwrap_err().to_string();
        assert!(text.contains("pg_dumpall") && text.contains("/usr/lib/postgresql/15/bin"), "{text}");
    }

    #[test]
    fn an_account_that_cannot_reach_the_data_directory_gets_another_place() {
        let directory = tempfile::tempdir().unwrap();
        let layout = Layout::new(directory.path()).unwrap();
        let nobody = Account { name: "nobody".into(), uid: 65_534, gid: 65_534 };
        fs::set_permissions(directory.path(), std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        let (place, note) = home(&layout, None, Some(&nobody));
        assert!(place.starts_with(ELSEWHERE), "{}", place.display());
        assert!(note.unwrap().contains("nobody"));
        assert_eq!(home(&layout, None, None), (layout.postgres(), None));
        assert_eq!(home(&layout, Some(Path::new("/kept")), Some(&nobody)).0, Path::new("/kept"));
    }
}
