//! Several servers and several workers of one control plane: what holds over all of them, and that each of them can be ended
//! and started again, with other keys too, and nobody notices.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use super::processes::free_port;
use crate::support::instance::Instance;
use crate::support::stack::gateway;
use crate::support::worker::{Worker, assert_calm};
use crate::support::{PATIENCE, run, wait_for};

const OWNER: &str = "owner@localhost";
const PASSWORD: &str = "a password for two servers";
const SESSION: &str = "/api/gateway/session";
const ME: &str = "/api/gateway/me";
const WILDCARD: (&str, &str) = ("GATEWAY_ROUTING_MODE", "wildcard");
/// Traefik asks a tenant port every second whether it is to get requests.
const STOP_DELAY: (&str, &str) = ("GATEWAY_STOP_DELAY_SECONDS", "4");

/// Where a server answers, whichever process it is.
#[derive(Clone, Copy, Debug)]
struct Place {
    port: u16,
    admin_port: u16,
}

impl Place {
    fn free() -> Self {
        Self { port: free_port(), admin_port: free_port() }
    }

    fn tenant_url(self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn admin(self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.admin_port)
    }
}

/// A server process; killed when dropped.
struct Server {
    process: Child,
    log: PathBuf,
}

impl Server {
    /// Starts one and waits until it is ready.
    async fn start(instance: &Instance, place: Place, settings: &[(&str, &str)]) -> Self {
        let log = instance.stack.data_dir.join(format!("serve-{:08x}.log", rand::random::<u32>()));
        let file = std::fs::File::create(&log).unwrap();
        let mut command = gateway();
        command.arg("serve").envs(instance.environment.iter().cloned()).envs(settings.iter().copied());
        command.env("GATEWAY_PORT", place.port.to_string()).env("GATEWAY_ADMIN_PORT", place.admin_port.to_string());
        command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file);
        let server = Self { process: command.spawn().unwrap(), log };
        let http = client();
        wait_for("the server to be ready", PATIENCE, || async {
            let answer = http.get(place.admin("/ready")).send().await;
            let answer = answer.and_then(reqwest::Response::error_for_status);
            answer.map(drop).map_err(|error| format!("{error}: {}", std::fs::read_to_string(&server.log).unwrap()))
        })
        .await;
        server
    }

    /// Asks it to end and waits until it has.
    async fn end(mut self) {
        kill(Pid::from_raw(i32::try_from(self.process.id()).unwrap()), Signal::SIGTERM).unwrap();
        let code = wait_for("the server to end", PATIENCE, || {
            let ended = self.process.try_wait().unwrap();
            async move { ended.ok_or_else(|| "it goes on".to_owned()) }
        })
        .await;
        assert_eq!(code.code(), Some(0));
        assert_calm(&self.log, &[]);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// Gives the account of the stack's owner the password.
fn set_password(instance: &Instance) {
    let mut command = gateway();
    command.args(["user", "set-password", OWNER]).envs(instance.environment.iter().cloned());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(PASSWORD.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
}

/// Logs in and gives the session's cookie.
async fn log_in(place: Place) -> String {
    let body = json!({ "email": OWNER, "password": PASSWORD });
    let answer = client().post(place.admin(SESSION)).json(&body).send().await.unwrap();
    assert!(answer.status().is_success(), "{answer:?}");
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    cookie.split(';').next().unwrap().to_owned()
}

async fn status_of(place: Place, cookie: &str) -> u16 {
    client().get(place.admin(ME)).header("cookie", cookie).send().await.unwrap().status().as_u16()
}

#[test]
fn sessions_limits_and_work_are_one_over_all_servers_and_workers() {
    run(async {
        let instance = Instance::without_worker(&[]).await;
        let stack = &instance.stack;
        let (one, other) = (Place::free(), Place::free());
        let servers = [Server::start(&instance, one, &[]).await, Server::start(&instance, other, &[]).await];
        let workers = [instance.worker(&[]), instance.worker(&[]), instance.worker(&[])];
        set_password(&instance);

        // A session is known wherever it began, and over everywhere at once.
        let cookie = log_in(one).await;
        assert_eq!((status_of(one, &cookie).await, status_of(other, &cookie).await), (200, 200));
        let origin = other.admin("");
        let out = client().delete(other.admin(SESSION)).header("cookie", &cookie).header("origin", origin);
        assert!(out.send().await.unwrap().status().is_success());
        assert_eq!((status_of(one, &cookie).await, status_of(other, &cookie).await), (401, 401));

        // Ten attempts at an account from one address, then one in thirty seconds: over both.
        let since = Instant::now();
        let guess = async |place: Place| {
            let body = json!({ "email": "stranger@localhost", "password": "a wrong one, surely" });
            client().post(place.admin(SESSION)).json(&body).send().await.unwrap().status().as_u16()
        };
        let mut taken = 0;
        for _ in 0..15 {
            let (at_one, at_other) = tokio::join!(guess(one), guess(other));
            for status in [at_one, at_other] {
                assert!(matches!(status, 401 | 429), "{status}");
                taken += u64::from(status == 401);
            }
        }
        assert!((10..=10 + since.elapsed().as_secs() / 30).contains(&taken), "{taken} attempts were taken");

        // Who asks both for the same gets one.
        let make = async |place: Place| {
            let call = client().post(place.admin("/api/gateway/tenants")).bearer_auth(stack.text("api_key"));
            let call = call.header("idempotency-key", "both").json(&json!({ "key": "both", "company_name": "Both" }));
            call.send().await.unwrap().json::<Value>().await.unwrap()["id"].clone()
        };
        let (at_one, at_other) = tokio::join!(make(one), make(other));
        assert!(at_one.is_string() && at_one == at_other, "{at_one} {at_other}");

        // Each tenant and each job is one worker's.
        let crowd = "INSERT INTO gateway.tenant (key, company_name) SELECT 'three-' || n, 'Three' FROM generate_series(1, 12) n";
        sqlx::query(crowd).execute(&stack.control).await.unwrap();
        for _ in 0..6 {
            let body = json!({ "kind": "reconcile" });
            assert_eq!(stack.api("POST", "/api/gateway/jobs", Some(body)).await.0, 202);
        }
        for n in 1..=12 {
            let id = stack.settled(&format!("three-{n}"), &["active"]).await;
            stack.assert_effects_once(id).await;
        }
        let jobs = wait_for("the jobs to be done", PATIENCE, || async {
            let jobs: Vec<(String, i32)> =
                sqlx::query_as("SELECT state, attempt FROM gateway.job").fetch_all(&stack.control).await.unwrap();
            if jobs.iter().all(|(state, _)| state == "succeeded") { Ok(jobs) } else { Err(format!("{jobs:?}")) }
        })
        .await;
        assert!(jobs.len() == 6 && jobs.iter().all(|(_, attempt)| *attempt == 1), "{jobs:?}");
        let by: i64 = sqlx::query_scalar("SELECT count(DISTINCT worker) FROM gateway.step_attempt")
            .fetch_one(&stack.control)
            .await
            .unwrap();
        assert!(by > 1, "{by} workers took part");
        for worker in workers {
            worker.assert_calm(&[]);
            assert_eq!(worker.stop(), Some(0));
        }
        for server in servers {
            server.end().await;
        }
    });
}

/// Requests without a pause until it is asked to end; what went wrong.
struct Load {
    stop: CancellationToken,
    tasks: TaskTracker,
    answered: Arc<AtomicUsize>,
    askers: Vec<JoinHandle<Vec<String>>>,
}

impl Load {
    fn new() -> Self {
        Self { stop: CancellationToken::new(), tasks: TaskTracker::new(), answered: Arc::default(), askers: Vec::new() }
    }

    /// One that asks for what `request` gives each time.
    fn ask(&mut self, request: impl Fn() -> reqwest::RequestBuilder + Send + 'static) {
        let (stop, answered) = (self.stop.clone(), Arc::clone(&self.answered));
        self.askers.push(self.tasks.spawn(async move {
            let mut wrong = Vec::new();
            while !stop.is_cancelled() {
                match request().send().await {
                    Ok(answer) if answer.status() == 200 => {
                        answered.fetch_add(1, Ordering::Relaxed);
                    }
                    Ok(answer) => wrong.push(format!("{} {}", answer.url(), answer.status())),
                    Err(error) => wrong.push(format!("{error:?}")),
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            wrong
        }));
    }

    /// What a load balancer knows of two servers: whether each says that it is to get requests.
    fn look_after(&self, places: [Place; 2]) -> Arc<[AtomicBool; 2]> {
        let ready: Arc<[AtomicBool; 2]> = Arc::new([AtomicBool::new(true), AtomicBool::new(true)]);
        let (known, stop) = (Arc::clone(&ready), self.stop.clone());
        self.tasks.spawn(async move {
            let http = client();
            while !stop.is_cancelled() {
                for (place, ready) in places.iter().zip(known.iter()) {
                    let answer = http.get(place.admin("/health")).send().await;
                    ready.store(answer.is_ok_and(|answer| answer.status() == 200), Ordering::Relaxed);
                }
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        });
        ready
    }

    async fn end(self) -> (usize, Vec<String>) {
        self.stop.cancel();
        let mut wrong = Vec::new();
        for asker in self.askers {
            wrong.extend(asker.await.unwrap());
        }
        (self.answered.load(Ordering::Relaxed), wrong)
    }
}

/// Two servers behind Traefik, and two workers, with the same settings.
struct Fleet<'a> {
    instance: &'a Instance,
    places: [Place; 2],
    tenant_ports: String,
    servers: Vec<Server>,
    workers: Vec<Worker>,
}

impl<'a> Fleet<'a> {
    async fn start(instance: &'a Instance, keys: &str) -> Self {
        let places = [Place::free(), Place::free()];
        let tenant_ports = places.map(Place::tenant_url).join(",");
        let mut fleet = Self { instance, places, tenant_ports, servers: Vec::new(), workers: Vec::new() };
        for place in places {
            let server = fleet.server(place, keys).await;
            fleet.servers.push(server);
        }
        for _ in 0..2 {
            let worker = fleet.worker(keys);
            worker.until_started().await;
            fleet.workers.push(worker);
        }
        fleet.until_asked(places[0]).await;
        fleet.until_asked(places[1]).await;
        fleet
    }

    async fn server(&self, place: Place, keys: &str) -> Server {
        let own =
            [WILDCARD, STOP_DELAY, ("GATEWAY_TENANT_PORT_URL", &*self.tenant_ports), ("GATEWAY_SECRET_KEYS", keys)];
        Server::start(self.instance, place, &own).await
    }

    fn worker(&self, keys: &str) -> Worker {
        let own = [WILDCARD, ("GATEWAY_TENANT_PORT_URL", &*self.tenant_ports), ("GATEWAY_SECRET_KEYS", keys)];
        self.instance.worker(&own)
    }

    /// Waits until Traefik leads requests to a server.
    async fn until_asked(&self, place: Place) {
        let url = format!("{}/api/http/services/gateway@redis", self.instance.stack.text("traefik_api_url"));
        wait_for("Traefik to lead to the server", PATIENCE, || async {
            let seen: Value = client().get(&url).send().await.unwrap().json().await.unwrap_or(Value::Null);
            if seen["serverStatus"][place.tenant_url()] == "UP" { Ok(()) } else { Err(seen.to_string()) }
        })
        .await;
    }

    /// Ends each process and starts it again with these keys, one after the other.
    async fn roll(&mut self, keys: &str) {
        for place in self.places {
            self.servers.remove(0).end().await;
            let server = self.server(place, keys).await;
            self.servers.push(server);
            self.until_asked(place).await;
        }
        for _ in 0..self.workers.len() {
            let worker = self.workers.remove(0);
            worker.assert_calm(&[]);
            assert_eq!(worker.stop(), Some(0));
            let worker = self.worker(keys);
            worker.until_started().await;
            self.workers.push(worker);
        }
    }

    async fn end(self) {
        for worker in self.workers {
            worker.assert_calm(&[]);
            assert_eq!(worker.stop(), Some(0));
        }
        for server in self.servers {
            server.end().await;
        }
    }
}

#[test]
fn keys_are_changed_and_every_process_is_started_again_and_nobody_notices() {
    run(async {
        let instance = Instance::without_worker(&[WILDCARD]).await;
        let stack = &instance.stack;
        let old = instance.environment.iter().find(|(name, _)| name == "GATEWAY_SECRET_KEYS").unwrap().1.clone();
        let new = format!("fresh:{}", STANDARD.encode(rand::random::<[u8; 32]>()));
        let mut fleet = Fleet::start(&instance, &old).await;
        set_password(&instance);
        let cookie = log_in(fleet.places[0]).await;
        stack.insert("steady", "Steady").await;
        let id: Uuid = stack.settled("steady", &["active"]).await;

        let mut load = Load::new();
        for _ in 0..3 {
            let (http, url, host) = (
                client(),
                format!("{}/health", stack.text("traefik_url").trim_end_matches('/')),
                stack.host_of("steady"),
            );
            load.ask(move || http.get(&url).header("host", &host));
        }
        let ready = load.look_after(fleet.places);
        for first in 0..2 {
            let (http, places, cookie, ready) = (client(), fleet.places, cookie.clone(), Arc::clone(&ready));
            load.ask(move || {
                let place = if ready[first].load(Ordering::Relaxed) { places[first] } else { places[1 - first] };
                http.get(place.admin(ME)).header("cookie", &cookie)
            });
        }

        // The four steps of the manual.
        fleet.roll(&format!("{old},{new}")).await;
        fleet.roll(&format!("{new},{old}")).await;
        let sealed_by_old = async || -> i64 {
            let sql = "SELECT count(*) FROM gateway.tenant WHERE split_part(password_sealed, '.', 2) <> 'fresh'";
            sqlx::query_scalar(sql).fetch_one(&stack.control).await.unwrap()
        };
        assert_eq!(sealed_by_old().await, 1, "the tenant's password is still sealed by the old key");
        let rotated = stack.ctl(&["keys", "rotate"]);
        assert!(rotated.status.success(), "{rotated:?}");
        assert_eq!(sealed_by_old().await, 0);
        fleet.roll(&new).await;

        let (answered, wrong) = load.end().await;
        assert!(answered > 100 && wrong.is_empty(), "{answered} answered, {}: {wrong:#?}", wrong.len());
        for place in fleet.places {
            assert_eq!(status_of(place, &cookie).await, 200, "the session goes on");
        }
        // A secret that was sealed before is opened with the new key alone.
        stack.wish("steady", "suspended").await;
        stack.settled("steady", &["suspended"]).await;
        stack.wish("steady", "pending").await;
        assert_eq!(stack.settled("steady", &["active"]).await, id);
        fleet.end().await;
    });
}
