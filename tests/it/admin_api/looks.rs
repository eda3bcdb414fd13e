//! Looks into containers and tests of routes, with no worker: what is asked for, who sees it, and what is refused.

use gateway::domain::inspection::{ContainerLogs, ContainerStats, InspectionRequest, LogLine};
use gateway::store::inspections::{InspectionEnd, place_of};
use secrecy::SecretString;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Api, READER, ROOT, with_api, with_settings};

const TEST: &str = "/api/gateway/routes/test";

async fn dedicated(api: &Api, key: &str) -> Uuid {
    let body = json!({ "key": key, "company_name": key, "tier": "dedicated" });
    api.post("/api/gateway/tenants", &body).await.text("id").parse().unwrap()
}

fn sealed(api: &Api, id: gateway::domain::ids::InspectionId, found: &impl serde::Serialize) -> InspectionEnd<'static> {
    let text = SecretString::from(serde_json::to_string(found).unwrap());
    InspectionEnd::Found(api.settings.key_ring.seal(&place_of(id), &text).unwrap())
}

#[test]
fn a_log_is_read_by_a_worker_and_seen_by_who_asked() {
    with_api(|api| async move {
        let id = dedicated(&api, "acme").await;
        let asked = api.post("/api/gateway/tenants/acme/logs", &json!({ "lines": 5 })).await;
        assert_eq!((asked.status, asked.text("state")), (202, "pending"), "{}", asked.body);
        let place = asked.header("location").to_owned();
        assert_eq!(place, format!("/api/gateway/tenants/{id}/logs/{}", asked.text("id")));

        let taken = api.store.take_inspection("w").await.unwrap().unwrap();
        assert_eq!(taken.request, Some(InspectionRequest::Logs { lines: 5, since: None }));
        assert!(api.store.take_inspection("w").await.unwrap().is_none(), "nobody takes it twice");
        let line = LogLine { at: None, stream: "stderr".into(), text: "a customer's secret".into() };
        let found = ContainerLogs { lines: vec![line], is_cut: true };
        api.store.end_inspection(taken.id, "w", &sealed(&api, taken.id, &found)).await.unwrap();

        let seen = api.call("GET", &place).await;
        assert_eq!((seen.text("state"), &seen.body["cut"]), ("succeeded", &json!(true)), "{}", seen.body);
        assert_eq!(seen.body["lines"][0], json!({ "at": null, "stream": "stderr", "text": "a customer's secret" }));
        let other = json!({ "name": "other", "scopes": ["tenants:logs", "tenants:read"] });
        let other = api.post("/api/gateway/api-keys", &other).await.text("key").to_owned();
        api.call_as(&other, "GET", &place).await.assert_problem(404, "logs_not_found");
        api.call_as(READER, "GET", &place).await.assert_problem(403, "missing_scope");

        let mut database = api.database().await;
        let stored: String = sqlx::query_scalar("SELECT string_agg(t::text, '') FROM gateway.inspection t")
            .fetch_one(&mut database)
            .await
            .unwrap();
        let told: String =
            sqlx::query_scalar("SELECT string_agg(t::text, '') FROM gateway.audit t WHERE call = 'read_tenant_logs'")
                .fetch_one(&mut database)
                .await
                .unwrap();
        assert!(!stored.contains("secret") && !told.contains("secret"), "{stored} {told}");
        assert!(told.contains(&format!("tenant:{id}")), "{told}");
        sqlx::query("UPDATE gateway.inspection SET created_at = now() - interval '3 minutes'")
            .execute(&mut database)
            .await
            .unwrap();
        assert_eq!(api.store.remove_inspections(std::time::Duration::from_secs(120)).await.unwrap(), 1);
        api.call("GET", &place).await.assert_problem(404, "logs_not_found");
    });
}

#[test]
fn a_look_that_fails_says_why_and_the_wait_for_one_ends() {
    with_api(|api| async move {
        dedicated(&api, "acme").await;
        let request = api.bare("POST", "/api/gateway/tenants/acme/logs").bearer_auth(ROOT).header("prefer", "wait=10");
        let work = async {
            loop {
                if let Some(taken) = api.store.take_inspection("w").await.unwrap() {
                    let end = InspectionEnd::Failed("no_container", "it is gone");
                    return api.store.end_inspection(taken.id, "w", &end).await.unwrap();
                }
                tokio::task::yield_now().await;
            }
        };
        let (answer, ()) = tokio::join!(api.send(request), work);
        assert_eq!((answer.status, answer.text("state")), (200, "failed"), "{}", answer.body);
        assert_eq!(answer.body["error"], json!({ "code": "no_container", "message": "it is gone" }));
        assert_eq!(answer.body["lines"], Value::Null);
        // A shared tenant has nothing to look into.
        api.create("globex").await;
        api.call("GET", "/api/gateway/tenants/globex/stats").await.assert_problem(409, "not_dedicated");
        api.post("/api/gateway/tenants/globex/logs", &json!({})).await.assert_problem(409, "not_dedicated");
    });
}

#[test]
fn callers_at_the_same_time_share_a_look_at_numbers() {
    with_api(|api| async move {
        dedicated(&api, "acme").await;
        let path = "/api/gateway/tenants/acme/stats";
        let work = async {
            loop {
                if let Some(taken) = api.store.take_inspection("w").await.unwrap() {
                    assert_eq!(taken.request, Some(InspectionRequest::Stats));
                    let found = ContainerStats {
                        state: "running".into(),
                        cpus_used: Some(0.25),
                        memory_bytes: Some(1 << 20),
                        restarts: 2,
                        ..ContainerStats::default()
                    };
                    return api.store.end_inspection(taken.id, "w", &sealed(&api, taken.id, &found)).await.unwrap();
                }
                tokio::task::yield_now().await;
            }
        };
        let (one, ()) = tokio::join!(api.call("GET", path), work);
        assert_eq!(
            (&one.body["known"], &one.body["cpus_used"], &one.body["restarts"]),
            (&json!(true), &json!(0.25), &json!(2))
        );
        assert_eq!((&one.body["memory_bytes"], &one.body["pids"]), (&json!(1 << 20), &Value::Null));
        let now = "UPDATE gateway.inspection SET created_at = now()";
        sqlx::query(now).execute(&mut api.database().await).await.unwrap();
        let other = api.call_as(READER, "GET", path).await;
        assert_eq!(other.body, one.body, "no further look within two seconds");
    });
}

#[test]
fn a_route_is_tested_only_at_the_edge_and_only_for_tenants() {
    with_settings(&[("GATEWAY_TRAEFIK_URL", "http://127.0.0.1:1")], |api| async move {
        api.active("acme").await;
        let elsewhere = api.active("globex").await;
        for host in ["evil.example", "127.0.0.1.nip.io", "nobody.apps.test"] {
            api.post(TEST, &json!({ "host": host })).await.assert_problem(404, "tenant_not_found");
        }
        let asked = api.post(TEST, &json!({ "host": "acme.apps.test", "path": "//evil.example/" })).await;
        assert_eq!((asked.status, &asked.body["error"]["code"]), (200, &json!("edge_unreachable")), "{}", asked.body);
        let dry = api.post(&format!("{TEST}?dry_run=true"), &json!({ "host": "acme.apps.test" })).await;
        assert_eq!(
            (&dry.body["error"], &dry.body["reply"], dry.header("dry-run")),
            (&Value::Null, &Value::Null, "true")
        );
        let narrow = json!({ "name": "narrow", "scopes": ["tenants:read"], "tenants": [elsewhere] });
        let narrow = api.post("/api/gateway/api-keys", &narrow).await.text("key").to_owned();
        let send = |host: &str| {
            let request = api.bare("POST", TEST).bearer_auth(&narrow).json(&json!({ "host": host }));
            api.send(request)
        };
        send("acme.apps.test").await.assert_problem(404, "tenant_not_found");
        let own = send("globex.apps.test").await;
        assert_eq!(
            (own.status, &own.body["route"]),
            (200, &Value::Null),
            "what stands behind is the fleet's: {}",
            own.body
        );
        for _ in 0..100 {
            let answer = send("globex.apps.test").await;
            if answer.status == 429 {
                answer.assert_problem(429, "too_many_tests");
                return;
            }
        }
        panic!("100 requests were let through");
    });
}
