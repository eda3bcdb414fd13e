//! `GET /api/gateway/me`

use gateway::api::first_run;
use secrecy::ExposeSecret;
use serde_json::json;

use super::{READER, with_api};

#[test]
fn a_key_learns_its_name_and_scopes() {
    with_api(|api| async move {
        let me = api.call_as(READER, "GET", "/api/gateway/me").await;
        let expected = json!({
            "kind": "api_key", "name": "reader", "email": null, "role": null, "totp_enabled": null, "scopes": ["tenants:read"],
            "tenants": null, "pools": null,
        });
        assert_eq!(me.body, expected);
        assert_eq!(me.header("cache-control"), "no-store");
    });
}

#[test]
fn the_first_run_makes_an_owner_and_a_key_once() {
    with_api(|api| async move {
        let (one, two) =
            tokio::join!(first_run::ensure(&api.store, "first@test"), first_run::ensure(&api.store, "first@test"));
        let made = [one.unwrap(), two.unwrap()];
        let keys: Vec<_> = made.iter().filter_map(|made| made.api_key.as_ref()).collect();
        let owners: Vec<_> = made.iter().filter_map(|made| made.owner.as_ref()).collect();
        assert_eq!((keys.len(), owners.len()), (1, 1), "two first runs at once make one of each");
        let me = api.call_as(keys[0].expose_secret(), "GET", "/api/gateway/me").await;
        assert_eq!(me.body["scopes"], json!(["*"]));
        let login = json!({"email": owners[0].0, "password": owners[0].1.expose_secret()});
        assert_eq!(api.post("/api/gateway/session", &login).await.body["role"], "owner");

        sqlx::query("UPDATE gateway.api_key SET revoked_at = now()").execute(&mut api.database().await).await.unwrap();
        api.until_refused(keys[0].expose_secret()).await;
        let again = first_run::ensure(&api.store, "first@test").await.unwrap();
        assert!(again.api_key.is_none() && again.owner.is_none(), "a revoked key is not replaced by itself");
    });
}
