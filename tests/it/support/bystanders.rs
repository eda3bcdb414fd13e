//! Tenants that are active already and must not notice what a case does: asked through Traefik all the time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::Client;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use super::instance::Instance;
use super::report::say;
use super::stack::Stack;
use super::{PATIENCE, unique_key, wait_for};

/// How many.
const COUNT: usize = 3;
/// Between two requests to one of them: about twenty requests a second in all.
const PACE: Duration = Duration::from_millis(150);
/// A request that takes longer has failed.
const LIMIT: Duration = Duration::from_secs(5);

/// Active tenants under traffic. Dropped, the traffic ends; [`Bystanders::finish`] also says how it went.
#[derive(Debug)]
pub(crate) struct Bystanders {
    tallies: Vec<Arc<Mutex<Tally>>>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

#[derive(Debug, Default)]
struct Tally {
    served: usize,
    failures: Vec<String>,
}

impl Bystanders {
    /// Makes them with a worker of the settings given, and begins to ask.
    pub(crate) async fn settle(instance: &Instance, settings: &[(&str, &str)]) -> Self {
        let stack = &instance.stack;
        let worker = instance.worker(settings);
        let mut tenants = Vec::new();
        for _ in 0..COUNT {
            let key = unique_key("bystander");
            tenants.push((stack.insert(&key, "Bystander").await, key));
        }
        for (_, key) in &tenants {
            stack.settled(key, &["active"]).await;
        }
        assert_eq!(worker.stop(), Some(0));
        Self::watch(stack, &tenants)
    }

    /// Begins to ask tenants that are active.
    fn watch(stack: &Stack, tenants: &[(Uuid, String)]) -> Self {
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let client = Client::builder().no_proxy().timeout(LIMIT).build().unwrap();
        let mut tallies = Vec::new();
        for (id, key) in tenants {
            let tally = Arc::new(Mutex::new(Tally::default()));
            tallies.push(tally.clone());
            let (client, stop, id) = (client.clone(), stop.clone(), *id);
            let url = format!("{}/api/whoami", stack.text("traefik_url").trim_end_matches('/'));
            let host = stack.host_of(key);
            tasks.spawn(async move {
                let mut pace = tokio::time::interval(PACE);
                loop {
                    tokio::select! {
                        _ = pace.tick() => {}
                        () = stop.cancelled() => return,
                    }
                    let asked = ask(&client, &url, &host, id).await;
                    let mut tally = tally.lock().unwrap();
                    match asked {
                        Ok(()) => tally.served += 1,
                        Err(trouble) => tally.failures.push(format!("{host}: {trouble}")),
                    }
                }
            });
        }
        Self { tallies, stop, tasks }
    }

    fn served(&self) -> Vec<usize> {
        self.tallies.iter().map(|tally| tally.lock().unwrap().served).collect()
    }

    fn failures(&self) -> Vec<String> {
        self.tallies.iter().flat_map(|tally| tally.lock().unwrap().failures.clone()).collect()
    }

    /// Asserts that no request failed so far, and that each tenant is served once more.
    pub(crate) async fn untouched(&self, what: &str) {
        let before = self.served();
        wait_for(&format!("the bystanders of {what} to be served once more"), PATIENCE, || async {
            let failures = self.failures();
            assert!(failures.is_empty(), "bystanders of {what}: {failures:#?}");
            let now = self.served();
            if now.iter().zip(&before).all(|(now, before)| now > before) { Ok(()) } else { Err(format!("{now:?}")) }
        })
        .await;
    }

    /// After a fault that nobody can be spared: waits until each is served again, and forgets what failed before.
    pub(crate) async fn settle_down(&self, what: &str) {
        wait_for(&format!("the bystanders of {what} to be served again"), PATIENCE, || async {
            let before = self.served();
            self.forgive();
            // Long enough for three requests to each; all of them must do.
            tokio::time::sleep(PACE * 4).await;
            let (now, failures) = (self.served(), self.failures());
            let served = now.iter().zip(&before).all(|(now, before)| now > before);
            if served && failures.is_empty() { Ok(()) } else { Err(format!("{failures:?}")) }
        })
        .await;
    }

    fn forgive(&self) {
        for tally in &self.tallies {
            tally.lock().unwrap().failures.clear();
        }
    }

    /// Ends the traffic, asserts that none of it failed, and says how much there was.
    pub(crate) async fn finish(self, what: &str) {
        self.untouched(what).await;
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        let failures = self.failures();
        assert!(failures.is_empty(), "bystanders of {what}: {failures:#?}");
        let served: usize = self.served().iter().sum();
        say(&format!("{what}: {served} requests of bystanders, none failed"));
    }
}

impl Drop for Bystanders {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Asks a tenant who it is; anything but its own id is trouble.
async fn ask(client: &Client, url: &str, host: &str, id: Uuid) -> Result<(), String> {
    let answer = client.get(url).header("host", host).send().await.map_err(|error| format!("{error:?}"))?;
    let status = answer.status();
    let body = answer.text().await.map_err(|error| format!("{error:?}"))?;
    let told: serde_json::Value = serde_json::from_str(&body).unwrap_or_default();
    let right = told["tenant_id"] == id.to_string() && told["database"] == format!("t_{}", id.simple());
    if status == 200 && right { Ok(()) } else { Err(format!("{status} {body}")) }
}
