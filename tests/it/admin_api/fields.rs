//! `?fields=`: parts of tenants and operations.

use serde_json::{Value, json};

use super::{Api, ROOT, with_api};
use crate::support::stack::ctl_of;

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

/// What the command line says: its exit code, what it prints, and what it complains of.
async fn ctl(api: &Api, arguments: &'static [&'static str]) -> (i32, String, String) {
    let url = api.url.clone();
    let output = tokio::task::spawn_blocking(move || ctl_of(&url, ROOT, arguments)).await.unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn the_command_line_shows_the_fields_asked_for_as_columns() {
    with_api(|api| async move {
        for key in ["acme", "beta"] {
            api.create(key).await;
        }
        let words =
            |text: &str| text.lines().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect();
        let listed = ctl(&api, &["tenant", "list", "--fields", "status,key,reason", "--sort", "key"]).await;
        let rows: Vec<Vec<String>> = words(&listed.1);
        assert_eq!(
            (listed.0, rows),
            (
                0,
                vec![
                    vec!["STATUS".to_owned(), "KEY".to_owned(), "REASON".to_owned()],
                    vec!["pending".to_owned(), "acme".to_owned(), "-".to_owned()],
                    vec!["pending".to_owned(), "beta".to_owned(), "-".to_owned()],
                ]
            )
        );
        let listed =
            ctl(&api, &["tenant", "list", "--fields", "key", "--limit", "1", "--sort", "key", "-o", "json"]).await;
        let listed: Value = serde_json::from_str(&listed.1).unwrap();
        assert_eq!(listed["items"], json!([{ "key": "acme" }]));
        let shown = ctl(&api, &["tenant", "show", "acme", "--fields", "key,status"]).await;
        assert_eq!((shown.0, &*shown.1), (0, "key     acme\nstatus  pending\n"));
        let wrong = ctl(&api, &["tenant", "show", "acme", "--fields", "key,password"]).await;
        assert!(wrong.0 == 5 && wrong.2.contains("fields"), "{wrong:?}");
    });
}

#[test]
fn the_command_line_says_what_an_id_is() {
    with_api(|api| async move {
        for arguments in
            [&["operation", "show", "x"] as &'static [&'static str], &["tenant", "move", "acme", "--pool", "main"]]
        {
            let wrong = ctl(&api, arguments).await;
            assert!(wrong.0 == 2 && wrong.2.contains("must be an id (a UUID)"), "{wrong:?}");
            assert!(!wrong.2.contains("urn:uuid"), "{wrong:?}");
        }
    });
}
