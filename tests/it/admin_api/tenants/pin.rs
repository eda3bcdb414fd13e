//! `route_pinned` in `PATCH /api/gateway/tenants/{id_or_key}`. No worker runs here.

use serde_json::{Value, json};

use super::PATH;
use crate::admin_api::{Answer, Api, ROOT, with_api};

async fn patch(api: &Api, body: Value) -> Answer {
    api.send(api.bare("PATCH", &format!("{PATH}/acme")).bearer_auth(ROOT).json(&body)).await
}

#[test]
fn pinning_a_route_is_a_wish_of_its_own() {
    with_api(|api| async move {
        let id = api.active("acme").await;
        assert_eq!(api.call("GET", &format!("{PATH}/acme")).await.body["route_pinned"], false);
        for (pinned, generation) in [(true, 2), (false, 3)] {
            let wished = patch(&api, json!({ "route_pinned": pinned })).await;
            assert_eq!((wished.status, wished.text("status")), (202, "pending"), "{}", wished.body);
            assert_eq!(
                (&wished.body["route_pinned"], &wished.body["generation"]),
                (&json!(pinned), &json!(generation))
            );
            assert_eq!(api.call("GET", wished.header("location")).await.text("kind"), "reconverge");
            api.walk(id, &["provisioning", "active"]).await;
            api.settle(id).await;
            let listed = api.call("GET", PATH).await;
            assert_eq!(listed.body["items"][0]["route_pinned"], pinned, "{}", listed.body);
            let again = patch(&api, json!({ "route_pinned": pinned, "notes": format!("{pinned}") })).await;
            assert_eq!((again.status, again.text("status")), (200, "active"), "it is so already: {}", again.body);
        }
        for (wrong, code) in [(json!("true"), "type"), (json!(1), "type"), (Value::Null, "required")] {
            assert_eq!(patch(&api, json!({ "route_pinned": wrong })).await.wrong(), [("/route_pinned", code)]);
        }
        let made = api.post(PATH, &json!({ "key": "other", "company_name": "O", "route_pinned": true })).await;
        assert_eq!(made.wrong(), [("/route_pinned", "unknown")]);
    });
}
