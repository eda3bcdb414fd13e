//! `/api/gateway/me/totp`, and logins with a second factor

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

use super::{Answer, Api, with_api};

const TOTP: &str = "/api/gateway/me/totp";
const LOGIN: &str = "/api/gateway/session";
const PASSWORD: &str = "a password of a test";

/// What an app shows at a time.
fn code_at(secret: &str, at: Timestamp) -> String {
    let app = Builder::new().with_secret(Secret::try_from_base32(secret).unwrap()).build().unwrap();
    app.generate(at.as_second().try_into().unwrap()).to_string()
}

/// What the app shows now. It fits for half a minute more, however late it is read.
fn code(secret: &str) -> String {
    code_at(secret, Timestamp::now())
}

/// Six digits that are not the code of any step near.
fn wrong(secret: &str) -> String {
    let near = [-60, -30, 0, 30, 60].map(|shift| code_at(secret, Timestamp::now() + SignedDuration::from_secs(shift)));
    (0..).map(|n| format!("{n:06}")).find(|code| !near.contains(code)).unwrap()
}

impl Api {
    async fn second_login(&self, code: Option<&str>) -> Answer {
        let mut body = json!({ "email": "jo@test", "password": PASSWORD });
        if let Some(code) = code {
            body["code"] = json!(code);
        }
        self.call_bare(LOGIN, &body).await
    }

    /// Enrols and confirms; the secret and the recovery codes.
    async fn with_totp(&self, cookie: &str) -> (String, Vec<String>) {
        let begun = self.call_with(cookie, "POST", TOTP, json!({ "password": PASSWORD })).await;
        assert_eq!(begun.status, 200, "{}", begun.body);
        let secret = begun.text("secret").to_owned();
        let confirmed =
            self.call_with(cookie, "POST", &format!("{TOTP}/confirm"), json!({ "code": code(&secret) })).await;
        assert_eq!(confirmed.status, 200, "{}", confirmed.body);
        let codes = confirmed.body["recovery_codes"].as_array().unwrap();
        (secret, codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect())
    }

    /// As if the time of some steps had gone by.
    async fn let_steps_pass(&self) {
        let pass = "UPDATE gateway.user_account SET totp_step = totp_step - 10";
        sqlx::query(pass).execute(&mut self.database().await).await.unwrap();
    }
}

#[test]
fn a_code_is_asked_for_from_the_confirmation_on() {
    with_api(|api| async move {
        let cookie = api.log_in("jo@test", "viewer").await;
        let other = api.second_login(None).await.header("set-cookie").split(';').next().unwrap().to_owned();
        let me = async |cookie: &str| api.call_with(cookie, "GET", "/api/gateway/me", Value::Null).await;
        assert_eq!(me(&cookie).await.body["totp_enabled"], false);
        let denied = api.call_with(&cookie, "POST", TOTP, json!({ "password": "wrong" })).await;
        denied.assert_problem(403, "wrong_password");
        let early = api.call_with(&cookie, "POST", &format!("{TOTP}/confirm"), json!({ "code": "123456" })).await;
        early.assert_problem(409, "totp_not_begun");
        let begun = api.call_with(&cookie, "POST", TOTP, json!({ "password": PASSWORD })).await;
        let secret = begun.text("secret").to_owned();
        let url = begun.text("otpauth_url");
        assert!(url.starts_with("otpauth://totp/Gateway:jo%40test?") && url.contains(&secret), "{url}");
        assert_eq!(api.second_login(None).await.status, 200, "not before a code was shown");
        let confirm = async |code: &str| {
            api.call_with(&cookie, "POST", &format!("{TOTP}/confirm"), json!({ "code": code })).await
        };
        confirm(&wrong(&secret)).await.assert_problem(403, "wrong_code");
        let done = confirm(&code(&secret)).await;
        assert_eq!(done.body["recovery_codes"].as_array().unwrap().len(), 10);
        assert_eq!(me(&cookie).await.body["totp_enabled"], true);
        me(&other).await.assert_problem(401, "unauthenticated");
        let asked = api.second_login(None).await;
        asked.assert_problem(401, "totp_required");
        assert!(!asked.headers.contains_key("set-cookie"));
        let again = api.call_with(&cookie, "POST", TOTP, json!({ "password": PASSWORD })).await;
        again.assert_problem(409, "totp_enabled");
        let stored = api.stored().await;
        assert!(!stored.contains(&secret) && !stored.contains(done.body["recovery_codes"][0].as_str().unwrap()));
    });
}

#[test]
fn a_code_works_once() {
    with_api(|api| async move {
        let cookie = api.log_in("jo@test", "viewer").await;
        let (secret, _) = api.with_totp(&cookie).await;
        let used = code(&secret);
        api.second_login(Some(&used)).await.assert_problem(401, "wrong_code");
        api.let_steps_pass().await;
        let shown = code(&secret);
        let logins = futures::future::join_all((0..4).map(|_| api.second_login(Some(&shown)))).await;
        let counted = |status: u16| logins.iter().filter(|answer| answer.status == status).count();
        assert_eq!((counted(200), counted(401)), (1, 3));
        api.second_login(Some(&wrong(&secret))).await.assert_problem(401, "wrong_code");
    });
}

#[test]
fn a_code_is_no_way_around_the_password() {
    with_api(|api| async move {
        let cookie = api.log_in("jo@test", "viewer").await;
        let (secret, _) = api.with_totp(&cookie).await;
        api.let_steps_pass().await;
        let body = json!({ "email": "jo@test", "password": "wrong", "code": code(&secret) });
        api.call_bare(LOGIN, &body).await.assert_problem(401, "login_failed");
        let reset = api.call("POST", "/api/gateway/users/jo@test/reset-password").await;
        let token = reset.text("url").split_once('#').unwrap().1.to_owned();
        let body = json!({ "token": token, "password": PASSWORD });
        assert_eq!(api.call_bare("/api/gateway/password-resets/confirm", &body).await.status, 204);
        api.second_login(None).await.assert_problem(401, "totp_required");
        assert_eq!(api.second_login(Some(&code(&secret))).await.status, 200);
    });
}

#[test]
fn a_login_with_a_recovery_code_and_who_takes_the_codes_away_do_not_wait_for_each_other() {
    with_api(|api| async move {
        let cookie = api.log_in("jo@test", "owner").await;
        let (_, codes) = api.with_totp(&cookie).await;
        let mut other = api.database().await;
        // The account first, as who exchanges or removes the codes holds it.
        for statement in ["BEGIN", "SELECT id FROM gateway.user_account FOR UPDATE"] {
            sqlx::query(statement).execute(&mut other).await.unwrap();
        }
        let takes_away = async {
            api.until_waiting().await;
            for statement in ["DELETE FROM gateway.recovery_code", "COMMIT"] {
                sqlx::query(statement).execute(&mut other).await.unwrap();
            }
        };
        let (login, ()) = tokio::join!(api.second_login(Some(&codes[0])), takes_away);
        login.assert_problem(401, "wrong_code");
    });
}

#[test]
fn recovery_codes_work_once_each_and_are_exchanged() {
    with_api(|api| async move {
        let cookie = api.log_in("jo@test", "viewer").await;
        let (secret, codes) = api.with_totp(&cookie).await;
        assert_eq!(api.second_login(Some(&codes[0])).await.status, 200);
        api.second_login(Some(&codes[0])).await.assert_problem(401, "wrong_code");
        assert_eq!(api.second_login(Some(&codes[1].to_uppercase().replace('-', ""))).await.status, 200);
        api.let_steps_pass().await;
        let body = json!({ "password": PASSWORD, "code": code(&secret) });
        let renewed = api.call_with(&cookie, "POST", &format!("{TOTP}/recovery-codes"), body).await;
        assert_eq!(renewed.status, 200, "{}", renewed.body);
        api.second_login(Some(&codes[2])).await.assert_problem(401, "wrong_code");
        assert_eq!(api.second_login(renewed.body["recovery_codes"][9].as_str()).await.status, 200);
    });
}

#[test]
fn disabling_takes_password_and_code() {
    with_api(|api| async move {
        let cookie = api.log_in("jo@test", "viewer").await;
        let disable = async |password: &str, code: &str| {
            let body = json!({ "password": password, "code": code });
            api.call_with(&cookie, "POST", &format!("{TOTP}/disable"), body).await
        };
        disable(PASSWORD, "123456").await.assert_problem(409, "totp_disabled");
        let (secret, codes) = api.with_totp(&cookie).await;
        api.let_steps_pass().await;
        disable("wrong", &code(&secret)).await.assert_problem(403, "wrong_password");
        disable(PASSWORD, &wrong(&secret)).await.assert_problem(403, "wrong_code");
        api.second_login(None).await.assert_problem(401, "totp_required");
        assert_eq!(disable(PASSWORD, &code(&secret)).await.status, 204);
        assert_eq!(api.second_login(None).await.status, 200);
        let (secret, _) = api.with_totp(&cookie).await;
        api.second_login(Some(&codes[3])).await.assert_problem(401, "wrong_code");
        api.let_steps_pass().await;
        assert_eq!(api.second_login(Some(&code(&secret))).await.status, 200);
        let missing = api.call_with(&cookie, "POST", &format!("{TOTP}/disable"), json!({})).await;
        assert_eq!(missing.wrong(), [("/password", "required"), ("/code", "required")]);
    });
}

#[test]
fn an_owner_takes_it_off_an_account() {
    with_api(|api| async move {
        let cookie = api.log_in("jo@test", "viewer").await;
        api.with_totp(&cookie).await;
        let shown = api.call("GET", "/api/gateway/users/jo@test").await;
        assert_eq!(shown.body["totp_enabled"], true);
        let off = api.call("DELETE", "/api/gateway/users/jo@test/totp").await;
        assert_eq!((off.status, &off.body["totp_enabled"]), (200, &json!(false)));
        let me = api.call_with(&cookie, "GET", "/api/gateway/me", Value::Null).await;
        me.assert_problem(401, "unauthenticated");
        assert_eq!(api.second_login(None).await.status, 200);
        assert_eq!(api.call("DELETE", "/api/gateway/users/jo@test/totp").await.status, 200);
    });
}

#[test]
fn guessing_codes_is_slowed_down_for_whoever_has_the_password() {
    with_api(|api| async move {
        let cookie = api.log_in("jo@test", "viewer").await;
        let (secret, _) = api.with_totp(&cookie).await;
        // From a session, as a right password forgets the attempts at it.
        let guess = wrong(&secret);
        let mut seen = Vec::new();
        for _ in 0..12 {
            let body = json!({ "password": PASSWORD, "code": guess });
            seen.push(api.call_with(&cookie, "POST", &format!("{TOTP}/disable"), body).await.status);
        }
        assert_eq!(seen.iter().filter(|status| **status == 403).count(), 10, "{seen:?}");
        assert_eq!(seen.last(), Some(&429));
    });
}
