//! A call that is made again under its Idempotency-Key, and what is kept to know it by.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gateway::domain::seal::KeyRing;
use gateway::jobs::reseal::reseal;
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use totp_rs::{Builder, Secret};

use super::signup::with_signup;
use super::{Answer, Api, ROOT, serve, with_api};

const PASSWORD: &str = "a password of a test";
const NEW: &str = "another password of a test";
const TOTP: &str = "/api/gateway/me/totp";
const SIGNUP: &str = "/api/gateway/public/signup";

impl Api {
    /// The same call of a person under one key, twice: the first answer, and that the second is the same.
    async fn twice(&self, cookie: &str, path: &str, body: &Value) -> Answer {
        let call = || {
            let call = self.bare("POST", path).header("cookie", cookie).header("idempotency-key", path);
            self.send(call.json(body))
        };
        let (first, again) = (call().await, call().await);
        assert!(first.status < 300, "{path}: {}", first.body);
        assert_eq!((again.status, &again.body), (first.status, &first.body), "{path}");
        assert_eq!((first.header("idempotent-replayed"), again.header("idempotent-replayed")), ("", "true"), "{path}");
        first
    }
}

/// What the app shows now.
fn code(secret: &str) -> String {
    let app = Builder::new().with_secret(Secret::try_from_base32(secret).unwrap()).build().unwrap();
    app.generate(Timestamp::now().as_second().try_into().unwrap()).to_string()
}

#[test]
fn what_is_used_up_is_answered_again_all_the_same() {
    with_api(|api| async move {
        let cookie = api.log_in("jo@test", "viewer").await;
        let enrolled = api.twice(&cookie, TOTP, &json!({ "password": PASSWORD })).await;
        let secret = enrolled.text("secret").to_owned();
        let confirmed = api.twice(&cookie, &format!("{TOTP}/confirm"), &json!({ "code": code(&secret) })).await;
        let codes = confirmed.body["recovery_codes"].as_array().unwrap();
        let stored: i64 = sqlx::query_scalar("SELECT count(*) FROM gateway.recovery_code")
            .fetch_one(&mut api.database().await)
            .await
            .unwrap();
        assert_eq!((codes.len(), stored), (10, 10));
        let renewed = api
            .twice(&cookie, &format!("{TOTP}/recovery-codes"), &json!({ "password": PASSWORD, "code": codes[0] }))
            .await;
        let spare = &renewed.body["recovery_codes"][0];
        api.twice(&cookie, &format!("{TOTP}/disable"), &json!({ "password": PASSWORD, "code": spare })).await;
        let password = json!({ "current_password": PASSWORD, "new_password": NEW });
        api.twice(&cookie, "/api/gateway/me/password", &password).await;
        let other = api.bare("POST", "/api/gateway/me/password").header("cookie", &cookie);
        let other = other.header("idempotency-key", "/api/gateway/me/password");
        let guess = json!({ "current_password": "a guess of a test", "new_password": NEW });
        api.send(other.json(&guess)).await.assert_problem(422, "idempotency_key_reused");
    });
}

#[test]
fn a_link_that_was_used_is_answered_again_to_who_has_it() {
    with_api(|api| async move {
        let made = api.post("/api/gateway/users", &json!({ "email": "jo@test.de", "role": "viewer" })).await;
        let token = |url: &Value| url.as_str().unwrap().split_once('#').unwrap().1.to_owned();
        let invite = token(&made.body["link"]["url"]);
        let accept = |key: &'static str, password: &'static str| {
            let call = api.bare("POST", "/api/gateway/invites/accept").header("idempotency-key", key);
            api.send(call.json(&json!({ "token": invite, "password": password })))
        };
        let first = accept("one", PASSWORD).await;
        assert!(first.status == 200 && !first.header("set-cookie").is_empty(), "{}", first.body);
        let again = accept("one", PASSWORD).await;
        assert_eq!((again.status, &again.body), (200, &first.body));
        assert_eq!((again.header("idempotent-replayed"), again.header("set-cookie")), ("true", ""));
        accept("one", NEW).await.assert_problem(422, "idempotency_key_reused");
        accept("two", PASSWORD).await.assert_problem(404, "invite_not_found");

        let reset = api.call("POST", "/api/gateway/users/jo@test.de/reset-password").await;
        let reset = token(&reset.body["url"]);
        let confirm = || {
            let call = api.bare("POST", "/api/gateway/password-resets/confirm").header("idempotency-key", "one");
            api.send(call.json(&json!({ "token": reset, "password": NEW })))
        };
        let (first, again) = (confirm().await, confirm().await);
        assert_eq!((first.status, again.status), (204, 204), "{}", again.body);
        assert_eq!(again.header("idempotent-replayed"), "true");
    });
}

#[test]
fn a_repeated_login_is_another_one() {
    with_api(|api| async move {
        api.log_in("jo@test", "viewer").await;
        let mut cookies = Vec::new();
        for _ in 0..2 {
            let login = api.bare("POST", "/api/gateway/session").header("idempotency-key", "one");
            let login = api.send(login.json(&json!({ "email": "jo@test", "password": PASSWORD }))).await;
            assert_eq!(login.status, 200, "{}", login.body);
            cookies.push(login.header("set-cookie").split(';').next().unwrap().to_owned());
        }
        assert_ne!(cookies[0], cookies[1]);
        for cookie in cookies {
            assert_eq!(api.call_with(&cookie, "GET", "/api/gateway/me", Value::Null).await.status, 200);
        }
    });
}

/// Digests that anybody can make of a call: of all of it, of its body, and of both with the address.
fn guesses(path: &str, body: &Value) -> Vec<String> {
    let body = serde_json::to_vec(body).unwrap();
    let whole = [format!("POST {path}\n").as_bytes(), &body].concat();
    let of_call = Sha256::digest(&whole);
    let with_address = [b"127.0.0.1".as_slice(), &of_call].concat();
    let hex = |bytes: &[u8]| Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    vec![hex(&whole), hex(&body), hex(&with_address)]
}

#[test]
fn what_is_kept_of_a_call_says_nothing_of_its_body() {
    with_signup(&[], |api| async move {
        let body = json!({ "company_name": "Acme", "key": "acme", "first_user": { "password": "hunter2" } });
        let call = api.bare("POST", SIGNUP).header("idempotency-key", "one").json(&body);
        assert_eq!(api.send(call).await.status, 202);
        let tenant = json!({ "key": "beta", "company_name": "Beta" });
        let call = api.bare("POST", "/api/gateway/tenants").bearer_auth(ROOT).header("idempotency-key", "one");
        assert_eq!(api.send(call.json(&tenant)).await.status, 202);
        let stored = api.stored().await;
        assert_eq!(stored.matches("anonymous/").count(), 1, "{stored}");
        for guess in guesses(SIGNUP, &body).into_iter().chain(guesses("/api/gateway/tenants", &tenant)) {
            assert!(!stored.contains(&guess), "{guess} in {stored}");
        }
    });
}

#[test]
fn calls_are_known_again_after_the_keys_were_changed() {
    with_signup(&[], |api| async move {
        let key = |id: &str, byte: u8| format!("{id}:{}", STANDARD.encode([byte; 32]));
        let (both, only_new) = (format!("{},{}", key("n", 9), key("t", 7)), key("n", 9));
        let body = json!({ "company_name": "Acme", "key": "acme" });
        let sign_up =
            async |api: &Api| api.send(api.bare("POST", SIGNUP).header("idempotency-key", "one").json(&body)).await;
        let first = sign_up(&api).await;
        assert_eq!(first.status, 202, "{}", first.body);
        // While they are changed one process after the other, and after the old one is gone.
        let during = api.another_with(&[("GATEWAY_SECRET_KEYS", &both)]).await;
        let done = reseal(&api.store, &KeyRing::parse(&both).unwrap(), false).await.unwrap();
        assert_eq!((done.unreadable, done.sealed_by.len()), (0, 1));
        let settings = [
            ("GATEWAY_SIGNUP_ENABLED", "true"),
            ("GATEWAY_SIGNUP_MAIL_PROOF", "false"),
            ("GATEWAY_SECRET_KEYS", only_new.as_str()),
        ];
        let after = serve(api.options.clone(), &api.redis, &settings, &api.parts, &api.stop).await;
        for api in [&during, &after] {
            let again = sign_up(api).await;
            assert_eq!((again.status, &again.body), (202, &first.body));
            assert_eq!(again.header("idempotent-replayed"), "true");
            api.store.close().await;
        }
    });
}
