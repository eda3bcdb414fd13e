//! `/api/gateway/sessions` and `/api/gateway/users/{id_or_email}/sessions`

use serde_json::{Value, json};

use super::{Answer, Api, READER, with_api};

const SESSIONS: &str = "/api/gateway/sessions";
const ME: &str = "/api/gateway/me";
const PASSWORD: &str = "a password of a test";

impl Api {
    async fn log_in_again(&self, email: &str, browser: &str, cookie: Option<&str>) -> String {
        let mut request = self.bare("POST", "/api/gateway/session").header("user-agent", browser);
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie);
        }
        let made = self.send(request.json(&json!({ "email": email, "password": PASSWORD }))).await;
        assert_eq!(made.status, 200, "{}", made.body);
        made.header("set-cookie").split(';').next().unwrap().to_owned()
    }

    async fn is_in(&self, cookie: &str) -> bool {
        self.call_with(cookie, "GET", ME, Value::Null).await.status == 200
    }
}

fn browsers(list: &Answer) -> Vec<(&str, bool)> {
    let items = list.body["items"].as_array().unwrap().iter();
    items.map(|item| (item["user_agent"].as_str().unwrap(), item["current"].as_bool().unwrap())).collect()
}

#[test]
fn people_see_and_end_their_sessions() {
    with_api(|api| async move {
        let second = api.another().await;
        let one = api.log_in("jo@test", "viewer").await;
        let two = api.log_in_again("jo@test", "Phone", None).await;
        let three = api.log_in_again("jo@test", &"x".repeat(300), None).await;
        let list = api.call_with(&two, "GET", SESSIONS, Value::Null).await;
        assert_eq!(browsers(&list), [(&*"x".repeat(100), false), ("Phone", true), ("", false)]);
        let first = &list.body["items"][2];
        assert_eq!(first["address"], "127.0.0.1");
        assert!(
            first["created_at"].is_string() && first["last_seen_at"].is_string() && first["expires_at"].is_string()
        );
        let token = two.split('=').nth(1).unwrap();
        assert!(!list.body.to_string().contains(token) && !api.stored().await.contains(token));
        let path = format!("{SESSIONS}/{}", first["id"].as_str().unwrap());
        let other = api.log_in("other@test", "owner").await;
        let stranger = api.call_with(&other, "DELETE", &path, Value::Null).await;
        stranger.assert_problem(404, "session_not_found");
        assert_eq!(api.call_with(&two, "DELETE", &path, Value::Null).await.body, json!({ "ended": 1 }));
        assert!(!second.is_in(&one).await && second.is_in(&two).await);
        api.call_with(&two, "DELETE", &path, Value::Null).await.assert_problem(404, "session_not_found");
        let kept = api.call_with(&two, "DELETE", &format!("{SESSIONS}?keep_current=true"), Value::Null).await;
        assert_eq!(
            (kept.body, second.is_in(&three).await, second.is_in(&two).await),
            (json!({ "ended": 1 }), false, true)
        );
        let out = api.call_with(&two, "DELETE", SESSIONS, Value::Null).await;
        assert_eq!(
            (out.body, second.is_in(&two).await, second.is_in(&other).await),
            (json!({ "ended": 1 }), false, true)
        );
    });
}

#[test]
fn a_login_ends_the_session_that_the_browser_had() {
    with_api(|api| async move {
        let one = api.log_in("jo@test", "viewer").await;
        let two = api.log_in_again("jo@test", "", Some(&one)).await;
        assert!(one != two && !api.is_in(&one).await && api.is_in(&two).await);
        // A token that somebody else put there is not taken on.
        let planted = api.log_in_again("jo@test", "", Some("gw_session=planted")).await;
        assert!(!planted.contains("planted") && !api.is_in("gw_session=planted").await && api.is_in(&two).await);
    });
}

#[test]
fn whoever_may_ends_the_sessions_of_others() {
    with_api(|api| async move {
        let owner = api.log_in("owner@test", "owner").await;
        let jo = api.log_in("jo@test", "operator").await;
        let more = api.log_in_again("jo@test", "Phone", None).await;
        let path = "/api/gateway/users/jo@test/sessions";
        let list = api.call_with(&owner, "GET", path, Value::Null).await;
        assert_eq!(browsers(&list), [("Phone", false), ("", false)]);
        api.call_with(&jo, "GET", path, Value::Null).await.assert_problem(403, "missing_scope");
        let one = format!("{path}/{}", list.body["items"][0]["id"].as_str().unwrap());
        assert_eq!(api.call_with(&owner, "DELETE", &one, Value::Null).await.body, json!({ "ended": 1 }));
        assert!(!api.is_in(&more).await && api.is_in(&jo).await);
        assert_eq!(api.call_with(&owner, "DELETE", path, Value::Null).await.body, json!({ "ended": 1 }));
        assert!(!api.is_in(&jo).await && api.is_in(&owner).await);
    });
}

#[test]
fn programs_have_no_sessions() {
    with_api(|api| async move {
        for (method, path) in [
            ("GET", SESSIONS),
            ("DELETE", SESSIONS),
            ("POST", "/api/gateway/me/password"),
            ("POST", "/api/gateway/me/totp"),
        ] {
            api.call_as(READER, method, path).await.assert_problem(403, "people_only");
        }
    });
}

#[test]
fn another_password_ends_the_other_sessions() {
    with_api(|api| async move {
        let here = api.log_in("jo@test", "viewer").await;
        let there = api.log_in_again("jo@test", "Phone", None).await;
        let change = async |current: &str, new: &str| {
            let body = json!({ "current_password": current, "new_password": new });
            api.call_with(&here, "POST", "/api/gateway/me/password", body).await
        };
        change("wrong", "another password").await.assert_problem(403, "wrong_password");
        assert_eq!(change(PASSWORD, "short").await.wrong(), [("/new_password", "length")]);
        assert_eq!(change(PASSWORD, &"x".repeat(257)).await.wrong(), [("/new_password", "length")]);
        assert!(api.is_in(&there).await);
        assert_eq!(change(PASSWORD, "another password").await.status, 204);
        assert!(api.is_in(&here).await && !api.is_in(&there).await);
        let login = |password: &str| json!({ "email": "jo@test", "password": password });
        api.post("/api/gateway/session", &login(PASSWORD)).await.assert_problem(401, "login_failed");
        assert_eq!(api.post("/api/gateway/session", &login("another password")).await.status, 200);
        let guesses = (0..12).map(|_| change("wrong", "another password"));
        let answers = futures::future::join_all(guesses).await;
        assert!(answers.iter().any(|answer| answer.status == 429), "guesses are counted as logins are");
    });
}
