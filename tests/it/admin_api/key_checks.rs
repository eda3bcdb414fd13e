//! API keys that are not known, many at a time

use std::sync::Arc;

use futures::StreamExt;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Answer, Api, ROOT, with_api, with_settings};
use crate::support::stack::Stack;

const TENANTS: &str = "/api/gateway/tenants";
const KEYS: &str = "/api/gateway/api-keys";
/// Its check digits are wrong.
const MISTYPED: &str = "gwk_000000000000_0000000000000000000000000000000000000000000_000000";
/// More than the burst of 1000 with what comes back meanwhile.
const MANY: usize = 1400;

impl Api {
    /// A call with a key from an address, as a trusted proxy tells of it.
    async fn from(&self, address: &str, key: &str) -> Answer {
        self.send(self.bare("GET", TENANTS).bearer_auth(key).header("x-forwarded-for", address)).await
    }

    async fn new_key(&self) -> (String, String) {
        let made = self.post(KEYS, &json!({ "name": "app", "scopes": ["tenants:read"] })).await;
        assert_eq!(made.status, 201, "{}", made.body);
        (made.body["api_key"]["id"].as_str().unwrap().to_owned(), made.text("key").to_owned())
    }

    /// Lets every query about API keys fail.
    async fn break_keys(&self) {
        let broken = "ALTER TABLE gateway.api_key RENAME TO api_key_gone";
        sqlx::query(broken).execute(&mut self.database().await).await.unwrap();
    }

    async fn mend_keys(&self) {
        let mended = "ALTER TABLE gateway.api_key_gone RENAME TO api_key";
        sqlx::query(mended).execute(&mut self.database().await).await.unwrap();
    }
}

#[test]
fn a_network_that_tries_many_keys_costs_no_queries() {
    with_settings(&[("GATEWAY_TRUSTED_PROXIES", "127.0.0.0/8")], |api| async move {
        let (revoked, unknown) = api.new_key().await;
        api.call("DELETE", &format!("{KEYS}/{revoked}")).await;
        let ((_, used), (_, fresh)) = (api.new_key().await, api.new_key().await);
        assert_eq!(api.from("192.0.2.1", &used).await.status, 200);
        assert_eq!(api.from("192.0.2.1", &unknown).await.status, 401);
        api.break_keys().await;
        let many = futures::stream::iter(0..MANY).map(|n| {
            let (api, address) = (Arc::clone(&api), format!("192.0.2.{}", n % 250 + 1));
            async move { api.from(&address, MISTYPED).await.status }
        });
        let answers: Vec<u16> = many.buffer_unordered(32).collect().await;
        let counted = |status: u16| answers.iter().filter(|found| **found == status).count();
        assert_eq!(counted(401) + counted(429), MANY, "check digits are compared without a query");
        assert!(counted(401) >= 999 && counted(429) > 0, "{} and {}", counted(401), counted(429));
        api.mend_keys().await;
        // One more is let through each 50 ms, so some of many at once are not.
        let whole = futures::future::join_all((0..200).map(|_| api.from("192.0.2.7", &unknown))).await;
        let refused = whole.iter().find(|answer| answer.status == 429).unwrap();
        refused.assert_problem(429, "too_many_attempts");
        assert!(!refused.header("retry-after").is_empty());
        assert!(whole.iter().all(|answer| matches!(answer.status, 401 | 429)));
        assert_eq!(api.from("198.51.100.1", &unknown).await.status, 401, "another network");
        assert_eq!(api.from("198.51.100.1", &fresh).await.status, 200);
        assert_eq!(api.from("192.0.2.9", &used).await.status, 200, "who was right goes on");
        assert_eq!(api.from("192.0.2.9", ROOT).await.status, 200, "keys of the settings cost no query");
    });
}

/// A way to Redis that can be cut.
async fn relay(redis: &str, cut: CancellationToken, parts: TaskTracker) -> String {
    let mut url: url::Url = redis.parse().unwrap();
    let target = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    url.set_host(Some("127.0.0.1")).unwrap();
    url.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
    let connections = parts.clone();
    parts.spawn(async move {
        while let Some(Ok((mut client, _))) = cut.run_until_cancelled(listener.accept()).await {
            let (cut, target) = (cut.clone(), target.clone());
            connections.spawn(async move {
                let mut server = TcpStream::connect(target).await.unwrap();
                cut.run_until_cancelled(tokio::io::copy_bidirectional(&mut client, &mut server)).await;
            });
        }
    });
    url.into()
}

#[test]
fn keys_go_on_without_redis_and_people_do_not_log_in() {
    with_api(|api| async move {
        let (cut, parts) = (CancellationToken::new(), TaskTracker::new());
        let redis = relay(&Stack::shared().await.redis_url(), cut.clone(), parts.clone()).await;
        let cut_off = super::serve(api.options.clone(), &redis, &[], &api.parts, &api.stop).await;
        let ((_, used), (_, fresh)) = (api.new_key().await, api.new_key().await);
        let cookie = cut_off.log_in("jo@test", "viewer").await;
        assert_eq!(cut_off.call_as(&used, "GET", TENANTS).await.status, 200);
        cut.cancel();
        parts.close();
        parts.wait().await;
        for key in [&used, &fresh, ROOT] {
            assert_eq!(cut_off.call_as(key, "GET", TENANTS).await.status, 200);
        }
        cut_off.call_as(MISTYPED, "GET", TENANTS).await.assert_problem(401, "unauthenticated");
        let me = cut_off.call_with(&cookie, "GET", "/api/gateway/me", json!(null)).await;
        assert_eq!(me.status, 200);
        for (path, body) in [
            ("/api/gateway/session", json!({ "email": "jo@test", "password": "a password of a test" })),
            ("/api/gateway/password-resets", json!({ "email": "jo@test.de" })),
            ("/api/gateway/invites/look", json!({ "token": "x" })),
            ("/api/gateway/invites/accept", json!({ "token": "x", "password": "a password of a test" })),
            ("/api/gateway/password-resets/confirm", json!({ "token": "x", "password": "a password of a test" })),
        ] {
            cut_off.call_bare(path, &body).await.assert_problem(503, "limits_unavailable");
        }
    });
}
