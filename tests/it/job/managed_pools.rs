//! A shared pool whose containers the gateway runs: made, killed, replaced under traffic, stopped, removed.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use bollard::query_parameters::{KillContainerOptions, KillContainerOptionsBuilder};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;

use crate::support::instance::Instance;
use crate::support::stack::Stack;
use crate::support::{PATIENCE, run, unique_key, wait_for};

fn ids(members: &[Value]) -> BTreeSet<String> {
    members.iter().map(|member| member["container_id"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Waits until a host answers with a status.
async fn answers(stack: &Stack, key: &str, path: &str, status: u16) {
    let host = stack.host_of(key);
    wait_for(&format!("{host} to answer {status}"), PATIENCE, || async {
        let found = stack.get(&host, path).await.status;
        if found == status { Ok(()) } else { Err(found.to_string()) }
    })
    .await;
}

/// Asks for a host until it is told to stop; gives how often, and what was not answered with 200.
struct Traffic {
    stop: Arc<AtomicBool>,
    asked: Arc<AtomicU64>,
    lanes: Vec<JoinHandle<Vec<String>>>,
}

impl Traffic {
    fn start(stack: &Stack, host: &str, path: &str) -> Self {
        let (stop, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = format!("{}{path}", stack.text("traefik_url").trim_end_matches('/'));
        let tracker = TaskTracker::new();
        let lanes = (0..3).map(|_| {
            let (stop, asked, client, url, host) =
                (stop.clone(), asked.clone(), client.clone(), url.clone(), host.to_owned());
            tracker.spawn(async move {
                let mut failed = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    match client.get(&url).header("host", &host).send().await {
                        Ok(answer) if answer.status() == 200 => {}
                        Ok(answer) => failed.push(answer.status().to_string()),
                        Err(error) => failed.push(format!("{error:?}")),
                    }
                    asked.fetch_add(1, Ordering::Relaxed);
                }
                failed
            })
        });
        let lanes = lanes.collect();
        Self { stop, asked, lanes }
    }

    async fn end(self) -> (u64, Vec<String>) {
        self.stop.store(true, Ordering::Relaxed);
        let mut failed = Vec::new();
        for lane in self.lanes {
            failed.extend(lane.await.unwrap());
        }
        (self.asked.load(Ordering::Relaxed), failed)
    }
}

#[test]
fn a_pool_of_containers_lives_from_its_making_to_its_removal() {
    run(async {
        // The containers answer there without their gateway, which no container reaches in this stack.
        let instance = Instance::start(&[], &[("GATEWAY_APP_HEALTH_PATH", "/health")]).await;
        let stack = &instance.stack;
        let (name, key, path) = ("managed".to_owned(), "contained".to_owned(), "/health".to_owned());
        let made = stack.make_pool(&name, 2).await;
        assert_eq!((&made["managed"], &made["replicas"]), (&json!(true), &json!(2)));
        assert_eq!(made["environment"], json!(["GATEWAY_API_KEY", "GATEWAY_URL"]), "names, and no values");
        let id = made["id"].as_str().unwrap().to_owned();
        stack.pool_settled(&name, 2).await;
        let first = stack.pool_members(&name).await;
        assert!(first.iter().all(|member| member["state"] == "healthy" && member["used"] == true), "{first:?}");
        assert_eq!(stack.networks_of_pool(&id).await.len(), 1);
        let container = stack.containers_of_pool(&id).await.pop().unwrap().id.unwrap();
        let host = stack.docker().await.inspect_container(&container, None).await.unwrap().host_config.unwrap();
        assert_eq!((host.readonly_rootfs, host.cap_drop), (Some(true), Some(vec!["ALL".to_owned()])));
        stack.put_into_pool(&key, &name).await;
        answers(stack, &key, &path, 200).await;

        // One that is killed comes back, as another container.
        let killed = first[0]["container_id"].as_str().unwrap().to_owned();
        stack.docker().await.kill_container(&killed, None::<KillContainerOptions>).await.unwrap();
        wait_for("another container in its place", PATIENCE, || async {
            let now = ids(&stack.pool_members(&name).await);
            if now.contains(&killed) || now.contains("") || now.len() != 2 { Err(format!("{now:?}")) } else { Ok(()) }
        })
        .await;
        stack.pool_settled(&name, 2).await;

        // All are replaced, and nobody notices.
        let before = ids(&stack.pool_members(&name).await);
        let traffic = Traffic::start(stack, &stack.host_of(&key), &path);
        let restarted = stack.ctl(&["pool", "restart", &name, "--wait", "-o", "json"]);
        assert!(restarted.status.success(), "{restarted:?}");
        stack.pool_settled(&name, 2).await;
        let (asked, failed) = traffic.end().await;
        assert!(asked > 50, "{asked}");
        assert_eq!(failed, Vec::<String>::new(), "of {asked} requests during the restart");
        let after = ids(&stack.pool_members(&name).await);
        assert!(after.is_disjoint(&before) && after.len() == 2, "{before:?} {after:?}");

        let audit = stack.ctl(&["verify", "-o", "json"]);
        assert!(audit.status.success(), "{audit:?}");

        // More, and fewer.
        for replicas in [3, 1] {
            let edited = stack.ctl(&["pool", "edit", &name, "--replicas", &replicas.to_string(), "--wait"]);
            assert!(edited.status.success(), "{edited:?}");
            stack.pool_settled(&name, replicas).await;
            assert_eq!(stack.containers_of_pool(&id).await.len(), replicas);
        }
        answers(stack, &key, &path, 200).await;

        // Out of use and back.
        assert!(stack.ctl(&["pool", "stop", &name, "--wait"]).status.success());
        answers(stack, &key, &path, 503).await;
        let running = stack
            .containers_of_pool(&id)
            .await
            .into_iter()
            .filter(|one| one.state.map(|state| state.to_string()).as_deref() == Some("running"));
        assert_eq!(running.count(), 0);
        assert_eq!(stack.pool_members(&name).await[0]["state"], "stopped");
        assert!(stack.ctl(&["pool", "start", &name, "--wait"]).status.success());
        answers(stack, &key, &path, 200).await;

        // The rows of tenants remember it, also when they are deleted.
        assert_eq!(stack.ctl(&["pool", "delete", &name]).status.code(), Some(5));
        stack.wish(&key, "deleting").await;
        stack.settled(&key, &["deleted"]).await;
        assert!(stack.ctl(&["pool", "stop", &name, "--wait"]).status.success());
    });
}

#[test]
fn a_removed_pool_leaves_nothing() {
    run(async {
        let stack = Stack::shared().await;
        let name = unique_key("removed");
        let id = stack.make_pool(&name, 1).await["id"].as_str().unwrap().to_owned();
        stack.pool_settled(&name, 1).await;
        let keys = format!("*/http/services/pool-{name}/*");
        assert_eq!(stack.redis_keys(&keys).await.len(), 1);
        let removed = stack.ctl(&["pool", "delete", &name, "--wait"]);
        assert!(removed.status.success(), "{removed:?}");
        assert_eq!(stack.containers_of_pool(&id).await.len(), 0);
        assert_eq!(stack.networks_of_pool(&id).await.len(), 0);
        assert_eq!(stack.redis_keys(&keys).await, Vec::<String>::new());
        let rest: i64 = sqlx::query_scalar("SELECT count(*) FROM gateway.subnet WHERE pool_id = $1::uuid")
            .bind(&id)
            .fetch_one(&stack.control)
            .await
            .unwrap();
        assert_eq!((rest, stack.pool(&name).await["code"].as_str().unwrap()), (0, "pool_not_found"));
    });
}

#[test]
fn the_members_of_other_pools_are_asked_too() {
    run(async {
        let stack = Stack::shared().await;
        let app = stack.environment().into_iter().find(|(name, _)| name == "GATEWAY_APP_BACKEND_URL").unwrap().1;
        let name = unique_key("outside");
        let backends = ["--backend", app.trim_end_matches('/'), "--backend", "http://127.0.0.1:9", "--capacity", "0"];
        let made = stack.ctl(&[&["pool", "create", &name][..], &backends[..]].concat());
        assert!(made.status.success(), "{made:?}");
        wait_for("both to be asked", PATIENCE, || async {
            let states: Vec<Value> = stack.pool_members(&name).await.iter().map(|one| one["state"].clone()).collect();
            if states == [json!("healthy"), json!("unhealthy")] { Ok(()) } else { Err(format!("{states:?}")) }
        })
        .await;
        assert_eq!(stack.pool(&name).await["healthy_members"], 1);
        let changed = "SELECT m.xmin::text FROM gateway.pool_member m JOIN gateway.shared_pool p ON p.id = m.pool_id WHERE p.name = $1 ORDER BY m.url";
        let rows =
            async || sqlx::query_scalar::<_, String>(changed).bind(&name).fetch_all(&stack.control).await.unwrap();
        let before = rows().await;
        assert!(stack.ctl(&["pool", "restart", &name]).status.code() == Some(5), "there is nothing to restart");
        assert_eq!(rows().await, before, "a look that finds nothing new writes nothing");
        assert!(stack.ctl(&["pool", "delete", &name]).status.success());
    });
}

#[test]
fn another_worker_goes_on_with_a_restart_and_a_wrong_image_hinders_nobody_else() {
    run(async {
        let lease = [("GATEWAY_WORKER_LEASE_SECONDS", "2"), ("GATEWAY_POOL_LOOK_SECONDS", "1")];
        let instance = Instance::without_worker(&[]).await;
        let stack = &instance.stack;
        let worker = instance.worker(&lease);
        let id = stack.make_pool("eu", 2).await["id"].as_str().unwrap().to_owned();
        stack.pool_settled("eu", 2).await;
        let before = ids(&stack.pool_members("eu").await);
        assert!(stack.ctl(&["pool", "restart", "eu"]).status.success());
        wait_for("the restart to be half-way", PATIENCE, || async {
            let members = stack.pool_members("eu").await;
            if members.len() == 3 { Ok(()) } else { Err(format!("{members:?}")) }
        })
        .await;
        worker.kill();
        let _second = instance.worker(&lease);
        stack.pool_settled("eu", 2).await;
        let after = ids(&stack.pool_members("eu").await);
        assert!(after.is_disjoint(&before) && after.len() == 2, "{before:?} {after:?}");
        assert_eq!(stack.containers_of_pool(&id).await.len(), 2);

        // An image that is not there.
        let edited = stack.ctl(&["pool", "edit", "eu", "--image", "not-there:1", "--wait"]);
        let said = String::from_utf8_lossy(&edited.stderr);
        assert!(edited.status.code() == Some(1) && said.contains("image_missing"), "{edited:?}");
        let pool = stack.pool("eu").await;
        assert_eq!((&pool["problem"]["code"], &pool["problem"]["retried"]), (&json!("image_missing"), &json!(false)));
        assert_eq!(pool["members"].as_array().unwrap().len(), 2, "the former containers go on");
        stack.insert("elsewhere", "Elsewhere").await;
        stack.settled("elsewhere", &["active"]).await;
        let image = stack.environment().into_iter().find(|(name, _)| name == "GATEWAY_DOCKER_APP_IMAGE").unwrap().1;
        let mended = stack.ctl(&["pool", "edit", "eu", "--image", &image, "--wait"]);
        assert!(mended.status.success(), "{mended:?}");
        assert_eq!(ids(&stack.pool_members("eu").await), after, "as it was, so nothing was replaced");

        // Somebody removes a container and leaves a copy.
        let gone = after.first().unwrap();
        let force = bollard::query_parameters::RemoveContainerOptionsBuilder::new().force(true).build();
        stack.docker().await.remove_container(gone, Some(force)).await.unwrap();
        wait_for("it to be made again", PATIENCE, || async {
            let now = ids(&stack.pool_members("eu").await);
            if now.contains(gone) || now.contains("") || now.len() != 2 { Err(format!("{now:?}")) } else { Ok(()) }
        })
        .await;
        stack.pool_settled("eu", 2).await;
        assert!(stack.ctl(&["pool", "delete", "eu", "--wait"]).status.success());
        assert_eq!(stack.containers_of_pool(&id).await.len() + stack.networks_of_pool(&id).await.len(), 0);
    });
}

#[test]
fn a_container_that_hangs_alone_is_made_anew() {
    run(async {
        let hasty = [
            ("GATEWAY_WORKER_STEP_TIMEOUT_SECONDS", "10"),
            ("GATEWAY_WORKER_RETRY_BASE_SECONDS", "0.1"),
            ("GATEWAY_POOL_LOOK_SECONDS", "1"),
        ];
        let instance = Instance::without_worker(&[]).await;
        let stack = &instance.stack;
        let _worker = instance.worker(&hasty);
        stack.make_pool("eu", 1).await;
        stack.pool_settled("eu", 1).await;
        let hung = ids(&stack.pool_members("eu").await);
        let stop = KillContainerOptionsBuilder::new().signal("SIGSTOP").build();
        stack.docker().await.kill_container(hung.first().unwrap(), Some(stop)).await.unwrap();
        wait_for("another container in its place", PATIENCE * 2, || async {
            let now = ids(&stack.pool_members("eu").await);
            if now.is_disjoint(&hung) && !now.contains("") { Ok(()) } else { Err(format!("{now:?}")) }
        })
        .await;
        stack.pool_settled("eu", 1).await;
        assert!(stack.ctl(&["pool", "delete", "eu", "--wait"]).status.success());
    });
}
