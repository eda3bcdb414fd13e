//! `POST /api/gateway/tenants`

use serde_json::{Value, json};
use uuid::Uuid;

use super::PATH;
use crate::admin_api::with_api;

#[test]
fn a_tenant_is_accepted_as_pending_with_its_operation() {
    with_api(|api| async move {
        let body =
            json!({"key": "acme", "company_name": "  Acme & Söhne ", "tier": "dedicated", "host": "shop.acme.example"});
        let made = api.post(PATH, &body).await;
        assert_eq!(made.status, 202, "{}", made.body);
        assert_eq!(made.text("company_name"), "Acme & Söhne");
        assert_eq!(
            (made.text("tier"), made.text("status"), made.text("host")),
            ("dedicated", "pending", "shop.acme.example")
        );
        assert_eq!(made.text("url"), "http://shop.acme.example:8090");
        assert_eq!(made.body["generation"], 1);
        assert_eq!(made.body["operation"]["kind"], "provision");
        let place = made.header("location").to_owned();
        let operation = api.call("GET", &place).await;
        assert_eq!(operation.body["id"], made.body["operation"]["id"]);
        assert_eq!(operation.text("requested_by"), "key:root");
    });
}

#[test]
fn every_wrong_field_is_named_at_once() {
    with_api(|api| async move {
        let body =
            json!({"key": "Admin", "company_name": "\u{7}", "tier": 7, "host": "a.b:80", "pool_id": "x", "more": 1});
        let refused = api.post(PATH, &body).await;
        refused.assert_problem(422, "validation_failed");
        let wrong = [
            ("/key", "character"),
            ("/company_name", "character"),
            ("/tier", "type"),
            ("/host", "character"),
            ("/pool_id", "uuid"),
            ("/more", "unknown"),
        ];
        assert_eq!(refused.wrong(), wrong);
        let nothing = api.post(PATH, &json!({})).await;
        assert_eq!(nothing.wrong(), [("/key", "required"), ("/company_name", "required")]);
        let listed = api.call("GET", PATH).await.body;
        assert_eq!(listed["items"], Value::Array(Vec::new()), "nothing was written");
    });
}

#[test]
fn keys_and_hosts_are_taken_once() {
    with_api(|api| async move {
        let with_host = |key: &str, host: &str| json!({"key": key, "company_name": "A", "host": host});
        assert_eq!(api.post(PATH, &with_host("acme", "shop.acme.example")).await.status, 202);
        let key = api.post(PATH, &with_host("acme", "other.example")).await;
        key.assert_problem(409, "key_taken");
        assert_eq!(key.wrong(), [("/key", "taken")]);
        let host = api.post(PATH, &with_host("second", "shop.acme.example")).await;
        host.assert_problem(409, "host_taken");
        assert_eq!(host.wrong(), [("/host", "taken")]);
    });
}

#[test]
fn of_many_at_once_one_gets_the_key() {
    with_api(|api| async move {
        let body = json!({"key": "acme", "company_name": "A"});
        let answers = futures::future::join_all((0..12).map(|_| api.post(PATH, &body))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 202).count(), 1);
        for refused in answers.iter().filter(|answer| answer.status != 202) {
            refused.assert_problem(409, "key_taken");
        }
    });
}

#[test]
fn a_host_below_the_suffix_belongs_to_its_key() {
    with_api(|api| async move {
        let with_host = |host: &str| json!({"key": "acme", "company_name": "A", "host": host});
        for (host, code) in [("other.apps.test", "foreign"), ("x.acme.apps.test", "foreign"), ("apps.test", "reserved")]
        {
            let refused = api.post(PATH, &with_host(host)).await;
            refused.assert_problem(422, "validation_failed");
            assert_eq!(refused.wrong(), [("/host", code)], "{host}");
        }
        assert_eq!(api.post(PATH, &with_host("acme.apps.test")).await.status, 202);
    });
}

#[test]
fn a_pool_must_exist() {
    with_api(|api| async move {
        let refused = api.post(PATH, &json!({"key": "acme", "company_name": "A", "pool_id": Uuid::nil()})).await;
        refused.assert_problem(422, "validation_failed");
        assert_eq!(refused.wrong(), [("/pool_id", "no_such_pool")]);
    });
}
