//! `DELETE /api/gateway/tenants/{id_or_key}`

use std::time::Duration;

use gateway::store::claimer::Places;
use gateway::store::settle::Settlement;

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
        let refused = api.call("DELETE", &format!("{PATH}/acme?force=yes&purge=1")).await;
        assert_eq!(refused.wrong(), [("/force", "unknown_value"), ("/purge", "unknown_value")]);
        api.call("DELETE", &format!("{PATH}/acme?purge=true")).await.assert_problem(409, "tenant_active");
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

#[test]
fn a_purge_needs_no_grace_and_hastens_a_deletion() {
    with_api(|api| async move {
        let at_once = api.active("at-once").await;
        let gone = api.call("DELETE", &format!("{PATH}/at-once?force=true&purge=true")).await;
        assert_eq!((gone.status, gone.text("status")), (202, "deleting"));
        assert!(gone.body["purge_at"].is_string(), "{}", gone.body);
        api.settle(at_once).await;
        assert_eq!(api.store.begin_purges(9).await.unwrap(), 1);
        let going = api.call("GET", &format!("{PATH}/at-once")).await.body;
        assert_eq!((&going["status"], &going["operation"]["kind"]), (&"purging".into(), &"purge".into()));
        let late = api.call("DELETE", &format!("{PATH}/at-once?purge=true")).await;
        late.assert_problem(409, "illegal_transition");

        let kept = api.active("kept").await;
        api.call("DELETE", &format!("{PATH}/kept?force=true")).await;
        api.settle(kept).await;
        assert_eq!(api.store.begin_purges(9).await.unwrap(), 0);
        let hastened = api.call("DELETE", &format!("{PATH}/kept?purge=true")).await;
        assert_eq!((hastened.status, hastened.text("status")), (202, "purging"));
        assert_eq!(hastened.body["operation"]["kind"], "purge");
        let purge = api.call("GET", hastened.header("location")).await;
        assert_eq!(purge.text("reason"), "asked for without the grace");
        assert_eq!(api.store.begin_purges(9).await.unwrap(), 0, "it has begun");
    });
}

#[test]
fn a_purge_says_whether_somebody_asked_for_it() {
    with_api(|api| async move {
        let mut claimer = api.store.claimer("worker");
        let (places, lease) = (Places { all: 1, behind: 1 }, Duration::from_secs(60));
        for (key, query, reason) in [
            ("asked", "?force=true&purge=true", "the purge was asked for"),
            ("due", "?force=true", "the grace is over"),
        ] {
            let id = api.active(key).await;
            assert_eq!(api.call("DELETE", &format!("{PATH}/{key}{query}")).await.status, 202);
            let mut settle = async || {
                let (claim, tenant) = claimer.claim(places, lease).await.unwrap().pop().unwrap();
                assert_eq!(tenant.id.as_uuid(), id);
                api.store.settle(&claim, &Settlement::Done { grace: Duration::ZERO }).await.unwrap();
            };
            settle().await;
            assert_eq!(api.store.begin_purges(9).await.unwrap(), 1, "{key}");
            let going = api.call("GET", &format!("{PATH}/{id}")).await;
            let operation = going.body["operation"]["id"].as_str().unwrap().to_owned();
            let purge = api.call("GET", &format!("/api/gateway/operations/{operation}")).await;
            assert_eq!((purge.text("kind"), purge.text("reason")), ("purge", reason));
            settle().await;
            assert_eq!(api.call("GET", &format!("{PATH}/{id}")).await.text("status"), "deleted");
        }
    });
}
