//! `GET /api/gateway/tenants/{id_or_key}`

use super::PATH;
use crate::admin_api::with_api;

#[test]
fn by_id_and_by_key_it_is_the_same() {
    with_api(|api| async move {
        let id = api.create("acme").await;
        let by_key = api.call("GET", &format!("{PATH}/acme")).await;
        let by_id = api.call("GET", &format!("{PATH}/{id}")).await;
        assert_eq!((by_key.status, &by_key.body), (200, &by_id.body));
        assert!(by_key.body["host"].is_null() && by_key.body["database"].is_null() && by_key.body["error"].is_null());
    });
}

#[test]
fn a_tombstone_is_found_by_id_alone() {
    with_api(|api| async move {
        let id = api.create("acme").await;
        let gone = sqlx::query(
            "UPDATE gateway.tenant SET status = 'deleted', due_at = NULL, deleted_at = now() WHERE id = $1",
        );
        api.walk(id, &["deleting", "purging"]).await;
        gone.bind(id).execute(&mut api.database().await).await.unwrap();
        api.call("GET", &format!("{PATH}/acme")).await.assert_problem(404, "tenant_not_found");
        assert_eq!(api.call("GET", &format!("{PATH}/{id}")).await.text("status"), "deleted");
        let again = api.create("acme").await;
        assert_ne!(again, id, "the key is free again");
    });
}

#[test]
fn what_cannot_be_a_key_is_nobody() {
    with_api(|api| async move {
        for wrong in ["none", "Acme", "%00", "a%2Fb", "..%2f", "%ff", "'%20OR%201=1", &"x".repeat(300)] {
            let answer = api.call("GET", &format!("{PATH}/{wrong}")).await;
            answer.assert_problem(404, "tenant_not_found");
        }
    });
}
