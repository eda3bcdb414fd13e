//! The wildcard router leads to shared tenants: they have no keys of their own, exceptions do, and nobody loses a request when
//! the routing mode changes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use fred::interfaces::{ClientLike, KeysInterface};
use gateway::domain::operation::OperationKind;
use gateway::domain::tenant::Tier;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use super::late::direct;
use super::stages::{self, GRACE, Subject};
use crate::support::bystanders::Bystanders;
use crate::support::chaos::Mode;
use crate::support::instance::Instance;
use crate::support::report::say;
use crate::support::rig::{HASTE, Rig};
use crate::support::stack::Stack;
use crate::support::worker::Stall;
use crate::support::{PATIENCE, run, unique_key, wait_for};

pub(super) const WILDCARD: (&str, &str) = ("GATEWAY_ROUTING_MODE", "wildcard");
const ROUTER: &str = "gateway-wildcard@redis";

fn wildcard() -> Vec<(&'static str, &'static str)> {
    HASTE.iter().copied().chain([GRACE, WILDCARD]).collect()
}

fn per_tenant() -> Vec<(&'static str, &'static str)> {
    HASTE.iter().copied().chain([GRACE]).collect()
}

async fn own_keys(stack: &Stack, key: &str) -> Vec<String> {
    stack.redis_keys(&format!("traefik/*tenant-{key}/*")).await
}

async fn revision(stack: &Stack, id: Uuid) -> Option<String> {
    let asked = sqlx::query_scalar("SELECT route_revision FROM gateway.tenant WHERE id = $1").bind(id);
    asked.fetch_one(&stack.control).await.unwrap()
}

/// Status and revision of an answer through Traefik.
async fn ask(stack: &Stack, host: &str) -> (u16, Option<String>) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.get(stack.text("traefik_url")).header("host", host).send().await.unwrap();
    let header = answer.headers().get("x-gateway-route");
    (answer.status().as_u16(), header.map(|value| value.to_str().unwrap().to_owned()))
}

/// Asserts that a tenant is served without a router of its own, and what its row says is what its answers carry.
async fn assert_ridden(stack: &Stack, subject: &Subject) {
    assert_eq!(own_keys(stack, &subject.key).await, Vec::<String>::new(), "{}", subject.key);
    let recorded = revision(stack, subject.id).await;
    assert!(recorded.is_some(), "{} has no revision", subject.key);
    assert_eq!(ask(stack, &stack.host_of(&subject.key)).await, (200, recorded), "{}", subject.key);
}

/// Asserts that a tenant has a router of its own, which answers with a status.
async fn assert_own(stack: &Stack, subject: &Subject, host: &str, status: u16) {
    assert_eq!(revision(stack, subject.id).await, None, "{}", subject.key);
    assert_published(stack, subject, host, status).await;
}

/// Its own router leads to it.
async fn assert_published(stack: &Stack, subject: &Subject, host: &str, status: u16) {
    let redis = stack.redis().await;
    let header =
        format!("traefik/http/middlewares/tenant-{}/headers/customresponseheaders/X-Gateway-Route", subject.key);
    let published: Option<String> = redis.get(&header).await.unwrap();
    redis.quit().await.unwrap();
    assert!(published.is_some(), "{header} is not there");
    assert_eq!(ask(stack, host).await, (status, published), "{host}");
}

async fn pass(stack: &Stack, kind: OperationKind, subject: &mut Subject) {
    stages::pass(stack, kind, Tier::Shared, std::slice::from_mut(subject)).await;
}

async fn made(stack: &Stack, prefix: &str) -> Subject {
    let mut subject = stages::subjects(prefix, 1).remove(0);
    pass(stack, OperationKind::Provision, &mut subject).await;
    subject
}

async fn explain(stack: &Stack, key: &str) -> Value {
    let url = format!("http://{}/", stack.host_of(key));
    stack.api("GET", &format!("/api/gateway/routes/explain?url={url}"), None).await.1
}

async fn set(stack: &Stack, sql: &'static str, id: Uuid) {
    assert_eq!(sqlx::query(sql).bind(id).execute(&stack.control).await.unwrap().rows_affected(), 1, "{sql}");
}

#[test]
fn a_shared_tenant_needs_no_router_all_its_life() {
    run(async {
        let instance = Instance::without_worker(&[]).await;
        let stack = &instance.stack;
        let worker = instance.worker(&wildcard());
        let mut subject = made(stack, "ride").await;
        let id = subject.id;
        assert_ridden(stack, &subject).await;
        // A client that names the tenant at a host that nobody has is led to nobody.
        for host in ["nobody.localhost", "nobody.customer.example"] {
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            let request =
                client.get(stack.text("traefik_url")).header("host", host).header("x-tenant-id", id.to_string());
            assert_eq!(request.send().await.unwrap().status().as_u16(), 404, "{host}");
        }
        let fence = format!("gateway/fence/traefik/{id}");
        assert_eq!(stack.redis_keys("gateway/fence/*").await, [fence.as_str()], "Redis knows the claim");

        let explained = explain(stack, &subject.key).await;
        let said = (&explained["answer"]["router"], &explained["as_wanted"], &explained["reasons"][0]["code"]);
        assert_eq!(said, (&json!(ROUTER), &json!(true), &json!("tenant_port_leads")), "{explained:#}");
        let (_, list) = stack.api("GET", &format!("/api/gateway/routes?tenant={}", subject.key), None).await;
        let route = &list["items"][0];
        assert_eq!((&route["state"], &route["held"]["router"]), (&json!("published"), &json!(ROUTER)), "{list:#}");
        assert_eq!(route["wanted"]["revision"].as_str(), revision(stack, id).await.as_deref());
        let told = stack.ctl(&["route", "explain", &format!("http://{}/", stack.host_of(&subject.key))]);
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        assert!(told.contains("gateway-wildcard") && told.contains("tenant_port_leads"), "{told}");

        // Suspended: a router of its own, whose page no wildcard takes the host from.
        pass(stack, OperationKind::Suspend, &mut subject).await;
        assert_own(stack, &subject, &stack.host_of(&subject.key), 503).await;
        pass(stack, OperationKind::Reactivate, &mut subject).await;
        assert_ridden(stack, &subject).await;
        let before = revision(stack, id).await;
        pass(stack, OperationKind::Move, &mut subject).await;
        assert_ridden(stack, &subject).await;
        assert_ne!(revision(stack, id).await, before, "the pool is part of the way");
        pass(stack, OperationKind::Rotate, &mut subject).await;
        assert_ridden(stack, &subject).await;

        // Pinned, and no longer.
        set(stack, "UPDATE gateway.tenant SET route_pinned = true WHERE id = $1", id).await;
        stack.settled(&subject.key, &["active"]).await;
        assert_own(stack, &subject, &stack.host_of(&subject.key), 200).await;
        set(stack, "UPDATE gateway.tenant SET route_pinned = false WHERE id = $1", id).await;
        stack.settled(&subject.key, &["active"]).await;
        assert_ridden(stack, &subject).await;

        // Other exceptions: a host of the customer's own, and the tier dedicated.
        let custom = unique_key("custom");
        let host = format!("{custom}.customer.example");
        let insert = "INSERT INTO gateway.tenant (key, company_name, host) VALUES ($1, 'Custom', $2) RETURNING id";
        let custom_id: Uuid =
            sqlx::query_scalar(insert).bind(&custom).bind(&host).fetch_one(&stack.control).await.unwrap();
        stack.settled(&custom, &["active"]).await;
        assert_own(stack, &Subject { id: custom_id, key: custom }, &host, 200).await;
        let mut alone = stages::subjects("alone", 1);
        stages::pass(stack, OperationKind::Provision, Tier::Dedicated, &mut alone).await;
        assert_own(stack, &alone[0], &stack.host_of(&alone[0].key), 200).await;

        // Everybody who compares finds all in order.
        instance.verify(&wildcard(), &[]).await;
        let report = stages::reconcile(stack).await;
        assert_eq!((&report["drift"], &report["orphans"]), (&json!([]), &json!([])), "{report:#}");
        let republished = stack.ctl(&["route", "republish", "-o", "json"]);
        let result: Value = serde_json::from_slice(&republished.stdout).unwrap();
        let counted = (&result["republished"]["tenants"], &result["republished"]["by_wildcard"]);
        assert_eq!(counted, (&json!(2), &json!(1)), "{result:#}");
        assert_ridden(stack, &subject).await;

        // A key that somebody puts there is drift, told by all, and goes.
        let redis = stack.redis().await;
        let rule = format!("traefik/http/routers/tenant-{}/rule", subject.key);
        let () = redis.set(&rule, "Host(`nobody.test`)", None, None, false).await.unwrap();
        let report = stages::reconcile(stack).await;
        assert_eq!(
            (&report["drift"][0]["kind"], report["drift"].as_array().unwrap().len()),
            (&json!("route_differs"), 1)
        );
        stack.settled(&subject.key, &["active"]).await;
        assert_ridden(stack, &subject).await;

        // Redis loses everything: the wildcard router and the fence come back, the tenant is answered all the time.
        let () = redis.flushall(false).await.unwrap();
        wait_for("the tree to be back", PATIENCE, || async {
            let back: Vec<Option<String>> =
                redis.mget(vec![&fence, "traefik/http/routers/gateway-wildcard/rule"]).await.unwrap();
            assert_eq!(ask(stack, &stack.host_of(&subject.key)).await.0, 200);
            if back.iter().all(Option::is_some) { Ok(()) } else { Err(format!("{back:?}")) }
        })
        .await;
        redis.quit().await.unwrap();
        assert_ridden(stack, &subject).await;

        pass(stack, OperationKind::Deprovision, &mut subject).await;
        assert_eq!((revision(stack, id).await, ask(stack, &stack.host_of(&subject.key)).await), (None, (410, None)));
        pass(stack, OperationKind::Undelete, &mut subject).await;
        assert_ridden(stack, &subject).await;
        pass(stack, OperationKind::Deprovision, &mut subject).await;
        pass(stack, OperationKind::Purge, &mut subject).await;
        stack.assert_gone(&subject.key, id).await;
        worker.assert_calm(&[]);
        assert_eq!(worker.stop(), Some(0));
    });
}

/// Asks hosts about as fast as they answer; says how many were answered and what was wrong with the others.
struct Hammer {
    stop: CancellationToken,
    tasks: TaskTracker,
    served: Arc<AtomicUsize>,
    failed: Arc<std::sync::Mutex<Vec<String>>>,
}

impl Hammer {
    fn start(stack: &Stack, hosts: &[String]) -> Self {
        let hammer = Self {
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            served: Arc::default(),
            failed: Arc::default(),
        };
        for host in hosts {
            let (url, host, stop) = (stack.text("traefik_url"), host.clone(), hammer.stop.clone());
            let (served, failed) = (hammer.served.clone(), hammer.failed.clone());
            hammer.tasks.spawn(async move {
                let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build().unwrap();
                let mut pace = tokio::time::interval(Duration::from_millis(5));
                while !stop.is_cancelled() {
                    pace.tick().await;
                    match client.get(&url).header("host", &host).send().await {
                        Ok(answer) if answer.status() == 200 => _ = served.fetch_add(1, Ordering::Relaxed),
                        other => failed.lock().unwrap().push(format!("{host}: {other:?}")),
                    }
                }
            });
        }
        hammer
    }

    async fn finish(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        let failed = self.failed.lock().unwrap().clone();
        let served = self.served.load(Ordering::Relaxed);
        assert!(failed.is_empty(), "{} of {served} requests failed: {:#?}", failed.len(), failed.first());
        assert!(served > 100, "only {served} requests were made");
        say(&format!("switched modes under {served} requests, none failed"));
    }
}

/// Has the whole fleet looked at, and waits until every active tenant is led to as is wanted.
async fn switch(stack: &Stack, ridden: bool, tenants: usize) {
    let report = stages::reconcile(stack).await;
    let drift = report["drift"].as_array().unwrap();
    let found = drift.iter().filter(|one| one["kind"] == "route_mode" && one["repaired"] == true).count();
    assert_eq!((found, &report["refused"]), (tenants, &Value::Null), "{report:#}");
    let all = "SELECT count(*) FROM gateway.tenant WHERE status = 'active' AND due_at IS NULL AND (route_revision IS NOT NULL) = $1";
    wait_for("the tenants to be brought over", PATIENCE, || async {
        let count: i64 = sqlx::query_scalar(all).bind(ridden).fetch_one(&stack.control).await.unwrap();
        if usize::try_from(count).unwrap() == tenants { Ok(()) } else { Err(format!("{count} of {tenants}")) }
    })
    .await;
    let keys = stack.redis_keys("traefik/http/routers/tenant-*/rule").await.len();
    assert_eq!(keys, if ridden { 0 } else { tenants });
    assert_eq!(stages::reconcile(stack).await["drift"], json!([]));
}

#[test]
fn the_mode_changes_both_ways_and_no_request_is_lost() {
    run(async {
        let instance = Instance::without_worker(&[]).await;
        let stack = &instance.stack;
        let bystanders = Bystanders::settle(&instance, &per_tenant()).await;
        let keys: Vec<String> =
            sqlx::query_scalar("SELECT key FROM gateway.tenant ORDER BY key").fetch_all(&stack.control).await.unwrap();
        let hosts: Vec<String> = keys.iter().map(|key| stack.host_of(key)).collect();
        let hammer = Hammer::start(stack, &hosts);
        for _ in 0..2 {
            for (settings, ridden) in [(wildcard(), true), (per_tenant(), false)] {
                let worker = instance.worker(&settings);
                switch(stack, ridden, keys.len()).await;
                instance.verify(&settings, &[]).await;
                bystanders.untouched("the change of the mode").await;
                worker.assert_calm(&[]);
                assert_eq!(worker.stop(), Some(0));
            }
        }
        // During a rolling restart, workers of both modes do the work: whichever it is, nobody notices.
        let workers = [instance.worker(&wildcard()), instance.worker(&per_tenant())];
        for _ in 0..3 {
            let due = "UPDATE gateway.tenant SET due_at = now() WHERE due_at IS NULL";
            sqlx::query(due).execute(&stack.control).await.unwrap();
            for key in &keys {
                stack.settled(key, &["active"]).await;
            }
        }
        bystanders.finish("workers of both modes").await;
        hammer.finish().await;
        for worker in workers {
            worker.assert_calm(&[]);
            assert_eq!(worker.stop(), Some(0));
        }
    });
}

#[test]
fn a_worker_dies_between_the_row_and_the_keys() {
    run(async {
        let rig = Rig::start(None).await;
        let stack = &rig.instance.stack;
        let bystanders = Bystanders::settle(&rig.instance, &rig.settings(&[GRACE])).await;
        let worker = rig.worker(&[GRACE]);
        let mut subject = made(stack, "torn").await;
        assert_eq!(worker.stop(), Some(0));
        let hammer = Hammer::start(stack, &[stack.host_of(&subject.key)]);

        // What takes the keys away is kept back, so the row is written and the keys stay.
        rig.redis.set(Mode::HoldRequest(b"local removed = 0"));
        let doomed = rig.worker(&[GRACE, WILDCARD]);
        stages::wish(stack, OperationKind::Reconverge, Tier::Shared, &mut subject).await;
        wait_for("the request to be on its way", PATIENCE, || async {
            if rig.redis.hits() > 0 { Ok(()) } else { Err(doomed.text()) }
        })
        .await;
        doomed.kill();
        assert!(revision(stack, subject.id).await.is_some(), "the keys go before the row is written");
        assert!(!own_keys(stack, &subject.key).await.is_empty());

        let settings = direct(&rig);
        let settings: Vec<_> = settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let heir = rig.instance.worker(&[&settings[..], &[WILDCARD]].concat());
        stack.settled(&subject.key, &["active"]).await;
        assert_ridden(stack, &subject).await;
        hammer.finish().await;

        // What the dead worker had sent arrives when the tenant has a router again: it takes nothing away.
        pass(stack, OperationKind::Suspend, &mut subject).await;
        let keys = own_keys(stack, &subject.key).await;
        rig.redis.release();
        wait_for("the late request to be answered", PATIENCE, || async {
            if rig.redis.hits() > 1 { Ok(()) } else { Err("no answer yet".to_owned()) }
        })
        .await;
        assert_eq!(own_keys(stack, &subject.key).await, keys);
        assert_own(stack, &subject, &stack.host_of(&subject.key), 503).await;
        rig.instance.verify(&rig.settings(&[GRACE, WILDCARD]), &[subject.id]).await;
        bystanders.finish("a worker that died between row and keys").await;
        heir.assert_calm(&[]);
        assert_eq!(heir.stop(), Some(0));
    });
}

#[test]
fn a_worker_that_lost_its_lease_leads_nobody() {
    run(async {
        let instance = Instance::without_worker(&[]).await;
        let stack = &instance.stack;
        let stall = Stall::at(&stack.data_dir, "provision:route:before-effect");
        let settings: Vec<_> = wildcard().into_iter().chain(stall.settings()).collect();
        let zombie = instance.worker(&settings);
        let mut subject = stages::subjects("stale", 1).remove(0);
        stages::wish(stack, OperationKind::Provision, Tier::Shared, &mut subject).await;
        stall.reached(&zombie).await;
        zombie.freeze();
        let heir = instance.worker(&per_tenant());
        stack.settled(&subject.key, &["active"]).await;
        let (before, keys) = (ask(stack, &stack.host_of(&subject.key)).await, own_keys(stack, &subject.key).await);
        assert_own(stack, &subject, &stack.host_of(&subject.key), 200).await;
        stall.resume();
        zombie.thaw();
        zombie.until_said(&["somebody else's now", "a newer wish came before the result was written"]).await;
        assert_eq!(revision(stack, subject.id).await, None, "a worker without a lease wrote the row");
        assert_eq!(
            (ask(stack, &stack.host_of(&subject.key)).await, own_keys(stack, &subject.key).await),
            (before, keys)
        );
        zombie.assert_calm(&[]);
        assert_eq!((zombie.stop(), heir.stop()), (Some(0), Some(0)));
    });
}

#[test]
fn a_tenant_keeps_its_router_while_no_tenant_port_answers() {
    run(async {
        let instance = Instance::without_worker(&[]).await;
        let stack = &instance.stack;
        let worker = instance.worker(&per_tenant());
        let mut subject = made(stack, "portless").await;
        assert_eq!(worker.stop(), Some(0));
        // A port of nobody: Traefik takes the change of its address, and answers 502 for whom it leads there.
        let nowhere = [("GATEWAY_TENANT_PORT_URL", "http://127.0.0.1:9")];
        let blind: Vec<_> = wildcard().into_iter().chain(nowhere).collect();
        let worker = instance.worker(&blind);
        let nobody = stack.host_of("nobody");
        wait_for("Traefik to lead to no tenant port", PATIENCE, || async {
            let (status, _) = ask(stack, &nobody).await;
            if status == 502 { Ok(()) } else { Err(status.to_string()) }
        })
        .await;
        stages::wish(stack, OperationKind::Reconverge, Tier::Shared, &mut subject).await;
        wait_for("the step to be refused", PATIENCE, || async {
            let refused = "SELECT count(*) FROM gateway.step_attempt WHERE tenant_id = $1 AND error_code = 'tenant_port_unreached'";
            let count: i64 =
                sqlx::query_scalar(refused).bind(subject.id).fetch_one(&stack.control).await.unwrap();
            if count > 0 { Ok(()) } else { Err(worker.text()) }
        })
        .await;
        assert_published(stack, &subject, &stack.host_of(&subject.key), 200).await;
        // One that is to keep its router needs no tenant port.
        set(stack, "UPDATE gateway.tenant SET route_pinned = true WHERE id = $1", subject.id).await;
        stack.settled(&subject.key, &["active"]).await;
        assert_own(stack, &subject, &stack.host_of(&subject.key), 200).await;
        assert_eq!(worker.stop(), Some(0));
        let worker = instance.worker(&wildcard());
        set(stack, "UPDATE gateway.tenant SET route_pinned = false WHERE id = $1", subject.id).await;
        stack.settled(&subject.key, &["active"]).await;
        assert_ridden(stack, &subject).await;
        assert_eq!(worker.stop(), Some(0));
    });
}
