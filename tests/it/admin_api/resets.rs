//! `/api/gateway/password-resets`, and the call of an owner that makes a link

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::mail::{start_sending, with_mail};
use super::{Api, with_api};

const RESETS: &str = "/api/gateway/password-resets";
const CONFIRM: &str = "/api/gateway/password-resets/confirm";
const PASSWORD: &str = "a password of a test";
const NEW: &str = "another password of a test";
const MARK: &str = "https://console.apps.test/reset#";

impl Api {
    async fn confirm(&self, token: &str) -> super::Answer {
        self.call_bare(CONFIRM, &json!({ "token": token, "password": NEW })).await
    }

    async fn login_status(&self, password: &str) -> u16 {
        let login = json!({ "email": "jo@test.de", "password": password });
        self.call_bare("/api/gateway/session", &login).await.status
    }

    async fn links(&self) -> i64 {
        let links = sqlx::query_scalar("SELECT count(*) FROM gateway.user_link");
        links.fetch_one(&mut self.database().await).await.unwrap()
    }
}

#[test]
fn a_letter_lets_its_person_set_another_password_once() {
    with_mail(|api, mailbox| async move {
        start_sending(&api);
        let cookie = api.log_in("jo@test.de", "viewer").await;
        assert_eq!(api.call_bare(RESETS, &json!({ "email": "Jo@Test.de" })).await.status, 202);
        let token = mailbox.wait("jo@test.de", 1).await.after(MARK);
        assert_eq!(api.login_status(PASSWORD).await, 200, "nothing has changed yet");
        let short = api.call_bare(CONFIRM, &json!({ "token": token, "password": "short" })).await;
        assert_eq!(short.wrong(), [("/password", "length")]);
        let twice = futures::future::join_all((0..4).map(|_| api.confirm(&token))).await;
        let counted = |status: u16| twice.iter().filter(|answer| answer.status == status).count();
        assert_eq!((counted(204), counted(404)), (1, 3), "{twice:?}");
        let me = api.call_with(&cookie, "GET", "/api/gateway/me", Value::Null).await;
        me.assert_problem(401, "unauthenticated");
        assert_eq!((api.login_status(PASSWORD).await, api.login_status(NEW).await), (401, 200));
        let log = api.call("GET", "/api/gateway/audit?call=confirm_password_reset&limit=1").await;
        assert_eq!(
            (&log.body["items"][0]["actor"], &log.body["items"][0]["via"]),
            (&json!("user:jo@test.de"), &json!("anonymous"))
        );
        let stored = api.stored().await;
        assert!(!stored.contains(&token) && !stored.contains(NEW));
    });
}

#[test]
fn the_answer_says_nothing_about_the_account() {
    with_mail(|api, mailbox| async move {
        api.log_in("jo@test.de", "viewer").await;
        api.log_in("out@test.de", "viewer").await;
        api.post("/api/gateway/users", &json!({ "email": "guest@test.de", "role": "viewer" })).await;
        sqlx::query("UPDATE gateway.user_account SET disabled_at = now() WHERE email = 'out@test.de'")
            .execute(&mut api.database().await)
            .await
            .unwrap();
        let before = api.links().await;
        let mut shown = Vec::new();
        for email in ["jo@test.de", "out@test.de", "guest@test.de", "nobody@test.de"] {
            let began = Instant::now();
            let request = api.bare("POST", &format!("{RESETS}?dry_run=false")).header("idempotency-key", "k");
            let answer = api.send(request.json(&json!({ "email": email }))).await;
            assert!(began.elapsed() >= Duration::from_millis(300), "{email}: {:?}", began.elapsed());
            let mut names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
            names.sort();
            shown.push((answer.status, answer.body, names));
        }
        assert!(shown.iter().all(|one| *one == shown[0]), "{shown:?}");
        assert_eq!((shown[0].0, api.links().await), (202, before + 1), "a letter for the one who can log in");
        assert_eq!(mailbox.attempts(), 0);
        let wrong = api.call_bare(RESETS, &json!({ "email": "x", "token": "y" })).await;
        assert_eq!(wrong.wrong(), [("/email", "email"), ("/token", "unknown")]);
    });
}

#[test]
fn a_version_that_was_never_seen_says_nothing_about_the_account() {
    with_mail(|api, mailbox| async move {
        start_sending(&api);
        api.log_in("jo@test.de", "viewer").await;
        for email in ["jo@test.de", "nobody@test.de"] {
            let request = api.bare("POST", RESETS).header("if-match", "\"0.7\"").json(&json!({ "email": email }));
            assert_eq!(api.send(request).await.status, 202, "{email}");
        }
        mailbox.wait("jo@test.de", 1).await;
    });
}

#[test]
fn nobody_is_flooded_with_letters() {
    with_mail(|api, _mailbox| async move {
        api.log_in("jo@test.de", "viewer").await;
        for email in ["jo@test.de", "nobody@test.de"] {
            let tries = (0..6).map(|_| async { api.call_bare(RESETS, &json!({ "email": email })).await.status });
            let answers = futures::future::join_all(tries).await;
            let refused = answers.iter().filter(|status| **status == 429).count();
            assert_eq!(refused, 3, "{email}: {answers:?}");
        }
    });
}

#[test]
fn a_letter_ends_with_time_a_newer_one_and_another_password() {
    with_mail(|api, mailbox| async move {
        start_sending(&api);
        let cookie = api.log_in("jo@test.de", "viewer").await;
        let ask = async |count: usize| {
            assert_eq!(api.call_bare(RESETS, &json!({ "email": "jo@test.de" })).await.status, 202);
            mailbox.wait("jo@test.de", count).await.after(MARK)
        };
        let first = ask(1).await;
        let second = ask(2).await;
        api.confirm(&first).await.assert_problem(404, "reset_not_found");
        sqlx::query("UPDATE gateway.user_link SET expires_at = now()")
            .execute(&mut api.database().await)
            .await
            .unwrap();
        api.confirm(&second).await.assert_problem(404, "reset_not_found");
        let third = ask(3).await;
        let body = json!({ "current_password": PASSWORD, "new_password": NEW });
        assert_eq!(api.call_with(&cookie, "POST", "/api/gateway/me/password", body).await.status, 204);
        api.confirm(&third).await.assert_problem(404, "reset_not_found");
        assert_eq!(api.login_status(NEW).await, 200);
    });
}

#[test]
fn without_a_mail_server_an_owner_passes_the_link_on() {
    with_api(|api| async move {
        let cookie = api.log_in("jo@test.de", "viewer").await;
        assert_eq!(api.call_bare(RESETS, &json!({ "email": "jo@test.de" })).await.status, 202);
        assert_eq!(api.links().await, 0, "nobody would get it");
        let made = api.call("POST", "/api/gateway/users/jo@test.de/reset-password").await;
        assert_eq!((made.status, &made.body["sent"]), (200, &json!(false)));
        assert_eq!(api.login_status(PASSWORD).await, 200);
        let token = made.text("url").split_once("/reset#").unwrap().1.to_owned();
        assert_eq!(api.confirm(&token).await.status, 204);
        assert_eq!((api.login_status(PASSWORD).await, api.login_status(NEW).await), (401, 200));
        let me = api.call_with(&cookie, "GET", "/api/gateway/me", Value::Null).await;
        me.assert_problem(401, "unauthenticated");
        api.post("/api/gateway/users", &json!({ "email": "guest@test.de", "role": "viewer" })).await;
        let guest = api.call("POST", "/api/gateway/users/guest@test.de/reset-password").await;
        guest.assert_problem(409, "not_active");
        let log = api.call("GET", "/api/gateway/audit").await;
        assert!(!log.body.to_string().contains(&token));
    });
}
