//! A running stack, described by what `gateway dev status -o json` says of it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Instant;

use fred::interfaces::ClientLike;
use serde_json::Value;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, Row};

use super::{PATIENCE, wait_for};

/// The program under test.
pub(crate) fn gateway() -> Command {
    Command::new(env!("CARGO_BIN_EXE_gateway"))
}

/// Runs `gatewayctl` with a key of an admin API.
pub(crate) fn ctl_of(url: &str, key: &str, arguments: &[impl AsRef<std::ffi::OsStr>]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gatewayctl"));
    command.args(arguments).env("GATEWAY_URL", url).env("GATEWAY_API_KEY", key).output().unwrap()
}

/// A stack that is ready.
#[derive(Clone, Debug)]
pub(crate) struct Stack {
    pub(crate) data_dir: PathBuf,
    pub(crate) status: Value,
    pub(crate) control: PgPool,
}

impl Stack {
    /// The stack that `make test` started for the whole run, with a worker.
    pub(crate) async fn shared() -> Self {
        #[expect(clippy::disallowed_methods, reason = "set by make test")]
        let data_dir =
            std::env::var("GATEWAY_TEST_STACK").expect("run the tests by `make test`, which starts the stack");
        Self::at(Path::new(&data_dir)).await
    }

    /// The stack in a data directory.
    pub(crate) async fn at(data_dir: &Path) -> Self {
        let status = Self::status_of(data_dir);
        assert_eq!(status["state"], "ready", "{status}");
        let url = status["database_url"].as_str().unwrap();
        let control = PgPoolOptions::new().max_connections(4).connect(url).await.unwrap();
        Self { data_dir: data_dir.to_owned(), status, control }
    }

    /// What the program says about a data directory, whatever its state.
    pub(crate) fn status_of(data_dir: &Path) -> Value {
        let output = gateway().args(["dev", "status", "-o", "json", "--data-dir"]).arg(data_dir).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("status: {output:?}"))
    }

    pub(crate) fn text(&self, field: &str) -> String {
        self.status[field].as_str().unwrap_or_else(|| panic!("{field} in {}", self.status)).to_owned()
    }

    pub(crate) fn host_of(&self, key: &str) -> String {
        format!("{key}.{}", self.text("host_suffix"))
    }

    /// The environment for `gateway worker` by hand.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        let output = gateway().args(["dev", "status", "-o", "env", "--data-dir"]).arg(&self.data_dir).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let lines = text.lines().filter_map(|line| line.strip_prefix("export ")?.split_once('='));
        lines.map(|(name, value)| (name.to_owned(), value.trim_matches('\'').replace(r"'\''", "'"))).collect()
    }

    /// The Redis of the stack, as a worker logs in.
    pub(crate) fn redis_url(&self) -> String {
        let found = self.environment().into_iter().find(|(name, _)| name == "GATEWAY_REDIS_URL");
        found.map(|(_, value)| value).unwrap()
    }

    /// Runs `gatewayctl` as the operator.
    pub(crate) fn ctl(&self, arguments: &[&str]) -> Output {
        ctl_of(&self.text("admin_url"), &self.text("api_key"), arguments)
    }

    /// Calls the admin API as the operator; status and body (null when empty).
    pub(crate) async fn api(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let url = format!("{}{path}", self.text("admin_url").trim_end_matches('/'));
        let mut request = reqwest::Client::builder().no_proxy().build().unwrap().request(method.parse().unwrap(), url);
        request = request.bearer_auth(self.text("api_key"));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or(Value::Null))
    }

    /// Writes a tenant by plain SQL and gives its id.
    pub(crate) async fn insert(&self, key: &str, company: &str) -> uuid::Uuid {
        sqlx::query_scalar("INSERT INTO gateway.tenant (key, company_name) VALUES ($1, $2) RETURNING id")
            .bind(key)
            .bind(company)
            .fetch_one(&self.control)
            .await
            .unwrap()
    }

    /// Wishes a tenant into a state by plain SQL.
    pub(crate) async fn wish(&self, key: &str, status: &str) {
        let done = sqlx::query("UPDATE gateway.tenant SET status = $2 WHERE key = $1 AND status <> 'deleted'")
            .bind(key)
            .bind(status)
            .execute(&self.control)
            .await
            .unwrap();
        assert_eq!(done.rows_affected(), 1, "{key}");
    }

    /// Waits until the newest row of a key is in one of `states` with nothing due; gives id and state.
    pub(crate) async fn settled(&self, key: &str, states: &[&str]) -> uuid::Uuid {
        let began = Instant::now();
        wait_for(&format!("{key} to become {states:?}"), PATIENCE, || async {
            let row = sqlx::query(
                "SELECT id, status, due_at IS NULL AS idle, concat_ws(' ', error_step, error_code, error_message) AS error
                   FROM gateway.tenant WHERE key = $1 ORDER BY created_at DESC LIMIT 1",
            )
            .bind(key)
            .fetch_one(&self.control)
            .await
            .unwrap();
            let (status, error): (String, String) = (row.get("status"), row.get("error"));
            if row.get::<bool, _>("idle") && states.contains(&status.as_str()) {
                Ok(row.get("id"))
            } else if row.get::<bool, _>("idle") && status == "error" {
                panic!("{key} went to error: {error}")
            } else if began.elapsed() < PATIENCE {
                Err(format!("{status} {error}"))
            } else {
                Err(format!("{status} {error}{}", self.autopsy(key).await))
            }
        })
        .await
    }

    /// A connection to any database of the stack's server as its administrator.
    pub(crate) async fn server(&self, database: &str) -> PgConnection {
        let options: PgConnectOptions = self.text("database_url").parse().unwrap();
        options.database(database).connect().await.unwrap()
    }

    pub(crate) fn server_options(&self) -> PgConnectOptions {
        self.text("database_url").parse().unwrap()
    }

    /// Name and password of the server's administrator.
    pub(crate) fn administrator(&self) -> (String, String) {
        let url: url::Url = self.text("database_url").parse().unwrap();
        (url.username().to_owned(), url.password().unwrap().to_owned())
    }

    /// A client of Traefik's Redis.
    pub(crate) async fn redis(&self) -> fred::clients::Client {
        let config = fred::types::config::Config::from_url(&self.text("redis_url")).unwrap();
        let client = fred::clients::Client::new(config, None, None, None);
        client.init().await.unwrap();
        client
    }

    /// Keys in Traefik's Redis that match a pattern, sorted.
    pub(crate) async fn redis_keys(&self, pattern: &str) -> Vec<String> {
        let client = self.redis().await;
        let mut all: Vec<String> = client.custom(fred::cmd!("KEYS"), vec![pattern.to_owned()]).await.unwrap();
        client.quit().await.unwrap();
        all.sort();
        all
    }

    /// The engine the stack uses.
    pub(crate) async fn docker(&self) -> bollard::Docker {
        let host = self.text("docker_host");
        bollard::Docker::connect_with_unix(&host, 60, bollard::API_DEFAULT_VERSION)
            .unwrap()
            .negotiate_version()
            .await
            .unwrap()
    }

    /// Names of the networks with a tenant's label.
    pub(crate) async fn networks_of(&self, id: uuid::Uuid) -> Vec<bollard::models::Network> {
        let filters = std::collections::HashMap::from([("label".to_owned(), vec![format!("gateway.tenant={id}")])]);
        let options = bollard::query_parameters::ListNetworksOptionsBuilder::new().filters(&filters).build();
        self.docker().await.list_networks(Some(options)).await.unwrap()
    }

    /// Containers with a tenant's label, running or not.
    pub(crate) async fn containers_of(&self, id: uuid::Uuid) -> Vec<bollard::models::ContainerSummary> {
        let filters = std::collections::HashMap::from([("label".to_owned(), vec![format!("gateway.tenant={id}")])]);
        let options =
            bollard::query_parameters::ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
        self.docker().await.list_containers(Some(options)).await.unwrap()
    }
}
