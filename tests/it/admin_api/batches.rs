//! `/api/gateway/tenants:batch` and `/api/gateway/batches`: choosing, refusing, cancelling, and each step as a worker takes
//! it. No worker runs here.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Answer, Api, with_api};
use gateway::domain::ids::BatchId;

const MAKE: &str = "/api/gateway/tenants:batch";
const PATH: &str = "/api/gateway/batches";

/// The states of a batch's tenants, by key.
fn states(batch: &Value) -> Vec<(&str, &str)> {
    let tenants = batch["tenants"].as_array().unwrap_or_else(|| panic!("tenants in {batch}"));
    tenants.iter().map(|one| (one["tenant_key"].as_str().unwrap(), one["state"].as_str().unwrap())).collect()
}

async fn look(api: &Api, batch: &Answer) -> Value {
    api.call("GET", &format!("{PATH}/{}", batch.text("id"))).await.body
}

/// Takes every step that can be taken at present, as a worker would.
async fn advance(api: &Api, batch: &Answer) {
    let id = BatchId::from_uuid(batch.text("id").parse().unwrap());
    while api.store.advance_batch(id).await.unwrap() {}
}

async fn status(api: &Api, key: &str) -> String {
    api.call("GET", &format!("/api/gateway/tenants/{key}")).await.text("status").to_owned()
}

#[test]
fn each_tenant_is_wished_in_turn_in_the_name_of_who_asked() {
    with_api(|api| async move {
        let mut ids = Vec::new();
        for key in ["one", "two", "three"] {
            ids.push(api.active(key).await);
        }
        let made = api
            .post(MAKE, &json!({ "verb": "suspend", "tenants": ["two", ids[0], "three", "two"], "parallelism": 2 }))
            .await;
        assert_eq!((made.status, made.text("state")), (202, "running"), "{}", made.body);
        assert_eq!(made.header("location"), format!("{PATH}/{}", made.text("id")));
        assert_eq!(states(&made.body), [("two", "waiting"), ("one", "waiting"), ("three", "waiting")], "each once");
        assert_eq!(look(&api, &made).await, made.body);

        advance(&api, &made).await;
        assert_eq!(states(&look(&api, &made).await), [("two", "running"), ("one", "running"), ("three", "waiting")]);
        assert_eq!((status(&api, "two").await, status(&api, "three").await), ("suspended".into(), "active".into()));
        // Whoever takes the next step: nothing of a batch is in a process.
        let other = api.another().await;
        api.settle(ids[1]).await;
        advance(&other, &made).await;
        other.store.close().await;
        assert_eq!(states(&look(&api, &made).await), [("two", "succeeded"), ("one", "running"), ("three", "running")]);
        api.settle(ids[0]).await;
        api.settle(ids[2]).await;
        advance(&api, &made).await;
        let ended = look(&api, &made).await;
        assert_eq!((&ended["state"], &ended["counts"]["succeeded"]), (&json!("succeeded"), &json!(3)));
        assert!(ended["ended_at"].is_string());

        let operation = ended["tenants"][2]["operation_id"].as_str().unwrap();
        let operation = api.call("GET", &format!("/api/gateway/operations/{operation}")).await.body;
        assert_eq!((&operation["kind"], &operation["requested_by"]), (&json!("suspend"), &json!("key:root")));
        let audit = api.call("GET", "/api/gateway/audit?limit=1").await.body["items"][0].clone();
        assert_eq!(audit["target"], format!("batch:{}", made.text("id")), "one entry, that of the call");
        assert_eq!(audit["after"]["tenants"], json!([ids[1], ids[0], ids[2]]));
    });
}

#[test]
fn what_cannot_be_wished_is_refused_for_that_tenant_only_and_a_dry_run_says_so_before() {
    with_api(|api| async move {
        let active = api.active("active").await;
        api.create("young").await;
        let body = json!({ "verb": "suspend", "filter": {}, "expect_count": 2 });
        let dry = api.post(&format!("{MAKE}?dry_run=true"), &body).await;
        assert_eq!((dry.status, dry.header("dry-run")), (200, "true"), "{}", dry.body);
        assert_eq!(states(&dry.body), [("active", "waiting"), ("young", "refused")]);
        assert_eq!(dry.body["tenants"][1]["error"]["code"], "illegal_transition");
        assert_eq!(api.call("GET", PATH).await.body["items"], json!([]), "nothing was written");

        let made = api.post(MAKE, &body).await;
        assert_eq!(states(&made.body), states(&dry.body));
        // What a tenant can be wished may change until its turn.
        api.call("POST", "/api/gateway/tenants/active/suspend").await;
        advance(&api, &made).await;
        let ended = look(&api, &made).await;
        assert_eq!((&ended["state"], &ended["counts"]["refused"]), (&json!("failed"), &json!(2)));
        let forced = json!({ "verb": "delete", "tenants": [active] });
        api.settle(active).await;
        api.call("POST", "/api/gateway/tenants/active/reactivate").await;
        api.walk(active, &["provisioning", "active"]).await;
        let refused = api.post(MAKE, &forced).await;
        assert_eq!(refused.body["tenants"][0]["error"]["code"], "tenant_active");
        assert_eq!(refused.text("state"), "failed", "nobody is left to wish it of");
        let taken = api.post(MAKE, &json!({ "verb": "delete", "tenants": [active], "force": true })).await;
        advance(&api, &taken).await;
        assert_eq!(status(&api, "active").await, "deleting");
    });
}

#[test]
fn a_destructive_wish_by_filter_needs_the_number_of_its_tenants() {
    with_api(|api| async move {
        for (key, plan) in [("one", "gold"), ("two", "gold"), ("three", "free")] {
            let body = json!({ "key": key, "company_name": key, "labels": { "tariff": plan } });
            assert_eq!(api.post("/api/gateway/tenants", &body).await.status, 202);
        }
        let gold = json!({ "labels": { "tariff": "gold" } });
        for verb in ["suspend", "delete", "rotate_credentials"] {
            let refused = api.post(MAKE, &json!({ "verb": verb, "filter": gold })).await;
            assert_eq!(refused.wrong(), [("/expect_count", "required")], "{verb}");
            let dry = api.post(&format!("{MAKE}?dry_run=true"), &json!({ "verb": verb, "filter": gold })).await;
            assert_eq!(dry.body["tenants"].as_array().unwrap().len(), 2, "{}", dry.body);
        }
        let other = api.post(MAKE, &json!({ "verb": "delete", "filter": gold, "expect_count": 3 })).await;
        other.assert_problem(409, "count_differs");
        assert!(other.text("detail").contains("matches 2 tenants"), "{}", other.body);
        let made = api.post(MAKE, &json!({ "verb": "delete", "filter": gold, "expect_count": 2 })).await;
        advance(&api, &made).await;
        assert_eq!(states(&look(&api, &made).await), [("one", "running"), ("two", "running")]);
        assert_eq!(status(&api, "three").await, "pending");
        for filter in [json!({ "plan": "silver" }), json!({ "plan": "" }), json!({ "server": "elsewhere" })] {
            let refused = api.post(MAKE, &json!({ "verb": "pause", "filter": filter })).await;
            assert_eq!(refused.wrong(), [("/filter", "no_match")], "{filter}");
        }
        let whole = json!({ "verb": "pause", "filter": { "plan": "default", "status": ["pending"] } });
        let dry = api.post(&format!("{MAKE}?dry_run=true"), &whole).await;
        assert_eq!(dry.body["tenants"].as_array().unwrap().len(), 1, "{}", dry.body);
        let nobody =
            json!({ "verb": "pause", "filter": { "q": "nowhere", "status": ["active"], "tier": "dedicated" } });
        assert_eq!(api.post(MAKE, &nobody).await.wrong(), [("/filter", "no_match")]);
    });
}

#[test]
fn failures_up_to_the_limit_leave_the_rest_alone() {
    with_api(|api| async move {
        let mut ids = Vec::new();
        for key in ["one", "two", "three"] {
            ids.push(api.active(key).await);
        }
        let body = json!({ "verb": "rotate_credentials", "tenants": ids, "parallelism": 1, "max_failures": 1 });
        let made = api.post(MAKE, &body).await;
        advance(&api, &made).await;
        let failed = "UPDATE gateway.operation SET state = 'failed', ended_at = now(), error_step = 'role', error_code = 'no_role',
                             error_message = 'x' WHERE tenant_id = $1 AND ended_at IS NULL";
        sqlx::query(failed).bind(ids[0]).execute(&mut api.database().await).await.unwrap();
        advance(&api, &made).await;
        let ended = look(&api, &made).await;
        assert_eq!(states(&ended), [("one", "failed"), ("two", "left"), ("three", "left")]);
        assert_eq!(ended["state"], "failed");
        assert_eq!(ended["tenants"][0]["error"], json!({ "code": "no_role", "message": "x" }));
        assert_eq!(status(&api, "two").await, "active");
    });
}

#[test]
fn a_cancelled_batch_opens_nothing_more() {
    with_api(|api| async move {
        let ids = [api.active("one").await, api.active("two").await];
        let made = api.post(MAKE, &json!({ "verb": "suspend", "tenants": ids, "parallelism": 1 })).await;
        advance(&api, &made).await;
        let place = format!("{PATH}/{}/cancel", made.text("id"));
        let cancelled = api.call("POST", &place).await;
        assert_eq!((cancelled.status, cancelled.text("state")), (200, "cancelled"), "{}", cancelled.body);
        assert_eq!(states(&cancelled.body), [("one", "running"), ("two", "left")]);
        advance(&api, &made).await;
        assert_eq!(status(&api, "two").await, "active");
        api.settle(ids[0]).await;
        assert_eq!(
            states(&look(&api, &made).await),
            [("one", "succeeded"), ("two", "left")],
            "what was opened goes on"
        );
        api.call("POST", &place).await.assert_problem(409, "not_cancellable");
        for nobody in ["x".to_owned(), Uuid::nil().to_string()] {
            api.call("GET", &format!("{PATH}/{nobody}")).await.assert_problem(404, "batch_not_found");
            api.call("POST", &format!("{PATH}/{nobody}/cancel")).await.assert_problem(404, "batch_not_found");
        }
    });
}

#[test]
fn a_key_chooses_among_and_sees_only_its_own_tenants() {
    with_api(|api| async move {
        let (mine, other) = (api.active("mine").await, api.active("other").await);
        let body = json!({ "name": "k", "scopes": ["tenants:write", "operations:read"], "tenants": [mine] });
        let key = api.post("/api/gateway/api-keys", &body).await.text("key").to_owned();
        let ask = |body: Value| {
            let request = api.bare("POST", MAKE).bearer_auth(&key).json(&body);
            api.send(request)
        };
        let refused = ask(json!({ "verb": "pause", "tenants": [mine, other, "other", "Bad Key"] })).await;
        let places = [
            ("/tenants/1", "tenant_not_found"),
            ("/tenants/2", "tenant_not_found"),
            ("/tenants/3", "tenant_not_found"),
        ];
        assert_eq!(refused.wrong(), places);
        let made = ask(json!({ "verb": "pause", "filter": {} })).await;
        assert_eq!(states(&made.body), [("mine", "waiting")]);
        let both = api.post(MAKE, &json!({ "verb": "pause", "tenants": [mine, other] })).await;
        let listed = api.call_as(&key, "GET", PATH).await.body;
        assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
        api.call_as(&key, "GET", &format!("{PATH}/{}", both.text("id"))).await.assert_problem(404, "batch_not_found");
        advance(&api, &made).await;
        let paused = api.call("GET", "/api/gateway/tenants/mine").await.body;
        assert_eq!(paused["paused"], true);
        assert_eq!(look(&api, &made).await["state"], "succeeded");
    });
}

#[test]
fn wrong_fields_are_all_named() {
    with_api(|api| async move {
        api.create("acme").await;
        let pool = Uuid::nil();
        for (body, wrong) in [
            (json!({}), vec![("/tenants", "required"), ("/verb", "required")]),
            (json!({ "verb": "x", "tenants": [] }), vec![("/tenants", "length"), ("/verb", "unknown_value")]),
            (json!({ "verb": "retry", "tenants": ["acme"], "filter": {} }), vec![("/filter", "both")]),
            (
                json!({ "verb": "retry", "filter": { "status": ["x"], "tier": "x", "pool_id": "x", "labels": { "a": null, "B": "" }, "z": 1 } }),
                vec![
                    ("/filter/labels/B", "label_name"),
                    ("/filter/labels/a", "type"),
                    ("/filter/pool_id", "uuid"),
                    ("/filter/status/0", "unknown_value"),
                    ("/filter/tier", "unknown_value"),
                    ("/filter/z", "unknown"),
                ],
            ),
            (
                json!({ "verb": "move", "tenants": ["acme"], "expect_count": 1, "parallelism": 0, "max_failures": 1.5, "force": true }),
                vec![
                    ("/expect_count", "without_filter"),
                    ("/force", "verb"),
                    ("/max_failures", "type"),
                    ("/parallelism", "range"),
                    ("/pool_id", "required"),
                ],
            ),
            (json!({ "verb": "pause", "tenants": ["acme"], "pool_id": pool }), vec![("/pool_id", "verb")]),
            (json!({ "verb": "move", "tenants": ["acme"], "pool_id": pool }), vec![("/pool_id", "no_such_pool")]),
        ] {
            let refused = api.post(MAKE, &body).await;
            refused.assert_problem(422, "validation_failed");
            let mut found = refused.wrong();
            found.sort_unstable();
            assert_eq!(found, wrong, "{body}");
        }
    });
}
