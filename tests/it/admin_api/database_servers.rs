//! `/api/gateway/database-servers`, and what a worker that places a tenant finds. No worker runs here.

use std::time::Duration;

use gateway::domain::host::Host;
use gateway::domain::seal::Sealed;
use gateway::store::StoreError;
use gateway::store::allocations::{NewAllocation, PoolChoice};
use gateway::store::claimer::Places;
use gateway::store::claims::Claim;
use serde_json::{Value, json};

use super::{Answer, Api, ROOT, with_api};

const SERVERS: &str = "/api/gateway/database-servers";
const LEASE: Duration = Duration::from_secs(60);

async fn patch(api: &Api, body: Value) -> Answer {
    api.send(api.bare("PATCH", &format!("{SERVERS}/default")).bearer_auth(ROOT).json(&body)).await
}

async fn claim(api: &Api, key: &str) -> Claim {
    api.create(key).await;
    api.store.claimer("one").claim(Places { all: 1, behind: 1 }, LEASE).await.unwrap().pop().expect("a due tenant").0
}

/// Places a tenant as the allocate step does.
async fn place(api: &Api, claim: &Claim, key: &str) -> Result<(), StoreError> {
    let server_id = api.store.put_default_server("db.test:5432").await.unwrap();
    let (host, secret) = (Host::parse(&format!("{key}.apps.test")).unwrap(), Sealed::from_stored("v1.a.x".into()));
    let (password, verifier) = (&secret, &secret);
    let new = NewAllocation { host: &host, server_id, pool: PoolChoice::None, password, verifier, block: None };
    api.store.allocate(claim, &new).await.map(|_| ())
}

#[test]
fn a_server_takes_tenants_up_to_its_capacity_and_while_it_is_active() {
    with_api(|api| async move {
        assert_eq!(api.call("GET", SERVERS).await.body["items"], json!([]), "no worker was there yet");
        let first = claim(&api, "first").await;
        place(&api, &first, "first").await.unwrap();
        let server = api.call("GET", &format!("{SERVERS}/default")).await;
        assert_eq!(
            (server.text("state"), server.text("address"), &server.body["tenants"]),
            ("active", "db.test:5432", &json!(1))
        );

        let edited = patch(&api, json!({ "capacity": 1, "region": " Frankfurt " })).await;
        assert_eq!((edited.status, &edited.body["capacity"], edited.text("region")), (200, &json!(1), "Frankfurt"));
        let second = claim(&api, "second").await;
        assert!(matches!(place(&api, &second, "second").await, Err(StoreError::NoServerLeft)));
        place(&api, &first, "first").await.expect("who is there already stays");
        patch(&api, json!({ "capacity": null })).await;
        place(&api, &second, "second").await.unwrap();

        let drained = api.call("POST", &format!("{SERVERS}/default/drain")).await;
        assert_eq!((drained.status, drained.text("state")), (200, "draining"), "{}", drained.body);
        let third = claim(&api, "third").await;
        assert!(matches!(place(&api, &third, "third").await, Err(StoreError::NoServerLeft)));
        let there = api.call("GET", "/api/gateway/tenants?server=default&sort=key").await;
        let keys: Vec<&str> =
            there.body["items"].as_array().unwrap().iter().map(|one| one["key"].as_str().unwrap()).collect();
        assert_eq!(keys, ["first", "second"]);
        assert_eq!(api.call("GET", "/api/gateway/tenants?server=nowhere").await.body["items"], json!([]));
        let id = server.text("id");
        assert_eq!(api.call("POST", &format!("{SERVERS}/{id}/start")).await.text("state"), "active");
        place(&api, &third, "third").await.unwrap();
    });
}

#[test]
fn every_wrong_field_is_named() {
    with_api(|api| async move {
        api.store.put_default_server("db.test:5432").await.unwrap();
        let wrong = patch(&api, json!({ "capacity": -1, "region": "x".repeat(61), "address": "h:1" })).await;
        assert_eq!(wrong.wrong(), [("/region", "length"), ("/capacity", "range"), ("/address", "unknown")]);
        for path in ["nowhere", "x%00y"] {
            api.call("GET", &format!("{SERVERS}/{path}")).await.assert_problem(404, "database_server_not_found");
            api.call("POST", &format!("{SERVERS}/{path}/drain")).await.assert_problem(404, "database_server_not_found");
        }
    });
}
