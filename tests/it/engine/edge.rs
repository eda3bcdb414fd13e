//! Explanations against a real Traefik: what the gateway says of a request is what Traefik does with it, and what it says
//! of a tenant's route follows what happens to it.

use std::collections::BTreeMap;

use fred::interfaces::{ClientLike, KeysInterface};
use serde_json::{Value, json};

use crate::support::instance::Instance;
use crate::support::rig::HASTE;
use crate::support::stack::Stack;
use crate::support::{PATIENCE, run, unique_key, wait_for};

/// Rule, method, URL, headers, verdict.
const TABLE: &str = include_str!("../../data/rules.tsv");

/// Writes keys below Traefik's root and tells Traefik.
async fn publish(stack: &Stack, keys: BTreeMap<String, String>) {
    let client = stack.redis().await;
    let keys: Vec<(String, String)> =
        keys.into_iter().map(|(key, value)| (format!("traefik/http/{key}"), value)).collect();
    let () = client.mset(keys).await.unwrap();
    let told = vec!["__keyspace@0__:traefik/rev".to_owned(), "set".to_owned()];
    let _: i64 = client.custom(fred::cmd!("PUBLISH"), told).await.unwrap();
    client.quit().await.unwrap();
}

/// A router that marks the answers it gives with its name.
fn marked(keys: &mut BTreeMap<String, String>, name: &str, rule: &str, priority: u32) {
    keys.insert(format!("middlewares/{name}/headers/customresponseheaders/X-Router"), name.to_owned());
    keys.insert(format!("routers/{name}/middlewares/0"), name.to_owned());
    keys.insert(format!("routers/{name}/entrypoints/0"), "web".to_owned());
    keys.insert(format!("routers/{name}/priority"), priority.to_string());
    keys.insert(format!("routers/{name}/service"), "gateway".to_owned());
    keys.insert(format!("routers/{name}/rule"), rule.to_owned());
}

/// The router that marked Traefik's answer to a request.
async fn asked(stack: &Stack, method: &str, url: &url::Url, headers: &[(&str, &str)]) -> Option<String> {
    let entry: url::Url = stack.text("traefik_url").parse().unwrap();
    let mut target = url.clone();
    target.set_host(entry.host_str()).unwrap();
    target.set_port(entry.port()).unwrap();
    let host = match url.port() {
        Some(port) => format!("{}:{port}", url.host_str().unwrap()),
        None => url.host_str().unwrap().to_owned(),
    };
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let mut request = client.request(method.parse().unwrap(), target).header("host", host);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.unwrap();
    answer.headers().get("x-router").map(|name| name.to_str().unwrap().to_owned())
}

async fn status_of(stack: &Stack, router: &str) -> Option<String> {
    let name = format!("{router}@redis");
    let found = stack.traefik_routers().await.into_iter().find(|one| one["name"] == name.as_str())?;
    Some(found["status"].as_str().unwrap().to_owned())
}

async fn until_known(stack: &Stack, router: &str) {
    wait_for(&format!("Traefik to know {router}"), PATIENCE, || async {
        status_of(stack, router).await.ok_or_else(|| "it does not".to_owned())
    })
    .await;
}

#[test]
fn the_table_of_rules_is_what_traefik_does() {
    run(async {
        let instance = Instance::without_worker(&[]).await;
        let stack = &instance.stack;
        // It publishes the service that the routers below lead to.
        let _worker = instance.worker(HASTE);
        until_known(stack, "gateway-fallback").await;
        let rows: Vec<Vec<&str>> = TABLE
            .lines()
            .filter(|line| !line.starts_with('#') && !line.is_empty())
            .map(|line| line.split('\t').collect())
            .collect();
        let mut keys = BTreeMap::new();
        for (number, row) in rows.iter().enumerate() {
            // A header tells the cases apart, so that only one rule is asked in each.
            marked(
                &mut keys,
                &format!("case-{number}"),
                &format!("Header(`X-Case`, `{number}`) && ({})", row[0]),
                5000,
            );
        }
        publish(stack, keys).await;
        until_known(stack, &format!("case-{}", rows.len() - 1)).await;
        let mut wrong = Vec::new();
        for (number, row) in rows.iter().enumerate() {
            let [_, method, url, headers, verdict] = row[..] else { panic!("{row:?}") };
            let name = format!("case-{number}");
            let number = number.to_string();
            let mut headers: Vec<(&str, &str)> =
                headers.split('|').filter_map(|header| header.split_once(": ")).collect();
            headers.push(("X-Case", &number));
            let taken = asked(stack, method, &url.parse().unwrap(), &headers).await == Some(name.clone());
            let found = match (status_of(stack, &name).await.as_deref(), taken) {
                (Some("disabled"), _) => "broken",
                (_, true) => "yes",
                (_, false) => "no",
            };
            if found != verdict {
                wrong.push(format!("Traefik says {found}: {row:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

#[test]
fn an_explanation_names_the_router_that_traefik_asks() {
    run(async {
        let instance = Instance::without_worker(&[]).await;
        let stack = &instance.stack;
        // It publishes the service that the routers below lead to.
        let _worker = instance.worker(HASTE);
        until_known(stack, "gateway-fallback").await;
        let mut keys = BTreeMap::new();
        for (name, rule, priority) in [
            ("shop", "Host(`shop.test`)", 100),
            ("shop-api", "Host(`shop.test`) && PathPrefix(`/api`)", 200),
            ("shop-post", "Host(`shop.test`) && Method(`POST`)", 150),
            ("gold", "Header(`X-Plan`, `gold`)", 300),
            ("regexp", "HostRegexp(`^[a-z]+\\.shop\\.test$`) && !PathPrefix(`/private`)", 50),
            ("broken", "Host(`shop.test`", 9000),
            ("deep", "PathPrefix(`/deep`) && (Query(`v`, `2`) || PathRegexp(`/v2$`))", 400),
        ] {
            marked(&mut keys, name, rule, priority);
        }
        publish(stack, keys).await;
        until_known(stack, "deep").await;
        for (method, url, headers) in [
            ("GET", "http://shop.test/", vec![]),
            ("GET", "http://shop.test/api/orders", vec![]),
            ("POST", "http://shop.test/", vec![]),
            ("POST", "http://shop.test/api", vec![]),
            ("GET", "http://shop.test/", vec![("X-Plan", "gold")]),
            ("GET", "http://eu.shop.test/", vec![]),
            ("GET", "http://eu.shop.test/private/x", vec![]),
            ("GET", "http://shop.test/deep?v=2", vec![]),
            ("GET", "http://shop.test/deep/v2", vec![("X-Plan", "gold")]),
            ("GET", "http://shop.test/x/../api", vec![]),
            ("GET", "http://other.test/", vec![]),
        ] {
            let url: url::Url = url.parse().unwrap();
            let taken = asked(stack, method, &url, &headers).await;
            let lines: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
            let mut path: url::Url = "http://h/api/gateway/routes/explain".parse().unwrap();
            path.query_pairs_mut().extend_pairs([
                ("url", url.as_str()),
                ("method", method),
                ("headers", &lines.join("\n")),
            ]);
            let (status, found) = stack.api("GET", &path[url::Position::BeforePath..], None).await;
            assert_eq!(status, 200, "{found}");
            let expected = format!("{}@redis", taken.as_deref().unwrap_or("gateway-fallback"));
            assert_eq!(found["answer"]["router"], expected.as_str(), "{method} {url}: {found:#}");
        }
    });
}

async fn route(stack: &Stack, key: &str) -> Value {
    let (_, list) = stack.api("GET", &format!("/api/gateway/routes?tenant={key}"), None).await;
    list["items"][0].clone()
}

/// Waits until a tenant's route is in a state, and gives what is said of its URL.
async fn until(stack: &Stack, key: &str, state: &str) -> Value {
    wait_for(&format!("the route of {key} to be {state}"), PATIENCE, || async {
        let route = route(stack, key).await;
        if route["state"] == state { Ok(()) } else { Err(route.to_string()) }
    })
    .await;
    let url = format!("http://{}/", stack.host_of(key));
    stack.api("GET", &format!("/api/gateway/routes/explain?url={url}"), None).await.1
}

fn codes(explained: &Value) -> Vec<&str> {
    explained["reasons"].as_array().unwrap().iter().map(|reason| reason["code"].as_str().unwrap()).collect()
}

#[test]
fn the_route_of_a_tenant_is_followed_through_its_life() {
    run(async {
        let instance = Instance::without_worker(&[]).await;
        let stack = &instance.stack;
        let _worker = instance.worker(HASTE);
        let key = unique_key("edge");
        stack.insert(&key, "Edge").await;
        stack.settled(&key, &["active"]).await;
        let explained = until(stack, &key, "published").await;
        assert_eq!((&explained["as_wanted"], &explained["reasons"]), (&json!(true), &json!([])), "{explained:#}");
        assert_eq!(explained["answer"]["router"], format!("tenant-{key}@redis"));
        assert_eq!(explained["answer"]["revision"], explained["tenant_route"]["wanted"]["revision"]);

        // Somebody's router of a higher priority takes the host over.
        let mut keys = BTreeMap::new();
        marked(&mut keys, "robber", &format!("Host(`{}`)", stack.host_of(&key)), 7000);
        publish(stack, keys).await;
        until_known(stack, "robber").await;
        wait_for("the explanation to name the other router", PATIENCE, || async {
            let explained = until(stack, &key, "published").await;
            let told = (codes(&explained) == ["router_outranked"], explained["as_wanted"] == false);
            if told == (true, true) { Ok(()) } else { Err(explained.to_string()) }
        })
        .await;
        let client = stack.redis().await;
        let removed = ["rule", "service", "priority", "entrypoints/0", "middlewares/0"];
        let removed: Vec<String> = removed.iter().map(|part| format!("traefik/http/routers/robber/{part}")).collect();
        let _: i64 = client.del(removed).await.unwrap();

        let mut keys = BTreeMap::new();
        keys.insert(format!("routers/tenant-{key}/priority"), "900".to_owned());
        publish(stack, keys).await;
        let explained = until(stack, &key, "differs").await;
        assert!(codes(&explained).contains(&"route_differs"), "{explained:#}");
        assert_eq!(
            route(stack, &key).await["differences"],
            json!([{ "part": "priority", "wanted": "1000", "held": "900" }])
        );

        // A router without its middleware is not served.
        let middleware = format!("traefik/http/middlewares/tenant-{key}/headers");
        let gone: Vec<String> = [
            "customrequestheaders/X-Tenant-Id",
            "customrequestheaders/X-Tenant-Key",
            "customresponseheaders/X-Gateway-Route",
        ]
        .iter()
        .map(|name| format!("{middleware}/{name}"))
        .collect();
        let _: i64 = client.del(gone).await.unwrap();
        client.quit().await.unwrap();
        publish(stack, BTreeMap::from([(format!("routers/tenant-{key}/priority"), "1000".to_owned())])).await;
        wait_for("the explanation to say that the router is disabled", PATIENCE, || async {
            let explained = until(stack, &key, "differs").await;
            if codes(&explained).contains(&"router_disabled") { Ok(()) } else { Err(explained.to_string()) }
        })
        .await;
        let (_, health) = stack.api("GET", "/api/gateway/traefik", None).await;
        assert_eq!(
            (&health["healthy"], &health["troubles"][0]["code"]),
            (&json!(false), &json!("routers_in_error")),
            "{health:#}"
        );

        // A look finds it, says what was wanted, and has it repaired; the list says so until the next look.
        let repaired = stack.ctl(&["drift", "repair", "--tenant", &key]);
        assert!(repaired.status.success(), "{repaired:?}");
        until(stack, &key, "published").await;
        let (_, list) = stack.api("GET", &format!("/api/gateway/drift?tenant={key}"), None).await;
        assert_eq!(
            (&list["items"][0]["kind"], &list["items"][0]["repair"]),
            (&json!("route_missing"), &json!("repaired")),
            "{list:#}"
        );
        assert!(stack.ctl(&["drift", "repair"]).status.success());
        let (_, list) = stack.api("GET", "/api/gateway/drift", None).await;
        assert_eq!((&list["items"], &list["look"]["tenants"]), (&json!([]), &json!(1)), "{list:#}");

        // Traefik missed a change: Redis is as it should be, so a look finds nothing, and only writing all of it again helps.
        publish(stack, BTreeMap::from([(format!("routers/tenant-{key}/priority"), "900".to_owned())])).await;
        until(stack, &key, "differs").await;
        let client = stack.redis().await;
        let priority = format!("traefik/http/routers/tenant-{key}/priority");
        let () = client.set(&priority, "1000", None, None, false).await.unwrap();
        assert!(stack.ctl(&["drift", "repair"]).status.success());
        assert_eq!(route(stack, &key).await["state"], "differs");
        let republished = stack.ctl(&["route", "republish", "-o", "json"]);
        assert!(republished.status.success(), "{republished:?}");
        let result: Value = serde_json::from_slice(&republished.stdout).unwrap();
        assert_eq!(
            (&result["republished"]["tenants"], &result["republished"]["fenced"]),
            (&json!(1), &json!([])),
            "{result:#}"
        );
        until(stack, &key, "published").await;

        // A newer claim has written the keys: they are left alone.
        let fences: Vec<String> =
            client.custom(fred::cmd!("KEYS"), vec!["gateway/fence/traefik/*".to_owned()]).await.unwrap();
        let fence: i64 = client.get(&fences[0]).await.unwrap();
        let () = client.set(&fences[0], fence + 1, None, None, false).await.unwrap();
        let republished = stack.ctl(&["route", "republish", "-o", "json"]);
        let result: Value = serde_json::from_slice(&republished.stdout).unwrap();
        assert_eq!(
            (&result["republished"]["tenants"], result["republished"]["fenced"].as_array().unwrap().len()),
            (&json!(0), 1),
            "{result:#}"
        );
        client.quit().await.unwrap();

        let capacity = wait_for("the worker to measure the server", PATIENCE, || async {
            let (_, capacity) = stack.api("GET", "/api/gateway/capacity", None).await;
            let is_known = capacity["servers"][0]["database_bytes"]["used"].as_i64().is_some_and(|bytes| bytes > 0);
            if is_known { Ok(capacity) } else { Err(capacity.to_string()) }
        })
        .await;
        assert!(capacity["servers"][0]["connections"]["limit"].as_i64().unwrap() > 0, "{capacity:#}");
        assert_eq!(
            (&capacity["networks"]["used"], &capacity["servers"][0]["tenants"]),
            (&json!(1), &json!(1)),
            "{capacity:#}"
        );
        assert!(stack.ctl(&["capacity"]).status.success());
    });
}
