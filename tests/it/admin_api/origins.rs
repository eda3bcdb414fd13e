//! Calls that browsers send from other sites.

use super::{ROOT, with_api, with_settings};

const RETRY: &str = "/api/gateway/tenants/none/retry";

#[test]
fn a_cookie_from_another_site_changes_nothing() {
    with_api(|api| async move {
        let cookie = api.log_in("owner@test", "owner").await;
        let post =
            |name: &'static str, value: &str| api.bare("POST", RETRY).header("cookie", &cookie).header(name, value);
        api.send(post("origin", "https://evil.example")).await.assert_problem(403, "cross_site");
        api.send(post("sec-fetch-site", "cross-site")).await.assert_problem(403, "cross_site");
        api.send(post("sec-fetch-site", "same-site")).await.assert_problem(403, "cross_site");
        api.send(post("sec-fetch-site", "same-origin")).await.assert_problem(404, "tenant_not_found");
        api.send(post("origin", &api.url)).await.assert_problem(404, "tenant_not_found");
        let login = api.bare("POST", "/api/gateway/session").header("origin", "https://evil.example");
        api.send(login).await.assert_problem(403, "cross_site");
        let by_key = api.bare("POST", RETRY).bearer_auth(ROOT).header("origin", "https://evil.example");
        api.send(by_key).await.assert_problem(404, "tenant_not_found");
    });
}

#[test]
fn without_a_wish_no_origin_is_answered() {
    with_api(|api| async move {
        let answer = api.send(api.bare("GET", "/api/gateway/me").header("origin", "https://a.example")).await;
        assert_eq!(answer.header("access-control-allow-origin"), "");
    });
}

#[test]
fn allowed_origins_may_call_and_others_may_not() {
    let settings = [
        ("GATEWAY_CORS_ALLOWED_ORIGINS", "https://console.example"),
        ("GATEWAY_CORS_ALLOW_ORIGIN_REGEX", r"https://[a-z]+\.preview\.example"),
    ];
    with_settings(&settings, |api| async move {
        for (origin, is_allowed) in [
            ("https://console.example", true),
            ("https://one.preview.example", true),
            ("https://console.example.evil.test", false),
            ("https://one.preview.example.evil.test", false),
            ("http://console.example", false),
        ] {
            let answer = api.send(api.bare("GET", "/api/gateway/me").header("origin", origin)).await;
            let allowed = answer.header("access-control-allow-origin");
            assert_eq!(allowed == origin, is_allowed, "{origin}");
            answer.assert_problem(401, "unauthenticated");
            let preflight = api.bare("OPTIONS", RETRY).header("origin", origin);
            let preflight = api.send(preflight.header("access-control-request-method", "POST")).await;
            assert_eq!(preflight.header("access-control-allow-origin") == origin, is_allowed, "{origin}");
            let cookie = api.bare("POST", RETRY).header("cookie", "gw_session=x").header("origin", origin);
            assert_eq!(api.send(cookie).await.status, if is_allowed { 401 } else { 403 }, "{origin}");
        }
    });
}
