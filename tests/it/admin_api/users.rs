//! `/api/gateway/users` and `/api/gateway/roles`

use serde_json::{Value, json};

use super::{Answer, Api, ROOT, with_api};

const USERS: &str = "/api/gateway/users";
const ME: &str = "/api/gateway/me";

fn emails(list: &Answer) -> Vec<&str> {
    list.body["items"].as_array().unwrap().iter().map(|item| item["email"].as_str().unwrap()).collect()
}

impl Api {
    async fn edit(&self, who: &str, edit: Value) -> Answer {
        self.send(self.bare("PATCH", &format!("{USERS}/{who}")).bearer_auth(ROOT).json(&edit)).await
    }
}

#[test]
fn people_are_listed_and_found_by_address_and_id() {
    with_api(|api| async move {
        for (email, role) in [("b@test", "viewer"), ("a@test", "owner"), ("c@test", "viewer")] {
            api.log_in(email, role).await;
        }
        api.post(USERS, &json!({ "email": "D@test", "role": "support", "name": " Dora " })).await;
        assert_eq!(emails(&api.call("GET", USERS).await), ["a@test", "b@test", "c@test", "d@test"]);
        assert_eq!(emails(&api.call("GET", &format!("{USERS}?role=viewer")).await), ["b@test", "c@test"]);
        assert_eq!(emails(&api.call("GET", &format!("{USERS}?state=invited")).await), ["d@test"]);
        let page = api.call("GET", &format!("{USERS}?limit=3")).await;
        let next = api.call("GET", &format!("{USERS}?limit=3&cursor={}", page.text("next_cursor"))).await;
        assert_eq!((emails(&page).len(), emails(&next)), (3, vec!["d@test"]));
        let dora = api.call("GET", &format!("{USERS}/D@TEST")).await;
        assert_eq!((dora.text("name"), dora.text("role"), dora.text("state")), ("Dora", "support", "invited"));
        assert_eq!((dora.text("created_by"), &dora.body["last_login_at"]), ("key:root", &Value::Null));
        let by_id = api.call("GET", &format!("{USERS}/{}", dora.text("id"))).await;
        assert_eq!((by_id.header("etag"), &by_id.body), (dora.header("etag"), &dora.body));
        for nobody in ["x", "nobody@test", "00000000-0000-0000-0000-000000000000", "%00"] {
            api.call("GET", &format!("{USERS}/{nobody}")).await.assert_problem(404, "user_not_found");
        }
        let wrong = api.call("GET", &format!("{USERS}?role=king&state=x&y=z")).await;
        assert_eq!(wrong.wrong(), [("/role", "unknown_value"), ("/state", "unknown_value"), ("/y", "unknown")]);
    });
}

#[test]
fn another_role_counts_at_once_in_every_process_and_ends_sessions() {
    with_api(|api| async move {
        let second = api.another().await;
        api.log_in("owner@test", "owner").await;
        let cookie = api.log_in("jo@test", "operator").await;
        let me = async || second.call_with(&cookie, "GET", ME, Value::Null).await;
        assert_eq!(me().await.text("role"), "operator");
        let renamed = api.edit("jo@test", json!({ "name": "Jo" })).await;
        assert_eq!((renamed.status, renamed.text("name"), me().await.status), (200, "Jo", 200));
        let demoted = api.edit("jo@test", json!({ "role": "viewer" })).await;
        assert_eq!((demoted.status, demoted.text("role")), (200, "viewer"));
        me().await.assert_problem(401, "unauthenticated");
        let login = json!({ "email": "jo@test", "password": "a password of a test" });
        assert_eq!(api.post("/api/gateway/session", &login).await.body["role"], "viewer");
        let out = api.edit("jo@test", json!({ "disabled": true })).await;
        assert_eq!((out.text("state"), out.body["disabled_at"].is_string()), ("disabled", true));
        api.post("/api/gateway/session", &login).await.assert_problem(401, "login_failed");
        assert_eq!(api.edit("jo@test", json!({ "disabled": false, "name": null })).await.body["name"], "");
        assert_eq!(api.post("/api/gateway/session", &login).await.status, 200);
        let wrong = api.edit("jo@test", json!({ "role": "king", "disabled": "x", "name": "a\nb", "email": "x" })).await;
        let expected =
            [("/name", "character"), ("/role", "unknown_value"), ("/disabled", "type"), ("/email", "unknown")];
        assert_eq!(wrong.wrong(), expected);
        assert_eq!(api.edit("jo@test", json!({ "role": null })).await.wrong(), [("/role", "null")]);
    });
}

#[test]
fn an_edit_of_what_has_changed_is_refused() {
    with_api(|api| async move {
        api.log_in("jo@test", "viewer").await;
        let seen = api.call("GET", &format!("{USERS}/jo@test")).await.header("etag").to_owned();
        let edit = async |tag: &str, name: &str| {
            let request = api.bare("PATCH", &format!("{USERS}/jo@test")).bearer_auth(ROOT).header("if-match", tag);
            api.send(request.json(&json!({ "name": name }))).await
        };
        let first = edit(&seen, "one").await;
        assert_eq!(first.status, 200, "{}", first.body);
        edit(&seen, "two").await.assert_problem(412, "precondition_failed");
        let again = edit(first.header("etag"), "one").await;
        assert_eq!(again.header("etag"), first.header("etag"), "nothing changed");
        assert_eq!(edit("*", "three").await.text("name"), "three");
    });
}

#[test]
fn an_owner_who_can_log_in_is_always_left() {
    with_api(|api| async move {
        let cookie = api.log_in("one@test", "owner").await;
        api.post(USERS, &json!({ "email": "guest@test", "role": "owner" })).await;
        for edit in [json!({ "role": "viewer" }), json!({ "disabled": true })] {
            let refused = api.call_with(&cookie, "PATCH", &format!("{USERS}/one@test"), edit).await;
            refused.assert_problem(409, "last_owner");
        }
        let removed = api.call_with(&cookie, "DELETE", &format!("{USERS}/one@test"), Value::Null).await;
        removed.assert_problem(409, "last_owner");
        assert_eq!(api.call_with(&cookie, "GET", ME, Value::Null).await.status, 200, "nothing was ended");
        api.log_in("two@test", "owner").await;
        let removed = api.call_with(&cookie, "DELETE", &format!("{USERS}/one@test"), Value::Null).await;
        assert_eq!((removed.status, removed.text("email")), (200, "one@test"));
        api.call_with(&cookie, "GET", ME, Value::Null).await.assert_problem(401, "unauthenticated");
        let by_hand = "UPDATE gateway.user_account SET role = 'viewer'";
        let error = sqlx::query(by_hand).execute(&mut api.database().await).await.unwrap_err();
        assert_eq!(error.as_database_error().unwrap().constraint(), Some("user_account_owner_left"));
    });
}

#[test]
fn owners_who_take_each_other_away_at_once_do_not_all_succeed() {
    with_api(|api| async move {
        for round in 0..8 {
            let mut cookies = Vec::new();
            for n in 0..3 {
                cookies.push(api.log_in(&format!("owner{round}{n}@test"), "owner").await);
            }
            if round == 0 {
                assert_eq!(emails(&api.call("GET", &format!("{USERS}?role=owner&state=active")).await).len(), 3);
            }
            // Each takes the next one away, and all that are left over from the round before go too.
            let left = api.call("GET", &format!("{USERS}?role=owner&state=active")).await;
            let left: Vec<String> = emails(&left).iter().map(|email| (*email).to_owned()).collect();
            let calls = left.iter().enumerate().map(|(n, email)| {
                let (api, cookie) = (&api, &cookies[n % 3]);
                let path = format!("{USERS}/{email}");
                async move {
                    match n % 3 {
                        0 => api.call_with(cookie, "PATCH", &path, json!({ "role": "viewer" })).await,
                        1 => api.call_with(cookie, "PATCH", &path, json!({ "disabled": true })).await,
                        _ => api.call_with(cookie, "DELETE", &path, Value::Null).await,
                    }
                }
            });
            for answer in futures::future::join_all(calls).await {
                assert!(matches!(answer.status, 200 | 401 | 409), "{}", answer.body);
            }
            let left = api.call("GET", &format!("{USERS}?role=owner&state=active")).await;
            assert!(!emails(&left).is_empty(), "round {round}");
        }
    });
}

#[test]
fn nobody_gives_or_takes_more_than_they_may() {
    with_api(|api| async move {
        api.log_in("owner@test", "owner").await;
        api.log_in("viewer@test", "viewer").await;
        let scopes = ["users:read", "users:write", "tenants:read", "operations:read", "fleet:read", "signups:read"];
        let made = api.post("/api/gateway/api-keys", &json!({ "name": "people", "scopes": scopes })).await;
        let key = made.text("key");
        let call = async |method: &str, path: &str, body: Value| {
            let request = api.bare(method, &format!("{USERS}{path}")).bearer_auth(key);
            api.send(if body.is_null() { request } else { request.json(&body) }).await
        };
        for (role, beyond) in [("owner", true), ("operator", true), ("viewer", false), ("support", false)] {
            let made = call("POST", "", json!({ "email": format!("{role}2@test"), "role": role })).await;
            if beyond {
                assert_eq!(made.wrong(), [("/role", "beyond_caller")], "{role}");
            } else {
                assert_eq!(made.status, 201, "{role}: {}", made.body);
            }
        }
        let raised = call("PATCH", "/viewer@test", json!({ "role": "owner" })).await;
        assert_eq!(raised.wrong(), [("/role", "beyond_caller")]);
        assert_eq!(call("PATCH", "/viewer@test", json!({ "role": "support" })).await.status, 200);
        // A link to an owner's account would be as good as being one.
        for (method, path) in [
            ("POST", "/owner@test/reset-password"),
            ("POST", "/owner@test/invite"),
            ("DELETE", "/owner@test/totp"),
            ("DELETE", "/owner@test/sessions"),
            ("DELETE", "/owner@test/sessions/00000000-0000-0000-0000-000000000000"),
            ("DELETE", "/owner@test"),
        ] {
            call(method, path, Value::Null).await.assert_problem(403, "beyond_caller");
        }
        call("PATCH", "/owner@test", json!({ "name": "x" })).await.assert_problem(403, "beyond_caller");
        let roles = api.send(api.bare("GET", "/api/gateway/roles").bearer_auth(key)).await;
        let shown = |n: usize| (roles.body["items"][n]["role"].clone(), roles.body["items"][n]["assignable"].clone());
        assert_eq!((shown(0), shown(2)), ((json!("owner"), json!(false)), (json!("viewer"), json!(true))));
    });
}

#[test]
fn changes_of_people_are_told_of() {
    with_api(|api| async move {
        api.log_in("jo@test", "operator").await;
        api.edit("jo@test", json!({ "role": "viewer" })).await;
        let id = api.call("GET", &format!("{USERS}/jo@test")).await.text("id").to_owned();
        api.call("DELETE", &format!("{USERS}/jo@test")).await;
        let log = api.call("GET", &format!("/api/gateway/audit?target=user:{id}")).await;
        let items = log.body["items"].as_array().unwrap();
        let calls: Vec<&str> = items.iter().map(|item| item["call"].as_str().unwrap()).collect();
        assert_eq!(calls, ["delete_user", "edit_user", "create_session"]);
        let roles = (&items[1]["before"]["role"], &items[1]["after"]["role"]);
        assert_eq!(roles, (&json!("operator"), &json!("viewer")));
        assert_eq!((&items[0]["before"]["email"], &items[0]["after"]), (&json!("jo@test"), &Value::Null));
    });
}

#[test]
fn the_command_line_does_the_same() {
    with_api(|api| async move {
        let run = async |arguments: &[&str]| {
            let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_gatewayctl"));
            let done = command.args(arguments).env("GATEWAY_URL", &api.url).env("GATEWAY_API_KEY", ROOT).output();
            let done = done.await.unwrap();
            let told = String::from_utf8(done.stderr).unwrap();
            (done.status.code(), String::from_utf8(done.stdout).unwrap(), told)
        };
        let (code, link, told) = run(&["user", "invite", "jo@test.de", "--role", "viewer", "--name", "Jo"]).await;
        assert_eq!(code, Some(0), "{told}");
        let token = link.trim().split_once("invite#").unwrap().1;
        let body = json!({ "token": token, "password": "a password of a guest" });
        let accepted = api.call_bare("/api/gateway/invites/accept", &body).await;
        let cookie = accepted.header("set-cookie").split(';').next().unwrap().to_owned();
        let (_, list, _) = run(&["user", "list", "--state", "active"]).await;
        assert!(list.contains("jo@test.de") && list.contains("viewer"), "{list}");
        let (_, list, _) = run(&["user", "session", "list", "jo@test.de"]).await;
        assert!(list.contains("127.0.0.1"), "{list}");
        let (_, edited, _) = run(&["user", "edit", "jo@test.de", "--role", "support", "-o", "json"]).await;
        assert!(edited.contains(r#""role": "support""#), "{edited}");
        assert_eq!(api.call_with(&cookie, "GET", ME, Value::Null).await.status, 401);
        let (_, link, _) = run(&["user", "reset", "jo@test.de"]).await;
        assert!(link.contains("/reset#"), "{link}");
        let (_, _, told) = run(&["user", "session", "end", "jo@test.de"]).await;
        assert!(told.contains("over: 0"), "{told}");
        let (_, roles, _) = run(&["user", "roles"]).await;
        assert!(roles.contains("users:write"), "{roles}");
        assert_eq!(run(&["user", "reinvite", "jo@test.de"]).await.0, Some(5));
        assert_eq!(run(&["user", "remove-totp", "jo@test.de"]).await.0, Some(0));
        assert_eq!(run(&["user", "remove", "jo@test.de"]).await.0, Some(0));
        assert_eq!(run(&["user", "show", "jo@test.de"]).await.0, Some(3));
    });
}
