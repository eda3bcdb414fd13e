//! Operators decide.

use serde_json::json;

use super::{SIGNUPS, id_of, named, with_signup};
use crate::admin_api::{Answer, Api};

const MANUAL: (&str, &str) = ("GATEWAY_SIGNUP_APPROVAL", "manual");

impl Api {
    async fn decide(&self, id: uuid::Uuid, verb: &str) -> Answer {
        self.call("POST", &format!("{SIGNUPS}/{id}/{verb}")).await
    }
}

#[test]
fn nothing_is_made_before_an_operator_approves() {
    with_signup(&[MANUAL], |api| async move {
        let made = api.sign_up(&named("acme")).await;
        assert_eq!((made.status, made.text("state")), (202, "waiting_approval"), "{}", made.body);
        assert!(made.body["tenant"].is_null() && made.body["expires_at"].is_string());
        assert_eq!(api.tenants().await, 0);
        let id = id_of(&api.only_signup().await);
        let cookie = api.log_in("operator@test", "operator").await;
        let approved = api.send(api.bare("POST", &format!("{SIGNUPS}/{id}/approve")).header("cookie", cookie)).await;
        assert_eq!((approved.status, approved.text("state")), (202, "accepted"), "{}", approved.body);
        assert_eq!(approved.text("decided_by"), "user:operator@test");
        let tenant = api.call("GET", approved.header("location")).await;
        assert_eq!((tenant.text("key"), tenant.text("status")), ("acme", "pending"));
        assert_eq!(api.status_of(made.text("token")).await.text("state"), "accepted");
        let entries = api.call("GET", &format!("/api/gateway/audit?target=signup:{id}&call=approve_signup")).await;
        let entry = &entries.body["items"][0];
        assert_eq!(
            (&entry["before"]["state"], &entry["after"]["state"]),
            (&json!("waiting_approval"), &json!("accepted"))
        );
        assert_eq!(entry["actor"], "user:operator@test");
        for verb in ["approve", "refuse"] {
            api.decide(id, verb).await.assert_problem(409, "signup_not_waiting");
        }
    });
}

#[test]
fn a_refused_signup_frees_its_key_and_loses_its_payload() {
    with_signup(&[MANUAL], |api| async move {
        let made = api.sign_up(&json!({ "company_name": "Acme", "key": "acme", "first_user": { "a": 1 } })).await;
        let id = id_of(&api.only_signup().await);
        assert_eq!(api.only_signup().await["has_first_user"], true);
        let refused = api.post(&format!("{SIGNUPS}/{id}/refuse"), &json!({ "reason": "a competitor" })).await;
        assert_eq!((refused.status, refused.text("state"), refused.text("reason")), (200, "refused", "a competitor"));
        assert_eq!(refused.body["has_first_user"], false);
        let status = api.status_of(made.text("token")).await;
        assert_eq!(status.text("state"), "refused");
        assert!(!status.body.to_string().contains("competitor"), "{}", status.body);
        assert_eq!(api.sign_up(&named("acme")).await.status, 202);
        api.decide(id, "approve").await.assert_problem(409, "signup_not_waiting");
        let wrong = api.post(&format!("{SIGNUPS}/{id}/refuse"), &json!({ "reason": "x".repeat(501), "why": 1 })).await;
        assert_eq!(wrong.wrong(), [("/reason", "length"), ("/why", "unknown")]);
        let none = uuid::Uuid::nil();
        for (method, path) in [("GET", ""), ("POST", "/approve"), ("POST", "/refuse")] {
            api.call(method, &format!("{SIGNUPS}/{none}{path}")).await.assert_problem(404, "signup_not_found");
        }
    });
}

#[test]
fn an_operators_own_tenant_goes_before_a_signup() {
    with_signup(&[MANUAL], |api| async move {
        api.sign_up(&named("acme")).await;
        let id = id_of(&api.only_signup().await);
        api.create("acme").await;
        api.decide(id, "approve").await.assert_problem(409, "key_taken");
        assert_eq!(api.only_signup().await["state"], "waiting_approval", "it can still be refused");
        assert_eq!(api.decide(id, "refuse").await.status, 200);
    });
}

#[test]
fn two_who_decide_at_once_decide_once() {
    with_signup(&[MANUAL], |api| async move {
        api.sign_up(&named("acme")).await;
        let id = id_of(&api.only_signup().await);
        let answers =
            futures::future::join_all((0..16).map(|n| api.decide(id, if n % 2 == 0 { "approve" } else { "refuse" })))
                .await;
        assert_eq!(answers.iter().filter(|answer| answer.status < 300).count(), 1);
        for lost in answers.iter().filter(|answer| answer.status >= 300) {
            lost.assert_problem(409, "signup_not_waiting");
        }
        let accepted = api.only_signup().await["state"] == "accepted";
        assert_eq!(api.tenants().await, i64::from(accepted));
    });
}

#[test]
fn signups_are_listed_newest_first_and_by_state() {
    with_signup(&[MANUAL], |api| async move {
        for key in ["one", "two", "three"] {
            assert_eq!(api.sign_up(&named(key)).await.status, 202);
        }
        let keys = |list: &Answer| -> Vec<String> {
            let items = list.body["items"].as_array().unwrap();
            items.iter().map(|item| item["key"].as_str().unwrap().to_owned()).collect()
        };
        let first = api.call("GET", &format!("{SIGNUPS}?limit=2")).await;
        assert_eq!(keys(&first), ["three", "two"]);
        let rest = api.call("GET", &format!("{SIGNUPS}?limit=2&cursor={}", first.text("next_cursor"))).await;
        assert_eq!((keys(&rest), rest.body["next_cursor"].is_null()), (vec!["one".to_owned()], true));
        let id = first.body["items"][0]["id"].as_str().unwrap().parse().unwrap();
        api.decide(id, "approve").await;
        assert_eq!(keys(&api.call("GET", &format!("{SIGNUPS}?state=accepted")).await), ["three"]);
        assert_eq!(keys(&api.call("GET", &format!("{SIGNUPS}?state=waiting_approval")).await), ["two", "one"]);
        assert_eq!(api.call("GET", &format!("{SIGNUPS}/{id}")).await.text("key"), "three");
        let wrong = api.call("GET", &format!("{SIGNUPS}?state=maybe&page=2")).await;
        assert_eq!(wrong.wrong(), [("/state", "unknown_value"), ("/page", "unknown")]);
    });
}
