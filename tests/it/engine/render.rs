//! Any valid set of tenants becomes a tree that Traefik takes whole, in which every host leads to its own tenant.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use axum::Router;
use axum::http::HeaderMap;
use fred::interfaces::{ClientLike, KeysInterface, PubsubInterface, TransactionInterface};
use futures::future::join_all;
use gateway::domain::host::{Host, HostSuffix};
use gateway::domain::ids::TenantId;
use gateway::domain::key::TenantKey;
use gateway::domain::ports::TenantPorts;
use gateway::infra::render::{self, Keys, REVISION_HEADER, Rendered, Route, Upstream};
use gateway::infra::traefik::model;
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value;
use url::Url;

use crate::support::instance::Instance;
use crate::support::report::{seed, sized};
use crate::support::stack::Stack;
use crate::support::{PATIENCE, run, wait_for};

/// Tenants of one set.
const MOST: usize = 40;
/// Sets that are only looked at, not shown to Traefik.
const LOOKS: u32 = 500;

fn runner() -> TestRunner {
    let bytes: Vec<u8> = seed().to_le_bytes().repeat(4);
    TestRunner::new_with_rng(
        Config { cases: LOOKS, failure_persistence: None, ..Config::default() },
        TestRng::from_seed(RngAlgorithm::ChaCha, &bytes),
    )
}

fn key() -> impl Strategy<Value = TenantKey> {
    "[a-z0-9](-?[a-z0-9]){1,24}".prop_filter_map("is no key", |text| TenantKey::parse(&text).ok())
}

/// Names of customers, up to the longest label and the longest name.
fn own_host() -> impl Strategy<Value = Host> {
    let label = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
    vec(label, 1..4).prop_filter_map("is no host", |labels| Host::parse(&format!("{}.example", labels.join("."))).ok())
}

#[derive(Clone, Copy, Debug)]
enum Behind {
    Pool(u8),
    Container,
    TenantPort,
}

fn behind() -> impl Strategy<Value = Behind> {
    prop_oneof![(0..4_u8).prop_map(Behind::Pool), Just(Behind::Container), Just(Behind::TenantPort),]
}

#[derive(Clone, Debug)]
struct Tenant {
    id: TenantId,
    key: TenantKey,
    host: Host,
    behind: Behind,
}

impl Tenant {
    /// Its route, with an app at the port given behind everything.
    fn render(&self, app: u16, entrypoint: &str) -> Rendered {
        let url = |place: usize| Url::parse(&format!("http://127.0.0.{}:{app}", place + 1)).unwrap();
        let upstream = match self.behind {
            // One pool has one list of members, whoever renders it.
            Behind::Pool(number) => {
                Upstream::Pool { name: format!("p{number}"), urls: (0..=usize::from(number)).map(url).collect() }
            }
            Behind::Container => Upstream::Container { address: Ipv4Addr::LOCALHOST, port: app },
            Behind::TenantPort => Upstream::TenantPort,
        };
        render::route(&Route { tenant: self.id, key: &self.key, host: &self.host, upstream, entrypoint })
    }
}

/// Tenants of different keys and hosts.
fn tenants(most: usize) -> impl Strategy<Value = Vec<Tenant>> {
    let one = (any::<u128>(), key(), proptest::option::of(own_host()), behind());
    vec(one, 1..=most).prop_map(|drawn| {
        let (mut keys, mut hosts) = (BTreeSet::new(), BTreeSet::new());
        drawn
            .into_iter()
            .filter_map(|(id, key, own, behind)| {
                let host = own.unwrap_or_else(|| Host::parse(&format!("{key}.localhost")).unwrap());
                let id = TenantId::from_uuid(uuid::Uuid::from_u128(id));
                let is_new = keys.insert(key.clone()) && hosts.insert(host.clone());
                is_new.then_some(Tenant { id, key, host, behind })
            })
            .collect()
    })
}

#[test]
fn nothing_is_rendered_that_traefik_would_not_take() {
    let outcome = runner().run(&tenants(3), |tenants| {
        let mut all = Keys::new();
        for tenant in &tenants {
            let rendered = tenant.render(80, "web");
            prop_assert_eq!(
                &rendered.keys[&format!("http/routers/tenant-{}/rule", tenant.key)],
                &format!("Host(`{}`)", tenant.host)
            );
            for (key, value) in rendered.keys {
                prop_assert_eq!(model::check(&key, &value), Ok(()), "{} = {:?}", key, value);
                let others = all.insert(key.clone(), value.clone());
                prop_assert!(others.is_none_or(|other| other == value), "{} is of two tenants", key);
            }
        }
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn no_hostile_text_becomes_a_key_or_a_host() {
    let plain = |text: &str, more: &str| {
        text.chars().all(|one| one.is_ascii_lowercase() || one.is_ascii_digit() || more.contains(one))
    };
    let hostile = prop_oneof![
        any::<String>(),
        // Near to what is taken, with one thing wrong.
        ("[a-z0-9-]{0,20}", "[`/*\\\\@{}() \\n\\r\\t\\x00A-ZäßΑ。．|&!:#?%=\"']", "[a-z0-9-]{0,20}")
            .prop_map(|(a, b, c)| format!("{a}{b}{c}")),
        ("[a-z0-9]{1,9}", "[`) |&H]{1,9}", "\\.example").prop_map(|(a, b, c)| format!("{a}{b}{c}")),
        "[a-z0-9.-]{0,300}",
    ];
    let outcome = runner().run(&btree_set(hostile, 1..20), |texts| {
        for text in texts {
            if TenantKey::parse(&text).is_ok() {
                prop_assert!(plain(&text, "-"), "{:?} is a key", text);
            }
            if Host::parse(&text).is_ok() {
                prop_assert!(plain(&text, "-.") && text.len() <= 253, "{:?} is a host", text);
            }
        }
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

/// An app that says whose request it got.
fn app() -> Router {
    Router::new().fallback(|headers: HeaderMap| async move {
        let named = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
        format!("{} {}", named("x-tenant-id"), named("x-tenant-key"))
    })
}

/// What Traefik says is wrong with its HTTP configuration.
async fn errors(http: &reqwest::Client, stack: &Stack) -> Value {
    let url = format!("{}/api/overview", stack.text("traefik_api_url"));
    let overview: Value = http.get(url).send().await.unwrap().json().await.unwrap();
    let count = |kind: &str| overview["http"][kind]["errors"].clone();
    Value::from_iter(["routers", "services", "middlewares"].map(count))
}

#[test]
fn traefik_leads_every_host_to_its_own_tenant() {
    run(async {
        let instance = Instance::without_worker(&[]).await;
        let stack = &instance.stack;
        let listener = tokio::net::TcpListener::bind(("0.0.0.0", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::select! {
            ended = axum::serve(listener, app()) => ended.unwrap(),
            () = lead(stack, port) => {}
        }
    });
}

async fn lead(stack: &Stack, app: u16) {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let redis = stack.redis().await;
    let mut runner = runner();
    let mut published = Keys::new();
    for _ in 0..sized(4, 40) {
        let tenants = tenants(MOST).new_tree(&mut runner).unwrap().current();
        let rendered: Vec<Rendered> = tenants.iter().map(|tenant| tenant.render(app, "web")).collect();
        let shared = render::shared(
            &TenantPorts::of(vec![stack.text("tenant_url").parse().unwrap()]).unwrap(),
            "web",
            &HostSuffix::parse(&stack.text("host_suffix")).unwrap(),
        );
        let keys: Keys = rendered.iter().flat_map(|one| one.keys.clone()).chain(shared).collect();
        // One set takes the place of the other at once, as a change of the gateway does.
        let change = redis.multi();
        let stale: Vec<String> =
            published.keys().filter(|key| !keys.contains_key(*key)).map(|key| format!("traefik/{key}")).collect();
        if !stale.is_empty() {
            let _: () = change.del(stale).await.unwrap();
        }
        for (key, value) in &keys {
            let _: () = change.set(format!("traefik/{key}"), value.as_str(), None, None, false).await.unwrap();
        }
        let _: () = change.publish("__keyspace@0__:traefik/rev", "set").await.unwrap();
        let _: Vec<fred::types::Value> = change.exec(true).await.unwrap();
        published = keys;

        let asked =
            tenants.iter().zip(&rendered).map(|(tenant, rendered)| is_led(&http, stack, tenant, &rendered.revision));
        join_all(asked).await;
        assert_eq!(errors(&http, stack).await, serde_json::json!([0, 0, 0]), "{published:#?}");
    }
    redis.quit().await.unwrap();
}

/// Waits until the host is answered by the revision of the tenant's route, and by the tenant's app.
async fn is_led(http: &reqwest::Client, stack: &Stack, tenant: &Tenant, revision: &str) {
    wait_for(&format!("{} to lead to {}", tenant.host, tenant.key), PATIENCE, || async {
        let request = http.get(stack.text("traefik_url")).header("host", tenant.host.as_str());
        let answer = request.send().await.map_err(|error| error.to_string())?;
        let seen = answer.headers().get(REVISION_HEADER).map(|value| value.to_str().unwrap().to_owned());
        if seen.as_deref() != Some(revision) {
            return Err(format!("revision {seen:?}"));
        }
        let text = answer.text().await.map_err(|error| error.to_string())?;
        match tenant.behind {
            Behind::TenantPort => Ok(()),
            _ if text == format!("{} {}", tenant.id, tenant.key) => Ok(()),
            _ => panic!("{} is answered with {text:?}", tenant.host),
        }
    })
    .await;
}
