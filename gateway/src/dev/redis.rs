//! The private Redis that Traefik reads.

use std::path::PathBuf;
use std::time::Duration;

use nix::sys::signal::Signal;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::dev::account::{self, Account};
use crate::dev::child::StopManner;
use crate::dev::error::DevError;
use crate::dev::layout::{Layout, write_private};
use crate::dev::secrets::Secrets;
use crate::dev::spawn::Program;

/// User of the control plane.
pub(super) const GATEWAY_USER: &str = "gateway";
/// User who counts attempts.
pub(super) const LIMITS_USER: &str = "limits";
/// User of Traefik.
pub(super) const TRAEFIK_USER: &str = "traefik";
/// User of people, who may do everything.
pub(super) const OPERATOR_USER: &str = "operator";
/// The users that a deployment has, with words in place of digests of their passwords.
const USERS: &str = include_str!("../../deploy/redis/users.acl");
/// Root of Traefik's tree.
pub(super) const ROOT_KEY: &str = "traefik";

/// Redis saves on SIGTERM.
pub(super) const STOP: StopManner = StopManner { signal: Signal::SIGTERM, limit: Duration::from_secs(10) };

/// Writes the configuration and returns the server's program.
///
/// # Errors
/// When a file cannot be written.
pub(super) fn configure(
    layout: &Layout,
    executable: PathBuf,
    account: Option<&Account>,
    port: u16,
    secrets: &Secrets,
) -> Result<Program, DevError> {
    let directory = layout.redis();
    let account = account::if_reachable(account, &[layout.root(), &executable]);
    let configuration = directory.join("redis.conf");
    let users = directory.join("users.acl");
    write_private(&users, access(secrets).as_bytes())?;
    write_private(&configuration, settings(layout, port).as_bytes())?;
    account::give_directory(account, &directory)?;
    let appended = directory.join("appendonlydir");
    if appended.exists() {
        account::give_directory(account, &appended)?;
    }
    Ok(Program {
        name: "redis",
        executable,
        arguments: vec![configuration.into()],
        environment: Vec::new(),
        account: account.cloned(),
        death_signal: Signal::SIGTERM,
        log: layout.log("redis"),
    })
}

fn quoted(path: &std::path::Path) -> String {
    format!("\"{}\"", path.display().to_string().replace('\\', "\\\\").replace('"', "\\\""))
}

fn settings(layout: &Layout, port: u16) -> String {
    format!(
        "# Written by `gateway dev` at each start; changes are lost.\n\
         bind 127.0.0.1\n\
         port {port}\n\
         protected-mode yes\n\
         daemonize no\n\
         dir {directory}\n\
         aclfile {users}\n\
         # Routes are kept over restarts and never evicted.\n\
         appendonly yes\n\
         save \"\"\n\
         maxmemory-policy noeviction\n\
         # The control plane tells Traefik of a change once, by itself; an event for each key would make it reload for each.\n\
         notify-keyspace-events \"\"\n",
        directory = quoted(&layout.redis()),
        users = quoted(&layout.redis().join("users.acl")),
    )
}

/// Users by the digest of their password: those of a deployment, and one for people.
fn access(secrets: &Secrets) -> String {
    let users = USERS
        .replace("@GATEWAY_SHA256@", &digest(&secrets.redis_gateway))
        .replace("@LIMITS_SHA256@", &digest(&secrets.redis_limits))
        .replace("@TRAEFIK_SHA256@", &digest(&secrets.redis_traefik));
    format!("{users}user {OPERATOR_USER} on #{operator} ~* &* +@all\n", operator = digest(&secrets.redis_operator))
}

fn digest(password: &SecretString) -> String {
    Sha256::digest(password.expose_secret().as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    use super::*;
    use crate::dev::child::Supervisor;
    use crate::dev::spawn::{Spawner, find_on_path};
    use crate::dev::{ports, probe, secrets};

    async fn exchange(port: u16, user: &str, password: &SecretString, commands: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let request = format!("AUTH {user} {}\r\n{commands}QUIT\r\n", password.expose_secret());
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn routes_outlive_a_restart_and_traefik_may_only_read_them() {
        let directory = tempfile::tempdir().unwrap();
        let layout = Layout::new(directory.path()).unwrap();
        layout.create().unwrap();
        let secrets = secrets::load(&layout).unwrap();
        let port = ports::draw(None, &[]);
        let executable = find_on_path("redis-server").expect("redis-server is installed by `make setup`");
        let program = configure(&layout, executable, None, port, &secrets).unwrap();
        let (supervisor, _failures) = Supervisor::new(Spawner::start().unwrap());
        let (user, password) = (GATEWAY_USER, &secrets.redis_gateway);
        for round in ["first", "second"] {
            let child = supervisor.supervise(program.clone(), STOP);
            let limit = Duration::from_secs(20);
            probe::until_ready("redis", limit, &program.log, || probe::redis(port, user, password)).await.unwrap();
            if round == "first" {
                let script = "redis.call('SET', KEYS[1], 'b') return redis.call('SET', KEYS[2], '1')";
                let change = format!("EVAL \"{script}\" 2 traefik/a gateway/limit/c\r\n");
                assert!(exchange(port, user, password, &change).await.contains("+OK\r\n+OK\r\n"));
                let asked = "SET other c\r\nCONFIG GET dir\r\nFLUSHALL\r\nPUBLISH other x\r\n";
                let answer = exchange(port, user, password, asked).await;
                assert_eq!(answer.matches("-NOPERM").count(), 4, "{answer}");
                let operator =
                    exchange(port, OPERATOR_USER, &secrets.redis_operator, "SET other c\r\nCONFIG GET dir\r\n");
                assert!(operator.await.contains("+OK\r\n+OK\r\n*2\r\n"));
            } else {
                assert!(exchange(port, user, password, "GET traefik/a\r\n").await.contains("$1\r\nb\r\n"));
                let asked = "GET traefik/a\r\nGET other\r\nSET traefik/a x\r\nCONFIG GET dir\r\n";
                let answer = exchange(port, TRAEFIK_USER, &secrets.redis_traefik, asked).await;
                assert!(answer.contains("$1\r\nb\r\n") && answer.matches("-NOPERM").count() == 3, "{answer}");
                let asked = "GET gateway/limit/c\r\nGET gateway/other\r\nGET traefik/a\r\nPUBLISH other x\r\n";
                let answer = exchange(port, LIMITS_USER, &secrets.redis_limits, asked).await;
                assert!(answer.contains("$1\r\n1\r\n") && answer.matches("-NOPERM").count() == 3, "{answer}");
                let answer = exchange(port, "default", &"x".to_owned().into(), "GET other\r\n").await;
                assert!(answer.contains("-WRONGPASS") && answer.contains("-NOAUTH"), "{answer}");
            }
            child.stop().await;
        }
    }

    #[test]
    fn users_are_kept_without_their_passwords() {
        let directory = tempfile::tempdir().unwrap();
        let layout = Layout::new(directory.path()).unwrap();
        layout.create().unwrap();
        let secrets = secrets::load(&layout).unwrap();
        let text = access(&secrets);
        let users: Vec<&str> = text.lines().filter_map(|line| line.split(' ').nth(1)).collect();
        assert_eq!(users, ["default", GATEWAY_USER, LIMITS_USER, TRAEFIK_USER, OPERATOR_USER]);
        assert!(!text.contains("SHA256@"));
        assert!(!text.contains(secrets.redis_gateway.expose_secret()));
        assert_eq!(digest(&"secret".to_owned().into()).len(), 64);
    }

    #[test]
    fn events_are_off_and_nothing_is_evicted() {
        let text = settings(&Layout::new(std::path::Path::new("/a \"b\"")).unwrap(), 7000);
        assert!(text.contains("notify-keyspace-events \"\"\n") && text.contains("maxmemory-policy noeviction\n"));
        assert!(text.contains("dir \"/a \\\"b\\\"/redis\"\n"), "{text}");
    }
}
