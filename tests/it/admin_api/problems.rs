//! What is no route, no method, no JSON or too much, is a problem all the same.

use super::{ROOT, with_api};

const TENANTS: &str = "/api/gateway/tenants";

#[test]
fn answers_of_the_router_are_problems() {
    with_api(|api| async move {
        api.call("GET", "/api/gateway/nothing").await.assert_problem(404, "route_not_found");
        let refused = api.call("PUT", TENANTS).await;
        refused.assert_problem(405, "method_not_allowed");
        assert!(refused.header("allow").contains("POST"), "{:?}", refused.headers);
    });
}

#[test]
fn bodies_that_cannot_be_read_are_problems() {
    with_api(|api| async move {
        let post = || api.bare("POST", TENANTS).bearer_auth(ROOT);
        let json = || post().header("content-type", "application/json");
        api.send(json().body("{\"key\":")).await.assert_problem(400, "malformed_json");
        api.send(json().body("{} {}")).await.assert_problem(400, "malformed_json");
        api.send(json().body(vec![0xff])).await.assert_problem(400, "malformed_json");
        api.send(json().body("[]")).await.assert_problem(422, "validation_failed");
        api.send(post().body("key=acme")).await.assert_problem(415, "unsupported_media_type");
        api.send(json().body(vec![b' '; 64 * 1024 + 1])).await.assert_problem(413, "body_too_large");
        api.send(json().body(vec![b' '; 64 * 1024])).await.assert_problem(400, "malformed_json");
    });
}

/// Whoever answers early and closes makes some clients lose the answer, so it is asked many times.
#[test]
fn an_answer_given_before_the_body_was_read_arrives() {
    with_api(|api| async move {
        for _ in 0..100 {
            let post =
                |size| api.bare("POST", TENANTS).header("content-type", "application/json").body(vec![b' '; size]);
            api.send(post(512 * 1024)).await.assert_problem(413, "body_too_large");
            api.send(post(64 * 1024)).await.assert_problem(401, "unauthenticated");
        }
    });
}

#[test]
fn an_id_is_kept_only_when_it_is_short_and_plain() {
    with_api(|api| async move {
        let with_id = |id: &str| api.bare("GET", "/api/gateway/me").header("x-request-id", id);
        let kept = api.send(with_id("my-request.7")).await;
        assert_eq!(kept.text("instance"), "my-request.7");
        kept.assert_problem(401, "unauthenticated");
        for id in ["has blank", "quote\"", &"x".repeat(65)] {
            let made = api.send(with_id(id)).await;
            assert!(uuid::Uuid::try_parse(made.text("instance")).is_ok(), "{id}");
        }
    });
}
