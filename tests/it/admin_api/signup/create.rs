//! Signing up where nothing has to be passed, and what every signup is held to.

use serde_json::{Value, json};

use super::{SIGNUP, id_of, named, with_signup};
use crate::admin_api::{Api, with_api};

#[test]
fn it_is_off_until_a_setting_turns_it_on() {
    with_api(|api| async move {
        let token = "x".repeat(43);
        api.sign_up(&named("acme")).await.assert_problem(404, "signup_off");
        let key = api.send(api.bare("GET", &format!("{SIGNUP}/key?key=acme"))).await;
        key.assert_problem(404, "signup_off");
        for verb in ["prove", "resend"] {
            let call = api.bare("POST", &format!("{SIGNUP}/{verb}")).json(&json!({ "token": token }));
            api.send(call).await.assert_problem(404, "signup_off");
        }
        api.status_of(&token).await.assert_problem(404, "signup_not_found");
    });
}

#[test]
fn with_nothing_to_pass_the_tenant_is_made_at_once() {
    let labels = ("GATEWAY_SIGNUP_LABELS", r#"{"origin": "signup"}"#);
    with_signup(&[labels, ("GATEWAY_SIGNUP_TIER", "dedicated")], |api| async move {
        let made = api.sign_up(&named("acme")).await;
        assert_eq!((made.status, made.text("state"), made.text("key")), (202, "accepted", "acme"), "{}", made.body);
        assert_eq!(made.body["tenant"]["stage"], "preparing");
        assert_eq!(made.header("location"), format!("{SIGNUP}/{}", made.text("token")));
        let tenant = api.call("GET", "/api/gateway/tenants/acme").await;
        assert_eq!((tenant.text("status"), tenant.text("tier")), ("pending", "dedicated"));
        assert_eq!((tenant.text("company_name"), &tenant.body["labels"]["origin"]), ("Acme", &json!("signup")));
        let signup = api.only_signup().await;
        assert_eq!((&signup["state"], &signup["tenant_id"]), (&json!("accepted"), &tenant.body["id"]));
        let by: String = sqlx::query_scalar("SELECT requested_by FROM gateway.operation")
            .fetch_one(&mut api.database().await)
            .await
            .unwrap();
        assert_eq!(by, format!("signup:{}", id_of(&signup)));
    });
}

#[test]
fn one_entry_tells_of_it_and_nothing_tells_the_token_or_the_address() {
    with_signup(&[], |api| async move {
        let body = json!({ "company_name": "Acme", "email": "jane.secret@example.com", "contact_phone": "+49 30 123456",
                           "first_user": { "password": "hunter2-hunter2" } });
        let call = api.bare("POST", SIGNUP).header("idempotency-key", "one").json(&body);
        let made = api.send(call).await;
        assert_eq!(made.status, 202, "{}", made.body);
        api.sign_up(&json!({ "company_name": "Acme", "key": "acme" })).await.assert_problem(409, "key_unavailable");
        let entries = api.call("GET", "/api/gateway/audit?call=create_signup").await;
        let entries = entries.body["items"].as_array().unwrap();
        assert_eq!(entries.len(), 1, "a refused stranger leaves none");
        let signup = api.only_signup().await;
        let who = format!("signup:{}", id_of(&signup));
        assert_eq!((&entries[0]["actor"], &entries[0]["target"]), (&json!(who), &json!(who)));
        assert_eq!(
            (&entries[0]["via"], &entries[0]["after"]["mail_domain"]),
            (&json!("anonymous"), &json!("example.com"))
        );
        let rows = ["signup s", "answer s", "audit s", "tenant s", "operation s", "mail s"];
        for (table, secrets) in
            rows.iter().map(|table| (table, [made.text("token"), "hunter2", "jane.secret", "+49 30"]))
        {
            let query =
                sqlx::AssertSqlSafe(format!("SELECT coalesce(string_agg(s::text, ' '), '') FROM gateway.{table}"));
            let text: String = sqlx::query_scalar(query).fetch_one(&mut api.database().await).await.unwrap();
            // The signup's own row holds whom to reach, until it is swept.
            let secrets = if table.starts_with("signup") { &secrets[..2] } else { &secrets[..] };
            for secret in secrets {
                assert!(!text.contains(secret), "{secret} in {table}");
            }
        }
    });
}

async fn wrong(api: &Api, body: Value) -> Vec<(String, String)> {
    let answer = api.sign_up(&body).await;
    answer.assert_problem(422, "validation_failed");
    answer.wrong().into_iter().map(|(pointer, code)| (pointer.to_owned(), code.to_owned())).collect()
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(pointer, code)| ((*pointer).to_owned(), (*code).to_owned())).collect()
}

#[test]
fn every_wrong_field_is_named() {
    let settings =
        [("GATEWAY_SIGNUP_MAIL_DOMAINS", "example.com,example.org"), ("GATEWAY_SIGNUP_PROTECTED_NAMES", "Wonder Desk")];
    with_signup(&settings, |api| async move {
        let all = json!({ "company_name": "A\u{200b}b", "key": "A", "email": "x", "contact_name": "", "contact_phone": "a\nb",
                          "first_user": [], "plan": "gold" });
        let named = [
            ("/company_name", "hidden"),
            ("/key", "character"),
            ("/email", "email"),
            ("/contact_name", "length"),
            ("/contact_phone", "length"),
            ("/first_user", "type"),
            ("/plan", "unknown"),
        ];
        assert_eq!(wrong(&api, all).await, pairs(&named));
        assert_eq!(wrong(&api, json!({})).await, pairs(&[("/company_name", "required")]));
        for (name, code) in
            [("\u{410}cme", "mixed_scripts"), ("WONDER DESK", "confusable"), ("\u{430}\u{440}\u{440}", "confusable")]
        {
            assert_eq!(wrong(&api, json!({ "company_name": name })).await, pairs(&[("/company_name", code)]), "{name}");
        }
        let elsewhere = json!({ "company_name": "A", "email": "a@example.net" });
        assert_eq!(wrong(&api, elsewhere).await, pairs(&[("/email", "mail_domain")]));
        let both = json!({ "company_name": "A", "email": "a@example.com", "contact_email": "b@example.com" });
        assert_eq!(wrong(&api, both).await, pairs(&[("/contact_email", "twice")]));
        let long = json!({ "company_name": "A", "first_user": { "x": "y".repeat(8192) } });
        assert_eq!(wrong(&api, long).await, pairs(&[("/first_user", "length")]));
        assert_eq!((api.tenants().await, api.signups().await), (0, 0));
        let fine = json!({ "company_name": "Acme", "contact_email": "Jane@Example.COM", "contact_name": " Jane Doe " });
        assert_eq!(api.sign_up(&fine).await.status, 202);
        let signup = api.only_signup().await;
        assert_eq!((&signup["email"], &signup["contact_name"]), (&json!("jane@example.com"), &json!("Jane Doe")));
    });
}

#[test]
fn a_key_that_is_taken_kept_or_confusable_is_refused_alike() {
    with_signup(&[("GATEWAY_SIGNUP_PROTECTED_NAMES", "Wonder Desk")], |api| async move {
        api.create("acme-intl").await;
        let mut seen = Vec::new();
        for key in
            ["acme-intl", "acme-1ntl", "admin", "adm1n", "ad-min", "adrnin", "wonderdesk", "vvonder-desk", "payments"]
        {
            let refused = api.sign_up(&named(key)).await;
            refused.assert_problem(409, "key_unavailable");
            assert_eq!(refused.wrong(), [("/key", "unavailable")]);
            let mut body = refused.body.clone();
            body["instance"] = Value::Null;
            seen.push(body);
        }
        assert!(seen.iter().all(|body| *body == seen[0]), "{seen:?}");
        assert_eq!((api.tenants().await, api.signups().await), (1, 0));
    });
}

#[test]
fn a_key_is_made_from_the_name_where_none_is_given() {
    with_signup(&[], |api| async move {
        api.create("muller-sohne").await;
        for (name, key) in
            [("Müller & Söhne GmbH", "muller-sohne-2"), ("Müller & Söhne AG", "muller-sohne-3"), ("Admin", "admin-2")]
        {
            let made = api.sign_up(&json!({ "company_name": name })).await;
            assert_eq!((made.status, made.text("key")), (202, key), "{}", made.body);
        }
    });
}

#[test]
fn of_sixty_four_who_want_one_key_one_gets_it() {
    let room = [("GATEWAY_SIGNUP_NETWORK_PER_HOUR", "1000"), ("GATEWAY_SIGNUP_PER_HOUR", "1000")];
    for approval in ["automatic", "manual"] {
        let settings = [room[0], room[1], ("GATEWAY_SIGNUP_APPROVAL", approval)];
        with_signup(&settings, |api| async move {
            let body = named("acme");
            let answers = futures::future::join_all((0..64).map(|_| api.sign_up(&body))).await;
            let won = answers.iter().filter(|answer| answer.status == 202).count();
            assert_eq!(won, 1, "{approval}");
            for lost in answers.iter().filter(|answer| answer.status != 202) {
                lost.assert_problem(409, "key_unavailable");
            }
            let made = i64::from(approval == "automatic");
            assert_eq!((api.tenants().await, api.signups().await), (made, 1), "{approval}");
        });
    }
}

#[test]
fn a_dry_run_leaves_nothing() {
    with_signup(&[], |api| async move {
        let dry = api.send(api.bare("POST", &format!("{SIGNUP}?dry_run=true")).json(&named("acme"))).await;
        assert_eq!((dry.status, dry.header("dry-run"), dry.text("state")), (200, "true", "accepted"));
        assert_eq!((api.tenants().await, api.signups().await), (0, 0));
        api.status_of(dry.text("token")).await.assert_problem(404, "signup_not_found");
    });
}
