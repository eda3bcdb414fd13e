//! Sealing secrets again with another key, while the API goes on.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gateway::domain::seal::KeyRing;
use gateway::jobs::reseal::reseal;
use gateway::store::sealed::COLUMNS;
use secrecy::SecretString;
use serde_json::json;
use uuid::Uuid;

use super::{Api, REVEALER, ROOT, serve, with_api};

const PATH: &str = "/api/gateway/tenants";

fn key(id: &str, byte: u8) -> String {
    format!("{id}:{}", STANDARD.encode([byte; 32]))
}

/// The ring of the tests' API, and it with a newer key before.
fn rings() -> (KeyRing, String) {
    (KeyRing::parse(&key("t", 7)).unwrap(), format!("{},{}", key("n", 9), key("t", 7)))
}

async fn seal_password(api: &Api, ring: &KeyRing, tenant: Uuid, password: &str) {
    let sealed = ring.seal(&format!("tenant/password/{tenant}"), &SecretString::from(password.to_owned())).unwrap();
    let set = "UPDATE gateway.tenant SET password_sealed = $2, server_id = d.id FROM gateway.database_server d WHERE tenant.id = $1";
    let mut database = api.database().await;
    sqlx::query(
        "INSERT INTO gateway.database_server (name, address) VALUES ('one', '127.0.0.1:1') ON CONFLICT DO NOTHING",
    )
    .execute(&mut database)
    .await
    .unwrap();
    let set = sqlx::query(set).bind(tenant).bind(sealed.as_str()).execute(&mut database).await.unwrap();
    assert_eq!(set.rows_affected(), 1);
}

#[test]
fn every_sealed_column_is_sealed_again() {
    with_api(|api| async move {
        let mut found: Vec<(String, String)> = sqlx::query_as(
            "SELECT table_name::text, column_name::text FROM information_schema.columns
              WHERE table_schema = 'gateway' AND column_name LIKE '%\\_sealed'",
        )
        .fetch_all(&mut api.database().await)
        .await
        .unwrap();
        let mut known: Vec<(String, String)> =
            COLUMNS.iter().map(|of| (of.table.to_owned(), of.column.to_owned())).collect();
        found.sort();
        known.sort();
        assert_eq!(found, known);
    });
}

#[test]
fn nothing_is_lost_and_nobody_is_logged_out() {
    with_api(|api| async move {
        let (old, both) = rings();
        let ring = KeyRing::parse(&both).unwrap();
        let cookie = api.log_in("owner@localhost", "owner").await;
        let mut tenants = Vec::new();
        for number in 0..250 {
            let id = api.create(&format!("t{number}")).await;
            seal_password(&api, &old, id, &format!("secret {number}")).await;
            tenants.push(id);
        }
        let once = api.bare("POST", PATH).bearer_auth(ROOT).header("idempotency-key", "once");
        let made = api.send(once.json(&json!({ "key": "acme", "company_name": "Acme" }))).await;
        assert_eq!(made.status, 202);

        // One more is the key of the digests of calls.
        let dry = reseal(&api.store, &ring, true).await.unwrap();
        assert_eq!((dry.resealed, dry.sealed_by["t"], dry.sealed_by.get("n")), (0, 252, None));
        let done = reseal(&api.store, &ring, false).await.unwrap();
        assert_eq!((done.resealed, done.unreadable, done.key.as_str()), (252, 0, "n"));
        assert_eq!(done.sealed_by.into_iter().collect::<Vec<_>>(), [("n".to_owned(), 252)]);
        let again = reseal(&api.store, &ring, false).await.unwrap();
        assert_eq!(again.resealed, 0);

        let only_new = [("GATEWAY_SECRET_KEYS", &*key("n", 9))];
        let other = serve(api.options.clone(), &api.redis, &only_new, &api.parts, &api.stop).await;
        for (number, id) in tenants.iter().enumerate() {
            let path = format!("{PATH}/{id}/reveal-credentials");
            let revealed = other.call_as(REVEALER, "POST", &path).await;
            assert_eq!(revealed.status, 200, "{}", revealed.body);
            assert_eq!(revealed.text("password"), format!("secret {number}"));
        }
        let once = other.bare("POST", PATH).bearer_auth(ROOT).header("idempotency-key", "once");
        let replayed = other.send(once.json(&json!({ "key": "acme", "company_name": "Acme" }))).await;
        assert_eq!(replayed.header("idempotent-replayed"), "true");
        assert_eq!(replayed.body, made.body);
        let me = other.send(other.bare("GET", "/api/gateway/me").header("cookie", &cookie)).await;
        assert_eq!(me.status, 200);
        other.store.close().await;
    });
}

#[test]
fn what_changes_meanwhile_is_left_and_what_does_not_open_is_told() {
    with_api(|api| async move {
        let (old, both) = rings();
        let ring = KeyRing::parse(&both).unwrap();
        let (kept, lost) = (api.create("kept").await, api.create("lost").await);
        seal_password(&api, &old, kept, "first").await;
        let stranger = KeyRing::parse(&key("x", 1)).unwrap();
        seal_password(&api, &stranger, lost, "gone").await;

        // Found, and changed by somebody else before it is replaced.
        let column = COLUMNS.into_iter().find(|of| of.column == "password_sealed").unwrap();
        let found = api.store.find_sealed(column, "n", "(0,0)", 100).await.unwrap();
        let found = found.into_iter().find(|found| found.place.ends_with(&kept.to_string())).unwrap();
        let stale = ring.seal(&found.place, &SecretString::from("stale".to_owned())).unwrap();
        seal_password(&api, &old, kept, "second").await;
        assert_eq!(api.store.replace_sealed(column, &[(found, stale)]).await.unwrap(), 0);

        let done = reseal(&api.store, &ring, false).await.unwrap();
        assert_eq!((done.resealed, done.unreadable), (1, 1));
        assert_eq!(done.sealed_by.into_iter().collect::<Vec<_>>(), [("n".to_owned(), 1), ("x".to_owned(), 1)]);
        let opened = ring.open(
            &format!("tenant/password/{kept}"),
            &gateway::domain::seal::Sealed::from_stored(
                sqlx::query_scalar("SELECT password_sealed FROM gateway.tenant WHERE id = $1")
                    .bind(kept)
                    .fetch_one(&mut api.database().await)
                    .await
                    .unwrap(),
            ),
        );
        assert_eq!(secrecy::ExposeSecret::expose_secret(&opened.unwrap()), "second");
    });
}
