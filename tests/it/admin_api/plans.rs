//! `/api/gateway/plans`, and the plan of a tenant. No worker runs here.

use gateway::domain::plan::PlanNetwork;
use serde_json::{Value, json};

use super::{Answer, Api, ROOT, with_api};

const PLANS: &str = "/api/gateway/plans";

async fn patch(api: &Api, path: &str, body: Value) -> Answer {
    api.send(api.bare("PATCH", path).bearer_auth(ROOT).json(&body)).await
}

#[test]
fn a_plan_is_made_changed_and_removed() {
    with_api(|api| async move {
        let seeded = api.call("GET", &format!("{PLANS}/default")).await;
        assert_eq!((seeded.status, seeded.header("etag")), (200, "\"0.0\""), "{}", seeded.body);
        assert!(seeded.body["connection_limit"].is_null(), "the settings say");
        assert_eq!(seeded.body["statement_timeout_seconds"], 60);

        let body = json!({ "name": "gold", "title": "Gold", "connection_limit": 50, "memory_mib": 1024, "cpus": 1.5, "pids": 300 });
        let made = api.post(PLANS, &body).await;
        assert_eq!((made.status, made.header("location")), (201, "/api/gateway/plans/gold"), "{}", made.body);
        assert_eq!(api.call("GET", &format!("{PLANS}/gold")).await.body, made.body);
        api.post(PLANS, &body).await.assert_problem(409, "name_taken");

        let edited = patch(&api, &format!("{PLANS}/gold"), json!({ "connection_limit": 60, "cpus": null })).await;
        assert_eq!((edited.status, edited.header("etag")), (200, "\"0.1\""), "{}", edited.body);
        assert_eq!(
            (&edited.body["connection_limit"], &edited.body["cpus"], &edited.body["pids"]),
            (&json!(60), &Value::Null, &json!(300))
        );
        let stale =
            api.bare("PATCH", &format!("{PLANS}/gold")).bearer_auth(ROOT).header("if-match", made.header("etag"));
        api.send(stale.json(&json!({ "title": "Silver" }))).await.assert_problem(412, "precondition_failed");

        let page = api.call("GET", &format!("{PLANS}?limit=1")).await;
        let next = api.call("GET", &format!("{PLANS}?limit=1&cursor={}", page.text("next_cursor"))).await;
        assert_eq!(
            (&page.body["items"][0]["name"], &next.body["items"][0]["name"]),
            (&json!("default"), &json!("gold"))
        );
        assert_eq!(api.call("DELETE", &format!("{PLANS}/gold")).await.status, 200);
        for name in ["gold", "Gold", "x%00y"] {
            api.call("GET", &format!("{PLANS}/{name}")).await.assert_problem(404, "plan_not_found");
        }
        api.call("DELETE", &format!("{PLANS}/default")).await.assert_problem(409, "plan_in_use");
    });
}

#[test]
fn another_plan_is_a_wish_and_so_are_other_limits_of_it() {
    with_api(|api| async move {
        api.post(PLANS, &json!({ "name": "gold", "title": "Gold" })).await;
        let id = api.active("acme").await;
        let tenant = "/api/gateway/tenants/acme";
        assert_eq!(api.call("GET", tenant).await.body["plan"], "default");
        let moved = patch(&api, tenant, json!({ "plan": "gold", "notes": "paid" })).await;
        assert_eq!(
            (moved.status, moved.text("plan"), moved.text("status")),
            (202, "gold", "pending"),
            "{}",
            moved.body
        );
        let operation = api.call("GET", moved.header("location")).await;
        assert_eq!((operation.text("kind"), operation.text("requested_by")), ("reconverge", "key:root"));
        api.walk(id, &["provisioning", "active"]).await;
        api.settle(id).await;
        let same = patch(&api, tenant, json!({ "plan": "gold" })).await;
        assert_eq!((same.status, same.text("status")), (200, "active"), "nothing changed");

        // A title is nobody's limit.
        patch(&api, &format!("{PLANS}/gold"), json!({ "title": "Golden" })).await;
        assert_eq!(api.call("GET", tenant).await.text("status"), "active");
        patch(&api, &format!("{PLANS}/gold"), json!({ "pids": 64 })).await;
        let limited = api.call("GET", tenant).await;
        assert_eq!((limited.text("status"), limited.text("reason")), ("pending", "the plan gold was changed (2)"));
        let operation = limited.body["operation"]["id"].as_str().unwrap();
        let operation = api.call("GET", &format!("/api/gateway/operations/{operation}")).await;
        assert_eq!((&operation.body["repair"], &operation.body["requested_by"]), (&json!(true), &json!("key:root")));
        assert_eq!(api.call("GET", &format!("{PLANS}/gold")).await.body["tenants"], 1);
        api.call("DELETE", &format!("{PLANS}/gold")).await.assert_problem(409, "plan_in_use");
    });
}

#[test]
fn a_plan_that_changes_during_the_work_supersedes_it() {
    with_api(|api| async move {
        let id = api.create("acme").await;
        let lease = std::time::Duration::from_secs(60);
        let places = gateway::store::claimer::Places { all: 1, behind: 1 };
        let (claim, _) = api.store.claimer("one").claim(places, lease).await.unwrap().pop().unwrap();
        api.store.confirm(&claim).await.unwrap();
        patch(&api, &format!("{PLANS}/default"), json!({ "connection_limit": 3 })).await;
        let lost = api.store.confirm(&claim).await.unwrap_err();
        assert!(matches!(lost, gateway::store::StoreError::LeaseLost), "the run may have read the former limits");
        let tenant = api.call("GET", &format!("/api/gateway/tenants/{id}")).await;
        assert_eq!(tenant.body["operation"]["kind"], "provision");
    });
}

#[test]
fn a_claim_tells_what_the_plan_allows_when_the_claim_is_had() {
    with_api(|api| async move {
        api.create("acme").await;
        let mut database = api.database().await;
        // Somebody changes the plan while the claim is under way, and commits before it looks at the first row.
        for statement in [
            "BEGIN",
            "LOCK TABLE gateway.operation IN ACCESS EXCLUSIVE MODE",
            "UPDATE gateway.plan SET connection_limit = 3, network = 'none'",
        ] {
            sqlx::query(statement).execute(&mut database).await.unwrap();
        }
        let mut claimer = api.store.claimer("one");
        let places = gateway::store::claimer::Places { all: 1, behind: 1 };
        let commit = async {
            api.until_waiting().await;
            sqlx::query("COMMIT").execute(&mut database).await.unwrap();
        };
        let (claimed, ()) = tokio::join!(claimer.claim(places, std::time::Duration::from_secs(60)), commit);
        let (claim, tenant) = claimed.unwrap().pop().unwrap();
        api.store.confirm(&claim).await.unwrap();
        assert_eq!((tenant.limits.connections, tenant.network), (Some(3), PlanNetwork::None));
        assert_eq!(tenant.limits.statement_timeout_seconds, 60);
    });
}

#[test]
fn a_plan_says_what_network_its_tenants_have() {
    with_api(|api| async move {
        let seeded = api.call("GET", &format!("{PLANS}/default")).await;
        assert_eq!(seeded.text("network"), "per-tenant");
        let made = api.post(PLANS, &json!({ "name": "bare", "title": "Bare", "network": "none" })).await;
        assert_eq!((made.status, made.text("network")), (201, "none"), "{}", made.body);
        let wrong = api.post(PLANS, &json!({ "name": "host", "title": "Host", "network": "host" })).await;
        assert_eq!(wrong.wrong(), [("/network", "unknown_value")]);

        // A tenant of the tier shared has what the plan says, a dedicated one its own.
        let tenant = |key: &str, tier: &str| json!({ "key": key, "company_name": "A", "tier": tier, "plan": "bare" });
        let shared = api.post("/api/gateway/tenants", &tenant("acme", "shared")).await;
        assert_eq!((shared.status, shared.text("network")), (202, "none"), "{}", shared.body);
        assert_eq!(shared.body["network_name"], Value::Null);
        let dedicated = api.post("/api/gateway/tenants", &tenant("globex", "dedicated")).await;
        assert_eq!((dedicated.status, dedicated.text("network")), (202, "per-tenant"), "{}", dedicated.body);
        let list = api.call("GET", "/api/gateway/tenants?sort=key").await;
        let networks: Vec<&Value> =
            list.body["items"].as_array().unwrap().iter().map(|tenant| &tenant["network"]).collect();
        assert_eq!(networks, ["none", "per-tenant"], "{}", list.body);

        // Another network is a wish about each tenant of the plan; the same one is none.
        let id = uuid::Uuid::parse_str(shared.text("id")).unwrap();
        api.walk(id, &["provisioning", "active"]).await;
        api.settle(id).await;
        patch(&api, &format!("{PLANS}/bare"), json!({ "network": "none" })).await;
        assert_eq!(api.call("GET", "/api/gateway/tenants/acme").await.text("status"), "active");
        let edited = patch(&api, &format!("{PLANS}/bare"), json!({ "network": "per-pool" })).await;
        assert_eq!((edited.status, edited.text("network")), (200, "per-pool"), "{}", edited.body);
        let wished = api.call("GET", "/api/gateway/tenants/acme").await;
        assert_eq!((wished.text("status"), wished.text("network")), ("pending", "per-pool"), "{}", wished.body);
        let given_back = patch(&api, &format!("{PLANS}/bare"), json!({ "network": null })).await;
        assert_eq!(given_back.text("network"), "per-tenant");
    });
}

#[test]
fn a_plan_for_dedicated_tenants_gives_each_its_own_network() {
    with_api(|api| async move {
        let body = |network: &str| json!({ "name": "big", "title": "Big", "tier": "dedicated", "network": network });
        for refused in ["per-pool", "none"] {
            assert_eq!(api.post(PLANS, &body(refused)).await.wrong(), [("/network", "network_unfit")]);
        }
        api.call("GET", &format!("{PLANS}/big")).await.assert_problem(404, "plan_not_found");
        assert_eq!(api.post(PLANS, &body("per-tenant")).await.status, 201);
        for refused in ["per-pool", "none"] {
            let edited = patch(&api, &format!("{PLANS}/big"), json!({ "network": refused })).await;
            assert_eq!(edited.wrong(), [("/network", "network_unfit")]);
        }
        let dry = patch(&api, &format!("{PLANS}/big?dry_run=true"), json!({ "network": "none" })).await;
        assert_eq!(dry.wrong(), [("/network", "network_unfit")], "a look beforehand says the same");
        assert_eq!(api.call("GET", &format!("{PLANS}/big")).await.text("network"), "per-tenant");
        let by_sql = "UPDATE gateway.plan SET network = 'none' WHERE name = 'big'";
        let refused = sqlx::query(by_sql).execute(&mut api.database().await).await.unwrap_err();
        assert_eq!(refused.as_database_error().unwrap().constraint(), Some("plan_network_fits"));
    });
}

#[test]
fn a_plan_of_one_tier_is_for_its_tenants_only() {
    with_api(|api| async move {
        api.post(PLANS, &json!({ "name": "big", "title": "Big", "tier": "dedicated" })).await;
        let body = |plan: &str| json!({ "key": "acme", "company_name": "A", "plan": plan });
        assert_eq!(api.post("/api/gateway/tenants", &body("big")).await.wrong(), [("/plan", "plan_unfit")]);
        for none in ["nowhere", "No Name"] {
            assert_eq!(api.post("/api/gateway/tenants", &body(none)).await.wrong(), [("/plan", "no_such_plan")]);
        }
        assert_eq!(api.post("/api/gateway/tenants", &body("default")).await.status, 202);
        let tenant = "/api/gateway/tenants/acme";
        assert_eq!(patch(&api, tenant, json!({ "plan": "big" })).await.wrong(), [("/plan", "plan_unfit")]);
        assert_eq!(patch(&api, tenant, json!({ "plan": null })).await.wrong(), [("/plan", "required")]);
        let by_sql = "UPDATE gateway.tenant SET plan = 'big' WHERE key = 'acme'";
        let refused = sqlx::query(by_sql).execute(&mut api.database().await).await.unwrap_err();
        assert_eq!(refused.as_database_error().unwrap().constraint(), Some("tenant_plan_fits"));
        assert_eq!(
            patch(&api, &format!("{PLANS}/big"), json!({ "tier": "shared" })).await.wrong(),
            [("/tier", "unknown")]
        );
    });
}

#[test]
fn a_change_without_a_body_is_refused() {
    with_api(|api| async move {
        let id = api.create("acme").await;
        for path in ["/api/gateway/plans/default".to_owned(), format!("/api/gateway/tenants/{id}")] {
            let before = api.call("GET", &path).await.body;
            api.call("PATCH", &path).await.assert_problem(400, "body_required");
            assert_eq!(api.call("GET", &path).await.body, before);
        }
    });
}
