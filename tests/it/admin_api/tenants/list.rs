//! `GET /api/gateway/tenants`

use super::PATH;
use crate::admin_api::{Answer, Api, with_api};

fn keys(answer: &Answer) -> Vec<&str> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["items"].as_array().unwrap().iter().map(|tenant| tenant["key"].as_str().unwrap()).collect()
}

async fn list(api: &Api, query: &str) -> Answer {
    api.call("GET", &format!("{PATH}{query}")).await
}

#[test]
fn newest_first_page_by_page_without_gap_or_repeat() {
    with_api(|api| async move {
        for n in 1..=5 {
            api.create(&format!("t{n}")).await;
        }
        assert_eq!(keys(&list(&api, "").await), ["t5", "t4", "t3", "t2", "t1"]);
        let first = list(&api, "?limit=2").await;
        assert_eq!(keys(&first), ["t5", "t4"]);
        api.create("t6").await;
        let second = list(&api, &format!("?limit=2&cursor={}", first.text("next_cursor"))).await;
        assert_eq!(keys(&second), ["t3", "t2"], "a tenant made meanwhile shifts nothing");
        let third = list(&api, &format!("?limit=2&cursor={}", second.text("next_cursor"))).await;
        assert_eq!(keys(&third), ["t1"]);
        assert!(third.body["next_cursor"].is_null());
    });
}

#[test]
fn filters_by_state_and_text() {
    with_api(|api| async move {
        let live = api.create("live").await;
        let gone = api.create("gone").await;
        api.create("a-b").await;
        api.walk(live, &["provisioning", "active"]).await;
        api.walk(gone, &["deleting"]).await;
        assert_eq!(keys(&list(&api, "?status=active").await), ["live"]);
        assert_eq!(keys(&list(&api, "?status=ready").await), ["live"], "ready means active");
        assert_eq!(keys(&list(&api, "?status=deleting").await), ["gone"]);
        assert_eq!(keys(&list(&api, "?q=LIV").await), ["live"]);
        for literal in ["%25", "_", "%5C", "'"] {
            assert_eq!(
                keys(&list(&api, &format!("?q={literal}")).await),
                Vec::<&str>::new(),
                "{literal} stands for itself"
            );
        }
        assert_eq!(keys(&list(&api, "?status=&q=").await).len(), 3, "empty filters are none");
    });
}

#[test]
fn wrong_parameters_are_named() {
    with_api(|api| async move {
        let refused = list(&api, "?status=Active&limit=201&cursor=x&q=%00&page=2&page=3").await;
        refused.assert_problem(422, "validation_failed");
        let wrong = [
            ("/page", "twice"),
            ("/status", "unknown_value"),
            ("/q", "character"),
            ("/limit", "range"),
            ("/cursor", "cursor"),
            ("/page", "unknown"),
        ];
        assert_eq!(refused.wrong(), wrong);
    });
}
