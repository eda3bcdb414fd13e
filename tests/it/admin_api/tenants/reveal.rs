//! `POST /api/gateway/tenants/{id_or_key}/reveal-credentials`

use secrecy::SecretString;
use uuid::Uuid;

use super::PATH;
use crate::admin_api::{Api, READER, REVEALER, with_api};

/// Gives a tenant a place and a sealed password, as the allocate step does.
async fn allocate(api: &Api, id: Uuid, password: &str, sealed_for: Uuid) {
    let server = api.store.put_default_server("db.test:6432").await.unwrap();
    let place = format!("tenant/password/{sealed_for}");
    let sealed = api.settings.key_ring.seal(&place, &SecretString::from(password.to_owned())).unwrap();
    sqlx::query("UPDATE gateway.tenant SET server_id = $2, password_sealed = $3, verifier_sealed = $3 WHERE id = $1")
        .bind(id)
        .bind(server.as_uuid())
        .bind(sealed.as_str())
        .execute(&mut api.database().await)
        .await
        .unwrap();
}

#[test]
fn an_app_learns_its_tenants_login_with_a_key_for_that_alone() {
    with_api(|api| async move {
        let id = api.create("acme").await;
        allocate(&api, id, "pass/word", id).await;
        let name = format!("t_{}", id.simple());
        for which in ["acme".to_owned(), id.to_string()] {
            let answer = api.call_as(REVEALER, "POST", &format!("{PATH}/{which}/reveal-credentials")).await;
            assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"), "{}", answer.body);
            assert_eq!(answer.text("database_url"), format!("postgres://{name}_app:pass%2Fword@db.test:6432/{name}"));
            assert_eq!((answer.text("host"), &answer.body["port"]), ("db.test", &6432.into()));
            assert_eq!((answer.text("database"), answer.text("username")), (&*name, &*format!("{name}_app")));
            assert_eq!((answer.text("password"), answer.text("company_name")), ("pass/word", "acme"));
        }
        let path = format!("{PATH}/acme/reveal-credentials");
        let dry = api.call_as(REVEALER, "POST", &format!("{path}?dry_run=true")).await;
        assert_eq!((dry.status, dry.text("username"), dry.text("password")), (200, &*format!("{name}_app"), ""));
        assert!(!dry.text("database_url").contains("word"), "what leaves no entry in the audit log tells no secret");
        let stale = api.bare("POST", &path).bearer_auth(REVEALER).header("if-match", "\"0.0\"");
        api.send(stale).await.assert_problem(412, "precondition_failed");
        api.call_as(READER, "POST", &path).await.assert_problem(403, "missing_scope");
        api.call_as(REVEALER, "GET", PATH).await.assert_problem(403, "missing_scope");
        api.call_as(REVEALER, "POST", &format!("{PATH}/none/reveal-credentials"))
            .await
            .assert_problem(404, "tenant_not_found");
    });
}

#[test]
fn before_allocation_there_is_nothing_to_reveal() {
    with_api(|api| async move {
        api.create("acme").await;
        api.call("POST", &format!("{PATH}/acme/reveal-credentials")).await.assert_problem(409, "not_allocated");
    });
}

#[test]
fn a_password_sealed_for_another_tenant_does_not_open() {
    with_api(|api| async move {
        let (one, two) = (api.create("one").await, api.create("two").await);
        allocate(&api, two, "secret", one).await;
        let answer = api.call("POST", &format!("{PATH}/two/reveal-credentials")).await;
        answer.assert_problem(500, "internal");
        assert!(!answer.body.to_string().contains("seal"), "the cause stays in the log: {}", answer.body);
    });
}
