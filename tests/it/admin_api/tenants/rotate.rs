//! `POST /api/gateway/tenants/{id_or_key}/rotate-credentials`

use super::PATH;
use crate::admin_api::with_api;

#[test]
fn what_is_made_gets_another_password_and_nothing_else_does() {
    with_api(|api| async move {
        let id = api.active("acme").await;
        let rotated = api.call("POST", &format!("{PATH}/acme/rotate-credentials")).await;
        assert_eq!((rotated.status, rotated.text("status")), (202, "pending"));
        assert_eq!(rotated.body["operation"]["kind"], "rotate");
        assert!(rotated.header("location").ends_with(rotated.body["operation"]["id"].as_str().unwrap()));
        let wanted: bool =
            sqlx::query_scalar("SELECT credentials > credentials_made FROM gateway.tenant WHERE id = $1")
                .bind(id)
                .fetch_one(&mut api.database().await)
                .await
                .unwrap();
        assert!(wanted);
        let again = api.call("POST", &format!("{PATH}/acme/rotate-credentials")).await;
        assert_eq!(again.status, 202, "an active tenant's open work is no hindrance: {}", again.body);
        assert_ne!(again.body["operation"]["id"], rotated.body["operation"]["id"], "one replaces the other");
        api.walk(api.create("failed").await, &["provisioning", "error"]).await;
        api.call("POST", &format!("{PATH}/failed/rotate-credentials")).await.assert_problem(409, "illegal_transition");

        let asleep = api.active("asleep").await;
        api.walk(asleep, &["suspended"]).await;
        api.settle(asleep).await;
        let rotated = api.call("POST", &format!("{PATH}/asleep/rotate-credentials")).await;
        assert_eq!((rotated.status, rotated.text("status")), (202, "suspended"));
        assert_eq!(rotated.body["operation"]["kind"], "rotate");
        api.call("POST", &format!("{PATH}/none/rotate-credentials")).await.assert_problem(404, "tenant_not_found");
    });
}
