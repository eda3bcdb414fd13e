//! Redis as managed services give it: behind TLS, with users by ACL, and nobody who may use CONFIG. Worker, server and Traefik
//! reach it so, and what does not show the right certificate is not talked to. Traefik's entry point has TLS too, with a
//! certificate from a file, and routes are proved through it.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::support::instance::Instance;
use crate::support::report::say;
use crate::support::rig::HASTE;
use crate::support::stack::gateway;
use crate::support::{PATIENCE, run, unique_key, wait_for};

const USERS: &str = include_str!("../../../gateway/deploy/redis/users.acl");
const PASSWORDS: [(&str, &str); 3] =
    [("GATEWAY", "worker-of-the-test"), ("LIMITS", "server-of-the-test"), ("TRAEFIK", "traefik-of-the-test")];

/// A program that ends with the test.
#[derive(Debug)]
struct Running(Child);

impl Running {
    fn start(command: &mut Command, log: &Path) -> Self {
        let log = std::fs::File::create(log).unwrap();
        let command = command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        Self(command.spawn().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn dying(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]).arg(program);
    command
}

struct Managed {
    // Programs go before what they use.
    #[expect(dead_code, reason = "ends when dropped")]
    programs: [Running; 2],
    instance: Instance,
    room: TempDir,
    redis: u16,
    traefik: u16,
    api: u16,
}

impl Drop for Managed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            say(&format!("Redis:\n{}\nTraefik:\n{}", self.log("redis.log"), self.log("traefik.log")));
        }
    }
}

impl Managed {
    async fn start() -> Self {
        let room = tempfile::tempdir().unwrap();
        let path = |name: &str| room.path().join(name);
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        std::fs::write(path("certificate.pem"), made.cert.pem()).unwrap();
        std::fs::write(path("key.pem"), made.signing_key.serialize_pem()).unwrap();
        let digest =
            |password: &str| Sha256::digest(password).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let users = PASSWORDS.iter().fold(USERS.to_owned(), |text, (name, password)| {
            text.replace(&format!("@{name}_SHA256@"), &digest(password))
        });
        std::fs::write(path("users.acl"), users).unwrap();
        let (redis, traefik, api) = (free_port(), free_port(), free_port());
        let mut server = dying("redis-server");
        server.args([
            "--port",
            "0",
            "--bind",
            "127.0.0.1",
            "--tls-port",
            &redis.to_string(),
            "--tls-auth-clients",
            "no",
        ]);
        server.arg("--tls-cert-file").arg(path("certificate.pem")).arg("--tls-key-file").arg(path("key.pem"));
        server.arg("--aclfile").arg(path("users.acl")).arg("--dir").arg(room.path());
        server.args(["--appendonly", "yes", "--notify-keyspace-events", "", "--maxmemory-policy", "noeviction"]);
        let server = Running::start(&mut server, &path("redis.log"));
        wait_for("Redis to listen", PATIENCE, || async {
            tokio::net::TcpStream::connect(("127.0.0.1", redis)).await.map(|_| ()).map_err(|error| error.to_string())
        })
        .await;
        let mut edge = dying(Path::new(env!("CARGO_MANIFEST_DIR")).join(".venv/bin/traefik"));
        edge.arg(format!("--entrypoints.web.address=127.0.0.1:{traefik}"));
        edge.arg(format!("--entrypoints.traefik.address=127.0.0.1:{api}"));
        edge.args(["--entrypoints.web.asdefault=true", "--entrypoints.web.http.aliasheadersstrategy=delete"]);
        edge.args(["--global.checknewversion=false", "--global.sendanonymoususage=false", "--log.level=INFO"]);
        edge.args(["--api.insecure=true", "--providers.providersthrottleduration=100ms"]);
        edge.arg(format!("--providers.redis.endpoints=localhost:{redis}"));
        edge.arg("--providers.redis.rootkey=traefik").arg("--providers.redis.username=traefik");
        edge.arg(format!("--providers.redis.password={}", PASSWORDS[2].1));
        edge.arg(format!("--providers.redis.tls.ca={}", path("certificate.pem").display()));
        let pair = format!("certFile: {0}/certificate.pem, keyFile: {0}/key.pem", room.path().display());
        let stores = format!("tls: {{stores: {{default: {{defaultCertificate: {{{pair}}}}}}}}}");
        std::fs::write(path("dynamic.yml"), stores).unwrap();
        edge.arg("--entrypoints.web.http.tls=true");
        edge.arg(format!("--providers.file.filename={}", path("dynamic.yml").display()));
        let edge = Running::start(&mut edge, &path("traefik.log"));
        let instance = Instance::without_worker(&[]).await;
        Self { programs: [edge, server], instance, room, redis, traefik, api }
    }

    fn url(&self, user: &str, host: &str) -> String {
        let (_, password) = PASSWORDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(user)).unwrap();
        format!("rediss://{user}:{password}@{host}:{}/0", self.redis)
    }

    fn certificate(&self) -> String {
        self.room.path().join("certificate.pem").display().to_string()
    }

    fn log(&self, name: &str) -> String {
        std::fs::read_to_string(self.room.path().join(name)).unwrap_or_default()
    }
}

#[test]
fn routes_are_published_and_attempts_counted_behind_tls() {
    run(async {
        let managed = Managed::start().await;
        let stack = &managed.instance.stack;
        let redis = managed.url("gateway", "localhost");
        let (traefik, api) =
            (format!("https://localhost:{}", managed.traefik), format!("http://127.0.0.1:{}", managed.api));
        let certificate = managed.certificate();
        let own = [
            ("GATEWAY_REDIS_URL", redis.as_str()),
            ("GATEWAY_TRAEFIK_URL", &traefik),
            ("GATEWAY_TRAEFIK_API_URL", &api),
            ("SSL_CERT_FILE", &certificate),
        ];
        let settings: Vec<(&str, &str)> = HASTE.iter().copied().chain(own).collect();
        let worker = managed.instance.worker(&settings);
        worker.until_started().await;
        let key = unique_key("tls");
        stack.insert(&key, &key).await;
        // Active is proved by a request through the Traefik that reads this Redis.
        stack.settled(&key, &["active"]).await;
        stack.wish(&key, "suspended").await;
        stack.settled(&key, &["suspended"]).await;
        worker.assert_calm(&[]);
        let said = managed.log("traefik.log");
        assert!(!said.contains("ERR"), "{said}");

        let (port, admin_port) = (free_port().to_string(), free_port().to_string());
        let mut serve = gateway();
        serve.arg("serve").envs(managed.instance.environment.iter().cloned());
        serve.env("GATEWAY_LIMITS_REDIS_URL", managed.url("limits", "localhost")).env("SSL_CERT_FILE", &certificate);
        serve.env("GATEWAY_PORT", &port).env("GATEWAY_ADMIN_PORT", &admin_port);
        let _serve = Running::start(&mut serve, &managed.room.path().join("serve.log"));
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        wait_for("the server to be ready", PATIENCE, || async {
            let answer = http.get(format!("http://127.0.0.1:{admin_port}/ready")).send().await;
            let answer = answer.and_then(reqwest::Response::error_for_status);
            answer.map(|_| ()).map_err(|error| format!("{error}: {}", managed.log("serve.log")))
        })
        .await;
        let body = serde_json::json!({ "email": "nobody@example.com", "password": "not-the-password" });
        let mut statuses = Vec::new();
        while statuses.last() != Some(&429) && statuses.len() < 30 {
            let attempt = http.post(format!("http://127.0.0.1:{admin_port}/api/gateway/session")).json(&body).send();
            statuses.push(attempt.await.unwrap().status().as_u16());
        }
        assert!(statuses.len() > 5 && statuses.last() == Some(&429), "{statuses:?}");
    });
}

#[test]
fn a_redis_that_shows_another_certificate_is_not_talked_to() {
    run(async {
        let managed = Managed::start().await;
        let certificate = managed.certificate();
        let right = managed.url("gateway", "localhost");
        let another_name = managed.url("gateway", "127.0.0.1");
        let nobodys = "/etc/ssl/certs/ca-certificates.crt";
        for (url, trusted) in [(&right, nobodys), (&another_name, certificate.as_str())] {
            let settings: Vec<(&str, &str)> = HASTE
                .iter()
                .copied()
                .chain([("GATEWAY_REDIS_URL", url.as_str()), ("SSL_CERT_FILE", trusted)])
                .collect();
            let worker = managed.instance.worker(&settings);
            worker.until_said(&["redis_unreachable", "Redis does not answer"]).await;
            let log = worker.log.clone();
            let (ended, _) = worker.ended(PATIENCE).await;
            assert_eq!(ended.code(), Some(1), "{}", std::fs::read_to_string(&log).unwrap());
            assert!(!std::fs::read_to_string(&log).unwrap().contains("worker-of-the-test"), "the password shows");
        }
    });
}
