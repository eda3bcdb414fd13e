//! `/api/gateway/session`

use serde_json::json;

use super::{with_api, with_settings};

const PATH: &str = "/api/gateway/session";

#[test]
fn a_session_begins_with_the_login_and_ends_with_the_logout() {
    with_api(|api| async move {
        let cookie = api.log_in("owner@test", "owner").await;
        let me = api.send(api.bare("GET", "/api/gateway/me").header("cookie", &cookie)).await;
        assert_eq!((me.status, me.text("name")), (200, "owner@test"));
        let out = api.send(api.bare("DELETE", PATH).header("cookie", &cookie)).await;
        assert_eq!(out.status, 204);
        assert!(out.header("set-cookie").contains("Max-Age=0"), "{:?}", out.headers);
        let me = api.send(api.bare("GET", "/api/gateway/me").header("cookie", &cookie)).await;
        me.assert_problem(401, "unauthenticated");
        assert_eq!(api.send(api.bare("DELETE", PATH)).await.status, 204, "logging out twice is fine");
    });
}

#[test]
fn the_cookie_is_strict_and_bound_to_the_host_behind_tls() {
    with_api(|api| async move {
        api.log_in("owner@test", "owner").await;
        let login = json!({"email": "OWNER@test", "password": "a password of a test"});
        let plain = api.post(PATH, &login).await;
        let cookie = plain.header("set-cookie");
        assert!(cookie.starts_with("gw_session=") && cookie.contains("HttpOnly") && !cookie.contains("Secure"));
        let secure = api.send(api.bare("POST", PATH).json(&login).header("x-forwarded-proto", "https")).await;
        let cookie = secure.header("set-cookie");
        for part in ["__Host-gw_session=", "Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(cookie.contains(part), "{part} in {cookie}");
        }
    });
}

#[test]
fn a_session_ends_when_it_is_old_or_idle() {
    with_api(|api| async move {
        for (email, aged) in [
            ("old@test", "UPDATE gateway.session SET expires_at = now()"),
            ("idle@test", "UPDATE gateway.session SET last_seen_at = now() - interval '2 hours'"),
        ] {
            let cookie = api.log_in(email, "viewer").await;
            let me = || api.send(api.bare("GET", "/api/gateway/me").header("cookie", &cookie));
            assert_eq!(me().await.status, 200);
            sqlx::raw_sql(aged).execute(&mut api.database().await).await.unwrap();
            me().await.assert_problem(401, "unauthenticated");
        }
    });
}

#[test]
fn wrong_passwords_and_unknown_people_look_the_same() {
    with_api(|api| async move {
        api.log_in("owner@test", "owner").await;
        let wrong = api.post(PATH, &json!({"email": "owner@test", "password": "wrong"})).await;
        let unknown = api.post(PATH, &json!({"email": "nobody@test", "password": "wrong"})).await;
        wrong.assert_problem(401, "login_failed");
        unknown.assert_problem(401, "login_failed");
        assert_eq!(wrong.text("detail"), unknown.text("detail"));
    });
}

#[test]
fn guessing_is_slowed_down_for_one_account_alone() {
    with_api(|api| async move {
        api.log_in("other@test", "owner").await;
        let guess = json!({"email": "owner@test", "password": "wrong"});
        for _ in 0..10 {
            api.post(PATH, &guess).await.assert_problem(401, "login_failed");
        }
        let refused = api.post(PATH, &guess).await;
        refused.assert_problem(429, "too_many_attempts");
        let wait: u32 = refused.header("retry-after").parse().unwrap();
        assert!((1..=300).contains(&wait));
        let other = api.post(PATH, &json!({"email": "other@test", "password": "a password of a test"})).await;
        assert_eq!(other.status, 200);
    });
}

#[test]
fn attempts_are_counted_exactly_over_all_processes() {
    with_api(|api| async move {
        // Each with connections of its own, as processes have; they share the control database and Redis.
        let processes = futures::future::join_all((0..4).map(|_| api.another())).await;
        let guess = json!({"email": "owner@test", "password": "wrong"});
        let tries = (0..80).map(|n| {
            let process = &processes[n % 4];
            process.send(process.bare("POST", PATH).json(&guess))
        });
        let answers = futures::future::join_all(tries).await;
        let counted = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
        assert_eq!((counted(401), counted(429)), (10, 70));
    });
}

#[test]
fn attempts_of_one_network_count_together() {
    with_settings(&[("GATEWAY_TRUSTED_PROXIES", "127.0.0.0/8")], |api| async move {
        let guess = async |n: u32, address: &str| {
            let request = api.bare("POST", PATH).header("x-forwarded-for", address);
            api.send(request.json(&json!({"email": format!("a{n}@test"), "password": "wrong"}))).await.status
        };
        let tries = (0..110).map(|n| {
            let guess = &guess;
            async move { guess(n, &format!("192.0.2.{}", n + 1)).await }
        });
        let answers = futures::future::join_all(tries).await;
        let refused = answers.iter().filter(|status| **status == 429).count();
        // One more may come every three seconds, and a hundred hashes take some.
        assert!((3..=10).contains(&refused), "{refused} of 110");
        assert_eq!(guess(999, "198.51.100.1").await, 401, "another network");
    });
}

#[test]
fn both_fields_are_needed() {
    with_api(|api| async move {
        let refused = api.post(PATH, &json!({"mail": "x"})).await;
        refused.assert_problem(422, "validation_failed");
        assert_eq!(refused.wrong(), [("/email", "required"), ("/password", "required"), ("/mail", "unknown")]);
    });
}

#[test]
fn a_login_cannot_be_tried() {
    with_api(|api| async move {
        api.log_in("jo@test", "viewer").await;
        let body = json!({ "email": "jo@test", "password": "a password of a test" });
        let tried = api.post("/api/gateway/session?dry_run=true", &body).await;
        assert_eq!(tried.wrong(), [("/dry_run", "unknown")]);
        assert!(!tried.headers.contains_key("set-cookie"));
    });
}
