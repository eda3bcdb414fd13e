//! A stranger signs up and is served.

use serde_json::{Value, json};

use crate::support::stack::Stack;
use crate::support::{PATIENCE, run, unique_key, wait_for};

const SIGNUP: &str = "/api/gateway/public/signup";

async fn call(stack: &Stack, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
    let url = format!("{}{path}", stack.text("admin_url").trim_end_matches('/'));
    let mut request = reqwest::Client::builder().no_proxy().build().unwrap().request(method.parse().unwrap(), url);
    if let Some(body) = body {
        request = request.json(&body);
    }
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[test]
fn a_signup_becomes_a_tenant_that_answers() {
    run(async {
        let stack = Stack::shared().await;
        let key = unique_key("signup");
        let body = json!({ "key": key, "company_name": "Signed Up Ltd", "first_user": { "name": "Jane" } });
        let (status, made) = call(&stack, "POST", SIGNUP, Some(body)).await;
        assert_eq!((status, &made["state"]), (202, &json!("accepted")), "{made}");
        let path = format!("{SIGNUP}/{}", made["token"].as_str().unwrap());
        let ready = wait_for("the signup to be ready", PATIENCE, || async {
            let (_, seen) = call(&stack, "GET", &path, None).await;
            if seen["tenant"]["stage"] == "ready" { Ok(seen) } else { Err(seen.to_string()) }
        })
        .await;
        assert_eq!((&ready["tenant"]["host"], &ready["tenant"]["percent"]), (&json!(stack.host_of(&key)), &json!(100)));
        let id = stack.settled(&key, &["active"]).await;
        stack.assert_complete(&key, id, false).await;
        let page = stack.get(&stack.host_of(&key), "/").await;
        assert!(page.status == 200 && page.body.contains("Signed Up Ltd"), "{page:?}");

        let listed = stack.ctl(&["signup", "list", "--state", "accepted", "-o", "json"]);
        let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
        assert!(listed["items"].as_array().unwrap().iter().any(|one| one["key"] == key.as_str()), "{listed}");
        let take = format!("/api/gateway/tenants/{key}/first-user/take");
        assert_eq!(stack.api("POST", &take, None).await.1["first_user"], json!({ "name": "Jane" }));
        assert_eq!(stack.api("POST", &take, None).await.0, 404);
        stack.wish(&key, "deleting").await;
        stack.settled(&key, &["deleted"]).await;
        stack.assert_gone(&key, id).await;
        assert_eq!(call(&stack, "GET", &path, None).await.0, 404, "it went with the tenant");
    });
}
