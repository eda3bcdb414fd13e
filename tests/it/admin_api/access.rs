//! Every operation of the document, called by every kind of caller: `tests/data/access.csv` says what each is answered with,
//! and an operation without a line there fails. Each call of somebody known that may change something leaves one entry in
//! the audit log.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Answer, Api, ROOT, with_api};

const EXPECTATIONS: &str = include_str!("../../data/access.csv");
/// In the order of the columns.
const CALLERS: [&str; 8] =
    ["anonymous", "owner", "operator", "viewer", "support", "key_with", "key_without", "key_elsewhere"];

struct Operation {
    id: String,
    method: String,
    path: String,
    scope: Option<String>,
    /// Whoever calls is not looked at.
    is_public: bool,
    is_stream: bool,
}

fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(gateway::api::openapi::document()).unwrap();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let needed = operation["security"].as_array().unwrap();
            let scopes = needed.iter().find_map(|one| one["api_key"].as_array());
            let content = &operation["responses"]["200"]["content"];
            found.push(Operation {
                is_stream: !content["text/event-stream"].is_null(),
                id: operation["operationId"].as_str().unwrap().to_owned(),
                method: method.to_uppercase(),
                path: path.clone(),
                is_public: needed.iter().all(|one| one.as_object().unwrap().is_empty()),
                scope: scopes.and_then(|scopes| scopes.first()).and_then(Value::as_str).map(str::to_owned),
            });
        }
    }
    found
}

/// What each caller is answered with, by operation.
fn expectations() -> BTreeMap<&'static str, Vec<&'static str>> {
    let mut lines = EXPECTATIONS.lines().filter(|line| !line.starts_with('#'));
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    assert_eq!(header[1..], CALLERS);
    let mut expected = BTreeMap::new();
    for line in lines {
        let mut words = line.split(',');
        let operation = words.next().unwrap();
        let words: Vec<&str> = words.collect();
        assert_eq!(words.len(), CALLERS.len(), "{line}");
        assert!(expected.insert(operation, words).is_none(), "{operation} stands there twice");
    }
    expected
}

/// What an answer says about the caller's rights.
fn verdict(answer: &Answer) -> String {
    let code = answer.body["code"].as_str().unwrap_or_default();
    match (answer.status, code) {
        (401, "unauthenticated") => "unknown".into(),
        (403, "missing_scope") => "no".into(),
        (403, "outside_reach") => "beyond".into(),
        (403, "people_only") => "people".into(),
        (404, "tenant_not_found" | "operation_not_found" | "batch_not_found") => "hidden".into(),
        (503, "not_ready") => "yes".into(),
        (status, _) if status < 500 && status != 403 => "yes".into(),
        (status, code) => format!("{status} {code}"),
    }
}

/// Who calls: a cookie, a key, or nobody.
enum Caller {
    Nobody,
    Cookie(String),
    Key(String),
}

/// The things that the calls are about, made anew for each operation.
struct Objects {
    tenant: Uuid,
    operation: String,
    job: String,
    batch: String,
    key: String,
}

async fn objects(api: &Api, name: &str) -> Objects {
    let tenant = api.active(name).await;
    let operations = api.call("GET", &format!("/api/gateway/operations?tenant={tenant}")).await;
    let job = api.post("/api/gateway/jobs", &json!({ "kind": "verify" })).await;
    let batch = api.post("/api/gateway/tenants:batch", &json!({ "verb": "pause", "tenants": [tenant] })).await;
    let key = api.post("/api/gateway/api-keys", &json!({ "name": "spare", "scopes": ["tenants:read"] })).await;
    Objects {
        tenant,
        operation: operations.body["items"][0]["id"].as_str().unwrap().to_owned(),
        job: job.text("id").to_owned(),
        batch: batch.text("id").to_owned(),
        key: key.body["api_key"]["id"].as_str().unwrap().to_owned(),
    }
}

impl Objects {
    fn path(&self, template: &str) -> String {
        let id = match template {
            path if path.contains("/operations/") => &self.operation,
            path if path.contains("/jobs/") => &self.job,
            path if path.contains("/batches/") => &self.batch,
            _ => &self.key,
        };
        template
            .replace("{id_or_key}", &self.tenant.to_string())
            .replace("{id}", id)
            .replace("{id_or_name}", "none")
            .replace("{id_or_email}", "none@test")
            .replace("{name}", "none")
    }
}

async fn key(api: &Api, scopes: Value, tenants: Option<Uuid>) -> Caller {
    let mut body = json!({ "name": "caller", "scopes": scopes });
    if let Some(tenant) = tenants {
        body["tenants"] = json!([tenant]);
    }
    let made = api.post("/api/gateway/api-keys", &body).await;
    Caller::Key(made.text("key").to_owned())
}

async fn call(api: &Api, caller: &Caller, operation: &Operation, path: &str) -> Answer {
    // Without this it would end the session that the other calls need.
    let query = if operation.id == "end_sessions" { "?keep_current=true" } else { "" };
    let mut request = api.bare(&operation.method, &format!("{path}{query}"));
    if operation.id == "move_tenant" {
        request = request.json(&json!({ "pool_id": Uuid::nil() }));
    }
    if operation.method == "PATCH" {
        request = request.json(&json!({}));
    }
    if operation.is_stream {
        // It ends by itself then.
        request = request.header("prefer", "wait=0");
    }
    api.send(match caller {
        Caller::Nobody => request,
        Caller::Cookie(cookie) => request.header("cookie", cookie),
        Caller::Key(key) => request.bearer_auth(key),
    })
    .await
}

/// The last entry of the audit log.
async fn last_entry(log: &mut PgConnection) -> i64 {
    sqlx::query_scalar("SELECT coalesce(max(id), 0) FROM gateway.audit").fetch_one(log).await.unwrap()
}

/// What was entered after that one.
async fn entries_after(log: &mut PgConnection, last: i64) -> Vec<(String, i32)> {
    let entries = sqlx::query_as("SELECT call, status FROM gateway.audit WHERE id > $1 ORDER BY id").bind(last);
    entries.fetch_all(log).await.unwrap()
}

#[test]
fn every_operation_has_a_written_answer_for_every_caller() {
    with_api(|api| async move {
        let expected = expectations();
        let operations = operations();
        let known: Vec<&str> = operations.iter().map(|operation| &*operation.id).collect();
        for operation in expected.keys() {
            assert!(known.contains(operation), "{operation} is not in the document");
        }
        let elsewhere = api.active("elsewhere").await;
        let mut cookies = Vec::new();
        for role in ["owner", "operator", "viewer", "support"] {
            cookies.push(api.log_in(&format!("{role}@test"), role).await);
        }
        let mut wrong = Vec::new();
        let mut log = api.database().await;
        for (n, operation) in operations.iter().enumerate() {
            let Some(words) = expected.get(&*operation.id) else {
                panic!("{} has no line in tests/data/access.csv", operation.id);
            };
            let every: Vec<String> =
                gateway::api::auth::Scope::ALL.iter().map(|scope| scope.as_str().to_owned()).collect();
            let without: Vec<&String> = every.iter().filter(|scope| Some(*scope) != operation.scope.as_ref()).collect();
            let with = operation.scope.clone().unwrap_or_else(|| "keys:read".into());
            let callers = [
                Caller::Nobody,
                Caller::Cookie(cookies[0].clone()),
                Caller::Cookie(cookies[1].clone()),
                Caller::Cookie(cookies[2].clone()),
                Caller::Cookie(cookies[3].clone()),
                key(
                    &api,
                    json!(if with == "tenants:read" { vec![with] } else { vec![with, "tenants:read".into()] }),
                    None,
                )
                .await,
                key(&api, json!(without), None).await,
                key(&api, json!(every), Some(elsewhere)).await,
            ];
            // Logging out ends the session that the other calls need.
            if operation.id == "delete_session" {
                continue;
            }
            let objects = objects(&api, &format!("tenant-{n}")).await;
            for ((caller, name), word) in callers.iter().zip(CALLERS).zip(words) {
                let before = last_entry(&mut log).await;
                let answer = call(&api, caller, operation, &objects.path(&operation.path)).await;
                let found = verdict(&answer);
                if found != *word {
                    wrong.push(format!("{} as {name}: {found} instead of {word}: {}", operation.id, answer.body));
                }
                let after = entries_after(&mut log, before).await;
                // Strangers leave an entry only with what they changed: anybody can be refused any number of times.
                let is_told = operation.method != "GET" && found != "unknown" && !operation.is_public;
                let told = if is_told { vec![(operation.id.clone(), i32::from(answer.status))] } else { Vec::new() };
                if after != told {
                    wrong.push(format!("{} as {name}: the audit log got {after:?} instead of {told:?}", operation.id));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        let check = api.call("GET", "/api/gateway/audit/check").await;
        assert_eq!(check.body["whole"], true, "{}", check.body);
    });
}

#[test]
fn nobody_unknown_is_let_in() {
    with_api(|api| async move {
        let mistyped = "gwk_000000000000_0000000000000000000000000000000000000000000_000000";
        let objects = objects(&api, "acme").await;
        for operation in operations().iter().filter(|operation| operation.scope.is_some()) {
            let (method, path) = (&*operation.method, objects.path(&operation.path));
            let answer = api.send(api.bare(method, &path)).await;
            answer.assert_problem(401, "unauthenticated");
            assert!(answer.header("www-authenticate").starts_with("Bearer "), "{method} {path}");
            for wrong in ["", "x", mistyped, &ROOT[1..], &format!("{ROOT}x")] {
                api.call_as(wrong, method, &path).await.assert_problem(401, "unauthenticated");
            }
            let cookie = api.bare(method, &path).header("cookie", "gw_session=AAAA");
            api.send(cookie).await.assert_problem(401, "unauthenticated");
        }
    });
}

#[test]
fn a_caller_without_the_scope_is_told_which() {
    with_api(|api| async move {
        let objects = objects(&api, "acme").await;
        for operation in operations() {
            let Some(scope) = &operation.scope else { continue };
            let answer = api.call_as(super::NOBODY, &operation.method, &objects.path(&operation.path)).await;
            answer.assert_problem(403, "missing_scope");
            assert!(answer.text("detail").contains(scope), "{}: {}", operation.id, answer.body);
        }
    });
}
