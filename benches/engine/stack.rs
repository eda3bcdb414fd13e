//! The stack that `make bench` started, and workers on it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use gateway::config::{Settings, load};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};

/// Between two looks at the control database.
const LOOK: Duration = Duration::from_millis(5);
/// Longest wait for a server to be ready.
const READY: Duration = Duration::from_secs(30);

pub(crate) struct Stack {
    pub(crate) data_dir: PathBuf,
    environment: BTreeMap<String, String>,
    pub(crate) control: PgPool,
}

impl Stack {
    pub(crate) async fn connect() -> Self {
        #[expect(clippy::disallowed_methods, reason = "set by make bench")]
        let data_dir = PathBuf::from(std::env::var("GATEWAY_TEST_STACK").unwrap());
        let arguments = ["dev", "status", "-o", "env", "--data-dir"];
        let output = Command::new(env!("CARGO_BIN_EXE_gateway")).args(arguments).arg(&data_dir).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let lines = text.lines().filter_map(|line| line.strip_prefix("export ")?.split_once('='));
        let mut environment: BTreeMap<String, String> =
            lines.map(|(name, value)| (name.to_owned(), value.trim_matches('\'').replace(r"'\''", "'"))).collect();
        // A bridge costs Docker more the more there are, which would hide what the engine itself costs.
        environment.insert("GATEWAY_NETWORK_MODE".to_owned(), "none".to_owned());
        environment.insert("GATEWAY_RECONCILE_SECONDS".to_owned(), "0".to_owned());
        environment.insert("GATEWAY_DELETE_GRACE_SECONDS".to_owned(), "0".to_owned());
        let control = PgPoolOptions::new().max_connections(2).connect(&environment["GATEWAY_DATABASE_URL"]).await;
        Self { control: control.unwrap(), data_dir, environment }
    }

    fn with(&self, more: &[(&str, &str)]) -> BTreeMap<String, String> {
        let mut environment = self.environment.clone();
        environment.extend(more.iter().map(|(name, value)| (format!("GATEWAY_{name}"), (*value).to_owned())));
        environment
    }

    /// Settings of a worker on this stack.
    pub(crate) fn settings(&self, more: &[(&str, &str)]) -> Settings {
        load(&self.with(more)).unwrap()
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        &self.environment[&format!("GATEWAY_{name}")]
    }

    /// URL of another database on the control database's server.
    pub(crate) fn url_of(&self, database: &str) -> String {
        let mut url = url::Url::parse(self.text("DATABASE_URL")).unwrap();
        url.set_path(database);
        url.to_string()
    }

    /// The administrator in the control database.
    pub(crate) async fn administrator(&self) -> PgConnection {
        let options: PgConnectOptions = self.text("DATABASE_URL").parse().unwrap();
        options.log_statements(tracing::log::LevelFilter::Off).connect().await.unwrap()
    }

    /// The administrator in another database of that server.
    pub(crate) async fn server(&self, database: &str) -> PgConnection {
        let options: PgConnectOptions = self.url_of(database).parse().unwrap();
        options.log_statements(tracing::log::LevelFilter::Off).connect().await.unwrap()
    }

    /// Starts `gateway worker`.
    pub(crate) fn worker(&self, more: &[(&str, &str)]) -> Program {
        let log = std::fs::File::create(self.data_dir.with_extension("worker.log")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
        // Without networks a worker has no use for Docker, and a slow one would only make it wait.
        command.arg("worker").envs(self.with(&[("DOCKER_HOST", "")])).envs(self.with(more));
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        Program(command.spawn().unwrap())
    }

    /// Starts `gateway serve` on ports of its own and waits until it is ready; where its admin API answers.
    pub(crate) async fn serve(&self, more: &[(&str, &str)]) -> (Program, String) {
        let free = || std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let held = [free(), free()];
        let [port, admin_port] = held.each_ref().map(|one| one.local_addr().unwrap().port().to_string());
        drop(held);
        let url = format!("http://127.0.0.1:{admin_port}");
        let ports = [("PORT", port.as_str()), ("ADMIN_PORT", admin_port.as_str()), ("CONSOLE_URL", url.as_str())];
        let log = std::fs::File::create(self.data_dir.with_extension("server.log")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
        command.arg("serve").envs(self.with(&[&ports[..], more].concat()));
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let mut program = Program(command.spawn().unwrap());
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let began = Instant::now();
        while !http.get(format!("{url}/ready")).send().await.is_ok_and(|answer| answer.status() == 200) {
            assert!(program.0.try_wait().unwrap().is_none() && began.elapsed() < READY, "the server is not ready");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        (program, url)
    }

    /// Waits until a count of tenants is reached and says how long that took.
    pub(crate) async fn until(&self, query: &'static str, prefix: &str, wanted: i64, patience: Duration) -> Duration {
        let began = Instant::now();
        loop {
            let count: i64 = sqlx::query_scalar(query).bind(prefix).fetch_one(&self.control).await.unwrap();
            if count == wanted {
                return began.elapsed();
            }
            assert!(began.elapsed() < patience, "{count} of {wanted} tenants after {patience:?}: {query}");
            tokio::time::sleep(LOOK).await;
        }
    }
}

/// A worker or a server.
pub(crate) struct Program(Child);

impl Program {
    /// Asks it to end and waits for it.
    pub(crate) fn stop(mut self) {
        kill(Pid::from_raw(i32::try_from(self.0.id()).unwrap()), Signal::SIGTERM).unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The middle of the values, the higher one of two.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The value at a share of the sorted values, by the nearest-rank method.
pub(crate) fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a few dozen values"
    )]
    let rank = (share * values.len() as f64).ceil() as usize;
    values[rank.clamp(1, values.len()) - 1]
}
