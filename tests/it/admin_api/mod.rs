//! The admin API, file by file as its paths. Each test has a control database of its own and no worker, so states are
//! set by SQL as a worker would.

mod access;
mod api_keys;
mod audit;
mod batches;
mod calls;
mod capacity;
mod corpus;
mod database_servers;
mod docs;
mod drift;
mod edges;
mod events;
mod invites;
mod fields;
mod follow;
mod jobs;
mod key_checks;
mod looks;
mod mail;
mod managed_pools;
mod me;
mod metrics;
mod operations;
mod origins;
mod orphans;
mod plans;
mod pools;
mod problems;
mod promised;
mod races;
mod repeats;
mod resets;
mod retention;
mod reseal;
mod routes;
mod series;
mod session;
mod sessions;
mod signup;
mod streams;
mod system;
mod tenants;
mod totp;
mod turns;
mod users;
mod views;

use std::collections::BTreeMap;
use std::future::Future;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use futures::FutureExt;
use gateway::api::{self, AppState};
use gateway::config::{Settings, load};
use gateway::infra::limits::Limits;
use gateway::proxy::Routes;
use gateway::store::Store;
use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder};
use secrecy::SecretString;
use serde_json::{Value, json};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::support::run;
use crate::support::schema::control_database;
use crate::support::stack::Stack;

/// A key that may do everything.
const ROOT: &str = "root-root-root-root-root-root-root-root";
/// A key that may only read tenants.
const READER: &str = "reader-reader-reader-reader-reader-read";
/// A key that may only reveal credentials.
const REVEALER: &str = "revealer-revealer-revealer-revealer-rev";
/// A key that may do nothing.
const NOBODY: &str = "nobody-nobody-nobody-nobody-nobody-nobo";

/// An answer of the API.
#[derive(Debug)]
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    fn text(&self, field: &str) -> &str {
        self.body[field].as_str().unwrap_or_else(|| panic!("{field} in {}", self.body))
    }

    /// Asserts a whole problem with this code and the request's id.
    fn assert_problem(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.text("code")), (status, code), "{}", self.body);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.text("type"), format!("/problems/{code}"));
        assert_eq!(self.body["status"], status);
        assert_eq!(self.text("instance"), self.header("x-request-id"));
        assert!(!self.text("title").is_empty() && !self.text("detail").is_empty(), "{}", self.body);
    }

    /// Pointers and codes of the wrong fields.
    fn wrong(&self) -> Vec<(&str, &str)> {
        let errors = self.body["errors"].as_array().unwrap_or_else(|| panic!("errors in {}", self.body));
        errors.iter().map(|e| (e["pointer"].as_str().unwrap(), e["code"].as_str().unwrap())).collect()
    }
}

/// An API of a test's own.
struct Api {
    url: String,
    http: reqwest::Client,
    settings: Arc<Settings>,
    store: Store,
    /// Empty at first, as in a process that has just begun.
    routes: Arc<Routes>,
    options: PgConnectOptions,
    redis: String,
    /// The settings it was given beside its own.
    more: Vec<(String, String)>,
    parts: TaskTracker,
    stop: CancellationToken,
}

/// Runs a test body with an API on a fresh control database.
fn with_api<F: Future<Output = ()>>(body: impl FnOnce(Arc<Api>) -> F) {
    with_settings(&[], body);
}

/// As [`with_api`], with more settings.
fn with_settings<F: Future<Output = ()>>(more: &[(&str, &str)], body: impl FnOnce(Arc<Api>) -> F) {
    run(async {
        let stack = Stack::shared().await;
        let redis = stack.redis_url();
        let server = stack.server_options();
        let name = format!("api_{:016x}", rand::random::<u64>());
        let options = control_database(&stack, &name).await;
        let parts = TaskTracker::new();
        let stop = CancellationToken::new();
        let api = Arc::new(serve(options, &redis, more, &parts, &stop).await);
        let outcome = AssertUnwindSafe(body(Arc::clone(&api))).catch_unwind().await;
        stop.cancel();
        parts.close();
        parts.wait().await;
        api.store.close().await;
        execute(&server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
        if let Err(panic) = outcome {
            resume_unwind(panic);
        }
    });
}

async fn execute(server: &PgConnectOptions, statement: &str) {
    let mut connection = server.connect().await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
}

/// Serves the API on a control database that is migrated.
async fn serve(
    options: PgConnectOptions,
    redis: &str,
    more: &[(&str, &str)],
    parts: &TaskTracker,
    stop: &CancellationToken,
) -> Api {
    let url = options.to_url_lossy().to_string();
    let seal = base64::engine::general_purpose::STANDARD.encode([7; 32]);
    let keys =
        format!("root:{ROOT}:*;reader:{READER}:tenants:read;revealer:{REVEALER}:credentials:reveal;nobody:{NOBODY}:");
    let given = [
        ("GATEWAY_DATABASE_URL", url.as_str()),
        ("GATEWAY_SECRET_KEYS", &format!("t:{seal}")),
        ("GATEWAY_API_KEYS", &keys),
        ("GATEWAY_HOST_SUFFIX", "apps.test"),
        ("GATEWAY_TRAEFIK_URL", "http://127.0.0.1:8090"),
        ("GATEWAY_REDIS_URL", redis),
    ];
    let environment: BTreeMap<String, String> =
        given.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let settings = Arc::new(load(&environment).unwrap());
    let secret_url = SecretString::from(url.clone());
    let store = Store::connect(&secret_url, "api", 8).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let routes = Arc::new(Routes::default());
    let limits = settings.edge.limits_redis_url.as_ref().unwrap();
    let limits = Limits::connect(limits, store.installation().await.unwrap()).await.unwrap();
    let state =
        AppState::new(store.clone(), Arc::clone(&settings), Arc::clone(&routes), limits, CancellationToken::new())
            .unwrap();
    let router = api::router(state);
    parts.spawn(api::server::serve(listener, router, stop.clone(), stop.clone()));
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let (parts, stop) = (parts.clone(), stop.clone());
    let more = more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Api { url, http, settings, store, routes, options, redis: redis.to_owned(), more, parts, stop }
}

impl Api {
    /// Another one on the same control database, as a second process would serve it.
    async fn another(&self) -> Self {
        self.another_with(&[]).await
    }

    /// Another one whose settings differ.
    async fn another_with(&self, more: &[(&str, &str)]) -> Self {
        let own = self.more.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let more: Vec<(&str, &str)> = own.chain(more.iter().copied()).collect();
        serve(self.options.clone(), &self.redis, &more, &self.parts, &self.stop).await
    }

    /// A request without credentials.
    fn bare(&self, method: &str, path: &str) -> RequestBuilder {
        let method: Method = method.parse().unwrap();
        self.http.request(method, format!("{}{path}", self.url))
    }

    async fn send(&self, request: RequestBuilder) -> Answer {
        let request = request.build().unwrap();
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let answer = self.http.execute(request).await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        promised::assert_promised(method.as_str(), &path, status);
        let body = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or(Value::Null);
        Answer { status, headers, body }
    }

    /// A call with a key.
    async fn call_as(&self, key: &str, method: &str, path: &str) -> Answer {
        self.send(self.bare(method, path).bearer_auth(key)).await
    }

    /// Waits until a key is refused: no call that begins a second after it ended may be answered.
    async fn until_refused(&self, key: &str) {
        let ended = Instant::now();
        loop {
            let asked = ended.elapsed();
            let answer = self.call_as(key, "GET", "/api/gateway/me").await;
            if answer.status == 401 {
                return answer.assert_problem(401, "unauthenticated");
            }
            assert!(asked < Duration::from_secs(1), "answered {asked:?} after it ended: {}", answer.body);
        }
    }

    /// A call that may do everything.
    async fn call(&self, method: &str, path: &str) -> Answer {
        self.call_as(ROOT, method, path).await
    }

    /// A POST with a body.
    async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.bare("POST", path).bearer_auth(ROOT).json(body)).await
    }

    /// Makes a tenant and gives its id.
    async fn create(&self, key: &str) -> Uuid {
        let made = self.post("/api/gateway/tenants", &json!({ "key": key, "company_name": key })).await;
        assert_eq!(made.status, 202, "{}", made.body);
        made.text("id").parse().unwrap()
    }

    /// Moves a tenant through states as a worker would.
    async fn walk(&self, id: Uuid, states: &[&str]) {
        for state in states {
            let mut connection = self.database().await;
            let moved = "UPDATE gateway.tenant
                            SET status = $2, observed_generation = CASE $2 WHEN 'active' THEN generation ELSE observed_generation END
                          WHERE id = $1";
            let moved = sqlx::query(moved).bind(id).bind(state);
            assert_eq!(moved.execute(&mut connection).await.unwrap().rows_affected(), 1);
        }
    }

    /// Makes the tenant's present wish true, as a worker that settles would.
    async fn settle(&self, id: Uuid) {
        let mut connection = self.database().await;
        for statement in [
            "UPDATE gateway.tenant SET observed_generation = generation, due_at = NULL, attempt = 0 WHERE id = $1",
            "UPDATE gateway.operation SET state = 'succeeded', ended_at = clock_timestamp()
              WHERE tenant_id = $1 AND state IN ('pending', 'running')",
        ] {
            sqlx::query(statement).bind(id).execute(&mut connection).await.unwrap();
        }
    }

    /// Makes a tenant that is active, with nothing to do; its id.
    async fn active(&self, key: &str) -> Uuid {
        let id = self.create(key).await;
        self.walk(id, &["provisioning", "active"]).await;
        self.settle(id).await;
        id
    }

    /// Makes a user and logs in; the cookie.
    async fn log_in(&self, email: &str, role: &str) -> String {
        let password = "a password of a test";
        let hash = api::auth::password::hash(&SecretString::from(password.to_owned())).unwrap();
        sqlx::query("INSERT INTO gateway.user_account (email, role, password_hash) VALUES ($1, $2, $3)")
            .bind(email)
            .bind(role)
            .bind(hash)
            .execute(&mut self.database().await)
            .await
            .unwrap();
        let made = self.post("/api/gateway/session", &json!({ "email": email, "password": password })).await;
        assert_eq!(made.status, 200, "{}", made.body);
        made.header("set-cookie").split(';').next().unwrap().to_owned()
    }

    /// A call of a person.
    async fn call_with(&self, cookie: &str, method: &str, path: &str, body: Value) -> Answer {
        let request = self.bare(method, path).header("cookie", cookie);
        self.send(if body.is_null() { request } else { request.json(&body) }).await
    }

    /// A call of nobody known.
    async fn call_bare(&self, path: &str, body: &Value) -> Answer {
        self.send(self.bare("POST", path).json(body)).await
    }

    /// Everything that is stored of people and calls, as text.
    async fn stored(&self) -> String {
        let mut all = String::new();
        let mut database = self.database().await;
        for table in ["user_account", "session", "user_link", "recovery_code", "audit", "answer", "api_key"] {
            let rows = format!("SELECT coalesce(string_agg(t::text, E'\n'), '') FROM gateway.{table} t");
            let rows = sqlx::query_scalar::<_, String>(sqlx::AssertSqlSafe(rows));
            all.push_str(&rows.fetch_one(&mut database).await.unwrap());
        }
        all
    }

    /// A connection to the control database.
    async fn database(&self) -> PgConnection {
        self.options.connect().await.unwrap()
    }
}
