//! A stack to break, and the checklist read from it.

use fred::interfaces::ClientLike;
use serde_json::Value;
use sqlx::AssertSqlSafe;

use crate::support::instance::Instance;
use crate::support::stack::gateway;
use crate::support::worker::Worker;
use crate::support::{PATIENCE, wait_for};

/// What the checklist said, and how the program ended.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) code: i32,
    report: Value,
}

impl Told {
    /// Every check in order, with its state.
    pub(super) fn checks(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let checks = self.report["checks"].as_array().unwrap();
        checks.iter().map(|check| (text(&check["code"]), text(&check["state"]))).collect()
    }

    /// Those in a state.
    pub(super) fn in_state(&self, state: &str) -> Vec<String> {
        self.checks().into_iter().filter(|(_, is)| is == state).map(|(code, _)| code).collect()
    }

    /// State and finding of one check.
    pub(super) fn of(&self, code: &str) -> (String, String) {
        let checks = self.report["checks"].as_array().unwrap();
        let check = checks.iter().find(|check| check["code"] == code).unwrap_or_else(|| panic!("no check {code}"));
        let text = |name: &str| check[name].as_str().unwrap().to_owned();
        (text("state"), text("found"))
    }

    /// Asserts how one check ended and that it says so, and gives this back for more.
    pub(super) fn tells(self, code: &str, state: &str, part: &str) -> Self {
        let (is, found) = self.of(code);
        assert!(is == state && found.contains(part), "{code} is not {state} with {part:?}: {is}, {found}\n{self:?}");
        if state == "problem" {
            assert_eq!(self.code, 1, "{self:?}");
        }
        self
    }
}

/// A stack of the test's own with one tenant. Its worker is a process of its own, so that what is broken stays so.
pub(super) struct Rig {
    pub(super) instance: Instance,
    pub(super) tenant: String,
    secrets: Vec<String>,
}

impl Rig {
    /// A stack with a tenant that is active, and the worker that made it so.
    pub(super) async fn new() -> (Self, Worker) {
        let instance = Instance::without_worker(&[]).await;
        let worker = instance.worker(&[]);
        let tenant = crate::support::unique_key("doctor");
        instance.stack.insert(&tenant, "Doctor Test").await;
        instance.stack.settled(&tenant, &["active"]).await;
        let secrets = instance.environment.iter().flat_map(|(name, value)| secrets(name, value)).collect();
        (Self { instance, tenant, secrets }, worker)
    }

    /// The checklist of this stack with some settings otherwise.
    pub(super) fn ask_with(&self, arguments: &[&str], settings: &[(&str, &str)]) -> Told {
        let mut command = gateway();
        command.args(["doctor", "-o", "json"]).args(arguments);
        command.envs(self.instance.environment.iter().cloned()).envs(settings.iter().copied());
        let output = command.output().unwrap();
        let text = String::from_utf8(output.stdout.clone()).unwrap();
        for secret in &self.secrets {
            assert!(!text.contains(secret), "the checklist holds a secret: {text}");
        }
        let report = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{output:?}"));
        Told { code: output.status.code().unwrap(), report }
    }

    pub(super) fn ask(&self, settings: &[(&str, &str)]) -> Told {
        self.ask_with(&[], settings)
    }

    /// Asks until a check is in a state.
    pub(super) async fn until(&self, code: &str, state: &str) -> Told {
        wait_for(&format!("{code} to be {state}"), PATIENCE, async || {
            let told = self.ask(&[]);
            if told.of(code).0 == state { Ok(told) } else { Err(format!("{:?}", told.of(code))) }
        })
        .await
    }

    /// The value of a setting of this stack.
    pub(super) fn setting(&self, name: &str) -> String {
        let found = self.instance.environment.iter().find(|(variable, _)| variable == name);
        found.unwrap_or_else(|| panic!("{name} is not set")).1.clone()
    }

    /// Runs SQL on the control database.
    pub(super) async fn control(&self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&self.instance.stack.control).await.unwrap();
    }

    /// Runs SQL as the administrator of the server, outside of every database that matters.
    pub(super) async fn server(&self, sql: &str) {
        let mut connection = self.instance.stack.server("postgres").await;
        for statement in sql.split(';').map(str::trim).filter(|statement| !statement.is_empty()) {
            sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
        }
    }

    /// Runs a command of Redis as somebody who may do everything.
    pub(super) async fn redis(&self, command: &'static str, arguments: &[&str]) -> fred::types::Value {
        let client = self.instance.stack.redis().await;
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let command = fred::types::CustomCommand::new_static(command, None, false);
        let answer = client.custom(command, arguments).await.unwrap();
        client.quit().await.unwrap();
        answer
    }

    /// Sets a key of Traefik's tree, or takes it away, and tells Traefik.
    pub(super) async fn publish(&self, key: &str, value: Option<&str>) {
        match value {
            Some(value) => self.redis("SET", &[key, value]).await,
            None => self.redis("DEL", &[key]).await,
        };
        self.redis("PUBLISH", &["__keyspace@0__:traefik/rev", "set"]).await;
    }
}

/// What of a setting must not be told: passwords in URLs, and keys.
fn secrets(name: &str, value: &str) -> Vec<String> {
    let password = url::Url::parse(value).ok().and_then(|url| url.password().map(str::to_owned));
    let keys = match name {
        "GATEWAY_SECRET_KEYS" | "GATEWAY_API_KEYS" => value.split([':', ';', ',']).map(str::to_owned).collect(),
        "GATEWAY_API_KEY" => vec![value.to_owned()],
        _ => Vec::new(),
    };
    password.into_iter().chain(keys).filter(|secret: &String| secret.len() >= 16).collect()
}
