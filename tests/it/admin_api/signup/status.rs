//! Following a signup by its token, by asking and as a stream.

use serde_json::{Value, json};

use super::{SIGNUP, SIGNUPS, id_of, named, with_signup};
use crate::admin_api::Api;
use crate::support::{PATIENCE, wait_for};

/// An open stream and what came on it.
struct Stream {
    response: reqwest::Response,
    text: String,
}

impl Stream {
    async fn open(api: &Api, token: &str) -> Self {
        let response = api.bare("GET", &format!("{SIGNUP}/{token}/events")).send().await.unwrap();
        assert_eq!(response.status(), 200);
        Self { response, text: String::new() }
    }

    /// The data of the next event; `None` at the end of the stream.
    async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let data = event.lines().find_map(|line| line.strip_prefix("data: ")).map(str::to_owned);
                self.text = rest.to_owned();
                if let Some(data) = data {
                    return Some(serde_json::from_str(&data).unwrap());
                }
                continue;
            }
            let chunk = tokio::time::timeout(PATIENCE, self.response.chunk()).await.unwrap().unwrap()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }
}

async fn step(api: &Api, statement: &'static str) {
    sqlx::raw_sql(statement).execute(&mut api.database().await).await.unwrap();
}

#[test]
fn the_stages_of_a_tenant_are_told_without_what_failed() {
    with_signup(&[], |api| async move {
        let made = api.sign_up(&named("acme")).await;
        let token = made.text("token");
        let tenant = api.call("GET", "/api/gateway/tenants/acme").await.text("id").parse().unwrap();
        let stage = async || {
            let status = api.status_of(token).await;
            (status.body["tenant"]["stage"].as_str().unwrap().to_owned(), status.body["tenant"]["percent"].clone())
        };
        assert_eq!(stage().await, ("preparing".into(), json!(0)));
        api.walk(tenant, &["provisioning"]).await;
        step(
            &api,
            "INSERT INTO gateway.step_attempt (operation_id, tenant_id, step, action, attempt, state, worker, lease_token, ended_at)
             SELECT o.id, o.tenant_id, s, 'ensure', 1, 'succeeded', 'w', gen_random_uuid(), now()
               FROM gateway.operation o, unnest(ARRAY['allocate', 'role', 'database', 'migrations']) s",
        )
        .await;
        assert_eq!(stage().await, ("preparing".into(), json!(50)));
        step(
            &api,
            "UPDATE gateway.tenant SET status = 'error', host = 'acme.apps.test', due_at = NULL, error_step = 'route',
                    error_code = 'redis_unreachable', error_message = 'no answer from 10.0.0.7'",
        )
        .await;
        assert_eq!(stage().await, ("delayed".into(), json!(50)));
        let delayed = api.status_of(token).await;
        for inside in ["redis", "10.0.0.7", "route", "error"] {
            assert!(!delayed.body.to_string().contains(inside), "{inside} in {}", delayed.body);
        }
        api.walk(tenant, &["pending", "provisioning", "active"]).await;
        let ready = api.status_of(token).await;
        assert_eq!(stage().await, ("ready".into(), json!(100)));
        assert_eq!(ready.body["tenant"]["url"], "http://acme.apps.test:8090");
        assert_eq!(ready.header("cache-control"), "no-store");
        api.walk(tenant, &["suspended"]).await;
        assert_eq!(stage().await, ("closed".into(), json!(100)));
    });
}

#[test]
fn a_stream_tells_each_change_and_ends_with_the_last() {
    with_signup(&[("GATEWAY_SIGNUP_APPROVAL", "manual")], |api| async move {
        let made = api.sign_up(&named("acme")).await;
        let token = made.text("token");
        let mut stream = Stream::open(&api, token).await;
        assert_eq!(stream.response.headers()["content-type"], "text/event-stream");
        assert_eq!(stream.response.headers()["x-accel-buffering"], "no");
        assert_eq!(stream.next().await.unwrap()["state"], "waiting_approval");
        let id = id_of(&api.only_signup().await);
        api.call("POST", &format!("{SIGNUPS}/{id}/approve")).await;
        assert_eq!(stream.next().await.unwrap()["tenant"]["stage"], "preparing");
        let tenant = api.call("GET", "/api/gateway/tenants/acme").await.text("id").parse().unwrap();
        api.walk(tenant, &["provisioning", "active"]).await;
        assert_eq!(stream.next().await.unwrap()["tenant"]["stage"], "ready");
        assert_eq!(stream.next().await, None, "nothing more will happen");
        let again = api.bare("GET", &format!("{SIGNUP}/{token}/events")).header("last-event-id", "final");
        assert_eq!(api.send(again).await.status, 204);
        let mut late = Stream::open(&api, token).await;
        assert_eq!(late.next().await.unwrap()["tenant"]["stage"], "ready");
        assert_eq!(late.next().await, None);
    });
}

#[test]
fn streams_are_bounded_and_end_with_the_process() {
    with_signup(&[("GATEWAY_SIGNUP_APPROVAL", "manual")], |api| async move {
        let made = api.sign_up(&named("acme")).await;
        let token = made.text("token");
        let mut open = Vec::new();
        for _ in 0..4 {
            open.push(Stream::open(&api, token).await);
        }
        let fifth = || api.send(api.bare("GET", &format!("{SIGNUP}/{token}/events")));
        let refused = fifth().await;
        refused.assert_problem(429, "too_many_streams");
        assert_eq!(refused.header("retry-after"), "10");
        drop(open.pop());
        wait_for("a place", PATIENCE, || async {
            let response = api.bare("GET", &format!("{SIGNUP}/{token}/events")).send().await.unwrap();
            if response.status() == 200 { Ok(()) } else { Err(response.status().to_string()) }
        })
        .await;
        let mut last = open.pop().unwrap();
        assert_eq!(last.next().await.unwrap()["state"], "waiting_approval");
        api.stop.cancel();
        let end = tokio::time::timeout(PATIENCE, last.response.chunk()).await.unwrap();
        assert!(!matches!(end, Ok(Some(_))), "{end:?}");
    });
}

#[test]
fn without_the_token_there_is_nothing() {
    with_signup(&[], |api| async move {
        let made = api.sign_up(&named("acme")).await;
        let id = id_of(&api.only_signup().await).to_string();
        let other = "x".repeat(43);
        for token in [&*id, &other, "x", "%00", &made.text("token")[1..]] {
            api.status_of(token).await.assert_problem(404, "signup_not_found");
            api.status_of(&format!("{token}/events")).await.assert_problem(404, "signup_not_found");
        }
    });
}
