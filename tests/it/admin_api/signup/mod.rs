//! `/api/gateway/public/signup` and `/api/gateway/signups`.

mod approval;
mod budget;
mod create;
mod first_user;
mod key;
mod origin;
mod proof;
mod repeat;
mod room;
mod status;

use std::future::Future;
use std::sync::Arc;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Answer, Api, with_settings};

const SIGNUP: &str = "/api/gateway/public/signup";
const SIGNUPS: &str = "/api/gateway/signups";

/// Anybody may sign up, with nothing to pass; `more` settings win.
pub(in crate::admin_api) fn with_signup<F: Future<Output = ()>>(
    more: &[(&str, &str)],
    body: impl FnOnce(Arc<Api>) -> F,
) {
    let open = [("GATEWAY_SIGNUP_ENABLED", "true"), ("GATEWAY_SIGNUP_MAIL_PROOF", "false")];
    let settings: Vec<(&str, &str)> = open.iter().chain(more).copied().collect();
    with_settings(&settings, body);
}

impl Api {
    /// A call of a stranger.
    async fn sign_up(&self, body: &Value) -> Answer {
        self.send(self.bare("POST", SIGNUP).json(body)).await
    }

    /// A call of a stranger from an address; the tests' own is a trusted proxy.
    async fn sign_up_from(&self, address: &str, body: &Value) -> Answer {
        self.send(self.bare("POST", SIGNUP).header("x-forwarded-for", address).json(body)).await
    }

    /// How far the signup with a token is.
    async fn status_of(&self, token: &str) -> Answer {
        self.send(self.bare("GET", &format!("{SIGNUP}/{token}"))).await
    }

    /// The only signup.
    async fn only_signup(&self) -> Value {
        let list = self.call("GET", SIGNUPS).await;
        let items = list.body["items"].as_array().unwrap();
        assert_eq!(items.len(), 1, "{}", list.body);
        items[0].clone()
    }

    async fn number(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query).fetch_one(&mut self.database().await).await.unwrap()
    }

    async fn tenants(&self) -> i64 {
        self.number("SELECT count(*) FROM gateway.tenant").await
    }

    async fn signups(&self) -> i64 {
        self.number("SELECT count(*) FROM gateway.signup").await
    }
}

fn named(key: &str) -> Value {
    json!({ "key": key, "company_name": "Acme" })
}

fn id_of(signup: &Value) -> Uuid {
    signup["id"].as_str().unwrap().parse().unwrap()
}
