//! `GET /api/gateway/capacity`, with rows as workers would write them.

use gateway::store::capacity::ServerMeasure;
use serde_json::json;
use uuid::Uuid;

use super::with_settings;

const CAPACITY: &str = "/api/gateway/capacity";

#[test]
fn what_is_used_and_what_is_left_is_counted() {
    with_settings(
        &[("GATEWAY_DOCKER_NETWORK_BLOCK", "10.9.0.0/24"), ("GATEWAY_TENANT_CONNECTION_LIMIT", "20")],
        |api| async move {
            let empty = api.call("GET", CAPACITY).await.body;
            assert_eq!(
                (&empty["subnets"]["amount"]["limit"], &empty["subnets"]["amount"]["free"]),
                (&json!(16), &json!(16)),
                "{empty:#}"
            );
            assert_eq!((&empty["servers"], &empty["pools"], &empty["workers"]), (&json!([]), &json!([]), &json!([])));
            assert_eq!((&empty["networks"]["used"], &empty["queue"]["oldest_seconds"]), (&json!(null), &json!(null)));

            let (acme, globex) = (api.active("acme").await, api.active("globex").await);
            api.create("due").await;
            let paused = api.create("paused").await;
            let claimed = api.create("claimed").await;
            let again = api.create("again").await;
            let server: Uuid = sqlx::query_scalar(
                "INSERT INTO gateway.database_server (name, address) VALUES ('default', 'h:1') RETURNING id",
            )
            .fetch_one(&mut api.database().await)
            .await
            .unwrap();
            api.post("/api/gateway/pools", &json!({ "name": "europe", "backend_url": "http://h" })).await;
            for (statement, tenant) in [
                ("INSERT INTO gateway.subnet (subnet, tenant_id) VALUES ('10.9.0.0/28', $1)", acme),
                (
                    "INSERT INTO gateway.subnet (subnet, usable_from) VALUES ('10.9.0.16/28', now() + interval '1 hour') RETURNING $1::uuid",
                    acme,
                ),
                (
                    "INSERT INTO gateway.subnet (subnet, usable_from) VALUES ('10.9.0.32/28', now() - interval '1 hour') RETURNING $1::uuid",
                    acme,
                ),
                ("INSERT INTO gateway.subnet (subnet, tenant_id) VALUES ('10.99.0.0/28', $1)", globex),
                ("UPDATE gateway.tenant SET pool_id = (SELECT id FROM gateway.shared_pool) WHERE id = $1", again),
                ("UPDATE gateway.tenant SET attempt = 1, due_at = now() - interval '90 seconds' WHERE id = $1", again),
                ("UPDATE gateway.tenant SET paused = true WHERE id = $1", paused),
                (
                    "UPDATE gateway.tenant SET lease_token = gen_random_uuid(), lease_worker = 'w1', lease_expires_at = now() + interval '1 minute' WHERE id = $1",
                    claimed,
                ),
                (
                    "UPDATE gateway.tenant SET password_sealed = 'v1.t.x', verifier_sealed = 'v1.t.x', server_id = (SELECT id FROM gateway.database_server) WHERE id = $1",
                    acme,
                ),
            ] {
                sqlx::query(statement).bind(tenant).execute(&mut api.database().await).await.unwrap();
            }
            let measure = ServerMeasure {
                max_connections: 100,
                reserved_connections: 3,
                databases: 4,
                databases_bytes: Some(8 << 20),
            };
            let before = api.call("GET", CAPACITY).await.body;
            assert_eq!(
                (&before["servers"][0]["connections"]["used"], &before["servers"][0]["connections"]["limit"]),
                (&json!(20), &json!(null)),
                "what no worker measured is not known: {before:#}"
            );
            api.store.put_measure(gateway::domain::ids::ServerId::from_uuid(server), &measure).await.unwrap();
            let found = api.call("GET", CAPACITY).await.body;
            let subnets = &found["subnets"];
            assert_eq!(
                (&subnets["amount"]["used"], &subnets["quarantined"], &subnets["amount"]["free"]),
                (&json!(1), &json!(1), &json!(14)),
                "a subnet outside the block does not count: {found:#}"
            );
            let server = &found["servers"][0];
            assert_eq!((&server["tenants"], &server["connections"]["free"]), (&json!(1), &json!(77)), "{found:#}");
            assert_eq!((&server["databases"]["used"], &server["database_bytes"]["used"]), (&json!(4), &json!(8 << 20)));
            assert!(server["connections"]["measured_at"].is_string());
            assert_eq!((&found["pools"][0]["name"], &found["pools"][0]["tenants"]), (&json!("europe"), &json!(1)));
            let queue = &found["queue"];
            let counts = ["due", "behind", "later", "claimed", "paused"].map(|name| queue[name].as_i64().unwrap());
            assert_eq!(counts, [1, 1, 0, 1, 1], "{found:#}");
            assert!(queue["oldest_seconds"].as_f64().unwrap() >= 90.0, "{found:#}");
            assert_eq!(found["workers"], json!([{ "name": "w1", "tenants": 1, "jobs": 0 }]));
            let refused = api.call("GET", &format!("{CAPACITY}?x=1")).await;
            assert_eq!(refused.wrong(), [("/x", "unknown")]);
        },
    );
}
