//! An Idempotency-Key of somebody nobody knows.

use serde_json::{Value, json};

use super::{SIGNUP, named, with_signup};
use crate::admin_api::{Answer, Api};

impl Api {
    async fn sign_up_once(&self, address: &str, key: &str, body: &Value) -> Answer {
        let call = self.bare("POST", SIGNUP).header("x-forwarded-for", address).header("idempotency-key", key);
        self.send(call.json(body)).await
    }
}

#[test]
fn a_call_made_sixty_four_times_is_one_signup_and_counts_once() {
    with_signup(&[("GATEWAY_SIGNUP_NETWORK_PER_HOUR", "1")], |api| async move {
        let body = named("acme");
        let answers = futures::future::join_all((0..64).map(|_| api.sign_up_once("192.0.2.7", "one", &body))).await;
        for answer in &answers {
            assert_eq!((answer.status, &answer.body), (202, &answers[0].body));
            assert_eq!(answer.header("location"), answers[0].header("location"));
        }
        let replayed = answers.iter().filter(|answer| answer.header("idempotent-replayed") == "true").count();
        assert_eq!((replayed, api.tenants().await, api.signups().await), (63, 1, 1));
        let location = answers[0].header("location");
        assert_eq!(api.send(api.bare("GET", location)).await.text("key"), "acme");
        let second = api.sign_up_once("192.0.2.7", "two", &named("beta")).await;
        second.assert_problem(429, "too_many_signups");
    });
}

#[test]
fn no_stranger_gets_the_answer_of_another() {
    with_signup(&[], |api| async move {
        let body = json!({ "company_name": "Acme", "key": "acme", "email": "jane@example.com" });
        let first = api.sign_up_once("192.0.2.7", "1", &body).await;
        assert_eq!(first.status, 202, "{}", first.body);
        // The same key and even the same words, from elsewhere.
        api.sign_up_once("192.0.2.8", "1", &body).await.assert_problem(409, "key_unavailable");
        // From the same place, as behind one office's address.
        let other = api.sign_up_once("192.0.2.7", "1", &json!({ "company_name": "Beta" })).await;
        assert_eq!((other.status, other.text("key"), other.header("idempotent-replayed")), (202, "beta", ""));
        assert_ne!(other.text("token"), first.text("token"));
        let again = api.sign_up_once("192.0.2.7", "1", &body).await;
        assert_eq!((again.header("idempotent-replayed"), &again.body), ("true", &first.body));
    });
}
