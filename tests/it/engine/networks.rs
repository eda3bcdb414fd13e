//! A plan says what network its tenants have: it is made, taken away and made again with the plan, and nothing is left over.

use std::collections::HashMap;

use bollard::models::NetworkCreateRequest;
use gateway::domain::operation::StepKind;
use serde_json::{Value, json};
use uuid::Uuid;

use super::stages;
use crate::support::instance::Instance;
use crate::support::report;
use crate::support::rig::HASTE;
use crate::support::stack::Stack;
use crate::support::world::base;
use crate::support::{PATIENCE, run, unique_key, wait_for};

/// What the control database knows of a tenant's network: the engine's id, and the subnet.
async fn known(stack: &Stack, id: Uuid) -> (Option<String>, Option<String>) {
    let asked = sqlx::query_as(
        "SELECT t.network_id, s.subnet::text FROM gateway.tenant t LEFT JOIN gateway.subnet s ON s.tenant_id = t.id
          WHERE t.id = $1",
    );
    asked.bind(id).fetch_one(&stack.control).await.unwrap()
}

/// For how many seconds a subnet that nobody has is not handed out.
async fn rests(stack: &Stack, subnet: &str) -> f64 {
    let asked = sqlx::query_scalar(
        "SELECT extract(epoch FROM usable_from - now())::float8 FROM gateway.subnet
          WHERE subnet = $1::cidr AND tenant_id IS NULL AND pool_id IS NULL",
    );
    asked.bind(subnet).fetch_one(&stack.control).await.unwrap()
}

async fn detail(stack: &Stack, key: &str) -> Value {
    let (status, tenant) = stack.api("GET", &format!("/api/gateway/tenants/{key}"), None).await;
    assert_eq!(status, 200, "{tenant}");
    tenant
}

/// How the step `network` of the tenant's newest operation ended, and what it says.
async fn step(stack: &Stack, id: Uuid) -> (String, Value) {
    let asked = sqlx::query_as(
        "SELECT state, coalesce(result, 'null') FROM gateway.step_attempt WHERE tenant_id = $1 AND step = $2
          ORDER BY started_at DESC LIMIT 1",
    );
    asked.bind(id).bind(StepKind::Network.as_str()).fetch_one(&stack.control).await.unwrap()
}

/// Asserts that a tenant is served, and that nothing of a network is its own anywhere.
async fn assert_bare(stack: &Stack, key: &str, id: Uuid) {
    assert_eq!(stack.get(&stack.host_of(key), "/").await.status, 200, "{key}");
    assert_eq!(stack.networks_of(id).await, [], "{key}");
    assert_eq!(known(stack, id).await, (None, None), "{key}");
}

/// Asserts that a look at the whole fleet and the auditor find nothing.
async fn assert_clean(instance: &Instance, when: &str) {
    let report = stages::reconcile(&instance.stack).await;
    let found = (&report["drift"], &report["orphans"], &report["unknown"]);
    assert_eq!(found, (&json!([]), &json!([]), &json!([])), "{when}: {report:#}");
    assert!(report["pools"].as_array().is_none_or(Vec::is_empty), "{when}: {report:#}");
    instance.verify(HASTE, &[]).await;
}

fn plan(stack: &Stack, arguments: &[&str]) {
    let done = stack.ctl(&[&["plan"], arguments].concat());
    assert!(done.status.success(), "{done:?}");
}

async fn make(stack: &Stack, tier: &str, plan: &str) -> (String, Uuid) {
    let key = unique_key("net");
    let body = json!({ "key": key, "company_name": "Of a test", "tier": tier, "plan": plan });
    assert_eq!(stack.api("POST", "/api/gateway/tenants", Some(body)).await.0, 202);
    let id = stack.settled(&key, &["active"]).await;
    (key, id)
}

#[test]
fn a_tenant_gets_and_loses_its_network_with_its_plan() {
    run(async {
        let instance = Instance::without_worker(&[]).await;
        let stack = &instance.stack;
        let worker = instance.worker(HASTE);
        plan(stack, &["create", "bare", "--title", "Bare", "--network", "none"]);

        let _record = report::case("networks", "made without one");
        let (key, id) = make(stack, "shared", "bare").await;
        assert_bare(stack, &key, id).await;
        let (state, said) = step(stack, id).await;
        assert_eq!((state.as_str(), &said["reason"]), ("skipped", &json!("its plan gives it no network of its own")));
        let shown = detail(stack, &key).await;
        let network = (&shown["network"], &shown["network_name"], &shown["subnet"]);
        assert_eq!(network, (&json!("none"), &Value::Null, &Value::Null));
        // A dedicated tenant has its own, as its container is on it.
        let (own_key, own) = make(stack, "dedicated", "bare").await;
        stack.assert_complete(&own_key, own, true).await;
        assert_eq!(detail(stack, &own_key).await["network"], "per-tenant");
        assert_clean(&instance, "made without one").await;

        let _record = report::case("networks", "the plan gives one");
        plan(stack, &["edit", "bare", "--network", "per-tenant"]);
        stack.settled(&key, &["active"]).await;
        stack.settled(&own_key, &["active"]).await;
        stack.assert_complete(&key, id, false).await;
        let shown = detail(stack, &key).await;
        assert_eq!((&shown["network"], &shown["network_name"]), (&json!("per-tenant"), &json!(base(id))));
        assert_clean(&instance, "the plan gives one").await;

        let _record = report::case("networks", "the plan takes it away");
        let had = known(stack, id).await.1.unwrap();
        plan(stack, &["edit", "bare", "--network", "none"]);
        stack.settled(&key, &["active"]).await;
        stack.settled(&own_key, &["active"]).await;
        assert_bare(stack, &key, id).await;
        let (state, said) = step(stack, id).await;
        assert_eq!((state.as_str(), &said["removed"]), ("succeeded", &json!(1)), "{said}");
        let rest = rests(stack, &had).await;
        assert!((500.0..=600.0).contains(&rest), "{had} rests for {rest} s");
        stack.assert_complete(&own_key, own, true).await;
        assert_clean(&instance, "the plan takes it away").await;

        let _record = report::case("networks", "another plan gives another one, and back");
        let moved = stack.ctl(&["tenant", "edit", &key, "--plan", "default"]);
        assert!(moved.status.success(), "{moved:?}");
        stack.settled(&key, &["active"]).await;
        stack.assert_complete(&key, id, false).await;
        assert_ne!(known(stack, id).await.1.unwrap(), had, "what was given back rests");
        let moved = stack.ctl(&["tenant", "edit", &key, "--plan", "bare"]);
        assert!(moved.status.success(), "{moved:?}");
        stack.settled(&key, &["active"]).await;
        assert_bare(stack, &key, id).await;
        assert_clean(&instance, "another plan").await;

        let _record = report::case("networks", "suspended, then deleted without one");
        stack.wish(&key, "suspended").await;
        stack.settled(&key, &["suspended"]).await;
        assert_clean(&instance, "suspended").await;
        stack.wish(&key, "deleting").await;
        stack.settled(&key, &["deleted"]).await;
        stack.assert_gone(&key, id).await;
        assert_clean(&instance, "deleted").await;
        worker.assert_calm(&[]);
    });
}

#[test]
fn what_a_plan_does_not_give_is_drift_where_the_row_knows_it_and_an_orphan_where_not() {
    run(async {
        let instance = Instance::without_worker(&[]).await;
        let stack = &instance.stack;
        let worker = instance.worker(HASTE);
        plan(stack, &["create", "bare", "--title", "Bare", "--network", "none"]);
        let (key, id) = make(stack, "shared", "bare").await;

        let _record = report::case("networks", "a program that knows nothing of the choice made one");
        let network = make_network(stack, id).await;
        set(stack, "UPDATE gateway.tenant SET network_id = $2 WHERE id = $1", id, &network).await;
        set(stack, "INSERT INTO gateway.subnet (tenant_id, subnet) VALUES ($1, $2::cidr)", id, "10.250.0.0/28").await;
        let report = stages::reconcile(stack).await;
        let drift = &report["drift"];
        assert_eq!(drift.as_array().map(Vec::len), Some(1), "{report:#}");
        let about = (&drift[0]["kind"], &drift[0]["tenant_key"], &drift[0]["repaired"]);
        assert_eq!(about, (&json!("network_differs"), &json!(key), &json!(true)), "{report:#}");
        stack.settled(&key, &["active"]).await;
        assert_bare(stack, &key, id).await;
        assert_clean(&instance, "after the repair").await;

        let _record = report::case("networks", "one with its label that no row knows");
        let network = make_network(stack, id).await;
        let report = stages::reconcile(stack).await;
        let orphan = &report["orphans"][0];
        let found = (&report["drift"], &orphan["kind"], &orphan["name"]);
        assert_eq!(found, (&json!([]), &json!("network"), &json!(network)), "{report:#}");
        assert_eq!(stack.networks_of(id).await.len(), 1, "nothing removes it by itself");
        let audit = audit(&instance, id).await;
        assert_eq!(audit, ["I12"]);
        let collected = stack.ctl(&["gc", "--yes", "--quarantine", "0", "-o", "json"]);
        assert!(collected.status.success(), "{collected:?}");
        assert_bare(stack, &key, id).await;
        assert_clean(&instance, "after the collection").await;
        worker.assert_calm(&[]);
    });
}

async fn set(stack: &Stack, sql: &'static str, id: Uuid, value: &str) {
    let done = sqlx::query(sql).bind(id).bind(value).execute(&stack.control).await.unwrap();
    assert_eq!(done.rows_affected(), 1, "{sql}");
}

/// Makes a network with a tenant's name and labels; gives the engine's id.
async fn make_network(stack: &Stack, tenant: Uuid) -> String {
    let installation: Uuid =
        sqlx::query_scalar("SELECT id FROM gateway.installation").fetch_one(&stack.control).await.unwrap();
    let labels = [
        ("gateway.managed", "true".to_owned()),
        ("gateway.instance", installation.to_string()),
        ("gateway.tenant", tenant.to_string()),
    ];
    let request = NetworkCreateRequest {
        name: base(tenant),
        driver: Some("bridge".to_owned()),
        labels: Some(labels.map(|(name, value)| (name.to_owned(), value)).into_iter().collect::<HashMap<_, _>>()),
        ..NetworkCreateRequest::default()
    };
    stack.docker().await.create_network(request).await.unwrap().id
}

/// The promises that the auditor finds broken.
async fn audit(instance: &Instance, tenant: Uuid) -> Vec<String> {
    let (status, job) = instance
        .stack
        .api("POST", "/api/gateway/jobs", Some(json!({ "kind": "verify", "parameters": { "tenants": [tenant] } })))
        .await;
    assert_eq!(status, 202, "{job}");
    let path = format!("/api/gateway/jobs/{}", job["id"].as_str().unwrap());
    let result = wait_for("the audit to end", PATIENCE, || async {
        let (_, job) = instance.stack.api("GET", &path, None).await;
        if job["state"] == "succeeded" { Ok(job["result"].clone()) } else { Err(job.to_string()) }
    })
    .await;
    let found = result["violations"].as_array().unwrap_or_else(|| panic!("{result:#}"));
    found.iter().map(|one| one["invariant"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_tenant_is_on_the_network_of_the_pool_that_serves_it() {
    run(async {
        // The containers answer there without their gateway, which no container reaches in this stack.
        let instance = Instance::start(&[], &[("GATEWAY_APP_HEALTH_PATH", "/health")]).await;
        let stack = &instance.stack;
        let made = stack.make_pool("eu", 1).await;
        let pool = made["id"].as_str().unwrap();
        stack.pool_settled("eu", 1).await;
        let own = stack.networks_of_pool(pool).await.pop().unwrap().name.unwrap();
        plan(stack, &["create", "packed", "--title", "Packed", "--network", "per-pool"]);
        let key = unique_key("packed");
        let sql = "INSERT INTO gateway.tenant (key, company_name, plan, pool_id)
                   SELECT $1, 'Of a test', 'packed', id FROM gateway.shared_pool WHERE name = 'eu'";
        sqlx::query(sql).bind(&key).execute(&stack.control).await.unwrap();
        let id = stack.settled(&key, &["active"]).await;
        assert_eq!(stack.networks_of(id).await, []);
        assert_eq!(known(stack, id).await, (None, None));
        assert_eq!(stack.get(&stack.host_of(&key), "/health").await.status, 200);
        let shown = detail(stack, &key).await;
        let network = (&shown["network"], &shown["network_name"], &shown["subnet"]);
        assert_eq!(network, (&json!("per-pool"), &json!(own), &Value::Null));
        let told = stack.ctl(&["tenant", "show", &key]);
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        assert!(told.contains(&format!("per-pool ({own})")), "{told}");
        assert_clean(&instance, "on the pool's").await;

        // A pool that somebody else runs has no network that the gateway knows of.
        let default: Uuid = sqlx::query_scalar("SELECT id FROM gateway.shared_pool WHERE name = 'default'")
            .fetch_one(&stack.control)
            .await
            .unwrap();
        let moved = stack.ctl(&["tenant", "move", &key, "--pool", &default.to_string(), "--wait"]);
        assert!(moved.status.success(), "{moved:?}");
        assert_eq!(detail(stack, &key).await["network_name"], Value::Null);
        assert_bare(stack, &key, id).await;
        assert_clean(&instance, "in a pool of somebody else").await;
    });
}
