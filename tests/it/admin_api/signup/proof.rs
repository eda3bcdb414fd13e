//! The proof of an address by a link in a letter.

use std::future::Future;
use std::sync::Arc;

use gateway::api::letter::deliver;
use gateway::infra::mail::Mailer;
use serde_json::{Value, json};

use super::{SIGNUP, SIGNUPS, id_of, with_signup};
use crate::admin_api::{Answer, Api};
use crate::support::mailbox::Mailbox;

const JANE: &str = "jane@example.com";
const PAGE: &str = "https://www.acme.example/welcome#";

/// A proof is asked for, and mail is delivered.
fn with_proof<F: Future<Output = ()>>(more: &[(&str, &str)], body: impl FnOnce(Arc<Api>, Mailbox) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let mailbox = runtime.block_on(Mailbox::open());
    let url = mailbox.url.clone();
    let settings = [
        ("GATEWAY_SIGNUP_MAIL_PROOF", "true"),
        ("GATEWAY_SMTP_URL", &*url),
        ("GATEWAY_MAIL_FROM", "gateway@apps.test"),
        ("GATEWAY_CONSOLE_URL", "https://console.apps.test/"),
        ("GATEWAY_SIGNUP_PROOF_URL", PAGE.trim_end_matches('#')),
    ];
    let settings: Vec<(&str, &str)> = settings.iter().chain(more).copied().collect();
    with_signup(&settings, |api| async move {
        let mailer = Mailer::new(api.settings.mail.as_ref().unwrap()).unwrap();
        api.parts.spawn(deliver(api.store.clone(), api.settings.key_ring.clone(), mailer, api.stop.clone()));
        body(api, mailbox).await;
    });
    runtime.shutdown_background();
}

impl Api {
    async fn prove(&self, token: &str) -> Answer {
        self.send(self.bare("POST", &format!("{SIGNUP}/prove")).json(&json!({ "token": token }))).await
    }

    async fn resend(&self, token: &str) -> Answer {
        self.send(self.bare("POST", &format!("{SIGNUP}/resend")).json(&json!({ "token": token }))).await
    }
}

fn acme() -> Value {
    json!({ "company_name": "Acme http://evil.test", "key": "acme", "email": "Jane@Example.com" })
}

#[test]
fn nothing_is_made_before_the_link_in_the_letter_is_used_once() {
    with_proof(&[], |api, mailbox| async move {
        let made = api.sign_up(&acme()).await;
        assert_eq!((made.status, made.text("state")), (202, "waiting_proof"), "{}", made.body);
        assert_eq!(api.tenants().await, 0);
        let letter = mailbox.wait(JANE, 1).await;
        assert!(!letter.text.contains("evil"), "nothing of what a stranger wrote: {}", letter.text);
        let token = letter.after(PAGE);
        api.status_of(&token).await.assert_problem(404, "signup_not_found");
        assert_ne!(token, made.text("token"));
        let proved = api.prove(&token).await;
        assert_eq!((proved.status, proved.text("state")), (202, "accepted"), "{}", proved.body);
        assert!(proved.body["token"].is_null());
        assert_eq!(api.send(api.bare("GET", proved.header("location"))).await.text("state"), "accepted");
        assert_eq!(api.status_of(made.text("token")).await.text("state"), "accepted");
        assert_eq!(api.call("GET", "/api/gateway/tenants/acme").await.text("status"), "pending");
        api.prove(&token).await.assert_problem(404, "proof_not_found");
        assert_eq!(api.tenants().await, 1);
        let id = id_of(&api.only_signup().await);
        let entries = api.call("GET", &format!("/api/gateway/audit?actor=signup:{id}")).await;
        let calls: Vec<&str> =
            entries.body["items"].as_array().unwrap().iter().map(|entry| entry["call"].as_str().unwrap()).collect();
        assert_eq!(calls, ["prove_signup", "create_signup"]);
    });
}

#[test]
fn the_link_leads_to_the_console_where_there_is_no_other_page() {
    with_proof(&[("GATEWAY_SIGNUP_PROOF_URL", "")], |api, mailbox| async move {
        api.sign_up(&acme()).await;
        let token = mailbox.wait(JANE, 1).await.after("https://console.apps.test/signup#");
        assert_eq!(api.prove(&token).await.status, 202);
    });
}

#[test]
fn of_many_who_use_one_link_at_once_one_proves() {
    with_proof(&[], |api, mailbox| async move {
        api.sign_up(&acme()).await;
        let token = mailbox.wait(JANE, 1).await.after(PAGE);
        let answers = futures::future::join_all((0..32).map(|_| api.prove(&token))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 202).count(), 1);
        for lost in answers.iter().filter(|answer| answer.status != 202) {
            lost.assert_problem(404, "proof_not_found");
        }
        assert_eq!(api.tenants().await, 1);
    });
}

#[test]
fn a_repeated_call_gets_the_same_answer() {
    with_proof(&[], |api, mailbox| async move {
        api.sign_up(&acme()).await;
        let token = mailbox.wait(JANE, 1).await.after(PAGE);
        let call = || api.bare("POST", &format!("{SIGNUP}/prove")).header("idempotency-key", "one");
        let first = api.send(call().json(&json!({ "token": token }))).await;
        let again = api.send(call().json(&json!({ "token": token }))).await;
        assert_eq!((first.status, again.status, &again.body), (202, 202, &first.body));
        assert_eq!((again.header("idempotent-replayed"), again.header("location")), ("true", first.header("location")));
        let stored: String = sqlx::query_scalar("SELECT string_agg(a::text, ' ') FROM gateway.answer a")
            .fetch_one(&mut api.database().await)
            .await
            .unwrap();
        assert!(!stored.contains(&token), "{stored}");
    });
}

#[test]
fn the_proof_comes_before_the_approval() {
    with_proof(&[("GATEWAY_SIGNUP_APPROVAL", "manual")], |api, mailbox| async move {
        api.sign_up(&acme()).await;
        let id = id_of(&api.only_signup().await);
        let path = format!("{SIGNUPS}/{id}/approve");
        let approve = || api.call("POST", &path);
        approve().await.assert_problem(409, "signup_not_waiting");
        let token = mailbox.wait(JANE, 1).await.after(PAGE);
        assert_eq!(api.prove(&token).await.text("state"), "waiting_approval");
        assert_eq!(api.tenants().await, 0);
        assert_eq!(approve().await.status, 202);
        let told = mailbox.wait(JANE, 2).await;
        assert!(told.text.contains("approved") && told.text.contains("acme.apps.test"), "{}", told.text);
    });
}

#[test]
fn a_link_is_of_no_use_after_a_day_or_when_another_was_sent() {
    with_proof(&[], |api, mailbox| async move {
        let made = api.sign_up(&acme()).await;
        let first = mailbox.wait(JANE, 1).await.after(PAGE);
        let sent = api.resend(made.text("token")).await;
        assert_eq!((sent.status, sent.text("state")), (202, "waiting_proof"), "{}", sent.body);
        let second = mailbox.wait(JANE, 2).await.after(PAGE);
        api.prove(&first).await.assert_problem(404, "proof_not_found");
        let hours = "SELECT round(extract(epoch FROM expires_at - created_at) / 3600)::bigint FROM gateway.signup";
        assert_eq!(api.number(hours).await, 24);
        sqlx::raw_sql("UPDATE gateway.signup SET expires_at = now()").execute(&mut api.database().await).await.unwrap();
        api.prove(&second).await.assert_problem(404, "proof_not_found");
        let status = api.status_of(made.text("token")).await;
        assert_eq!((status.text("state"), status.body["expires_at"].is_null()), ("expired", true));
        api.resend(made.text("token")).await.assert_problem(409, "signup_not_waiting");
        assert_eq!(api.sign_up(&acme()).await.status, 202, "the key is free again");
    });
}

#[test]
fn letters_to_one_address_are_counted() {
    with_proof(&[("GATEWAY_SIGNUP_MAIL_ADDRESS_PER_HOUR", "3")], |api, mailbox| async move {
        let made = api.sign_up(&acme()).await;
        for _ in 0..2 {
            assert_eq!(api.resend(made.text("token")).await.status, 202);
        }
        let refused = api.resend(made.text("token")).await;
        refused.assert_problem(429, "too_many_signups");
        let other = json!({ "company_name": "Other", "email": JANE });
        api.sign_up(&other).await.assert_problem(429, "too_many_signups");
        let third = mailbox.wait(JANE, 3).await.after(PAGE);
        assert_eq!(api.prove(&third).await.status, 202);
        api.resend(made.text("token")).await.assert_problem(409, "signup_not_waiting");
    });
}

#[test]
fn whether_an_address_is_known_is_not_told() {
    with_proof(&[], |api, mailbox| async move {
        api.log_in(JANE, "owner").await;
        let shape =
            |answer: &Answer| (answer.status, answer.text("state").to_owned(), answer.text("progress").to_owned());
        let known = api.sign_up(&json!({ "company_name": "One", "email": JANE })).await;
        let unknown = api.sign_up(&json!({ "company_name": "Two", "email": "nobody@example.com" })).await;
        let again = api.sign_up(&json!({ "company_name": "Three", "email": JANE })).await;
        assert_eq!(shape(&known), shape(&unknown));
        assert_eq!(shape(&known), shape(&again));
        assert!(known.body.as_object().unwrap().keys().eq(unknown.body.as_object().unwrap().keys()));
        mailbox.wait(JANE, 2).await;
        let missing = api.sign_up(&json!({ "company_name": "Four" })).await;
        assert_eq!(missing.wrong(), [("/email", "required")]);
    });
}

#[test]
fn a_key_that_an_operator_gave_away_ends_the_signup() {
    with_proof(&[], |api, mailbox| async move {
        let made = api.sign_up(&acme()).await;
        api.create("acme").await;
        let token = mailbox.wait(JANE, 1).await.after(PAGE);
        let proved = api.prove(&token).await;
        assert_eq!((proved.status, proved.text("state")), (202, "refused"), "{}", proved.body);
        assert_eq!(api.status_of(made.text("token")).await.text("state"), "refused");
        assert_eq!(api.tenants().await, 1);
    });
}

#[test]
fn what_is_no_token_is_named() {
    with_proof(&[], |api, _mailbox| async move {
        for verb in ["prove", "resend"] {
            let send = |body: Value| api.send(api.bare("POST", &format!("{SIGNUP}/{verb}")).json(&body));
            assert_eq!(send(json!({})).await.wrong(), [("/token", "required")]);
            assert_eq!(send(json!({ "token": "x", "id": 1 })).await.wrong(), [("/token", "token"), ("/id", "unknown")]);
        }
        api.prove(&"x".repeat(43)).await.assert_problem(404, "proof_not_found");
        api.resend(&"x".repeat(43)).await.assert_problem(404, "signup_not_found");
    });
}
