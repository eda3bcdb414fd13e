//! `POST /api/gateway/tenants/{id_or_key}/pause` and `/resume`

use super::PATH;
use crate::admin_api::with_api;

#[test]
fn a_tenant_is_paused_and_resumed_as_often_as_wanted() {
    with_api(|api| async move {
        api.active("acme").await;
        for (verb, paused) in [("pause", true), ("pause", true), ("resume", false), ("resume", false)] {
            let answer = api.call("POST", &format!("{PATH}/acme/{verb}")).await;
            assert_eq!((answer.status, &answer.body["paused"]), (200, &paused.into()), "{}", answer.body);
            assert_eq!((answer.text("status"), &answer.body["generation"]), ("active", &1.into()), "it is no work");
            api.call("POST", &format!("{PATH}/none/{verb}")).await.assert_problem(404, "tenant_not_found");
        }
    });
}

#[test]
fn a_tombstone_is_not_paused() {
    with_api(|api| async move {
        let id = api.create("acme").await;
        api.walk(id, &["deleting", "purging"]).await;
        let gone = "UPDATE gateway.tenant SET status = 'deleted', due_at = NULL, deleted_at = now() WHERE id = $1";
        sqlx::query(gone).bind(id).execute(&mut api.database().await).await.unwrap();
        api.call("POST", &format!("{PATH}/{id}/pause")).await.assert_problem(409, "illegal_transition");
    });
}
