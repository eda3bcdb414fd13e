//! How many signups there may be.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::{SIGNUP, with_signup};
use crate::admin_api::{Answer, Api};
use crate::support::chaos::{Chaos, Mode};

fn counted(answers: &[Answer]) -> (usize, usize) {
    for refused in answers.iter().filter(|answer| answer.status != 202) {
        // Calls themselves are counted as well, whatever they would lead to.
        let is_flood = refused.body["code"] == "too_many_attempts";
        refused.assert_problem(429, if is_flood { "too_many_attempts" } else { "too_many_signups" });
        assert!((1..=3600).contains(&refused.header("retry-after").parse::<u32>().unwrap()));
    }
    let made = answers.iter().filter(|answer| answer.status == 202).count();
    (made, answers.len() - made)
}

#[test]
fn a_flood_over_four_processes_makes_exactly_what_the_budget_allows() {
    // Long intervals, so that nothing comes back while the flood lasts.
    with_signup(&[("GATEWAY_SIGNUP_PER_HOUR", "7"), ("GATEWAY_SIGNUP_NETWORK_PER_HOUR", "1000")], |api| async move {
        let processes = futures::future::join_all((0..4).map(|_| api.another())).await;
        let tries = (0..350).map(|n| {
            let process = &processes[n % 4];
            let body = json!({ "company_name": "Acme", "key": format!("flood-{n}") });
            async move { process.sign_up_from(&format!("192.0.{}.{}", n / 250, n % 250 + 1), &body).await }
        });
        let answers = futures::future::join_all(tries).await;
        assert_eq!(counted(&answers), (7, 343));
        assert_eq!((api.tenants().await, api.signups().await), (7, 7));
    });
}

async fn one_by_one(api: &Api, tries: &[(&str, Value)]) -> Vec<u16> {
    let mut found = Vec::new();
    for (address, body) in tries {
        found.push(api.sign_up_from(address, body).await.status);
    }
    found
}

fn of(n: u32, email: &str) -> Value {
    json!({ "company_name": "Acme", "key": format!("flood-{n}"), "email": email })
}

#[test]
fn networks_domains_and_addresses_have_budgets_of_their_own() {
    let settings = [
        ("GATEWAY_SIGNUP_NETWORK_PER_HOUR", "3"),
        ("GATEWAY_SIGNUP_MAIL_DOMAIN_PER_HOUR", "3"),
        ("GATEWAY_SIGNUP_MAIL_ADDRESS_PER_HOUR", "2"),
    ];
    with_signup(&settings, |api| async move {
        let network = [
            ("192.0.2.1", of(1, "a@a.example")),
            ("192.0.2.2", of(2, "a@b.example")),
            ("192.0.2.3", of(3, "a@c.example")),
            ("192.0.2.4", of(4, "a@d.example")),
            ("192.0.3.4", of(5, "a@e.example")),
        ];
        assert_eq!(one_by_one(&api, &network).await, [202, 202, 202, 429, 202]);
        let domain = [
            ("198.51.0.1", of(6, "a@one.example")),
            ("198.51.1.1", of(7, "b@one.example")),
            ("198.51.2.1", of(8, "c@ONE.example")),
            ("198.51.3.1", of(9, "d@one.example")),
            ("198.51.3.1", of(10, "d@two.example")),
        ];
        assert_eq!(one_by_one(&api, &domain).await, [202, 202, 202, 429, 202]);
        let address = [
            ("203.0.0.1", of(11, "x@three.example")),
            ("203.0.1.1", of(12, "X@three.example")),
            ("203.0.2.1", of(13, "x@three.example")),
            ("203.0.2.1", of(14, "y@three.example")),
        ];
        assert_eq!(one_by_one(&api, &address).await, [202, 202, 429, 202]);
        let refused = "SELECT count(*) FROM gateway.tenant WHERE key IN ('flood-4', 'flood-9', 'flood-13')";
        assert_eq!(api.number(refused).await, 0);
    });
}

#[test]
fn no_more_wait_than_may() {
    let settings = [
        ("GATEWAY_SIGNUP_APPROVAL", "manual"),
        ("GATEWAY_SIGNUP_WAITING_LIMIT", "5"),
        ("GATEWAY_SIGNUP_NETWORK_PER_HOUR", "1000"),
    ];
    with_signup(&settings, |api| async move {
        let bodies: Vec<Value> = (0..40)
            .map(|n| of(n, "a@a.example"))
            .map(|mut body| {
                body["email"] = Value::Null;
                body
            })
            .collect();
        let answers = futures::future::join_all(bodies.iter().map(|body| api.sign_up(body))).await;
        assert_eq!(counted(&answers), (5, 35));
        assert_eq!((api.tenants().await, api.signups().await), (0, 5));
        sqlx::raw_sql("UPDATE gateway.signup SET expires_at = now()").execute(&mut api.database().await).await.unwrap();
        assert_eq!(api.sign_up(&json!({ "company_name": "Late" })).await.status, 202, "those have expired");
    });
}

fn address_of(redis: &str) -> SocketAddr {
    let url = url::Url::parse(redis).unwrap();
    format!("{}:{}", url.host_str().unwrap(), url.port().unwrap()).parse().unwrap()
}

#[test]
fn while_signups_cannot_be_counted_there_are_none() {
    with_signup(&[], |api| async move {
        let proxy = Chaos::tcp(address_of(&api.redis)).await;
        let cut = api.another_with(&[("GATEWAY_LIMITS_REDIS_URL", &proxy.in_url(&api.redis))]).await;
        let first = cut.sign_up(&json!({ "company_name": "Before" })).await;
        assert_eq!(first.status, 202, "{}", first.body);
        proxy.set(Mode::Reset);
        let refused = cut.sign_up(&json!({ "company_name": "Acme" })).await;
        refused.assert_problem(503, "limits_unavailable");
        assert_eq!(refused.header("retry-after"), "5");
        cut.send(cut.bare("GET", &format!("{SIGNUP}/key?key=acme"))).await.assert_problem(503, "limits_unavailable");
        assert_eq!((api.tenants().await, api.signups().await), (1, 1));
        assert_eq!(cut.status_of(first.text("token")).await.status, 200, "who signed up can look");
    });
}
