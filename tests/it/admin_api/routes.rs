//! `/api/gateway/routes` and `/api/gateway/traefik`, against the Traefik of the shared stack, against none, and against one
//! that is away. The tenants are those of a control database of the test's own, which that Traefik knows nothing of.

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Api, with_settings};
use crate::support::run;
use crate::support::stack::Stack;

const ROUTES: &str = "/api/gateway/routes";
const TRAEFIK: &str = "/api/gateway/traefik";

/// Where the shared stack's Traefik answers.
fn traefik_url() -> String {
    let url = std::sync::Mutex::new(String::new());
    run(async { *url.lock().unwrap() = Stack::shared().await.text("traefik_api_url") });
    url.into_inner().unwrap()
}

/// Makes an active tenant that is allocated as by a worker.
async fn allocated(api: &Api, key: &str) -> Uuid {
    let id = api.active(key).await;
    let host = format!("{key}.apps.test");
    let mut database = api.database().await;
    for statement in [
        "INSERT INTO gateway.database_server (name, address) VALUES ('default', 'h:1') ON CONFLICT DO NOTHING",
        "INSERT INTO gateway.shared_pool (name, backend_url) VALUES ('default', 'http://127.0.0.1:9000') ON CONFLICT DO NOTHING",
    ] {
        sqlx::query(statement).execute(&mut database).await.unwrap();
    }
    let allocate = "UPDATE gateway.tenant
                       SET host = $2, password_sealed = 'v1.t.x', verifier_sealed = 'v1.t.x', credentials_made = 1,
                           server_id = (SELECT id FROM gateway.database_server), pool_id = (SELECT id FROM gateway.shared_pool)
                     WHERE id = $1";
    sqlx::query(allocate).bind(id).bind(host).execute(&mut database).await.unwrap();
    id
}

fn codes(explained: &Value) -> Vec<&str> {
    explained["reasons"].as_array().unwrap().iter().map(|reason| reason["code"].as_str().unwrap()).collect()
}

async fn explain(api: &Api, url: &str) -> Value {
    let answer = api.call("GET", &format!("{ROUTES}/explain?url={url}")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

#[test]
fn nothing_is_said_of_a_traefik_that_is_not_known() {
    for (url, code) in [("", "traefik_not_configured"), ("http://127.0.0.1:1", "traefik_api_unreachable")] {
        with_settings(&[("GATEWAY_TRAEFIK_API_URL", url)], |api| async move {
            allocated(&api, "umbra").await;
            let list = api.call("GET", ROUTES).await.body;
            assert_eq!(
                (&list["traefik"]["known"], &list["traefik"]["code"]),
                (&json!(false), &json!(code)),
                "{list:#}"
            );
            assert_eq!((&list["items"][0]["state"], &list["items"][0]["held"]), (&json!("unknown"), &json!(null)));
            assert_eq!(list["items"][0]["wanted"]["rule"], "Host(`umbra.apps.test`)");
            let health = api.call("GET", TRAEFIK).await.body;
            assert_eq!((&health["healthy"], &health["sentinel_held"]), (&json!(null), &json!(null)), "{health:#}");
            assert_eq!((&health["sight"]["code"], &health["troubles"]), (&json!(code), &json!([])));
            let explained = explain(&api, "http://umbra.apps.test/").await;
            assert_eq!((&explained["answer"], &explained["as_wanted"]), (&json!(null), &json!(null)), "{explained:#}");
            assert_eq!(codes(&explained), ["traefik_unknown"]);
        });
    }
}

#[test]
fn what_rows_want_stands_beside_what_traefik_holds() {
    let traefik = traefik_url();
    with_settings(&[("GATEWAY_TRAEFIK_API_URL", &traefik)], |api| async move {
        let umbra = allocated(&api, "umbra").await;
        allocated(&api, "vesper").await;
        api.create("wanda").await;
        let list = api.call("GET", ROUTES).await.body;
        let states: Vec<&str> =
            list["items"].as_array().unwrap().iter().map(|item| item["state"].as_str().unwrap()).collect();
        assert_eq!(states, ["missing", "missing", "unsettled"], "{list:#}");
        let wanted = &list["items"][0]["wanted"];
        assert_eq!(
            (&wanted["router"], &wanted["service"], &wanted["priority"], &wanted["servers"]),
            (
                &json!("tenant-umbra@redis"),
                &json!("pool-default@redis"),
                &json!(1000),
                &json!([{ "url": "http://127.0.0.1:9000", "up": null }])
            )
        );
        let page = api.call("GET", &format!("{ROUTES}?state=missing&limit=1")).await;
        assert_eq!(page.body["items"][0]["tenant_key"], "umbra");
        let next =
            api.call("GET", &format!("{ROUTES}?state=missing&limit=1&cursor={}", page.text("next_cursor"))).await;
        assert_eq!((&next.body["items"][0]["tenant_key"], &next.body["next_cursor"]), (&json!("vesper"), &json!(null)));
        for which in [umbra.to_string(), "umbra".to_owned()] {
            let one = api.call("GET", &format!("{ROUTES}?tenant={which}")).await.body;
            assert_eq!((one["items"].as_array().unwrap().len(), &one["items"][0]["tenant_key"]), (1, &json!("umbra")));
        }
        for nobody in ["nobody", "No!body", &Uuid::nil().to_string()] {
            assert_eq!(api.call("GET", &format!("{ROUTES}?tenant={nobody}")).await.body["items"], json!([]));
        }
        let refused = api.call("GET", &format!("{ROUTES}?state=x&limit=0&cursor=!&y=1")).await;
        assert_eq!(
            refused.wrong(),
            [("/state", "unknown_value"), ("/limit", "range"), ("/cursor", "cursor"), ("/y", "unknown")]
        );
    });
}

#[test]
fn a_url_is_explained_by_its_owner_and_by_traefik() {
    let traefik = traefik_url();
    with_settings(
        &[("GATEWAY_TRAEFIK_API_URL", &traefik), ("GATEWAY_ADMIN_HOSTNAME", "admin.apps.test")],
        |api| async move {
            let umbra = allocated(&api, "umbra").await;
            api.create("wanda").await;
            // Traefik knows none of them, so the fallback answers.
            for (url, expected) in [
                ("http://umbra.apps.test/", vec!["route_not_published"]),
                ("http://UMBRA.apps.test./x", vec!["route_not_published"]),
                ("http://wanda.apps.test/", vec!["tenant_provisioning", "route_not_published"]),
                ("http://nobody.apps.test/", vec!["no_such_tenant"]),
                ("http://192.0.2.7/", vec!["no_such_tenant"]),
                ("http://admin.apps.test/", vec!["admin_host"]),
            ] {
                let explained = explain(&api, url).await;
                assert_eq!(codes(&explained), expected, "{explained:#}");
                assert_eq!(explained["answer"]["router"], "gateway-fallback@redis", "{explained:#}");
            }
            assert_eq!(explain(&api, "http://umbra.apps.test/").await["as_wanted"], false);
            let elsewhere = explain(&api, "http://umbra.apps.test/&entry_point=nowhere").await;
            assert_eq!(codes(&elsewhere), ["entry_point_missing", "route_not_published", "no_router"]);
            api.call("POST", &format!("/api/gateway/tenants/{umbra}/suspend")).await;
            assert_eq!(codes(&explain(&api, "http://umbra.apps.test/").await)[0], "tenant_suspended");
            let health = api.call("GET", TRAEFIK).await.body;
            assert_eq!(
                (&health["sight"]["known"], &health["sentinel_held"]),
                (&json!(true), &json!(true)),
                "{health:#}"
            );
            assert!(health["providers"].as_array().unwrap().contains(&json!("Redis")), "{health:#}");
            let web = health["entry_points"].as_array().unwrap().iter().find(|one| one["name"] == "web").unwrap();
            assert_eq!(web["of_tenants"], true);
        },
    );
}

/// Writes what a worker would have found.
async fn found(api: &Api, written: Option<i64>, loaded: Option<i64>) -> Value {
    assert!(api.store.may_look_at_load(Duration::ZERO).await.unwrap());
    assert!(!api.store.may_look_at_load(Duration::from_secs(60)).await.unwrap(), "one worker looks at a time");
    api.store.put_load(written, loaded).await.unwrap();
    api.call("GET", TRAEFIK).await.body
}

async fn waits_for(api: &Api, seconds: f64) {
    let later = "UPDATE gateway.tree_load SET waiting_since = waiting_since - make_interval(secs => $1)";
    let done = sqlx::query(later).bind(seconds).execute(&mut api.database().await).await.unwrap();
    assert_eq!(done.rows_affected(), 1);
}

#[test]
fn a_traefik_that_does_not_load_is_told_from_one_that_goes_on() {
    let traefik = traefik_url();
    with_settings(&[("GATEWAY_TRAEFIK_API_URL", &traefik)], |api| async move {
        let is_told = |health: &Value| {
            health["troubles"].as_array().unwrap().iter().any(|trouble| trouble["code"] == "changes_not_loaded")
        };
        assert_eq!(api.call("GET", TRAEFIK).await.body["changes"], Value::Null, "no worker has looked");
        let health = found(&api, Some(7), Some(7)).await;
        assert_eq!(
            (&health["changes"]["written"], &health["changes"]["loaded"], &health["changes"]["waiting_since"]),
            (&json!(7), &json!(7), &json!(null))
        );

        // It waits for the ninth, and more come meanwhile.
        let since = found(&api, Some(9), Some(7)).await["changes"]["waiting_since"].clone();
        assert!(since.is_string());
        waits_for(&api, 5.0).await;
        assert!(!is_told(&found(&api, Some(20), Some(8)).await));
        waits_for(&api, 11.0).await;
        assert!(is_told(&found(&api, Some(21), Some(8)).await));

        // The ninth is loaded: others wait, and not for so long yet.
        let health = found(&api, Some(22), Some(9)).await;
        assert!(!is_told(&health) && health["changes"]["waiting_since"].is_string(), "{health:#}");
        waits_for(&api, 16.0).await;
        assert!(!is_told(&found(&api, Some(22), None).await), "nothing is concluded of one that does not answer");
        assert!(!is_told(&found(&api, None, Some(9)).await), "nor where nothing counts");
        assert!(is_told(&found(&api, Some(22), Some(0)).await), "it has lost the tree");
        // An older tree took the place of the one that it has.
        assert!(!is_told(&found(&api, Some(5), Some(9)).await));
        let health = found(&api, Some(30), Some(30)).await;
        assert_eq!((is_told(&health), &health["changes"]["waiting_since"]), (false, &json!(null)));

        let old = "UPDATE gateway.tree_load SET looked_at = looked_at - interval '31 seconds'";
        sqlx::query(old).execute(&mut api.database().await).await.unwrap();
        assert_eq!(api.call("GET", TRAEFIK).await.body["changes"], Value::Null, "no worker looks any more");
    });
}

#[test]
fn what_cannot_be_explained_is_refused_with_all_that_is_wrong() {
    with_settings(&[], |api| async move {
        for (query, wrong) in [
            ("", vec![("/url", "required")]),
            ("url=umbra.test", vec![("/url", "url")]),
            ("url=ftp://umbra.test/", vec![("/url", "url")]),
            ("url=http://", vec![("/url", "url")]),
            ("url=http://u:p@umbra.test/", vec![("/url", "parts")]),
            (
                "url=http://a.test/&method=G%20T&headers=nonsense&client=here&x=1",
                vec![("/method", "method"), ("/headers", "header"), ("/client", "address"), ("/x", "unknown")],
            ),
        ] {
            let refused = api.call("GET", &format!("{ROUTES}/explain?{query}")).await;
            refused.assert_problem(422, "validation_failed");
            assert_eq!(refused.wrong(), wrong, "{query}");
        }
        let long = format!("{ROUTES}/explain?url=http://a.test/{}", "x".repeat(2048));
        assert_eq!(api.call("GET", &long).await.wrong(), [("/url", "length")]);
    });
}
