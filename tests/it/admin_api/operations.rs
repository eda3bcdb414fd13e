//! `/api/gateway/operations`

use serde_json::json;

use super::with_api;

const PATH: &str = "/api/gateway/operations";

#[test]
fn an_operation_shows_its_steps() {
    with_api(|api| async move {
        let id = api.create("acme").await;
        let operation = api.call("GET", "/api/gateway/tenants/acme").await.body["operation"]["id"].clone();
        let operation: uuid::Uuid = operation.as_str().unwrap().parse().unwrap();
        let mut database = api.database().await;
        for (step, state, result, error) in [
            ("role", "succeeded", Some(json!({"name": "r"})), None),
            ("database", "failed", None, Some("no_space")),
            ("database", "started", None, None),
        ] {
            let statement =
                "INSERT INTO gateway.step_attempt (operation_id, tenant_id, step, action, attempt, state, worker,
                     lease_token, started_at, ended_at, result, error_code, error_message, retryable)
                 VALUES ($1, $2, $3, 'ensure', 1, $4, 'w', $1, clock_timestamp() - interval '1 second',
                     CASE WHEN $4 <> 'started' THEN clock_timestamp() END, $5, $6, $6, $7)";
            sqlx::query(statement)
                .bind(operation)
                .bind(id)
                .bind(step)
                .bind(state)
                .bind(result)
                .bind(error)
                .bind(error.map(|_| true))
                .execute(&mut database)
                .await
                .unwrap();
        }
        let shown = api.call("GET", &format!("{PATH}/{operation}")).await.body;
        assert_eq!(shown["requested_by"], "key:root");
        assert_eq!((&shown["kind"], &shown["state"]), (&json!("provision"), &json!("pending")));
        let steps = shown["steps"].as_array().unwrap();
        assert_eq!(steps.len(), 3);
        assert_eq!(steps[0]["result"], json!({"name": "r"}));
        assert!((900.0..5000.0).contains(&steps[0]["duration_ms"].as_f64().unwrap()), "{shown}");
        assert_eq!(steps[1]["error"], json!({"code": "no_space", "message": "no_space", "retryable": true}));
        assert!(steps[2]["ended_at"].is_null() && steps[2]["duration_ms"].is_null());

        let listed = api.call("GET", &format!("{PATH}?tenant={id}")).await.body;
        assert_eq!(listed["items"].as_array().unwrap().len(), 1);
        assert!(listed["items"][0].get("steps").is_none(), "lists carry no steps");
    });
}

#[test]
fn pages_join_without_gap_or_repeat() {
    with_api(|api| async move {
        for key in ["one", "two", "three"] {
            api.create(key).await;
        }
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = api.call("GET", &format!("{PATH}?limit=2{cursor}")).await.body;
            seen.extend(page["items"].as_array().unwrap().iter().map(|o| o["tenant_key"].as_str().unwrap().to_owned()));
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(seen, ["three", "two", "one"]);
    });
}

#[test]
fn lists_are_narrowed_by_state_and_kind() {
    with_api(|api| async move {
        api.active("served").await;
        api.create("young").await;
        assert_eq!(api.call("POST", "/api/gateway/tenants/served/suspend").await.status, 202);
        for (query, found) in [
            ("state=pending", &[("young", "provision"), ("served", "suspend")][..]),
            ("state=pending&kind=suspend", &[("served", "suspend")]),
            ("kind=provision,suspend&tenant=young", &[("young", "provision")]),
            ("state=succeeded,failed&kind=provision", &[("served", "provision")]),
            ("kind=purge", &[]),
        ] {
            let list = api.call("GET", &format!("{PATH}?{query}")).await.body;
            let items = list["items"].as_array().unwrap_or_else(|| panic!("{query}: {list}"));
            let mut seen: Vec<_> =
                items.iter().map(|o| (o["tenant_key"].as_str().unwrap(), o["kind"].as_str().unwrap())).collect();
            let mut found = found.to_vec();
            seen.sort_unstable();
            found.sort_unstable();
            assert_eq!(seen, found, "{query}");
        }
        let wrong = api.call("GET", &format!("{PATH}?state=open&kind=make")).await;
        assert_eq!(wrong.wrong(), [("/state", "unknown_value"), ("/kind", "unknown_value")]);
    });
}

#[test]
fn what_is_not_there_is_not_found() {
    with_api(|api| async move {
        api.call("GET", &format!("{PATH}/{}", uuid::Uuid::nil())).await.assert_problem(404, "operation_not_found");
        api.call("GET", &format!("{PATH}/x")).await.assert_problem(404, "operation_not_found");
        api.call("GET", &format!("{PATH}?tenant=none")).await.assert_problem(404, "tenant_not_found");
        let refused = api.call("GET", &format!("{PATH}?limit=0&cursor=x&y=1")).await;
        assert_eq!(refused.wrong(), [("/limit", "range"), ("/cursor", "cursor"), ("/y", "unknown")]);
    });
}

/// The latest operation of a tenant, as a path.
async fn latest(api: &super::Api, key: &str) -> String {
    let tenant = api.call("GET", &format!("/api/gateway/tenants/{key}")).await.body;
    format!("{PATH}/{}", tenant["operation"]["id"].as_str().unwrap())
}

#[test]
fn open_work_is_cancelled_and_taken_up_again() {
    with_api(|api| async move {
        for (key, way) in [("waiting", &[][..]), ("at-work", &["provisioning"])] {
            let id = api.create(key).await;
            api.walk(id, way).await;
            let place = latest(&api, key).await;
            let cancelled = api.call("POST", &format!("{place}/cancel")).await;
            assert_eq!((cancelled.status, cancelled.text("state")), (202, "cancelled"), "{}", cancelled.body);
            assert_eq!(cancelled.header("location"), place);
            assert_eq!(cancelled.body["error"]["code"], "cancelled");
            let tenant = api.call("GET", &format!("/api/gateway/tenants/{key}")).await.body;
            assert_eq!((&tenant["status"], &tenant["error"]["code"]), (&json!("error"), &json!("cancelled")));
            assert!(tenant["error"]["message"].as_str().unwrap().contains("key:root"), "{tenant}");
            let again = api.call("POST", &format!("{place}/cancel")).await;
            again.assert_problem(409, "not_cancellable");
            assert!(again.text("detail").contains("cancelled"), "{}", again.body);

            let retried = api.call("POST", &format!("{place}/retry")).await;
            assert_eq!((retried.status, retried.text("kind")), (202, "provision"), "{}", retried.body);
            assert_ne!(retried.header("location"), place, "the old one has ended");
            api.call("POST", &format!("{place}/retry")).await.assert_problem(409, "superseded");
            let same = api.call("POST", &format!("{}/retry", retried.header("location"))).await;
            assert_eq!(same.header("location"), retried.header("location"), "one that waits goes on at once");
        }
    });
}

#[test]
fn what_cannot_be_called_off_says_what_to_do_instead() {
    with_api(|api| async move {
        for (key, way, instead) in [
            ("asleep", &["suspended"][..], "reactivate"),
            ("going", &["deleting"], "undelete"),
            ("lost", &["deleting", "purging"], "no way back"),
        ] {
            let id = api.active(key).await;
            api.walk(id, way).await;
            let refused = api.call("POST", &format!("{}/cancel", latest(&api, key).await)).await;
            refused.assert_problem(409, "not_cancellable");
            assert!(refused.text("detail").contains(instead), "{}", refused.body);
        }
        api.active("done").await;
        let done = latest(&api, "done").await;
        api.call("POST", &format!("{done}/cancel")).await.assert_problem(409, "not_cancellable");
        api.call("POST", &format!("{done}/retry")).await.assert_problem(409, "nothing_to_retry");
        for verb in ["cancel", "retry"] {
            api.call("POST", &format!("{PATH}/x/{verb}")).await.assert_problem(404, "operation_not_found");
            let nobody = format!("{PATH}/{}/{verb}", uuid::Uuid::nil());
            api.call("POST", &nobody).await.assert_problem(404, "operation_not_found");
        }
    });
}
