//! `POST /api/gateway/tenants/{id_or_key}/suspend`, `/reactivate`, `/retry` and `/undelete`

use super::PATH;
use crate::admin_api::with_api;

/// Every state, and the way there.
const WAYS: &[(&str, &[&str])] = &[
    ("pending", &[]),
    ("provisioning", &["provisioning"]),
    ("active", &["provisioning", "active"]),
    ("suspended", &["provisioning", "active", "suspended"]),
    ("deleting", &["deleting"]),
    ("purging", &["deleting", "purging"]),
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
                &["pending", "error", "suspended", "deleting", "purging"],
                &["pending", "suspended", "deleting", "purging"],
                "nothing_to_retry",
            ),
            ("undelete", &["deleting"], &["pending"], "illegal_transition"),
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

#[test]
fn a_deletion_is_taken_back_until_the_purge_begins() {
    with_api(|api| async move {
        let id = api.active("acme").await;
        api.call("DELETE", &format!("{PATH}/acme?force=true")).await;
        api.settle(id).await;
        let grace = "UPDATE gateway.tenant SET purge_at = now() + interval '1 hour' WHERE id = $1";
        sqlx::query(grace).bind(id).execute(&mut api.database().await).await.unwrap();
        assert!(api.call("GET", &format!("{PATH}/acme")).await.body["purge_at"].is_string());
        let back = api.call("POST", &format!("{PATH}/acme/undelete")).await;
        assert_eq!((back.status, back.text("status")), (202, "pending"));
        assert_eq!(back.body["operation"]["kind"], "undelete");
        assert!(back.body["purge_at"].is_null() && back.body["reason"].is_null(), "{}", back.body);
    });
}

#[test]
fn a_repair_says_why_and_a_person_s_wish_does_not() {
    with_api(|api| async move {
        let id = api.active("acme").await;
        let repair =
            "UPDATE gateway.tenant SET due_at = now(), repair = true, reason = 'drift: network missing' WHERE id = $1";
        sqlx::query(repair).bind(id).execute(&mut api.database().await).await.unwrap();
        let tenant = api.call("GET", &format!("{PATH}/acme")).await.body;
        assert_eq!((&tenant["status"], &tenant["reason"]), (&"pending".into(), &"drift: network missing".into()));
        let place = format!("/api/gateway/operations/{}", tenant["operation"]["id"].as_str().unwrap());
        let operation = api.call("GET", &place).await.body;
        assert_eq!((&operation["kind"], &operation["repair"]), (&"reconverge".into(), &true.into()));
        assert_eq!(operation["reason"], "drift: network missing");
        let asked = api.call("DELETE", &format!("{PATH}/acme")).await;
        assert!(asked.body["reason"].is_null());
        let operation = api.call("GET", asked.header("location")).await.body;
        assert_eq!((&operation["repair"], operation["reason"].is_null()), (&false.into(), true));
    });
}
