//! `POST /api/gateway/tenants/{id_or_key}/move`

use serde_json::json;
use uuid::Uuid;

use super::PATH;
use crate::admin_api::{Api, with_api};

async fn pool(api: &Api, name: &str) -> Uuid {
    sqlx::query_scalar(
        "INSERT INTO gateway.shared_pool (name, backend_url) VALUES ($1, 'http://pool.test') RETURNING id",
    )
    .bind(name)
    .fetch_one(&mut api.database().await)
    .await
    .unwrap()
}

/// Makes an active tenant in a pool.
async fn placed(api: &Api, key: &str, pool: Uuid) {
    let id = api.active(key).await;
    let place = "UPDATE gateway.tenant SET pool_id = $2 WHERE id = $1";
    sqlx::query(place).bind(id).bind(pool).execute(&mut api.database().await).await.unwrap();
}

#[test]
fn a_shared_tenant_moves_to_a_pool_that_exists() {
    with_api(|api| async move {
        let (old, new) = (pool(&api, "old").await, pool(&api, "new").await);
        placed(&api, "acme", old).await;
        let place = format!("{PATH}/acme/move");
        for (body, wrong) in [
            (json!({}), ("/pool_id", "required")),
            (json!({ "pool_id": "x" }), ("/pool_id", "uuid")),
            (json!({ "pool_id": Uuid::nil() }), ("/pool_id", "no_such_pool")),
            (json!({ "pool_id": new, "pool": 1 }), ("/pool", "unknown")),
        ] {
            let refused = api.post(&place, &body).await;
            refused.assert_problem(422, "validation_failed");
            assert_eq!(refused.wrong(), [wrong]);
        }
        let same = api.post(&place, &json!({ "pool_id": old })).await;
        assert_eq!((same.status, same.text("status")), (200, "active"), "it is there already");
        assert_eq!((same.header("location"), &same.body["operation"]["kind"]), ("", &json!("provision")));
        let moved = api.post(&place, &json!({ "pool_id": new })).await;
        assert_eq!((moved.status, moved.text("status")), (202, "pending"), "{}", moved.body);
        assert_eq!((&moved.body["operation"]["kind"], &moved.body["pool_id"]), (&json!("move"), &json!(new)));
        api.post(&format!("{PATH}/none/move"), &json!({ "pool_id": new }))
            .await
            .assert_problem(404, "tenant_not_found");
    });
}

#[test]
fn a_dedicated_tenant_has_no_pool_to_move_to() {
    with_api(|api| async move {
        let new = pool(&api, "new").await;
        let body = json!({ "key": "acme", "company_name": "Acme", "tier": "dedicated" });
        let id = api.post(PATH, &body).await.text("id").parse().unwrap();
        api.walk(id, &["provisioning", "active"]).await;
        api.settle(id).await;
        api.post(&format!("{PATH}/acme/move"), &json!({ "pool_id": new })).await.assert_problem(409, "not_shared");
    });
}
