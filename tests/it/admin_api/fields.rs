//! `?fields=`: parts of tenants and operations.

use serde_json::{Value, json};

use super::with_api;

fn names(value: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

#[test]
fn only_the_fields_asked_for_are_answered() {
    with_api(|api| async move {
        let id = api.create("acme").await;
        let one = api.call("GET", "/api/gateway/tenants/acme?fields=key,status,id").await;
        assert_eq!(one.body, json!({ "id": id, "key": "acme", "status": "pending" }));
        let whole = api.call("GET", "/api/gateway/tenants/acme").await;
        assert_eq!(one.header("etag"), whole.header("etag"), "the version is that of the whole");
        let list = api.call("GET", "/api/gateway/tenants?fields=key").await;
        assert_eq!(list.body, json!({ "items": [{ "key": "acme" }], "next_cursor": null }));

        let list = api.call("GET", "/api/gateway/operations?fields=id,steps").await;
        let operation = list.body["items"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!(names(&list.body["items"][0]), ["id"], "lists have no steps");
        let path = format!("/api/gateway/operations/{operation}");
        let part = api.call("GET", &format!("{path}?fields=steps,state")).await;
        assert_eq!(part.body, json!({ "state": "pending", "steps": [] }));
        assert!(names(&api.call("GET", &path).await.body).len() > 10);
    });
}

#[test]
fn pages_follow_each_other_whatever_is_asked_for() {
    with_api(|api| async move {
        for n in 0..5 {
            api.create(&format!("page-{n}")).await;
        }
        let (mut cursor, mut seen) = (String::new(), Vec::new());
        loop {
            let page = api.call("GET", &format!("/api/gateway/tenants?fields=key&sort=key&limit=2{cursor}")).await.body;
            seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["key"].as_str().unwrap().to_owned()));
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(seen, ["page-0", "page-1", "page-2", "page-3", "page-4"]);
    });
}
