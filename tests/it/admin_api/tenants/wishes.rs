//! `POST /api/gateway/tenants/{id_or_key}/suspend`, `/reactivate` and `/retry`

use super::PATH;
use crate::admin_api::with_api;

/// Every state, and the way there.
const WAYS: &[(&str, &[&str])] = &[
    ("pending", &[]),
    ("provisioning", &["provisioning"]),
    ("active", &["provisioning", "active"]),
    ("suspended", &["provisioning", "active", "suspended"]),
    ("deleting", &["deleting"]),
    ("error", &["provisioning", "error"]),
];

#[test]
fn each_wish_is_granted_from_its_states_alone() {
    with_api(|api| async move {
        for (verb, from, becomes, refusal) in [
            ("suspend", &["active"][..], &["suspended"][..], "illegal_transition"),
            ("reactivate", &["suspended", "error"], &["pending"], "illegal_transition"),
            (
                "retry",
                &["pending", "error", "suspended", "deleting"],
                &["pending", "suspended", "deleting"],
                "nothing_to_retry",
            ),
        ] {
            for (state, way) in WAYS {
                let key = format!("{verb}-{state}");
                let id = api.create(&key).await;
                api.walk(id, way).await;
                let answer = api.call("POST", &format!("{PATH}/{key}/{verb}")).await;
                if from.contains(state) {
                    assert_eq!(answer.status, 202, "{key}: {}", answer.body);
                    assert!(becomes.contains(&answer.text("status")), "{key}: {}", answer.body);
                    assert!(!answer.header("location").is_empty());
                } else {
                    answer.assert_problem(409, refusal);
                    assert!(answer.text("detail").contains(state), "{key}: {}", answer.body);
                    let same = api.call("GET", &format!("{PATH}/{id}")).await;
                    assert_eq!(same.text("status"), *state, "a refused wish changes nothing");
                }
            }
            api.call("POST", &format!("{PATH}/none/{verb}")).await.assert_problem(404, "tenant_not_found");
        }
    });
}

#[test]
fn a_wish_names_who_wished_and_opens_one_operation() {
    with_api(|api| async move {
        let id = api.create("acme").await;
        api.walk(id, &["provisioning", "active"]).await;
        let cookie = api.log_in("operator@test", "operator").await;
        let suspend = api.bare("POST", &format!("{PATH}/acme/suspend")).header("cookie", cookie);
        let answer = api.send(suspend).await;
        assert_eq!(answer.body["operation"]["kind"], "suspend");
        let operation = api.call("GET", answer.header("location")).await;
        assert_eq!(operation.text("requested_by"), "user:operator@test");
        let actor: String = sqlx::query_scalar(
            "SELECT actor FROM gateway.tenant_transition WHERE tenant_id = $1 ORDER BY id DESC LIMIT 1",
        )
        .bind(id)
        .fetch_one(&mut api.database().await)
        .await
        .unwrap();
        assert_eq!(actor, "user:operator@test");
    });
}
