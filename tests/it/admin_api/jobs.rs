//! `/api/gateway/jobs`: asking, looking, and the row as a worker sees it. No worker runs here.

use std::time::Duration;

use gateway::domain::job::JobRequest;
use gateway::store::StoreError;
use gateway::store::jobs::JobEnd;
use serde_json::{Value, json};
use uuid::Uuid;

use super::with_api;

const PATH: &str = "/api/gateway/jobs";
const LEASE: Duration = Duration::from_secs(60);

#[test]
fn a_job_is_accepted_with_its_defaults_and_can_be_looked_at() {
    with_api(|api| async move {
        let id = api.create("acme").await;
        for (body, parameters) in [
            (json!({ "kind": "verify" }), json!({ "quick": false })),
            (
                json!({ "kind": "verify", "parameters": { "tenants": ["acme"] } }),
                json!({ "tenants": [id], "quick": false }),
            ),
            (json!({ "kind": "reconcile", "parameters": null }), json!({ "dry_run": false })),
            (json!({ "kind": "collect", "parameters": {} }), json!({ "dry_run": true })),
            (
                json!({ "kind": "collect", "parameters": { "dry_run": false, "quarantine_seconds": 0, "kinds": ["role"] } }),
                json!({ "dry_run": false, "quarantine_seconds": 0.0, "kinds": ["role"] }),
            ),
        ] {
            let asked = api.post(PATH, &body).await;
            assert_eq!((asked.status, asked.text("state")), (202, "pending"), "{}", asked.body);
            assert_eq!((&asked.body["kind"], &asked.body["parameters"]), (&body["kind"], &parameters));
            assert_eq!(asked.text("requested_by"), "key:root");
            assert_eq!(asked.header("location"), format!("{PATH}/{}", asked.text("id")));
            assert_eq!(api.call("GET", asked.header("location")).await.body, asked.body);
        }
    });
}

#[test]
fn wrong_parameters_are_refused_by_field() {
    with_api(|api| async move {
        api.create("acme").await;
        for (body, wrong) in [
            (json!({}), vec![("/kind", "required")]),
            (json!({ "kind": "destroy", "x": 1 }), vec![("/kind", "unknown_value"), ("/x", "unknown")]),
            (json!({ "kind": "verify", "parameters": [] }), vec![("/parameters", "type")]),
            (
                json!({ "kind": "verify", "parameters": { "tenants": ["acme", "none", "A"], "quick": 1, "dry_run": true } }),
                vec![
                    ("/parameters/dry_run", "unknown"),
                    ("/parameters/quick", "type"),
                    ("/parameters/tenants/1", "tenant_not_found"),
                    ("/parameters/tenants/2", "tenant_not_found"),
                ],
            ),
            (json!({ "kind": "verify", "parameters": { "tenants": [] } }), vec![("/parameters/tenants", "length")]),
            (json!({ "kind": "reconcile", "parameters": { "kinds": [] } }), vec![("/parameters/kinds", "unknown")]),
            (
                json!({ "kind": "collect", "parameters": { "quarantine_seconds": -1, "kinds": ["role", "volume"] } }),
                vec![("/parameters/kinds/1", "unknown_value"), ("/parameters/quarantine_seconds", "range")],
            ),
        ] {
            let refused = api.post(PATH, &body).await;
            refused.assert_problem(422, "validation_failed");
            let mut found = refused.wrong();
            found.sort_unstable();
            assert_eq!(found, wrong, "{body}");
        }
        assert_eq!(api.call("GET", PATH).await.body["items"], json!([]), "nothing was written");
    });
}

#[test]
fn pages_join_without_gap_or_repeat() {
    with_api(|api| async move {
        let mut made = Vec::new();
        for kind in ["verify", "reconcile", "collect"] {
            made.push(api.post(PATH, &json!({ "kind": kind })).await.text("id").to_owned());
        }
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = api.call("GET", &format!("{PATH}?limit=2{cursor}")).await.body;
            seen.extend(page["items"].as_array().unwrap().iter().map(|job| job["id"].as_str().unwrap().to_owned()));
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        made.reverse();
        assert_eq!(seen, made);
        let refused = api.call("GET", &format!("{PATH}?limit=0&cursor=x&y=1")).await;
        assert_eq!(refused.wrong(), [("/limit", "range"), ("/cursor", "cursor"), ("/y", "unknown")]);
        for nobody in ["x".to_owned(), Uuid::nil().to_string()] {
            api.call("GET", &format!("{PATH}/{nobody}")).await.assert_problem(404, "job_not_found");
        }
    });
}

#[test]
fn a_job_is_one_worker_s_until_its_lease_is_over() {
    with_api(|api| async move {
        assert!(api.store.claim_job("one", LEASE).await.unwrap().is_none());
        let mut requests = api.store.job_requests().await.unwrap();
        let place = api.post(PATH, &json!({ "kind": "verify" })).await.header("location").to_owned();
        tokio::time::timeout(LEASE, requests.changed()).await.unwrap().unwrap();

        let first = api.store.claim_job("one", Duration::ZERO).await.unwrap().unwrap();
        assert_eq!(first.request, Ok(JobRequest::Verify { tenants: None, quick: false }));
        assert_eq!(first.requested_by, "key:root");
        assert_eq!(api.call("GET", &place).await.text("state"), "running");
        // The lease was over at once: the same worker may have it again, under another claim.
        let second = api.store.claim_job("one", LEASE).await.unwrap().unwrap();
        assert_eq!(second.id, first.id);
        assert!(api.store.claim_job("two", LEASE).await.unwrap().is_none());
        let lost = api.store.renew_job(&first.claim, LEASE).await.unwrap_err();
        assert!(matches!(lost, StoreError::LeaseLost));
        let lost = api.store.end_job(&first.claim, &JobEnd::Error("x")).await.unwrap_err();
        assert!(matches!(lost, StoreError::LeaseLost));
        api.store.renew_job(&second.claim, LEASE).await.unwrap();

        let result = json!({ "tenants": 0, "violations": [] });
        api.store.end_job(&second.claim, &JobEnd::Result(&result)).await.unwrap();
        let ended = api.call("GET", &place).await.body;
        assert_eq!(
            (&ended["state"], &ended["result"], &ended["worker"]),
            (&json!("succeeded"), &result, &json!("one"))
        );
        assert!(ended["ended_at"].is_string() && ended["error_message"].is_null());
        let listed = api.call("GET", PATH).await.body;
        assert!(listed["items"][0].get("result").is_none(), "lists carry no results");
        assert!(api.store.end_job(&second.claim, &JobEnd::Error("x")).await.is_err(), "it ends once");
    });
}

#[test]
fn a_failed_job_says_why_and_a_row_by_sql_is_a_job_too() {
    with_api(|api| async move {
        let by_sql = "INSERT INTO gateway.job (kind, parameters) VALUES ('collect', '{\"quick\": true}') RETURNING id";
        let id: Uuid = sqlx::query_scalar(by_sql).fetch_one(&mut api.database().await).await.unwrap();
        let job = api.store.claim_job("one", LEASE).await.unwrap().unwrap();
        let why = job.request.unwrap_err();
        assert!(why.contains("quick"), "{why}");
        api.store.end_job(&job.claim, &JobEnd::Error(&why)).await.unwrap();
        let ended = api.call("GET", &format!("{PATH}/{id}")).await.body;
        assert_eq!((&ended["state"], &ended["error_message"]), (&json!("failed"), &Value::from(why)));
        assert!(ended.get("result").is_none());
    });
}
