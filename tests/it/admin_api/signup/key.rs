//! Which keys can be had.

use super::{SIGNUP, named, with_signup};
use crate::admin_api::{Answer, Api};

impl Api {
    async fn look(&self, query: &str) -> Answer {
        self.send(self.bare("GET", &format!("{SIGNUP}/key?{query}"))).await
    }
}

#[test]
fn a_key_that_is_free_is_suggested() {
    with_signup(&[("GATEWAY_SIGNUP_APPROVAL", "manual")], |api| async move {
        for (name, key) in [("Acme%20Inc.", "acme"), ("Admin", "admin-2"), ("%E6%A0%AA", "zhu"), ("!", "workspace")] {
            let found = api.look(&format!("company_name={name}")).await;
            assert_eq!((found.status, found.text("key"), &found.body["available"]), (200, key, &true.into()), "{name}");
        }
        api.create("acme").await;
        api.sign_up(&named("acme-2")).await;
        assert_eq!(api.look("company_name=Acme").await.text("key"), "acme-3", "one is taken, one is held");
    });
}

#[test]
fn what_cannot_be_had_is_answered_alike() {
    with_signup(&[("GATEWAY_SIGNUP_APPROVAL", "manual")], |api| async move {
        api.create("acme").await;
        api.sign_up(&named("held")).await;
        for (key, can) in [
            ("acme", false),
            ("held", false),
            ("he1d", false),
            ("admin", false),
            ("1og-in", false),
            ("free", true),
            ("acme-2", true),
        ] {
            let found = api.look(&format!("key={key}")).await;
            assert_eq!(found.body, serde_json::json!({ "key": key, "available": can }), "{}", found.status);
        }
        sqlx::raw_sql("UPDATE gateway.signup SET expires_at = now()").execute(&mut api.database().await).await.unwrap();
        assert_eq!(api.look("key=held").await.body["available"], true, "what waited for too long holds nothing");
        assert_eq!(api.sign_up(&named("he1d")).await.status, 202);
    });
}

#[test]
fn one_of_two_parameters_is_needed() {
    with_signup(&[], |api| async move {
        for (query, wrong) in [
            ("", [("/key", "required")]),
            ("key=acme&company_name=Acme", [("/key", "required")]),
            ("key=A", [("/key", "character")]),
            ("key=x", [("/key", "length")]),
            ("company_name=", [("/company_name", "length")]),
            ("company_name=%D0%90cme", [("/company_name", "mixed_scripts")]),
        ] {
            let refused = api.look(query).await;
            refused.assert_problem(422, "validation_failed");
            assert_eq!(refused.wrong(), wrong, "{query}");
        }
    });
}

#[test]
fn nobody_lists_the_customers_by_looking() {
    with_signup(&[], |api| async move {
        let looks = (0..100).map(|n| {
            let api = &api;
            async move { api.look(&format!("key=tenant-{n}")).await }
        });
        let answers = futures::future::join_all(looks).await;
        let refused: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 429).collect();
        // One more may come every ten seconds.
        assert!((38..=40).contains(&refused.len()), "{}", refused.len());
        for answer in refused {
            answer.assert_problem(429, "too_many_signups");
            assert!((1..=3600).contains(&answer.header("retry-after").parse::<u32>().unwrap()));
        }
    });
}
