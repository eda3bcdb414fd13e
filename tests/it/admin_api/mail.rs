//! Mail, from a call to the mail server.

use gateway::api::letter::deliver;
use gateway::infra::mail::Mailer;
use serde_json::json;

use super::{Api, with_api, with_settings};
use crate::support::mailbox::{Mailbox, Mood};
use crate::support::{PATIENCE, wait_for};

const PATH: &str = "/api/gateway/mail/test";

pub(super) fn start_sending(api: &Api) {
    let mailer = Mailer::new(api.settings.mail.as_ref().unwrap()).unwrap();
    api.parts.spawn(deliver(api.store.clone(), api.settings.key_ring.clone(), mailer, api.stop.clone()));
}

async fn in_line(api: &Api) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM gateway.mail").fetch_one(&mut api.database().await).await.unwrap()
}

pub(super) fn with_mail<F: Future<Output = ()>>(body: impl FnOnce(std::sync::Arc<Api>, Mailbox) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let mailbox = runtime.block_on(Mailbox::open());
    let more = [
        ("GATEWAY_SMTP_URL", mailbox.url.clone()),
        ("GATEWAY_MAIL_FROM", "Gateway <gateway@apps.test>".to_owned()),
        ("GATEWAY_CONSOLE_URL", "https://console.apps.test/".to_owned()),
    ];
    let more: Vec<(&str, &str)> = more.iter().map(|(name, value)| (*name, value.as_str())).collect();
    with_settings(&more, |api| body(api, mailbox));
    runtime.shutdown_background();
}

#[test]
fn a_mail_arrives_once_from_several_processes() {
    with_mail(|api, mailbox| async move {
        for _ in 0..3 {
            start_sending(&api);
        }
        for _ in 0..20 {
            let sent = api.post(PATH, &json!({ "to": "Jane@Example.com" })).await;
            assert_eq!(sent.status, 202, "{}", sent.body);
            assert_eq!((sent.text("to"), sent.text("from")), ("jane@example.com", "Gateway <gateway@apps.test>"));
        }
        let mail = mailbox.wait("jane@example.com", 20).await;
        assert_eq!(mail.after("console is at "), "https://console.apps.test/");
        assert!(mail.text.contains("From: Gateway <gateway@apps.test>"), "{}", mail.text);
        wait_for("an empty line", PATIENCE, async || match in_line(&api).await {
            0 => Ok(()),
            left => Err(left.to_string()),
        })
        .await;
        assert_eq!(mailbox.of("jane@example.com").len(), 20);
    });
}

#[test]
fn what_the_server_cannot_take_now_stays_and_what_it_never_takes_goes() {
    with_mail(|api, mailbox| async move {
        mailbox.be(Mood::RefusesNow);
        start_sending(&api);
        assert_eq!(api.post(PATH, &json!({ "to": "a@b.de" })).await.status, 202);
        wait_for("an attempt", PATIENCE, async || if mailbox.attempts() == 1 { Ok(()) } else { Err(String::new()) })
            .await;
        assert_eq!(in_line(&api).await, 1);
        mailbox.be(Mood::Takes);
        let sooner = "UPDATE gateway.mail SET due_at = now()";
        sqlx::query(sooner).execute(&mut api.database().await).await.unwrap();
        mailbox.wait("a@b.de", 1).await;
        mailbox.be(Mood::RefusesForGood);
        assert_eq!(api.post(PATH, &json!({ "to": "c@d.de" })).await.status, 202);
        wait_for("an empty line", PATIENCE, async || match in_line(&api).await {
            0 => Ok(()),
            left => Err(left.to_string()),
        })
        .await;
        assert_eq!((mailbox.attempts(), mailbox.of("c@d.de").len()), (3, 0));
    });
}

#[test]
fn a_dry_run_sends_nothing_and_the_row_shows_no_address() {
    with_mail(|api, mailbox| async move {
        let dry = api.post(&format!("{PATH}?dry_run=true"), &json!({ "to": "a@b.de" })).await;
        assert_eq!((dry.status, in_line(&api).await), (200, 0));
        assert_eq!(api.post(PATH, &json!({ "to": "jane@example.com" })).await.status, 202);
        let row: String = sqlx::query_scalar("SELECT mail::text FROM gateway.mail")
            .fetch_one(&mut api.database().await)
            .await
            .unwrap();
        assert!(!row.contains("jane"), "{row}");
        assert_eq!(mailbox.attempts(), 0);
    });
}

#[test]
fn wrong_addresses_and_no_server_are_refused() {
    with_api(|api| async move {
        api.post(PATH, &json!({ "to": "a@b.de" })).await.assert_problem(409, "no_mail_server");
        let wrong = api.post(PATH, &json!({ "to": "a@b.de\r\nBcc: c@d.de", "cc": "x" })).await;
        assert_eq!(wrong.wrong(), [("/to", "email"), ("/cc", "unknown")]);
        assert_eq!(api.post(PATH, &json!({})).await.wrong(), [("/to", "required")]);
    });
}
