//! `GET /api/gateway/tenants`

use serde_json::json;

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

#[test]
fn every_order_pages_through_all_once() {
    with_api(|api| async move {
        for (key, company) in
            [("delta", "Same"), ("alpha", "Same"), ("charlie", "\u{e9}tude"), ("bravo", "Zebra \\ % _")]
        {
            let made = api.post(PATH, &json!({ "key": key, "company_name": company })).await;
            assert_eq!(made.status, 202, "{}", made.body);
        }
        let keys = async |sort: &str| {
            let (mut keys, mut cursor) = (Vec::new(), String::new());
            loop {
                let page = api.call("GET", &format!("{PATH}?limit=1&sort={sort}{cursor}")).await;
                assert_eq!(page.status, 200, "{}", page.body);
                keys.extend(
                    page.body["items"].as_array().unwrap().iter().map(|item| item["key"].as_str().unwrap().to_owned()),
                );
                match page.body["next_cursor"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => return keys,
                }
            }
        };
        let turned = |mut keys: Vec<String>| {
            keys.reverse();
            keys
        };
        assert_eq!(keys("key").await, ["alpha", "bravo", "charlie", "delta"]);
        assert_eq!(keys("created_at").await, ["delta", "alpha", "charlie", "bravo"]);
        for sort in ["key", "created_at", "updated_at", "company_name"] {
            let found = keys(sort).await;
            assert_eq!(found.len(), 4, "{sort}");
            assert_eq!(turned(found), keys(&format!("-{sort}")).await, "{sort}");
        }
        let other = api.call("GET", &format!("{PATH}?limit=1&sort=key")).await;
        let wrong = api.call("GET", &format!("{PATH}?sort=created_at&cursor={}", other.text("next_cursor"))).await;
        assert_eq!(wrong.wrong(), [("/cursor", "cursor")]);
        for bad in ["password_sealed", "--key", "key;"] {
            let wrong = api.call("GET", &format!("{PATH}?sort={bad}")).await;
            assert_eq!(wrong.wrong(), [("/sort", "unknown_value")], "{bad}");
        }
    });
}

#[test]
fn filters_narrow() {
    with_api(|api| async move {
        api.active("alpha").await;
        let bravo = api.create("bravo").await;
        assert_eq!(api.post("/api/gateway/plans", &json!({ "name": "gold", "title": "Gold" })).await.status, 201);
        let charlie = json!({ "key": "charlie", "company_name": "C", "tier": "dedicated", "plan": "gold" });
        let made = api.post(PATH, &charlie).await;
        assert_eq!(made.status, 202);
        api.call("POST", &format!("{PATH}/bravo/pause")).await;
        let since = api.call("GET", &format!("{PATH}/{bravo}")).await.text("updated_at").to_owned();
        for (query, found) in [
            ("status=active".to_owned(), &["alpha"][..]),
            ("status=ready,pending".to_owned(), &["alpha", "bravo", "charlie"]),
            ("tier=dedicated".to_owned(), &["charlie"]),
            ("tier=shared&status=pending".to_owned(), &["bravo"]),
            ("pool_id=00000000-0000-0000-0000-000000000000".to_owned(), &[]),
            (format!("updated_since={since}"), &["bravo"]),
            ("plan=gold".to_owned(), &["charlie"]),
            ("plan=".to_owned(), &["alpha", "bravo", "charlie"]),
            ("plan=silver".to_owned(), &[]),
            ("q=CHAR".to_owned(), &["charlie"]),
            ("q=%25".to_owned(), &[]),
        ] {
            let list = api.call("GET", &format!("{PATH}?sort=key&{query}")).await;
            let keys: Vec<_> =
                list.body["items"].as_array().unwrap().iter().map(|item| item["key"].as_str().unwrap()).collect();
            assert_eq!(keys, found, "{query}");
        }
        let wrong =
            api.call("GET", &format!("{PATH}?tier=gold&pool_id=x&updated_since=today&status=active,happy")).await;
        let wanted = [
            ("/status", "unknown_value"),
            ("/tier", "unknown_value"),
            ("/pool_id", "uuid"),
            ("/updated_since", "time"),
        ];
        assert_eq!(wrong.wrong(), wanted);
    });
}
