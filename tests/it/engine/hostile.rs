//! Whatever somebody writes into Traefik's tree by hand, changes of tenants go through again within seconds.

use std::time::{Duration, Instant};

use fred::clients::Client as Redis;
use fred::interfaces::{ClientLike, KeysInterface, PubsubInterface};
use gateway::infra::traefik::model;

use crate::support::bystanders::Bystanders;
use crate::support::instance::Instance;
use crate::support::report::{say, sized, timed};
use crate::support::rig::HASTE;
use crate::support::stack::Stack;
use crate::support::{PATIENCE, run, unique_key, wait_for};

/// What Traefik refuses its whole tree over.
const REFUSED: [(&str, &str); 39] = [
    ("http/routers/x/colour", "red"),
    ("http/routers/x/priority", "abc"),
    ("http/services/x/loadbalancer/passhostheader", "perhaps"),
    ("http/middlewares/x/colour/y", "a"),
    ("http/routers/x/rule/more", "a"),
    ("http/services/x/loadbalancer/healthcheck/interval", "5 s"),
    ("http/services/x/loadbalancer", "a"),
    ("http/routers/x/priority", " 5"),
    ("http/routers/x/priority", "99999999999999999999"),
    ("http/routers/x/priority", "1_000"),
    ("http/routers/x/priority", "0x10"),
    ("http/routers/x/priority", "5.0"),
    ("http/routers/x/rule//more", "a"),
    ("http/colour/x", "a"),
    ("HTTP/routers/x/colour", "a"),
    ("http/ROUTERS/x/PRIORITY", "abc"),
    ("http/routers/x/entrypoints/0/more", "web"),
    ("http/routers/x/observability", "true"),
    ("http/services/x/loadbalancer/passhostheader", "yes"),
    ("http/services/x/loadbalancer/healthcheck/interval", "99999999999h"),
    ("http/services/x/loadbalancer/healthcheck/headers", "a"),
    ("http/middlewares/x/headers/customrequestheaders", "a"),
    ("http/middlewares/x/plugin", "b"),
    ("http/middlewares/x/errors/statusrewrites/500", "x"),
    ("http/middlewares/x/compress/colour", "a"),
    ("http/middlewares/x/addprefix", "a"),
    ("http/services/x/weighted/services/0/weight", "abc"),
    ("http/serverstransports/x/disablehttp2", "2"),
    ("http/middlewares/x/circuitbreaker/responsecode", "a"),
    ("tcp/routers/x/colour", "a"),
    ("udp/routers/x/rule", "a"),
    ("tls/options/x/colour", "a"),
    ("tls/certificates/0/colour", "a"),
    ("tls/colour", "a"),
    ("https/routers/x/rule", "a"),
    ("http/middlewares/x/errors/statusrewrites/500", "404"),
    ("http/middlewares/x/errors/statusrewrites/a/b", "404"),
    ("http/middlewares/x/headers/customrequestheaders/5", "a"),
    ("http/middlewares/x/plugin/5", "a"),
];

/// What it takes, or passes over.
const TAKEN: [(&str, &str); 26] = [
    ("http/routers/x/priority", ""),
    ("http/routers/x1/priority", "+5"),
    ("http/routers/x/colour", ""),
    ("http/routers/x/rule/", "a"),
    ("http/routers//rule", "a"),
    ("http/routers/x", "a"),
    ("http/routers/x2/entrypoints", "web,other"),
    ("http/routers/x3/entrypoints/first", "web"),
    ("http/routers/x4/tls", "perhaps"),
    ("http/routers/x5/tls/domains", "a"),
    ("http/routers/x6/tls/domains/0", "a"),
    ("http/services/x/loadbalancer/servers", "a"),
    ("http/services/x1/loadbalancer/servers/0", "a"),
    ("http/services/x2/loadbalancer/servers/0/url", "::::"),
    ("http/services/x3/loadbalancer/passhostheader", "T"),
    ("http/services/x4/loadbalancer/healthcheck/interval", "5"),
    ("http/services/x5/loadbalancer/healthcheck/interval", "1h2m3.5s"),
    ("http/services/x6/loadbalancer/healthcheck/headers/a/b", "a"),
    ("http/middlewares/x/plugin/a/b/c/d", "b"),
    ("http/middlewares/x1/errors/status", "500,501"),
    ("http/middlewares/x2/ratelimit/average", "-1"),
    ("tls/certificates", "a"),
    ("colour", "a"),
    ("colour/x", "a"),
    ("http/routers/42/rule", "a"),
    ("http/routers/a@b/rule", "a"),
];

/// A key whose name is no text.
const NO_TEXT: &[u8] = b"traefik/http/routers/\xff/colour";

/// From a change of a tenant to its end, while hostile keys come: the time between two looks, the one that is under way, and
/// what Traefik waits after it refused.
const MOST: Duration = Duration::from_secs(45);

fn example(kind: &str) -> &'static str {
    match kind {
        "integer" => "42",
        "boolean" | "flag" => "true",
        "duration" => "42s",
        _ => "some",
    }
}

/// A Traefik and its tree, past the gateway.
struct Edge {
    redis: Redis,
    routers: String,
    http: reqwest::Client,
}

impl Edge {
    async fn of(stack: &Stack) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let routers = format!("{}/api/http/routers", stack.text("traefik_api_url"));
        Self { redis: stack.redis().await, routers, http }
    }

    async fn set(&self, key: &str, value: &str) {
        self.redis.set::<(), _, _>(format!("traefik/{key}"), value, None, None, false).await.unwrap();
    }

    async fn tell(&self) {
        self.redis.publish::<(), _, _>("__keyspace@0__:traefik/rev", "set").await.unwrap();
    }

    /// Writes a router of a new name, tells Traefik, and gives its name.
    async fn mark(&self) -> String {
        let name = unique_key("mark");
        for (attribute, value) in [("rule", format!("Host(`{name}.test`)").as_str()), ("service", "gateway")] {
            self.set(&format!("http/routers/{name}/{attribute}"), value).await;
        }
        self.tell().await;
        name
    }

    async fn has(&self, name: &str) -> bool {
        let url = format!("{}/{name}@redis", self.routers);
        self.http.get(url).send().await.unwrap().status().is_success()
    }

    async fn until(&self, name: &str) {
        wait_for("Traefik to take the tree", PATIENCE, || async {
            if self.has(name).await { Ok(()) } else { Err(format!("no router {name}")) }
        })
        .await;
    }

    /// What Traefik itself wrote about a tree that it refused.
    fn refusals(stack: &Stack) -> usize {
        let log = std::fs::read_to_string(stack.data_dir.join("logs/traefik.log")).unwrap();
        log.lines().filter(|line| line.contains("Provider error")).count()
    }
}

#[test]
fn the_model_says_what_traefik_does() {
    run(async {
        let instance = Instance::without_worker(&[]).await;
        let stack = &instance.stack;
        let edge = Edge::of(stack).await;
        let model = std::fs::read_to_string("gateway/src/infra/traefik/model.txt").unwrap();
        let known = model.lines().enumerate().map(|(number, line)| {
            let (place, kind) = line.split_once(' ').unwrap();
            let place =
                place.replace("**", "a/b").replace('*', &format!("n{number}")).replace('#', &number.to_string());
            (place, example(kind))
        });
        let taken = TAKEN.into_iter().map(|(key, value)| (key.to_owned(), value));
        for (key, value) in known.chain(taken) {
            assert_eq!(model::check(&key, value), Ok(()), "{key} = {value:?}");
            edge.set(&key, value).await;
        }
        edge.until(&edge.mark().await).await;
        assert_eq!(Edge::refusals(stack), 0, "Traefik takes every key of the model");

        for (key, value) in REFUSED {
            assert!(model::check(key, value).is_err(), "{key} = {value:?}");
        }
        for (number, (key, value)) in REFUSED.into_iter().take(sized(7, REFUSED.len())).enumerate() {
            let key = &key.replace("/x/", &format!("/refused{number}/"));
            let before = Edge::refusals(stack);
            edge.set(key, value).await;
            let mark = edge.mark().await;
            wait_for(&format!("Traefik to refuse {key} = {value:?}"), PATIENCE, || async {
                assert!(!edge.has(&mark).await, "Traefik took {key} = {value:?}");
                if Edge::refusals(stack) > before { Ok(()) } else { Err("nothing in its log".to_owned()) }
            })
            .await;
            edge.redis.del::<(), _>(format!("traefik/{key}")).await.unwrap();
            edge.tell().await;
            edge.until(&mark).await;
        }
        edge.redis.quit().await.unwrap();
    });
}

#[test]
fn hostile_keys_hold_nobody_up_for_long() {
    run(async {
        let instance = Instance::without_worker(&[]).await;
        let stack = &instance.stack;
        let bystanders = Bystanders::settle(&instance, HASTE).await;
        let worker = instance.worker(HASTE);
        let key = unique_key("hostile");
        stack.insert(&key, &key).await;
        stack.settled(&key, &["active"]).await;
        let edge = Edge::of(stack).await;
        let own = format!("http/routers/tenant-{key}/priority");
        let written: Vec<(String, &str)> = (0..sized(12, 150))
            .map(|number| REFUSED[number % REFUSED.len()])
            .enumerate()
            .map(|(number, (key, value))| (key.replace("/x/", &format!("/x{number}/")), value))
            .chain([(own.clone(), "abc")])
            .collect();
        let hostile = async {
            for (key, value) in &written {
                edge.set(key, value).await;
                edge.tell().await;
                tokio::time::sleep(Duration::from_secs(2)).await;
            }
            // No text at all, in the name and in the value.
            let shared = b"traefik/http/routers/gateway-fallback/rule";
            for name in [NO_TEXT, shared] {
                edge.redis.set::<(), _, _>(name, &b"\xff\xfe"[..], None, None, false).await.unwrap();
            }
            edge.tell().await;
        };
        let changes = async {
            let until = Instant::now() + Duration::from_secs(2) * u32::try_from(written.len() + 1).unwrap();
            let (mut longest, mut wish) = (Duration::ZERO, "suspended");
            while Instant::now() < until {
                let since = Instant::now();
                stack.wish(&key, if wish == "active" { "pending" } else { wish }).await;
                stack.settled(&key, &[wish]).await;
                longest = longest.max(since.elapsed());
                wish = if wish == "active" { "suspended" } else { "active" };
            }
            longest
        };
        let ((), longest) = timed("tree", "hostile keys", Box::pin(async { tokio::join!(hostile, changes) })).await;
        say(&format!("beside {} hostile keys a change of a tenant took {longest:?} at most", written.len()));
        assert!(longest <= MOST, "a change of a tenant took {longest:?}");
        wait_for("every hostile key to be set aside", PATIENCE, || async {
            let mut left = Vec::new();
            for (key, value) in &written {
                let there: Option<String> = edge.redis.get(format!("traefik/{key}")).await.unwrap();
                left.extend(there.filter(|there| there == value).map(|_| key.clone()));
            }
            let no_text: bool = edge.redis.exists(NO_TEXT).await.unwrap();
            if left.is_empty() && !no_text { Ok(()) } else { Err(format!("{left:?}, {no_text}")) }
        })
        .await;
        let kept: Option<String> = edge.redis.get("gateway/aside/traefik/http/routers/x0/colour").await.unwrap();
        assert_eq!(kept.as_deref(), Some("red"));
        edge.until(&edge.mark().await).await;
        edge.redis.quit().await.unwrap();
        bystanders.finish("hostile keys").await;
        worker.assert_calm(&[]);
        assert_eq!(worker.stop(), Some(0));
    });
}
