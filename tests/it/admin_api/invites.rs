//! `/api/gateway/invites`, and the calls that make them

use serde_json::{Value, json};

use super::mail::{start_sending, with_mail};
use super::{Answer, Api, ROOT, with_api};

const USERS: &str = "/api/gateway/users";
const LOOK: &str = "/api/gateway/invites/look";
const ACCEPT: &str = "/api/gateway/invites/accept";
const PASSWORD: &str = "a password of a guest";

/// The token of a link that an answer shows.
fn token(answer: &Answer) -> String {
    let link = if answer.body["link"].is_null() { &answer.body } else { &answer.body["link"] };
    assert_eq!(link["sent"], false, "{}", answer.body);
    link["url"].as_str().unwrap().split_once('#').unwrap().1.to_owned()
}

impl Api {
    async fn invite(&self, email: &str, role: &str) -> String {
        let made = self.post(USERS, &json!({ "email": email, "role": role })).await;
        assert_eq!(made.status, 201, "{}", made.body);
        token(&made)
    }
}

#[test]
fn a_guest_accepts_once_and_is_logged_in() {
    with_api(|api| async move {
        let made = api.post(USERS, &json!({ "email": "Jo@Test.de", "role": "operator", "name": "Jo" })).await;
        assert_eq!(made.status, 201, "{}", made.body);
        assert_eq!(made.header("location"), format!("{USERS}/{}", made.body["user"]["id"].as_str().unwrap()));
        let url = made.body["link"]["url"].as_str().unwrap();
        assert!(url.starts_with(&format!("{}invite#", api.settings.http.console_url)), "{url}");
        let token = token(&made);
        assert_eq!(token.len(), 43);
        let login = json!({ "email": "jo@test.de", "password": PASSWORD });
        api.call_bare("/api/gateway/session", &login).await.assert_problem(401, "login_failed");
        let shown = api.call_bare(LOOK, &json!({ "token": token })).await;
        assert_eq!((shown.text("email"), shown.text("name"), shown.text("role")), ("jo@test.de", "Jo", "operator"));
        assert_eq!(shown.body["expires_at"], made.body["user"]["invited_until"]);
        let short = api.call_bare(ACCEPT, &json!({ "token": token, "password": "short" })).await;
        assert_eq!(short.wrong(), [("/password", "length")]);
        let accepted = api.call_bare(ACCEPT, &json!({ "token": token, "password": PASSWORD, "name": "Joanna" })).await;
        assert_eq!((accepted.status, accepted.text("role")), (200, "operator"), "{}", accepted.body);
        let cookie = accepted.header("set-cookie").split(';').next().unwrap().to_owned();
        assert_eq!(api.call_with(&cookie, "GET", "/api/gateway/me", Value::Null).await.text("name"), "jo@test.de");
        let user = api.call("GET", &format!("{USERS}/jo@test.de")).await;
        assert_eq!((user.text("state"), user.text("name")), ("active", "Joanna"));
        assert_eq!(user.body["invited_until"], Value::Null);
        assert_eq!(api.call_bare("/api/gateway/session", &login).await.status, 200);
        for path in [LOOK, ACCEPT] {
            let again = json!({ "token": token, "password": PASSWORD });
            let again = if path == LOOK { json!({ "token": token }) } else { again };
            api.call_bare(path, &again).await.assert_problem(404, "invite_not_found");
        }
        api.call("POST", &format!("{USERS}/jo@test.de/invite")).await.assert_problem(409, "not_invited");
        let stored = api.stored().await;
        assert!(!stored.contains(&token) && !stored.contains(PASSWORD), "no token or password is stored");
        assert!(stored.contains("accept_invite"), "the audit log tells of it");
    });
}

#[test]
fn an_invite_is_accepted_by_one_of_many_at_once() {
    with_api(|api| async move {
        let token = api.invite("jo@test.de", "viewer").await;
        let accept = |n: u32| {
            let (api, token) = (&api, &token);
            async move { api.call_bare(ACCEPT, &json!({ "token": token, "password": format!("{PASSWORD} {n}") })).await }
        };
        let answers = futures::future::join_all((0..8).map(accept)).await;
        let counted = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
        assert_eq!((counted(200), counted(404)), (1, 7));
        let winner = answers.iter().position(|answer| answer.status == 200).unwrap();
        let login = json!({ "email": "jo@test.de", "password": format!("{PASSWORD} {winner}") });
        assert_eq!(api.call_bare("/api/gateway/session", &login).await.status, 200);
    });
}

#[test]
fn a_newer_invite_a_removal_and_time_end_an_invite() {
    with_api(|api| async move {
        let look = async |token: &str| api.call_bare(LOOK, &json!({ "token": token })).await.status;
        let first = api.invite("jo@test.de", "viewer").await;
        let second = token(&api.call("POST", &format!("{USERS}/jo@test.de/invite")).await);
        assert_eq!((look(&first).await, look(&second).await), (404, 200));
        let wrong_kind = json!({ "token": second, "password": PASSWORD });
        let wrong_kind = api.call_bare("/api/gateway/password-resets/confirm", &wrong_kind).await;
        wrong_kind.assert_problem(404, "reset_not_found");
        let disable = api.bare("PATCH", &format!("{USERS}/jo@test.de")).bearer_auth(ROOT);
        assert_eq!(api.send(disable.json(&json!({ "disabled": true }))).await.status, 200);
        assert_eq!(look(&second).await, 404);
        api.call("POST", &format!("{USERS}/jo@test.de/invite")).await.assert_problem(409, "not_invited");
        let third = api.invite("di@test.de", "viewer").await;
        api.call("DELETE", &format!("{USERS}/di@test.de")).await;
        assert_eq!(look(&third).await, 404);
        let fourth = api.invite("al@test.de", "viewer").await;
        let left: f64 =
            sqlx::query_scalar("SELECT extract(epoch FROM expires_at - now())::float8 FROM gateway.user_link")
                .fetch_one(&mut api.database().await)
                .await
                .unwrap();
        assert!((604_700.0..604_801.0).contains(&left), "{left}");
        sqlx::query("UPDATE gateway.user_link SET expires_at = now()")
            .execute(&mut api.database().await)
            .await
            .unwrap();
        assert_eq!(look(&fourth).await, 404);
        let late = api.call_bare(ACCEPT, &json!({ "token": fourth, "password": PASSWORD })).await;
        late.assert_problem(404, "invite_not_found");
        for none in ["", "x", "ä", &"x".repeat(100)] {
            assert_eq!(look(none).await, 404, "{none}");
        }
    });
}

#[test]
fn an_address_has_one_account_and_wrong_fields_are_named() {
    with_api(|api| async move {
        api.invite("jo@test.de", "viewer").await;
        let twice = api.post(USERS, &json!({ "email": "JO@test.de", "role": "viewer" })).await;
        twice.assert_problem(409, "email_taken");
        let wrong = api.post(USERS, &json!({ "email": "x", "role": "king", "name": "x".repeat(101), "id": 1 })).await;
        let expected = [("/email", "email"), ("/name", "length"), ("/role", "unknown_value"), ("/id", "unknown")];
        assert_eq!(wrong.wrong(), expected);
        assert_eq!(api.post(USERS, &json!({})).await.wrong(), [("/email", "required"), ("/role", "required")]);
    });
}

#[test]
fn a_repeated_invite_gives_the_same_link_and_a_dry_one_makes_nothing() {
    with_api(|api| async move {
        let body = json!({ "email": "jo@test.de", "role": "viewer" });
        let dry = api.post(&format!("{USERS}?dry_run=true"), &body).await;
        assert_eq!((dry.status, dry.header("dry-run")), (200, "true"));
        let send = || api.send(api.bare("POST", USERS).bearer_auth(ROOT).header("idempotency-key", "k").json(&body));
        let (first, second) = (send().await, send().await);
        assert_eq!((first.status, second.header("idempotent-replayed")), (201, "true"));
        assert_eq!(first.body, second.body);
        assert!(!api.stored().await.contains(&token(&first)), "the remembered answer is sealed");
    });
}

#[test]
fn an_invite_goes_out_by_mail_and_nowhere_else() {
    with_mail(|api, mailbox| async move {
        start_sending(&api);
        let made = api.post(USERS, &json!({ "email": "jo@test.de", "role": "viewer" })).await;
        assert_eq!((&made.body["link"]["sent"], &made.body["link"]["url"]), (&json!(true), &Value::Null));
        let mail = mailbox.wait("jo@test.de", 1).await;
        let token = mail.after("https://console.apps.test/invite#");
        assert!(!made.body.to_string().contains(&token));
        let again = api.call("POST", &format!("{USERS}/jo@test.de/invite")).await;
        assert_eq!((again.status, &again.body["link"]["sent"]), (200, &json!(true)));
        let newer = mailbox.wait("jo@test.de", 2).await.after("https://console.apps.test/invite#");
        let accept = async |token: &str| api.call_bare(ACCEPT, &json!({ "token": token, "password": PASSWORD })).await;
        accept(&token).await.assert_problem(404, "invite_not_found");
        assert_eq!(accept(&newer).await.status, 200);
    });
}
