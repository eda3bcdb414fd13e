//! `/api/gateway/me/views`, `/api/gateway/steps`, and the build that answers.

use serde_json::{Value, json};

use super::with_api;

const VIEWS: &str = "/api/gateway/me/views";

#[test]
fn views_are_ones_own_and_those_that_others_share() {
    with_api(|api| async move {
        let anna = api.log_in("anna@test", "operator").await;
        let ben = api.log_in("ben@test", "viewer").await;
        let body = json!({ "name": " Failed ", "query": "status=error&sort=-updated_at", "columns": ["key", "error"] });
        let made = api.call_with(&anna, "POST", VIEWS, body.clone()).await;
        assert_eq!((made.status, made.text("name"), made.text("owner")), (201, "Failed", "anna@test"), "{}", made.body);
        assert_eq!((&made.body["own"], &made.body["shared"]), (&json!(true), &json!(false)));
        api.call_with(&anna, "POST", VIEWS, body.clone()).await.assert_problem(409, "name_taken");
        assert_eq!(api.call_with(&ben, "POST", VIEWS, body).await.status, 201, "names are a person's own");
        let ids = |list: Value| -> Vec<String> {
            list["items"].as_array().unwrap().iter().map(|view| view["owner"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(ids(api.call_with(&ben, "GET", VIEWS, Value::Null).await.body), ["ben@test"]);

        let path = format!("{VIEWS}/{}", made.text("id"));
        let edit = json!({ "shared": true, "columns": null, "query": "" });
        let edited = api.call_with(&anna, "PATCH", &path, edit.clone()).await;
        assert_eq!(
            (&edited.body["shared"], &edited.body["columns"], edited.text("query")),
            (&json!(true), &json!([]), "")
        );
        assert_eq!(edited.text("name"), "Failed", "what is left out stays");
        let seen = api.call_with(&ben, "GET", VIEWS, Value::Null).await.body;
        assert_eq!(ids(seen.clone()), ["ben@test", "anna@test"]);
        assert_eq!((&seen["items"][0]["own"], &seen["items"][1]["own"]), (&json!(true), &json!(false)));
        let page = api.call_with(&ben, "GET", &format!("{VIEWS}?limit=1"), Value::Null).await.body;
        let next = format!("{VIEWS}?limit=1&cursor={}", page["next_cursor"].as_str().unwrap());
        assert_eq!(ids(api.call_with(&ben, "GET", &next, Value::Null).await.body), ["anna@test"]);

        api.call_with(&ben, "PATCH", &path, edit).await.assert_problem(404, "view_not_found");
        api.call_with(&ben, "DELETE", &path, Value::Null).await.assert_problem(404, "view_not_found");
        assert_eq!(api.call_with(&anna, "DELETE", &path, Value::Null).await.status, 200);
        api.call_with(&anna, "DELETE", &path, Value::Null).await.assert_problem(404, "view_not_found");
        api.call("GET", VIEWS).await.assert_problem(403, "people_only");
        let told: Vec<String> =
            sqlx::query_scalar("SELECT call FROM gateway.audit WHERE status < 300 AND call LIKE '%view' ORDER BY id")
                .fetch_all(&mut api.database().await)
                .await
                .unwrap();
        assert_eq!(told, ["create_view", "create_view", "edit_view", "delete_view"]);
    });
}

#[test]
fn views_that_no_list_takes_are_refused() {
    with_api(|api| async move {
        let anna = api.log_in("anna@test", "operator").await;
        for (body, wrong) in [
            (json!({}), vec![("/name", "required"), ("/query", "required")]),
            (json!({ "name": "", "query": "x=1" }), vec![("/name", "length"), ("/query", "query")]),
            (json!({ "name": "a\nb", "query": "limit=5" }), vec![("/name", "character"), ("/query", "query")]),
            (json!({ "name": "a", "query": "", "columns": ["a", ""] }), vec![("/columns/1", "column")]),
            (
                json!({ "name": "a", "query": "", "columns": [], "x": 1 }),
                vec![("/columns", "length"), ("/x", "unknown")],
            ),
            (json!({ "name": "a", "query": "q".repeat(2_001) }), vec![("/query", "length")]),
        ] {
            assert_eq!(api.call_with(&anna, "POST", VIEWS, body.clone()).await.wrong(), wrong, "{body}");
        }
        let hostile = json!({ "name": "<img src=x onerror=alert(1)>", "query": "q=%27%3B--" });
        let kept = api.call_with(&anna, "POST", VIEWS, hostile.clone()).await;
        assert_eq!((kept.status, &kept.body["name"]), (201, &hostile["name"]));
        let path = format!("{VIEWS}/{}", kept.text("id"));
        for (body, wrong) in [
            (json!({ "name": null }), ("/name", "required")),
            (json!({ "shared": null }), ("/shared", "type")),
            (json!({ "owner": "x" }), ("/owner", "unknown")),
        ] {
            assert_eq!(api.call_with(&anna, "PATCH", &path, body).await.wrong(), [wrong]);
        }
        for number in 1..100 {
            let body = json!({ "name": format!("v{number}"), "query": "" });
            assert_eq!(api.call_with(&anna, "POST", VIEWS, body).await.status, 201);
        }
        let one_more = api.call_with(&anna, "POST", VIEWS, json!({ "name": "last", "query": "" })).await;
        one_more.assert_problem(409, "too_many_views");
    });
}

#[test]
fn what_is_typical_of_a_step_is_the_middle_of_its_last_successes() {
    with_api(|api| async move {
        assert_eq!(api.call("GET", "/api/gateway/steps").await.body["items"], json!([]));
        let other = api.another().await;
        let id = api.create("acme").await;
        for (milliseconds, state) in [(10, "succeeded"), (20, "succeeded"), (90, "succeeded"), (5_000, "failed")] {
            sqlx::query(
                "INSERT INTO gateway.step_attempt (operation_id, tenant_id, step, action, attempt, state, worker, lease_token, started_at, ended_at)
                 SELECT o.id, o.tenant_id, 'database', 'ensure', 1, $2, 'w', gen_random_uuid(), now() - make_interval(secs => $3), now()
                   FROM gateway.operation o WHERE o.tenant_id = $1",
            )
            .bind(id)
            .bind(state)
            .bind(f64::from(milliseconds) / 1000.0)
            .execute(&mut api.database().await)
            .await
            .unwrap();
        }
        // The first process answers with what it saw a moment ago.
        let found = other.call("GET", "/api/gateway/steps").await.body;
        let step = &found["items"][0];
        assert_eq!(
            (&step["step"], &step["action"], &step["attempts"]),
            (&json!("database"), &json!("ensure"), &json!(3))
        );
        assert!((step["typical_ms"].as_f64().unwrap() - 20.0).abs() < 0.01, "{found}");
        assert!((step["slow_ms"].as_f64().unwrap() - 83.0).abs() < 0.01, "{found}");
        let builds = [api.send(api.bare("GET", "/ping")).await, api.call("GET", "/api/gateway/me").await];
        assert!(builds[0].header("x-gateway-build").starts_with(&format!("{}-", env!("CARGO_PKG_VERSION"))));
        assert_eq!(builds[0].header("x-gateway-build"), builds[1].header("x-gateway-build"));
    });
}
