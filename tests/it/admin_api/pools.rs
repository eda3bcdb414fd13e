//! `/api/gateway/pools`

use std::time::Duration;

use gateway::domain::host::Host;
use gateway::domain::seal::Sealed;
use gateway::store::StoreError;
use gateway::store::allocations::{NewAllocation, PoolChoice};
use gateway::store::claimer::Places;
use gateway::store::places::ServerChoice;
use serde_json::json;
use uuid::Uuid;

use super::{Api, with_api};

const POOLS: &str = "/api/gateway/pools";
const LEASE: Duration = Duration::from_secs(60);

#[test]
fn a_pool_is_made_found_moved_and_removed() {
    with_api(|api| async move {
        let made = api.post(POOLS, &json!({ "name": "europe", "backend_url": "http://127.0.0.1:9001" })).await;
        assert_eq!((made.status, made.text("backend_url")), (201, "http://127.0.0.1:9001/"), "{}", made.body);
        let id: Uuid = made.text("id").parse().unwrap();
        assert_eq!(made.header("location"), format!("{POOLS}/{id}"));
        for which in ["europe".to_owned(), id.to_string()] {
            assert_eq!(api.call("GET", &format!("{POOLS}/{which}")).await.body, made.body);
        }
        api.post("/api/gateway/tenants", &json!({ "key": "acme", "company_name": "A", "pool_id": id })).await;
        assert_eq!(api.call("GET", &format!("{POOLS}/europe")).await.body["tenants"], 1);
        let request = api.bare("PATCH", &format!("{POOLS}/europe")).bearer_auth(super::ROOT);
        let moved = api.send(request.json(&json!({ "backend_url": "http://127.0.0.1:9002" }))).await;
        assert_eq!((moved.status, moved.text("backend_url")), (200, "http://127.0.0.1:9002/"));
        let jobs = api.call("GET", "/api/gateway/jobs").await;
        assert_eq!(
            (&jobs.body["items"][0]["kind"], &jobs.body["items"][0]["requested_by"]),
            (&json!("reconcile"), &json!("key:root"))
        );
        api.call("DELETE", &format!("{POOLS}/europe")).await.assert_problem(409, "pool_in_use");
        api.post(POOLS, &json!({ "name": "europe", "backend_url": "http://h" }))
            .await
            .assert_problem(409, "name_taken");
        api.post(POOLS, &json!({ "name": "asia", "backend_url": "http://h" })).await;
        let list = api.call("GET", &format!("{POOLS}?limit=1")).await;
        let next = api.call("GET", &format!("{POOLS}?limit=1&cursor={}", list.text("next_cursor"))).await;
        assert_eq!(
            (&list.body["items"][0]["name"], &next.body["items"][0]["name"]),
            (&json!("asia"), &json!("europe"))
        );
        assert_eq!(api.call("DELETE", &format!("{POOLS}/asia")).await.status, 200);
        api.call("GET", &format!("{POOLS}/asia")).await.assert_problem(404, "pool_not_found");
    });
}

#[test]
fn the_default_pool_is_where_the_settings_say() {
    with_api(|api| async move {
        let made = "INSERT INTO gateway.shared_pool (name, backend_url) VALUES ('default', 'http://127.0.0.1:1')";
        sqlx::query(made).execute(&mut api.database().await).await.unwrap();
        assert_eq!(api.call("GET", &format!("{POOLS}/default")).await.body["from_settings"], true);
        let request = api.bare("PATCH", &format!("{POOLS}/default")).bearer_auth(super::ROOT);
        api.send(request.json(&json!({ "backend_url": "http://h" }))).await.assert_problem(409, "pool_of_settings");
        api.call("DELETE", &format!("{POOLS}/default")).await.assert_problem(409, "pool_of_settings");
    });
}

#[test]
fn every_wrong_field_is_named() {
    with_api(|api| async move {
        let wrong = api.post(POOLS, &json!({ "name": "Europe", "backend_url": "http://u:p@h/x", "weight": 0 })).await;
        assert_eq!(wrong.wrong(), [("/name", "name"), ("/backend_url", "parts"), ("/weight", "range")]);
        let wrong = api.post(POOLS, &json!({ "name": 1 })).await;
        assert_eq!(wrong.wrong(), [("/name", "type"), ("/backend_url", "required")]);
        for path in ["x%00y", "A", "a b"] {
            api.call("GET", &format!("{POOLS}/{path}")).await.assert_problem(404, "pool_not_found");
        }
    });
}

/// Puts a new tenant where a worker would, and gives the name of its pool.
pub(super) async fn place(api: &Api, key: &str) -> Result<String, StoreError> {
    api.create(key).await;
    api.store.put_default_server("db.test:5432").await.unwrap();
    let (claim, _) =
        api.store.claimer("one").claim(Places { all: 1, behind: 1 }, LEASE).await.unwrap().pop().expect("a due tenant");
    let (host, secret) = (Host::parse(&format!("{key}.apps.test")).unwrap(), Sealed::from_stored("v1.a.x".into()));
    let new = NewAllocation {
        host: &host,
        servers: ServerChoice { held: &["default".to_owned()], resting: &[], connection_limit: 20 },
        pool: PoolChoice::Any,
        password: &secret,
        verifier: &secret,
        block: None,
    };
    let pool = api.store.allocate(&claim, &new).await?.pool_id.unwrap();
    Ok(api.store.shared_pool(pool).await.unwrap().name)
}

#[test]
fn tenants_go_where_there_is_room_by_weight() {
    with_api(|api| async move {
        assert!(matches!(place(&api, "early").await, Err(StoreError::NoSuchPool)));
        for (name, weight, capacity) in [("default", 100, None), ("big", 200, Some(3)), ("small", 100, None)] {
            let made = "INSERT INTO gateway.shared_pool (name, backend_url, weight, capacity) VALUES ($1, 'http://pool.test', $2, $3)";
            let made = sqlx::query(made).bind(name).bind(weight).bind(capacity);
            made.execute(&mut api.database().await).await.unwrap();
        }
        let mut found = Vec::new();
        for n in 0..7 {
            found.push(place(&api, &format!("tenant-{n}")).await.unwrap());
        }
        assert_eq!(
            found,
            ["default", "big", "small", "big", "default", "big", "small"],
            "the default one among equals"
        );
        assert_eq!(api.call("POST", &format!("{POOLS}/default/drain")).await.text("state"), "draining");
        assert_eq!(place(&api, "later").await.unwrap(), "small");
        assert_eq!(api.call("POST", &format!("{POOLS}/small/stop")).await.text("state"), "stopped");
        assert!(matches!(place(&api, "last").await, Err(StoreError::NoPoolLeft)));
    });
}

#[test]
fn a_pool_that_is_full_or_closed_takes_nobody_who_is_sent_there() {
    with_api(|api| async move {
        let made = api.post(POOLS, &json!({ "name": "one", "backend_url": "http://h", "capacity": 1 })).await;
        let pool = made.text("id").to_owned();
        let body = |key: &str| json!({ "key": key, "company_name": "A", "pool_id": pool });
        assert_eq!(api.post("/api/gateway/tenants", &body("first")).await.status, 202);
        api.post("/api/gateway/tenants", &body("second")).await.assert_problem(409, "pool_full");
        let request = api.bare("PATCH", &format!("{POOLS}/one")).bearer_auth(super::ROOT);
        let wider = api.send(request.json(&json!({ "capacity": null, "weight": 7 }))).await;
        assert_eq!((&wider.body["capacity"], &wider.body["weight"]), (&json!(null), &json!(7)));
        assert_eq!(api.post("/api/gateway/tenants", &body("second")).await.status, 202);
        for (verb, state) in [("drain", "draining"), ("stop", "stopped")] {
            let put = api.call("POST", &format!("{POOLS}/one/{verb}")).await;
            assert_eq!((put.status, put.text("state")), (200, state), "{}", put.body);
            api.post("/api/gateway/tenants", &body("third")).await.assert_problem(409, "pool_closed");
            let moved = api.active(&format!("mover-{verb}")).await;
            let to = json!({ "pool_id": pool });
            api.post(&format!("/api/gateway/tenants/{moved}/move"), &to).await.assert_problem(409, "pool_closed");
            let many = json!({ "verb": "move", "tenants": [moved], "pool_id": pool });
            let many = api.post("/api/gateway/tenants:batch", &many).await;
            let id = gateway::domain::ids::BatchId::from_uuid(many.text("id").parse().unwrap());
            while api.store.advance_batch(id).await.unwrap() {}
            let many = api.call("GET", many.header("location")).await;
            assert_eq!(many.body["tenants"][0]["error"]["code"], "pool_closed");
        }
        assert_eq!(api.call("POST", &format!("{POOLS}/one/start")).await.text("state"), "active");
        assert_eq!(api.post("/api/gateway/tenants", &body("third")).await.status, 202);
        api.call("POST", &format!("{POOLS}/none/stop")).await.assert_problem(404, "pool_not_found");
    });
}

#[test]
fn a_member_that_is_no_url_stops_nobody() {
    with_api(|api| async move {
        let made = "INSERT INTO gateway.shared_pool (name, backend_url, further_urls)
                    VALUES ('default', 'http://good.test', '{}'), ('odd', 'http://odd.test', '{http://[no,http://further.test}')";
        sqlx::query(made).execute(&mut api.database().await).await.unwrap();
        let found = api.store.watched_pools().await.unwrap();
        let found: Vec<Vec<&str>> =
            found.iter().map(|pool| pool.members.iter().map(|member| member.url.as_str()).collect()).collect();
        assert_eq!(found, [vec!["http://good.test/"], vec!["http://odd.test/", "http://further.test/"]]);
        let found = api.store.shared_pools().await.unwrap();
        let found: Vec<usize> = found.iter().map(|pool| pool.members.len()).collect();
        assert_eq!(found, [1, 2]);
    });
}

#[test]
fn a_pool_has_several_members() {
    with_api(|api| async move {
        let members = json!(["http://a:1/", "http://b:1/"]);
        let made = api.post(POOLS, &json!({ "name": "two", "members": members })).await;
        assert_eq!((made.status, &made.body["members"], made.text("backend_url")), (201, &members, "http://a:1/"));
        let patch = |body| {
            let request = api.bare("PATCH", &format!("{POOLS}/two")).bearer_auth(super::ROOT);
            api.send(request.json(&body))
        };
        let one = patch(json!({ "backend_url": "http://c:1" })).await;
        assert_eq!(one.body["members"], json!(["http://c:1/"]));
        let wrong = patch(json!({ "members": ["http://c:1", "http://c:1/", "x"], "weight": null })).await;
        let mut found = wrong.wrong();
        found.sort_unstable();
        assert_eq!(found, [("/members/1", "twice"), ("/members/2", "url"), ("/weight", "required")]);
        let both = patch(json!({ "members": ["http://c:1"], "backend_url": "http://d:1" })).await;
        assert_eq!(both.wrong(), [("/members", "both")]);
    });
}
