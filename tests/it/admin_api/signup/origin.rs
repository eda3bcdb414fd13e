//! Signing up from a page of the operator's own, in a browser.

use super::{SIGNUP, named, with_signup};

const PAGE: &str = "https://www.acme.example";

#[test]
fn an_allowed_page_may_sign_people_up_and_others_may_not() {
    with_signup(&[("GATEWAY_CORS_ALLOWED_ORIGINS", PAGE)], |api| async move {
        for (n, (origin, is_allowed)) in
            [(PAGE, true), ("https://www.acme.example.evil.test", false)].into_iter().enumerate()
        {
            let preflight = api.bare("OPTIONS", SIGNUP).header("origin", origin);
            let preflight = preflight.header("access-control-request-method", "POST");
            let preflight =
                api.send(preflight.header("access-control-request-headers", "content-type,idempotency-key")).await;
            assert_eq!(preflight.header("access-control-allow-origin") == origin, is_allowed, "{origin}");
            let headers = preflight.header("access-control-allow-headers");
            assert!(headers.contains("content-type") && headers.contains("idempotency-key"), "{headers}");
            let call = api.bare("POST", SIGNUP).header("origin", origin).header("sec-fetch-site", "cross-site");
            let answer = api.send(call.json(&named(&format!("acme-{n}")))).await;
            assert_eq!(answer.header("access-control-allow-origin") == origin, is_allowed, "{origin}");
            if is_allowed {
                assert_eq!(answer.status, 202, "{}", answer.body);
                assert!(answer.header("access-control-expose-headers").contains("location"));
                let status = api.bare("GET", answer.header("location")).header("origin", origin);
                assert_eq!(api.send(status).await.header("access-control-allow-origin"), origin);
            } else {
                answer.assert_problem(403, "cross_site");
            }
        }
        assert_eq!(api.tenants().await, 1);
    });
}
