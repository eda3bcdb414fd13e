//! `DELETE /api/gateway/tenants/{id_or_key}`

use super::PATH;
use crate::admin_api::with_api;

#[test]
fn an_active_tenant_needs_force() {
    with_api(|api| async move {
        let id = api.create("acme").await;
        api.walk(id, &["provisioning", "active"]).await;
        for query in ["", "?force=false"] {
            api.call("DELETE", &format!("{PATH}/acme{query}")).await.assert_problem(409, "tenant_active");
        }
        let refused = api.call("DELETE", &format!("{PATH}/acme?force=yes")).await;
        assert_eq!(refused.wrong(), [("/force", "unknown_value")]);
        let gone = api.call("DELETE", &format!("{PATH}/acme?force=true")).await;
        assert_eq!((gone.status, gone.text("status")), (202, "deleting"));
        assert_eq!(gone.body["operation"]["kind"], "deprovision");
        assert!(gone.header("location").ends_with(gone.body["operation"]["id"].as_str().unwrap()));
    });
}

#[test]
fn every_other_state_goes_without_and_only_once() {
    with_api(|api| async move {
        for (key, states) in [
            ("pending", &[][..]),
            ("provisioning", &["provisioning"]),
            ("suspended", &["provisioning", "active", "suspended"]),
            ("error", &["provisioning", "error"]),
        ] {
            let key = format!("was-{key}");
            let id = api.create(&key).await;
            api.walk(id, states).await;
            assert_eq!(api.call("DELETE", &format!("{PATH}/{key}")).await.status, 202, "{key}");
            let again = api.call("DELETE", &format!("{PATH}/{key}?force=true")).await;
            again.assert_problem(409, "illegal_transition");
            assert!(again.text("detail").contains("deleting"), "{}", again.body);
        }
        api.call("DELETE", &format!("{PATH}/none")).await.assert_problem(404, "tenant_not_found");
    });
}
