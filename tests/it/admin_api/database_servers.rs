//! `/api/gateway/database-servers`, and what a worker that places a tenant finds. No worker runs here.

use std::time::Duration;

use gateway::domain::host::Host;
use gateway::domain::seal::Sealed;
use gateway::store::StoreError;
use gateway::store::allocations::{NewAllocation, PoolChoice};
use gateway::store::capacity::ServerMeasure;
use gateway::store::claimer::Places;
use gateway::store::claims::Claim;
use gateway::store::places::ServerChoice;
use gateway::store::server_sights::SightedServer;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Answer, Api, ROOT, with_api};

const SERVERS: &str = "/api/gateway/database-servers";
const LEASE: Duration = Duration::from_secs(60);

async fn patch(api: &Api, server: &str, body: Value) -> Answer {
    api.send(api.bare("PATCH", &format!("{SERVERS}/{server}")).bearer_auth(ROOT).json(&body)).await
}

async fn make(api: &Api, name: &str, more: Value) -> Answer {
    let mut body = json!({ "name": name, "address": format!("{name}.test:5432") });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let made = api.post(SERVERS, &body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    made
}

async fn claim(api: &Api, key: &str) -> Claim {
    api.create(key).await;
    api.store.claimer("one").claim(Places { all: 1, behind: 1 }, LEASE).await.unwrap().pop().expect("a due tenant").0
}

/// Places a tenant as the allocate step of a worker does that holds these servers; gives the server's address.
async fn place(api: &Api, claim: &Claim, key: &str, held: &[&str], resting: &[&str]) -> Result<String, StoreError> {
    let (host, secret) = (Host::parse(&format!("{key}.apps.test")).unwrap(), Sealed::from_stored("v1.a.x".into()));
    let [held, resting] = [held, resting].map(|names| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    let servers = ServerChoice { held: &held, resting: &resting, connection_limit: 20 };
    let (password, verifier) = (&secret, &secret);
    let new = NewAllocation { host: &host, servers, pool: PoolChoice::None, password, verifier, block: None };
    api.store.allocate(claim, &new).await.map(|allocated| allocated.address)
}

/// Makes a tenant and places it.
async fn put(api: &Api, key: &str, held: &[&str]) -> Result<String, StoreError> {
    let claim = claim(api, key).await;
    place(api, &claim, key, held, &[]).await
}

/// What stands there of a server, as a worker that looked at it would have read it before.
async fn sighted(api: &Api, id: &str) -> SightedServer {
    let id: Uuid = id.parse().unwrap();
    let all = api.store.sighted_servers().await.unwrap();
    all.into_iter().find(|one| one.id.as_uuid() == id).expect("a server")
}

#[test]
fn a_server_takes_tenants_up_to_its_capacity_and_while_it_is_active() {
    with_api(|api| async move {
        assert_eq!(api.call("GET", SERVERS).await.body["items"], json!([]), "no worker was there yet");
        api.store.put_default_server("db.test:5432").await.unwrap();
        let first = claim(&api, "first").await;
        place(&api, &first, "first", &["default"], &[]).await.unwrap();
        let server = api.call("GET", &format!("{SERVERS}/default")).await;
        assert_eq!(
            (server.text("state"), server.text("address"), &server.body["tenants"]),
            ("active", "db.test:5432", &json!(1))
        );

        let edited = patch(&api, "default", json!({ "capacity": 1, "region": " Frankfurt " })).await;
        assert_eq!((edited.status, &edited.body["capacity"], edited.text("region")), (200, &json!(1), "Frankfurt"));
        let second = claim(&api, "second").await;
        let placed = place(&api, &second, "second", &["default"], &[]).await;
        assert!(matches!(placed, Err(StoreError::NoServerLeft)));
        place(&api, &first, "first", &["default"], &[]).await.expect("who is there already stays");
        patch(&api, "default", json!({ "capacity": null })).await;
        place(&api, &second, "second", &["default"], &[]).await.unwrap();

        let drained = api.call("POST", &format!("{SERVERS}/default/drain")).await;
        assert_eq!((drained.status, drained.text("state")), (200, "draining"), "{}", drained.body);
        let third = claim(&api, "third").await;
        let placed = place(&api, &third, "third", &["default"], &[]).await;
        assert!(matches!(placed, Err(StoreError::NoServerLeft)));
        let there = api.call("GET", "/api/gateway/tenants?server=default&sort=key").await;
        let keys: Vec<&str> =
            there.body["items"].as_array().unwrap().iter().map(|one| one["key"].as_str().unwrap()).collect();
        assert_eq!(keys, ["first", "second"]);
        assert_eq!(api.call("GET", "/api/gateway/tenants?server=nowhere").await.body["items"], json!([]));
        let id = server.text("id");
        assert_eq!(api.call("POST", &format!("{SERVERS}/{id}/start")).await.text("state"), "active");
        place(&api, &third, "third", &["default"], &[]).await.unwrap();
    });
}

#[test]
fn a_server_is_made_known_found_changed_and_removed() {
    with_api(|api| async move {
        let made = make(&api, "eu-1", json!({ "region": "Europe" })).await;
        let id = made.text("id").to_owned();
        assert_eq!(made.header("location"), format!("{SERVERS}/{id}"));
        let shown = ["state", "address", "region", "problem"].map(|field| made.text(field));
        assert_eq!(shown, ["active", "eu-1.test:5432", "Europe", "no_credential"]);
        assert_eq!((&made.body["weight"], &made.body["overcommit"]), (&json!(100), &json!(null)));
        assert_eq!((&made.body["from_settings"], &made.body["reached_at"]), (&json!(false), &json!(null)));
        for which in ["eu-1", id.as_str()] {
            assert_eq!(api.call("GET", &format!("{SERVERS}/{which}")).await.body, made.body);
        }
        let again = json!({ "name": "eu-1", "address": "x:1" });
        api.post(SERVERS, &again).await.assert_problem(409, "name_taken");
        let edit = json!({ "address": "[::1]:6432", "state": "offline", "weight": 7, "overcommit": 1.5 });
        let edited = patch(&api, "eu-1", edit).await;
        assert_eq!((edited.status, edited.text("address"), edited.text("state")), (200, "[::1]:6432", "offline"));
        assert_eq!((&edited.body["weight"], &edited.body["overcommit"]), (&json!(7), &json!(1.5)));
        let entry = api.call("GET", "/api/gateway/audit?limit=1").await.body["items"][0].clone();
        assert_eq!(
            (&entry["target"], &entry["before"]["weight"]),
            (&json!(format!("database_server:{id}")), &json!(100))
        );

        let (tag, path) = (edited.header("etag").to_owned(), format!("{SERVERS}/eu-1"));
        assert_ne!(tag, made.header("etag"));
        assert_eq!(api.call("GET", &path).await.header("etag"), tag);
        let outdated = api.bare("DELETE", &path).bearer_auth(ROOT).header("if-match", made.header("etag"));
        api.send(outdated).await.assert_problem(412, "precondition_failed");
        let current = api.bare("POST", &format!("{path}/start")).bearer_auth(ROOT).header("if-match", &tag);
        assert_eq!(api.send(current).await.text("state"), "active");
        let tenant = claim(&api, "acme").await;
        place(&api, &tenant, "acme", &["eu-1"], &[]).await.unwrap();
        patch(&api, "eu-1", json!({ "address": "y:1" })).await.assert_problem(409, "database_server_in_use");
        assert_eq!(patch(&api, "eu-1", json!({ "address": "[::1]:6432" })).await.status, 200, "the one it has");
        api.call("DELETE", &format!("{SERVERS}/eu-1")).await.assert_problem(409, "database_server_in_use");
        let id_of_tenant = tenant.tenant_id.as_uuid();
        api.walk(id_of_tenant, &["deleting"]).await;
        api.call("DELETE", &format!("{SERVERS}/eu-1")).await.assert_problem(409, "database_server_in_use");
        for statement in [
            "UPDATE gateway.tenant SET purge_at = now(), status = 'purging' WHERE id = $1",
            "UPDATE gateway.tenant SET status = 'deleted', deleted_at = now(), due_at = NULL, lease_token = NULL, lease_worker = NULL,
                    lease_expires_at = NULL, password_sealed = NULL, verifier_sealed = NULL WHERE id = $1",
        ] {
            sqlx::query(statement).bind(id_of_tenant).execute(&mut api.database().await).await.unwrap();
        }
        let removed = api.call("DELETE", &format!("{SERVERS}/{id}")).await;
        assert_eq!((removed.status, removed.text("name")), (200, "eu-1"));
        for which in ["eu-1", id.as_str()] {
            api.call("GET", &format!("{SERVERS}/{which}")).await.assert_problem(404, "database_server_not_found");
            api.call("DELETE", &format!("{SERVERS}/{which}")).await.assert_problem(404, "database_server_not_found");
        }
        let gone = api.call("GET", &format!("/api/gateway/tenants/{id_of_tenant}")).await;
        assert_eq!(gone.text("server"), "eu-1", "the row of a deleted tenant remembers it");
        let anew = make(&api, "eu-1", json!({})).await;
        assert_ne!(anew.text("id"), id);
        assert_eq!(api.call("GET", "/api/gateway/tenants?server=eu-1").await.body["items"], json!([]));
        assert_eq!(api.call("GET", SERVERS).await.body["items"].as_array().unwrap().len(), 1);
    });
}

#[test]
fn the_default_server_is_where_the_settings_say() {
    with_api(|api| async move {
        let own = json!({ "name": "default", "address": "x:1" });
        api.post(SERVERS, &own).await.assert_problem(409, "database_server_of_settings");
        api.store.put_default_server("db.test:5432").await.unwrap();
        assert_eq!(api.call("GET", &format!("{SERVERS}/default")).await.body["from_settings"], true);
        let moved = patch(&api, "default", json!({ "address": "x:1" })).await;
        moved.assert_problem(409, "database_server_of_settings");
        assert_eq!(patch(&api, "default", json!({ "weight": 10 })).await.body["weight"], 10);
        api.call("DELETE", &format!("{SERVERS}/default")).await.assert_problem(409, "database_server_of_settings");
        api.store.put_default_server("db.test:6432").await.unwrap();
        assert_eq!(api.call("GET", &format!("{SERVERS}/default")).await.text("address"), "db.test:6432");
    });
}

#[test]
fn tenants_go_where_there_is_room_by_weight_and_stay_there() {
    with_api(|api| async move {
        api.store.put_default_server("default.test:5432").await.unwrap();
        make(&api, "big", json!({ "weight": 200, "capacity": 3 })).await;
        make(&api, "small", json!({})).await;
        let all = ["default", "big", "small"];
        let mut found = Vec::new();
        for n in 0..7 {
            let address = put(&api, &format!("tenant-{n}"), &all).await.unwrap();
            found.push(address.split('.').next().unwrap().to_owned());
        }
        assert_eq!(
            found,
            ["default", "big", "small", "big", "default", "big", "small"],
            "the default one among equals"
        );

        let only = put(&api, "only", &["small", "unheard-of"]).await.unwrap();
        assert_eq!(only, "small.test:5432", "a worker places where it holds the credential");
        let late = claim(&api, "late").await;
        let placed = place(&api, &late, "late", &all, &["default"]).await.unwrap();
        assert_eq!(placed, "small.test:5432", "one that does not answer comes last");
        let stays = place(&api, &late, "late", &["default"], &["default"]).await.unwrap();
        assert_eq!(stays, "small.test:5432", "whatever a later worker holds");
        patch(&api, "small", json!({ "state": "draining" })).await;
        let waits = claim(&api, "waits").await;
        let placed = place(&api, &waits, "waits", &all, &["default"]).await.unwrap();
        assert_eq!(placed, "default.test:5432", "better than nowhere");
    });
}

#[test]
fn a_server_that_was_silent_lately_comes_last_for_every_worker() {
    with_api(|api| async move {
        let (dark, lit) = (make(&api, "dark", json!({})).await, make(&api, "lit", json!({ "capacity": 1 })).await);
        let silent = sighted(&api, dark.text("id")).await;
        api.store.put_sight(&silent, Some("database_server_unreachable")).await.unwrap();
        api.store.put_sight(&sighted(&api, lit.text("id")).await, None).await.unwrap();
        let found =
            [put(&api, "one", &["dark", "lit"]).await.unwrap(), put(&api, "two", &["dark", "lit"]).await.unwrap()];
        assert_eq!(found, ["lit.test:5432", "dark.test:5432"], "better than nowhere");
        make(&api, "wide", json!({})).await;
        let long_ago = "UPDATE gateway.server_sight SET looked_at = now() - interval '1 hour'";
        sqlx::query(long_ago).execute(&mut api.database().await).await.unwrap();
        let found =
            [put(&api, "three", &["dark", "wide"]).await.unwrap(), put(&api, "four", &["dark", "wide"]).await.unwrap()];
        assert_eq!(found, ["wide.test:5432", "dark.test:5432"], "what was seen long ago counts no more");
    });
}

#[test]
fn a_worker_that_holds_too_little_leaves_the_tenant_to_others() {
    with_api(|api| async move {
        let one = make(&api, "one", json!({ "capacity": 0 })).await;
        let two = make(&api, "two", json!({})).await;
        let tenant = claim(&api, "acme").await;
        assert!(matches!(place(&api, &tenant, "acme", &["one"], &[]).await, Err(StoreError::NoServerLeft)));
        api.store.put_sight(&sighted(&api, two.text("id")).await, None).await.unwrap();
        let placed = place(&api, &tenant, "acme", &["one"], &[]).await;
        assert!(matches!(placed, Err(StoreError::NoServerHeld)), "another worker reaches a server with room");
        api.call("POST", &format!("{SERVERS}/two/drain")).await;
        assert!(matches!(place(&api, &tenant, "acme", &["one"], &[]).await, Err(StoreError::NoServerLeft)));
        assert_eq!(one.text("problem"), "no_credential");
    });
}

#[test]
fn connections_are_promised_as_often_as_a_server_allows() {
    with_api(|api| async move {
        let made = make(&api, "one", json!({ "overcommit": 1 })).await;
        let plan = json!({ "name": "wide", "title": "Wide", "connection_limit": 50 });
        assert_eq!(api.post("/api/gateway/plans", &plan).await.status, 201);
        put(&api, "unmeasured", &["one"]).await.expect("what was not measured is not counted");
        let measure = |max_connections| ServerMeasure {
            max_connections,
            reserved_connections: 3,
            databases: 1,
            databases_bytes: None,
        };
        let id = sighted(&api, made.text("id")).await.id;
        api.store.put_measure(id, &measure(93)).await.unwrap();
        let wide = json!({ "key": "wide", "company_name": "Wide", "plan": "wide" });
        assert_eq!(api.post("/api/gateway/tenants", &wide).await.status, 202);
        let claimed =
            api.store.claimer("one").claim(Places { all: 1, behind: 1 }, LEASE).await.unwrap().pop().unwrap().0;
        place(&api, &claimed, "wide", &["one"], &[]).await.expect("20 and 50 of 90");
        put(&api, "third", &["one"]).await.expect("20 more, and all are promised");
        let fourth = claim(&api, "fourth").await;
        let placed = place(&api, &fourth, "fourth", &["one"], &[]).await;
        assert!(matches!(placed, Err(StoreError::NoServerLeft)));
        patch(&api, "one", json!({ "overcommit": 2 })).await;
        place(&api, &fourth, "fourth", &["one"], &[]).await.unwrap();
        let used = api.call("GET", "/api/gateway/capacity").await.body["servers"][0]["connections"].clone();
        assert_eq!((&used["used"], &used["limit"], &used["free"]), (&json!(110), &json!(90), &json!(-20)), "{used}");
    });
}

#[test]
fn whether_workers_reach_a_server_is_told() {
    with_api(|api| async move {
        let made = make(&api, "one", json!({})).await;
        let (id, path) = (made.text("id"), format!("{SERVERS}/one"));
        api.store.put_sight(&sighted(&api, id).await, Some("database_server_unreachable")).await.unwrap();
        let away = api.call("GET", &path).await;
        assert_eq!((away.text("problem"), &away.body["reached_at"]), ("database_server_unreachable", &json!(null)));
        let before = sighted(&api, id).await;
        api.store.put_sight(&before, None).await.unwrap();
        let size = ServerMeasure {
            max_connections: 100,
            reserved_connections: 3,
            databases: 2,
            databases_bytes: Some(16 << 20),
        };
        api.store.put_measure(before.id, &size).await.unwrap();
        let there = api.call("GET", &path).await;
        assert_eq!((&there.body["problem"], there.body["reached_at"].is_string()), (&json!(null), true));
        assert_eq!((&there.body["max_connections"], &there.body["reserved_connections"]), (&json!(100), &json!(3)));
        assert_eq!((&there.body["databases"], &there.body["database_bytes"]), (&json!(2), &json!(16 << 20)));

        let writes = "SELECT xmin::text || ctid::text FROM gateway.server_sight";
        let row =
            || async { sqlx::query_scalar::<_, String>(writes).fetch_one(&mut api.database().await).await.unwrap() };
        let row_before = row().await;
        api.store.put_sight(&sighted(&api, id).await, None).await.unwrap();
        assert_eq!(row().await, row_before, "a look that ends as the last one writes nothing");
        let age = "UPDATE gateway.server_sight SET looked_at = now() - make_interval(secs => $1)";
        sqlx::query(age).bind(500.0).execute(&mut api.database().await).await.unwrap();
        let stands = sighted(&api, id).await;
        assert_eq!(api.call("GET", &path).await.body["problem"], json!(null));
        sqlx::query(age).bind(700.0).execute(&mut api.database().await).await.unwrap();
        let left = api.call("GET", &path).await;
        assert_eq!((left.text("problem"), left.body["reached_at"].is_string()), ("no_credential", true));
        api.store.put_sight(&stands, None).await.unwrap();
        assert_eq!(api.call("GET", &path).await.body["problem"], json!(null), "renewed");
    });
}

#[test]
fn every_wrong_field_is_named() {
    with_api(|api| async move {
        api.store.put_default_server("db.test:5432").await.unwrap();
        let edit = json!({ "capacity": -1, "region": "x".repeat(61), "address": "h", "name": "x", "state": "gone",
                           "weight": null, "overcommit": 0 });
        let wrong = patch(&api, "default", edit).await;
        let mut found = wrong.wrong();
        found.sort_unstable();
        assert_eq!(
            found,
            [
                ("/address", "address"),
                ("/capacity", "range"),
                ("/name", "unknown"),
                ("/overcommit", "range"),
                ("/region", "length"),
                ("/state", "unknown_value"),
                ("/weight", "required")
            ]
        );
        let wrong = api.post(SERVERS, &json!({ "name": "Eu", "weight": 1001, "x": 1 })).await;
        let mut found = wrong.wrong();
        found.sort_unstable();
        assert_eq!(found, [("/address", "required"), ("/name", "name"), ("/weight", "range"), ("/x", "unknown")]);
        for path in ["nowhere", "x%00y", "A", "a b"] {
            api.call("GET", &format!("{SERVERS}/{path}")).await.assert_problem(404, "database_server_not_found");
            api.call("POST", &format!("{SERVERS}/{path}/drain")).await.assert_problem(404, "database_server_not_found");
            api.call("DELETE", &format!("{SERVERS}/{path}")).await.assert_problem(404, "database_server_not_found");
        }
    });
}
