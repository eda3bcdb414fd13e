//! A machine as the runbooks speak of it: the parts are those of a private stack; worker, server and app are processes that
//! read their secrets from files and are started, stopped and restarted as the page says.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

use crate::support::instance::{Instance, data_directory, port_offset};
use crate::support::stack::gateway;
use crate::support::{PATIENCE, wait_for};

/// Settings that hold a secret, and the files in which the pages have them.
const SECRETS: [&str; 5] = ["database_url", "redis_url", "limits_redis_url", "secret_keys", "tenant_database_url"];
/// Where those files are, and where dumps go, on the pages.
const PLACES: [&str; 2] = ["/etc/gateway", "/var/backups/gateway"];
/// Above the ports of the stack's own gateway, below those of its next one.
const PORTS: [(&str, u16); 3] = [("GATEWAY_PORT", 8040), ("GATEWAY_ADMIN_PORT", 8041), ("PORT", 8042)];

/// A process of the site; it is killed when dropped.
struct Process(Child);

impl Process {
    fn start(command: &mut Command, log: &Path) -> Self {
        let file = std::fs::File::options().create(true).append(true).open(log).unwrap();
        Self(command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file).spawn().unwrap())
    }

    fn stop(mut self) {
        kill(Pid::from_raw(i32::try_from(self.0.id()).unwrap()), Signal::SIGTERM).unwrap();
        assert_eq!(self.0.wait().unwrap().code(), Some(0));
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The machine.
pub(super) struct Site {
    pub(super) instance: Instance,
    directory: TempDir,
    environment: Vec<(String, String)>,
    app: Option<Process>,
    worker: Option<Process>,
    serve: Option<Process>,
}

fn port(name: &str) -> u16 {
    port_offset() + PORTS.iter().find(|(known, _)| *known == name).unwrap().1
}

impl Site {
    /// Files and settings; nothing runs but the parts.
    pub(super) async fn empty() -> Self {
        let instance = Instance::without_worker(&[]).await;
        let directory = data_directory();
        let mut site = Self { environment: Vec::new(), instance, directory, app: None, worker: None, serve: None };
        std::fs::create_dir_all(site.path("/etc/gateway/credentials")).unwrap();
        std::fs::create_dir_all(site.path("/var/backups/gateway")).unwrap();
        site.environment = site.settings();
        site
    }

    /// A machine that was installed, and on which everything runs.
    pub(super) async fn running() -> Self {
        let mut site = Self::empty().await;
        site.start("worker").await;
        site.start("serve").await;
        site
    }

    fn settings(&self) -> Vec<(String, String)> {
        let mut settings = Vec::new();
        let database = self.given("GATEWAY_DATABASE_URL");
        let tenants = database.strip_suffix("/gateway").map(|server| format!("{server}/postgres")).unwrap();
        for secret in SECRETS {
            let variable = format!("GATEWAY_{}", secret.to_uppercase());
            let value = if secret == "tenant_database_url" { tenants.clone() } else { self.given(&variable) };
            let file = self.path(&format!("/etc/gateway/credentials/{secret}"));
            std::fs::write(&file, format!("{value}\n")).unwrap();
            settings.push((format!("{variable}_FILE"), file.display().to_string()));
        }
        let is_other = |name: &str| {
            !SECRETS.iter().any(|secret| name == format!("GATEWAY_{}", secret.to_uppercase()))
                && !name.starts_with("GATEWAY_DEV_")
        };
        settings.extend(self.instance.environment.iter().filter(|(name, _)| is_other(name)).cloned());
        let own = [
            ("GATEWAY_PORT", port("GATEWAY_PORT").to_string()),
            ("GATEWAY_ADMIN_PORT", port("GATEWAY_ADMIN_PORT").to_string()),
            ("GATEWAY_URL", format!("http://127.0.0.1:{}", port("GATEWAY_ADMIN_PORT"))),
            ("GATEWAY_TENANT_PORT_URL", format!("http://127.0.0.1:{}", port("GATEWAY_PORT"))),
            ("GATEWAY_APP_BACKEND_URL", format!("http://127.0.0.1:{}", port("PORT"))),
            ("GATEWAY_HOST_SUFFIX", "example.com".to_owned()),
            ("GATEWAY_TENANT_DATABASE_COPIES", "never".to_owned()),
            ("GATEWAY_RECONCILE_SECONDS", "0".to_owned()),
        ];
        let is_own = |name: &str| own.iter().any(|(known, _)| *known == name);
        settings.retain(|(name, _)| !is_own(name));
        settings.extend(own.map(|(name, value)| (name.to_owned(), value)));
        settings
    }

    /// A setting as the stack of the parts has it.
    pub(super) fn given(&self, variable: &str) -> String {
        self.instance.environment.iter().find(|(name, _)| name == variable).map(|(_, value)| value.clone()).unwrap()
    }

    /// Sets one setting otherwise, for what is started from now on.
    pub(super) fn set(&mut self, variable: &str, value: &str) {
        self.environment.retain(|(name, _)| name != variable);
        self.environment.push((variable.to_owned(), value.to_owned()));
    }

    /// Where a path of the pages is here.
    pub(super) fn path(&self, place: &str) -> PathBuf {
        self.directory.path().join(place.trim_start_matches('/'))
    }

    /// The text of a page as it reads here.
    pub(super) fn here(&self, text: &str) -> String {
        PLACES.iter().fold(text.to_owned(), |text, place| text.replace(place, &self.path(place).display().to_string()))
    }

    /// Runs a script of a page, which ends at the first command that fails; what it printed, or why it failed. As in a
    /// shell of people, the last command of a pipe speaks for all of it.
    pub(super) fn shell(&self, script: &str) -> Result<String, String> {
        let programs = Path::new(env!("CARGO_BIN_EXE_gatewayctl")).parent().unwrap().display().to_string();
        let path = format!("{programs}:{}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", postgres_programs());
        let output = Command::new("bash")
            .args(["-c", &format!("exec 2>&1\nset -eu\n{}", self.here(script))])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .envs(self.environment.iter().cloned())
            .env("PATH", path)
            .env("DOCKER_HOST", self.given("GATEWAY_DOCKER_HOST"))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() {
            Ok(shown)
        } else {
            Err(format!("{script}\nended with {}:\n{shown}", output.status))
        }
    }

    /// Starts what a unit of the pages runs, and waits until it works.
    pub(super) async fn start(&mut self, verb: &str) {
        let log = self.directory.path().join(format!("{verb}.log"));
        // What earlier processes said must not be taken for this one's.
        let _ = std::fs::remove_file(&log);
        let process = Process::start(gateway().arg(verb).envs(self.environment.iter().cloned()), &log);
        let said = || std::fs::read_to_string(&log).unwrap_or_default();
        if verb == "worker" {
            self.worker = Some(process);
            wait_for("the worker to start", PATIENCE, async || {
                if said().contains("worker started") { Ok(()) } else { Err(said()) }
            })
            .await;
            return;
        }
        self.serve = Some(process);
        let url = format!("http://127.0.0.1:{}/ready", port("GATEWAY_ADMIN_PORT"));
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        wait_for("the server to be ready", PATIENCE, async || {
            let answer = client.get(&url).send().await.and_then(reqwest::Response::error_for_status);
            answer.map(drop).map_err(|error| format!("{error}: {}", said()))
        })
        .await;
        self.start_app();
    }

    /// The app that serves shared tenants, with the keys that the stack gave to its own.
    fn start_app(&mut self) {
        if self.app.is_some() {
            return;
        }
        let keys = self.given("GATEWAY_API_KEYS");
        let key = keys.split(';').find_map(|entry| entry.strip_prefix("demo-app:")?.split(':').next()).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_demo-app"));
        command
            .env("GATEWAY_URL", format!("http://127.0.0.1:{}", port("GATEWAY_ADMIN_PORT")))
            .env("GATEWAY_API_KEY", key);
        command.env("LISTEN_ADDRESS", "127.0.0.1").env("PORT", port("PORT").to_string());
        self.app = Some(Process::start(&mut command, &self.directory.path().join("app.log")));
    }

    /// Stops what a unit of the pages runs.
    pub(super) fn stop(&mut self, verb: &str) {
        let process = if verb == "worker" { self.worker.take() } else { self.serve.take() };
        process.unwrap_or_else(|| panic!("{verb} does not run")).stop();
    }

    /// Does statements in the control database.
    pub(super) async fn control(&self, sql: &'static str) {
        let mut database = PgConnection::connect(&self.given("GATEWAY_DATABASE_URL")).await.unwrap();
        sqlx::raw_sql(sql).execute(&mut database).await.unwrap();
        database.close().await.unwrap();
    }

    /// Makes a tenant and waits until it is active.
    pub(super) fn tenant(&self, key: &str, tier: &str) {
        let made = format!("gatewayctl tenant create {key} --company {key} --tier {tier} --wait");
        self.shell(&made).unwrap_or_else(|why| panic!("{why}"));
    }
}

/// The directory of the newest programs of PostgreSQL.
fn postgres_programs() -> String {
    let found = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = found.map(|entry| entry.path().join("bin")).filter(|path| path.join("pg_dump").exists()).max();
    newest.map(|path| path.display().to_string()).unwrap_or_default()
}
