//! `/api/gateway/pools` of containers: what is asked for, and what the rows make of it. No worker runs here.

use std::time::Duration;

use gateway::domain::failure::Failure;
use gateway::domain::pool::{MemberState, PoolState};
use gateway::store::StoreError;
use gateway::store::pool_members::MemberContainer;
use serde_json::json;

use super::{Answer, Api, ROOT, with_api};

const POOLS: &str = "/api/gateway/pools";
const LEASE: Duration = Duration::from_secs(60);
const SECRET: &str = "a value that nobody sees again";

async fn make(api: &Api) -> Answer {
    let environment = json!({ "TOKEN": SECRET, "LEVEL": "info" });
    let body = json!({ "name": "eu", "image": "app:1", "replicas": 2, "environment": environment, "memory_mib": 64 });
    let made = api.post(POOLS, &body).await;
    assert_eq!(made.status, 202, "{}", made.body);
    made
}

async fn patch(api: &Api, body: serde_json::Value) -> Answer {
    api.send(api.bare("PATCH", &format!("{POOLS}/eu")).bearer_auth(ROOT).json(&body)).await
}

/// A managed pool by plain SQL, as by any other way.
pub(super) const MANAGED_POOL: &str = "WITH pool AS (INSERT INTO gateway.shared_pool (name) VALUES ('eu') RETURNING id)
     INSERT INTO gateway.managed_pool (pool_id, image) SELECT id, 'app:1' FROM pool";

#[test]
fn a_pool_of_containers_is_a_wish_whose_secrets_are_not_shown() {
    with_api(|api| async move {
        let made = make(&api).await;
        assert_eq!(made.header("location"), format!("{POOLS}/{}", made.text("id")));
        assert_eq!(
            (&made.body["managed"], &made.body["image"], &made.body["replicas"]),
            (&json!(true), &json!("app:1"), &json!(2))
        );
        assert_eq!((&made.body["members"], &made.body["backend_url"]), (&json!([]), &json!("")));
        assert_eq!((&made.body["revision"], &made.body["observed_revision"]), (&json!(1), &json!(0)));
        assert_eq!(made.body["environment"], json!(["LEVEL", "TOKEN"]));
        assert!(!made.body.to_string().contains(SECRET));
        let audit = api.call("GET", "/api/gateway/audit").await;
        assert!(audit.body.to_string().contains("create_pool") && !audit.body.to_string().contains(SECRET));
        let stored: Vec<String> = sqlx::query_scalar("SELECT value_sealed FROM gateway.pool_environment ORDER BY name")
            .fetch_all(&mut api.database().await)
            .await
            .unwrap();
        assert!(stored.len() == 2 && stored.iter().all(|value| value.starts_with("v1.")), "{stored:?}");

        // A patch merges the environment, and each wish counts.
        let edited =
            patch(&api, json!({ "environment": { "LEVEL": null, "MORE": "x" }, "image": "app:2", "memory_mib": null }))
                .await;
        assert_eq!((edited.status, &edited.body["environment"]), (202, &json!(["MORE", "TOKEN"])), "{}", edited.body);
        assert_eq!((&edited.body["image"], &edited.body["memory_mib"]), (&json!("app:2"), &json!(null)));
        let mut revision = edited.body["revision"].as_i64().unwrap();
        assert!(revision > 1);
        for verb in ["restart", "provision", "stop", "start"] {
            let put = api.call("POST", &format!("{POOLS}/eu/{verb}")).await;
            assert_eq!(put.status, 202, "{verb}: {}", put.body);
            assert!(put.body["revision"].as_i64().unwrap() > revision, "{verb}: {}", put.body);
            revision = put.body["revision"].as_i64().unwrap();
        }
        assert_eq!(patch(&api, json!({ "weight": 7 })).await.body["revision"], revision, "no wish about containers");
        let members = api.call("GET", &format!("{POOLS}/eu/members")).await;
        assert_eq!((members.status, &members.body["items"]), (200, &json!([])));
    });
}

#[test]
fn each_kind_of_pool_has_what_is_its_own() {
    with_api(|api| async move {
        make(&api).await;
        patch(&api, json!({ "members": ["http://h"] })).await.assert_problem(409, "pool_managed");
        api.post(POOLS, &json!({ "name": "other", "backend_url": "http://h" })).await;
        for verb in ["restart", "provision"] {
            let put = api.call("POST", &format!("{POOLS}/other/{verb}")).await;
            put.assert_problem(409, "pool_not_managed");
        }
        let request = api.bare("PATCH", &format!("{POOLS}/other")).bearer_auth(ROOT);
        api.send(request.json(&json!({ "replicas": 3 }))).await.assert_problem(409, "pool_not_managed");
        let members = api.call("GET", &format!("{POOLS}/other/members")).await;
        assert_eq!(members.body["items"][0]["state"], "starting", "nobody asked it yet");
        let both =
            api.post(POOLS, &json!({ "name": "both", "backend_url": "http://h", "image": "app", "pids": 9 })).await;
        assert_eq!(both.wrong(), [("/image", "both"), ("/pids", "both")]);
        let bare = api.post(POOLS, &json!({ "name": "bare", "replicas": 1 })).await;
        assert_eq!(bare.wrong(), [("/image", "required")], "the settings name no image here");
        let reserved = api.post(POOLS, &json!({ "name": "default", "image": "app" })).await;
        assert_eq!(reserved.wrong(), [("/name", "reserved")]);

        // It is there until a worker took its containers away.
        let deleted = api.call("DELETE", &format!("{POOLS}/eu")).await;
        assert_eq!((deleted.status, deleted.text("state")), (202, "deleting"));
        api.call("POST", &format!("{POOLS}/eu/start")).await.assert_problem(409, "pool_deleting");
        let again = api.call("DELETE", &format!("{POOLS}/eu")).await;
        assert_eq!(again.status, 202, "{}", again.body);
        let (claim, pool) = api.store.claim_pool("one", LEASE).await.unwrap().unwrap();
        assert_eq!(pool.state, PoolState::Deleting);
        api.store.remove_pool(&claim, Duration::ZERO).await.unwrap();
        api.call("GET", &format!("{POOLS}/eu")).await.assert_problem(404, "pool_not_found");
    });
}

#[test]
fn the_work_on_a_pool_is_claimed_fenced_and_ended_as_that_on_a_tenant() {
    with_api(|api| async move {
        sqlx::raw_sql(MANAGED_POOL).execute(&mut api.database().await).await.unwrap();
        let store = &api.store;
        let (claim, pool) = store.claim_pool("one", LEASE).await.unwrap().expect("a new pool is due");
        assert_eq!((pool.spec.replicas, pool.spec.image.as_str(), pool.attempt), (1, "app:1", 1));
        assert!(store.claim_pool("two", LEASE).await.unwrap().is_none(), "one worker at a time");
        let block = "10.88.0.0/24".parse().unwrap();
        let subnet = store.pool_subnet(&claim, block, None).await.unwrap();
        assert_eq!(
            (subnet.to_string(), store.pool_subnet(&claim, block, None).await.unwrap()),
            ("10.88.0.0/27".into(), subnet)
        );
        let url = "http://10.88.0.2:8080/".parse().unwrap();
        let container = MemberContainer { place: 0, spec: "s".into(), made: None };
        store.put_member(&claim, &url, &container).await.unwrap();
        store.record_member(&claim, &url, MemberState::Healthy).await.unwrap();
        store.lead_to_members(&claim, std::slice::from_ref(&url)).await.unwrap();
        let shown = api.call("GET", &format!("{POOLS}/eu")).await;
        assert_eq!((&shown.body["healthy_members"], shown.text("backend_url")), (&json!(1), "http://10.88.0.2:8080/"));

        // A newer wish makes what the worker still does void.
        assert_eq!(api.call("POST", &format!("{POOLS}/eu/restart")).await.status, 202);
        assert!(matches!(store.settle_pool(&claim).await, Err(StoreError::LeaseLost)));
        assert!(matches!(store.lead_to_members(&claim, &[]).await, Err(StoreError::LeaseLost)));
        store.release_pool(&claim).await.unwrap();
        let (second, pool) = store.claim_pool("two", LEASE).await.unwrap().unwrap();
        assert!(second.fence > claim.fence && pool.restarts == 1);
        let failure = Failure::retryable("member_unhealthy", "it does not answer");
        store.fail_pool(&second, &failure, Some(Duration::ZERO)).await.unwrap();
        let shown = api.call("GET", &format!("{POOLS}/eu")).await;
        assert_eq!(
            (&shown.body["problem"]["code"], &shown.body["problem"]["retried"]),
            (&json!("member_unhealthy"), &json!(true))
        );
        let (third, _) = store.claim_pool("two", LEASE).await.unwrap().expect("it is tried again");
        store.settle_pool(&third).await.unwrap();
        let shown = api.call("GET", &format!("{POOLS}/eu")).await;
        assert_eq!((&shown.body["problem"], &shown.body["observed_revision"]), (&json!(null), &shown.body["revision"]));
        assert!(store.claim_pool("one", LEASE).await.unwrap().is_none(), "there is nothing to do");

        // A repair is a wish of nobody's, and only about what was looked at.
        let id = claim.pool_id;
        assert_eq!(store.request_pool_repairs(&[(id, 1, "old".into())]).await.unwrap(), []);
        assert_eq!(store.request_pool_repairs(&[(id, third.revision, "drift".into())]).await.unwrap(), [id]);
        assert!(store.claim_pool("one", LEASE).await.unwrap().is_some());
    });
}

#[test]
fn every_verb_says_that_containers_are_yet_to_be_made() {
    with_api(|api| async move {
        sqlx::raw_sql(MANAGED_POOL).execute(&mut api.database().await).await.unwrap();
        for verb in ["drain", "start", "restart", "provision", "stop"] {
            let put = api.call("POST", &format!("{POOLS}/eu/{verb}")).await;
            assert_eq!(put.status, 202, "{verb}: {}", put.body);
            assert_eq!(put.header("location"), format!("{POOLS}/{}", put.text("id")), "{verb}");
        }
    });
}

#[test]
fn a_tenant_is_put_into_no_pool_whose_containers_do_not_answer() {
    with_api(|api| async move {
        make(&api).await;
        let chosen = "SELECT count(*) FROM gateway.shared_pool WHERE backend_url IS NOT NULL";
        let led: i64 = sqlx::query_scalar(chosen).fetch_one(&mut api.database().await).await.unwrap();
        assert_eq!(led, 0);
        assert!(matches!(super::pools::place(&api, "early").await, Err(StoreError::NoPoolLeft)));
    });
}
