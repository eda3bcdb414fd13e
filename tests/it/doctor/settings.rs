//! Settings, people and keys, mail and the console.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::rig::Rig;
use crate::support::mailbox::Mailbox;
use crate::support::tls::Authority;

pub(super) async fn environment(rig: &Rig) {
    rig.ask_with(&["--production"], &[]).tells("environment", "problem", "development");
}

pub(super) async fn refused(rig: &Rig) {
    let told = rig.ask_with(&["--production"], &[("GATEWAY_ENABLE_API_DOCS", "true")]);
    told.tells("settings", "problem", "enable_api_docs (GATEWAY_ENABLE_API_DOCS) must be false in production");
}

pub(super) async fn secret_keys(rig: &Rig) {
    let (held, other) = (rig.setting("GATEWAY_SECRET_KEYS"), format!("other:{}", STANDARD.encode([7; 32])));
    rig.ask(&[]).tells("secret_keys", "ok", "");
    rig.ask(&[("GATEWAY_SECRET_KEYS", &other)]).tells("secret_keys", "problem", "do not hold");
    // As in the middle of a change of keys.
    let both = format!("{other},{held}");
    rig.ask(&[("GATEWAY_SECRET_KEYS", &both)]).tells("secret_keys", "warning", "former keys");
}

pub(super) async fn owner(rig: &Rig) {
    // The triggers would keep the last one.
    let shut_out = "SET LOCAL session_replication_role = replica; UPDATE gateway.user_account SET disabled_at =";
    rig.control(&format!("BEGIN; {shut_out} now(); COMMIT")).await;
    rig.ask(&[]).tells("owner", "problem", "no account may do everything").tells("first_password", "skipped", "");
    rig.control(&format!("BEGIN; {shut_out} NULL; COMMIT")).await;
    rig.ask(&[]).tells("owner", "warning", "second factor");
}

pub(super) async fn first_password(rig: &Rig) {
    rig.control("UPDATE gateway.user_account SET last_login_at = now()").await;
    rig.ask(&[]).tells("first_password", "ok", "");
    rig.control("UPDATE gateway.user_account SET last_login_at = NULL").await;
    rig.ask(&[]).tells("first_password", "warning", "never logged in");
}

pub(super) async fn api_keys(rig: &Rig) {
    let none = ("GATEWAY_API_KEYS", "");
    rig.ask(&[]).tells("api_keys", "warning", "those of api_keys have none");
    rig.ask(&[none]).tells("api_keys", "ok", "");
    let made = rig.instance.stack.ctl(&["key", "create", "endless-one", "--scope", "tenants:read"]);
    assert!(made.status.success(), "{made:?}");
    rig.ask(&[none]).tells("api_keys", "warning", "these have no end: endless-one");
    rig.control("UPDATE gateway.api_key SET expires_at = now() + interval '3 days'").await;
    rig.ask(&[none]).tells("api_keys", "warning", "these end within two weeks: endless-one");
    rig.control("UPDATE gateway.api_key SET revoked_at = now()").await;
}

pub(super) async fn mail(rig: &Rig) {
    let mailbox = Mailbox::open().await;
    let with = |url: &str| {
        let url = url.to_owned();
        let settings = [
            ("GATEWAY_SMTP_URL", url.as_str()),
            ("GATEWAY_MAIL_FROM", "gateway@example.com"),
            ("GATEWAY_CONSOLE_URL", "http://127.0.0.1/"),
        ];
        rig.ask(&settings)
    };
    with(&mailbox.url).tells("mail", "ok", "");
    assert_eq!(mailbox.attempts(), 0, "a letter was sent");
    let url = mailbox.url.clone();
    drop(mailbox);
    with(&url).tells("mail", "problem", "mail_unreachable");
    rig.ask_with(&["--production"], &[]).tells("mail", "warning", "smtp_url is not set");
}

pub(super) async fn console(rig: &Rig) {
    rig.ask_with(&["--production"], &[]).tells("console", "problem", "is not https");
    let authority = Authority::new();
    let trusted = authority.file().display().to_string();
    for (name, days, is_trusted, state, part) in [
        ("localhost", 90, true, "ok", "lasts 8"),
        ("localhost", 13, true, "problem", "ends in 1"),
        ("localhost", -2, true, "problem", "ended "),
        ("elsewhere.test", 90, true, "problem", "clients refuse"),
        ("localhost", 90, false, "problem", "clients refuse"),
    ] {
        let server = authority.serve(name, days).await;
        let url = format!("https://localhost:{}/", server.port);
        let mut settings = vec![("GATEWAY_CONSOLE_URL", url.as_str())];
        if is_trusted {
            settings.push(("SSL_CERT_FILE", &trusted));
        }
        rig.ask_with(&["--production"], &settings).tells("console", state, part);
        drop(server);
        if days > 13 && is_trusted && state == "ok" {
            rig.ask(&settings).tells("console", "problem", "tls_unreachable");
        }
    }
}
