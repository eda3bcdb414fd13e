//! Following an operation: each step attempt as it begins and as it ends, and the end of the stream with that of the work.

use reqwest::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Api, ROOT, with_api};
use crate::support::listener::{Heard, Listener};

async fn opened(api: &Api, key: &str) -> (Uuid, String) {
    let id = api.create(key).await;
    let tenant = api.call("GET", &format!("/api/gateway/tenants/{id}")).await;
    let operation = tenant.body["operation"]["id"].as_str().unwrap();
    (id, format!("/api/gateway/operations/{operation}/events"))
}

async fn follow(api: &Api, path: &str, last: Option<&str>) -> Listener {
    let request = api.bare("GET", path).bearer_auth(ROOT);
    Listener::open(match last {
        Some(last) => request.header("last-event-id", last),
        None => request,
    })
    .await
}

async fn claim(api: &Api, tenant: Uuid) {
    let taken = "UPDATE gateway.operation SET state = 'running', attempt = attempt + 1, started_at = now() WHERE tenant_id = $1 AND ended_at IS NULL";
    sqlx::query(taken).bind(tenant).execute(&mut api.database().await).await.unwrap();
}

async fn begin(api: &Api, tenant: Uuid, step: &str) {
    let begun = "INSERT INTO gateway.step_attempt (operation_id, tenant_id, step, action, attempt, worker, lease_token)
                 SELECT id, tenant_id, $2, 'ensure', attempt, 'w', gen_random_uuid() FROM gateway.operation
                  WHERE tenant_id = $1 AND ended_at IS NULL";
    sqlx::query(begun).bind(tenant).bind(step).execute(&mut api.database().await).await.unwrap();
}

async fn end(api: &Api, tenant: Uuid, state: &str) {
    let ended = "UPDATE gateway.step_attempt SET state = $2, ended_at = clock_timestamp(), result = '{}',
                        error_code = CASE $2 WHEN 'failed' THEN 'redis_refuses' END, error_message = CASE $2 WHEN 'failed' THEN 'no' END
                  WHERE tenant_id = $1 AND state = 'started'";
    sqlx::query(ended).bind(tenant).bind(state).execute(&mut api.database().await).await.unwrap();
}

fn told(heard: &[Heard]) -> Vec<(&str, &str, &Value)> {
    let word = |event: &'_ Heard| if event.kind == "step" { "step" } else { "state" };
    heard.iter().map(|event| (&*event.kind, event.data[word(event)].as_str().unwrap(), &event.data["state"])).collect()
}

#[test]
fn steps_are_told_as_they_begin_and_as_they_end_and_then_the_end() {
    with_api(|api| async move {
        let (tenant, path) = opened(&api, "acme").await;
        let mut stream = follow(&api, &path, None).await;
        let mut heard = vec![stream.next().await.unwrap()];
        claim(&api, tenant).await;
        heard.push(stream.next().await.unwrap());
        for (step, state) in [("allocate", "skipped"), ("role", "failed")] {
            begin(&api, tenant, step).await;
            heard.push(stream.next().await.unwrap());
            end(&api, tenant, state).await;
            heard.push(stream.next().await.unwrap());
        }
        let failed = "UPDATE gateway.operation SET state = 'failed', ended_at = now(), error_step = 'role', error_code = 'redis_refuses', error_message = 'no'";
        sqlx::raw_sql(failed).execute(&mut api.database().await).await.unwrap();
        heard.extend(stream.rest().await);
        let states: Vec<Value> = ["pending", "running", "started", "skipped", "started", "failed", "failed"]
            .map(|state| json!(state))
            .to_vec();
        assert_eq!(
            told(&heard),
            [
                ("operation", "pending", &states[0]),
                ("operation", "running", &states[1]),
                ("step", "allocate", &states[2]),
                ("step", "allocate", &states[3]),
                ("step", "role", &states[4]),
                ("step", "role", &states[5]),
                ("ended", "failed", &states[6]),
            ]
        );
        // The same as the operation itself tells.
        let operation = api.call("GET", path.trim_end_matches("/events")).await;
        assert_eq!(operation.body["steps"][1], heard[5].data);
        assert_eq!(operation.body["error"], heard[6].data["error"]);
        assert_eq!(heard[6].data["error"]["code"], "redis_refuses");
        // Who comes later hears the same steps; who comes again only what is new.
        let later = follow(&api, &path, None).await.rest().await;
        assert_eq!(told(&later), told(&heard[2..]));
        for (at, event) in heard.iter().enumerate().skip(2).take(4) {
            let again = follow(&api, &path, Some(&event.id)).await.rest().await;
            assert_eq!(told(&again), told(&heard[at + 1..]));
        }
        // Who has seen the end need not come again.
        assert_eq!(heard[6].id, "ended");
        let again = api.bare("GET", &path).bearer_auth(ROOT).header("last-event-id", "ended").send().await.unwrap();
        assert_eq!(again.status(), StatusCode::NO_CONTENT);
    });
}

#[test]
fn a_superseded_operation_ends_its_stream_and_wrong_places_are_refused() {
    with_api(|api| async move {
        let (tenant, path) = opened(&api, "acme").await;
        let mut streams = Vec::new();
        for _ in 0..5 {
            let mut stream = follow(&api, &path, None).await;
            assert_eq!(stream.next().await.unwrap().kind, "operation");
            streams.push(stream);
        }
        assert!(api.call("DELETE", &format!("/api/gateway/tenants/{tenant}")).await.status < 300);
        for stream in &mut streams {
            let rest = stream.rest().await;
            assert_eq!(told(&rest), [("ended", "cancelled", &json!("cancelled"))]);
            assert_eq!(rest[0].data["error"]["code"], "superseded");
        }
        for wrong in ["x", "1", "1.2"] {
            let request = api.bare("GET", &path).bearer_auth(ROOT).header("last-event-id", wrong);
            let refused = api.send(request).await;
            refused.assert_problem(422, "validation_failed");
            assert_eq!(refused.wrong(), [("/last-event-id", "cursor")]);
        }
        let none = format!("/api/gateway/operations/{}/events", Uuid::nil());
        api.call("GET", &none).await.assert_problem(404, "operation_not_found");
        api.call("GET", &format!("{path}?x=1")).await.assert_problem(422, "validation_failed");
    });
}
