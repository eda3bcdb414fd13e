//! `/api/gateway/drift`, and asking for routes to be published again. No worker runs: what a look finds is put there as one
//! would.

use gateway::domain::drift::{DriftKind, DriftRepair};
use gateway::domain::ids::{Generation, TenantId};
use gateway::domain::job::JobRequest;
use gateway::store::looks::{FoundDrift, NewLook};
use serde_json::{Value, json};
use uuid::Uuid;

use super::with_api;

const DRIFT: &str = "/api/gateway/drift";

fn found(tenant: Uuid, kind: DriftKind, repair: DriftRepair, generation: i64) -> FoundDrift {
    FoundDrift {
        tenant_id: TenantId::from_uuid(tenant),
        kind,
        what: format!("something about {kind}"),
        wanted: (kind == DriftKind::RouteDiffers).then(|| "this".to_owned()),
        observed: (kind == DriftKind::RouteDiffers).then(|| "that".to_owned()),
        repair,
        generation: Generation::from_i64(generation),
    }
}

fn look(refused: bool) -> NewLook {
    NewLook {
        tenants: 2,
        networks: Some(2),
        containers: None,
        refused: refused.then(|| ("too_many_removals".to_owned(), "too many".to_owned())),
        unknown: json!([]),
    }
}

#[test]
fn drift_is_listed_until_it_is_over() {
    with_api(|api| async move {
        let empty = json!({ "items": [], "next_cursor": null, "look": null });
        assert_eq!(api.call("GET", DRIFT).await.body, empty);
        let (acme, globex) = (api.active("acme").await, api.active("globex").await);
        let asked = found(acme, DriftKind::RouteDiffers, DriftRepair::Asked, 1);
        let lost = found(globex, DriftKind::DatabaseLost, DriftRepair::Impossible, 1);
        let refused = found(acme, DriftKind::NetworkDiffers, DriftRepair::Refused, 1);
        api.store.put_drift(&[], &[asked.clone(), lost.clone(), refused.clone()]).await.unwrap();
        api.store.put_look(&look(true)).await.unwrap();
        let list = api.call("GET", DRIFT).await.body;
        let told: Vec<[&str; 3]> = list["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| ["tenant_key", "kind", "repair"].map(|name| one[name].as_str().unwrap()))
            .collect();
        assert_eq!(
            told,
            [
                ["acme", "network_differs", "refused"],
                ["acme", "route_differs", "asked"],
                ["globex", "database_lost", "impossible"]
            ]
        );
        assert_eq!((&list["items"][1]["wanted"], &list["items"][1]["observed"]), (&json!("this"), &json!("that")));
        assert_eq!(
            (&list["look"]["refused"]["code"], &list["look"]["tenants"]),
            (&json!("too_many_removals"), &json!(2))
        );
        // A page ends where the next begins, and filters choose.
        let page = api.call("GET", &format!("{DRIFT}?limit=2")).await;
        let next = api.call("GET", &format!("{DRIFT}?limit=2&cursor={}", page.text("next_cursor"))).await.body;
        assert_eq!((&next["items"][0]["tenant_key"], &next["next_cursor"]), (&json!("globex"), &json!(null)));
        let one = api.call("GET", &format!("{DRIFT}?tenant=acme&kind=route_differs")).await.body;
        assert_eq!(one["items"].as_array().unwrap().len(), 1);
        for nobody in ["nobody", "No!body"] {
            assert_eq!(api.call("GET", &format!("{DRIFT}?tenant={nobody}")).await.body["items"], json!([]));
        }
        let wrong = api.call("GET", &format!("{DRIFT}?kind=x&limit=0&cursor=!&y=1")).await;
        assert_eq!(
            wrong.wrong(),
            [("/kind", "unknown_value"), ("/limit", "range"), ("/cursor", "cursor"), ("/y", "unknown")]
        );
        // A tenant that was made true since is repaired, whatever the list says.
        let again = "UPDATE gateway.tenant SET due_at = now() WHERE id = $1";
        sqlx::query(again).bind(acme).execute(&mut api.database().await).await.unwrap();
        api.walk(acme, &["provisioning", "active"]).await;
        api.settle(acme).await;
        let list = api.call("GET", &format!("{DRIFT}?kind=route_differs")).await.body;
        assert_eq!(list["items"][0]["repair"], "repaired", "{list:#}");
        api.store.put_drift(&[asked, lost, refused], &[]).await.unwrap();
        assert_eq!(api.call("GET", DRIFT).await.body["items"], json!([]));
    });
}

#[test]
fn a_look_that_ends_as_before_writes_nothing() {
    with_api(|api| async move {
        let read = || async {
            let row = sqlx::query_as::<_, (String, String, String)>(
                "SELECT xmin::text, looked_at::text, since::text FROM gateway.look",
            );
            row.fetch_one(&mut api.database().await).await.unwrap()
        };
        api.store.put_look(&look(false)).await.unwrap();
        let first = read().await;
        api.store.put_look(&look(false)).await.unwrap();
        assert_eq!(read().await, first);
        api.store.put_look(&look(true)).await.unwrap();
        let refused = read().await;
        assert!(refused.0 != first.0 && refused.2 != first.2, "{first:?} {refused:?}");
        let older = "UPDATE gateway.look SET looked_at = looked_at - interval '16 minutes'";
        sqlx::query(older).execute(&mut api.database().await).await.unwrap();
        let old = read().await;
        api.store.put_look(&look(true)).await.unwrap();
        let renewed = read().await;
        assert!(renewed.1 > old.1 && renewed.2 == old.2, "{old:?} {renewed:?}");
    });
}

#[test]
fn repairs_are_asked_of_a_worker_for_all_or_some() {
    with_api(|api| async move {
        let acme = api.create("acme").await;
        for (path, body, request) in [
            ("drift/repair", Value::Null, JobRequest::Reconcile { dry_run: false, tenants: None, republish: false }),
            (
                "drift/repair",
                json!({ "tenants": ["acme"] }),
                JobRequest::Reconcile { dry_run: false, tenants: Some(vec![acme.to_string()]), republish: false },
            ),
            ("routes/republish", Value::Null, JobRequest::Reconcile { dry_run: false, tenants: None, republish: true }),
            (
                "jobs",
                json!({ "kind": "reconcile", "parameters": { "tenants": ["acme"], "republish": true, "dry_run": true } }),
                JobRequest::Reconcile { dry_run: true, tenants: Some(vec![acme.to_string()]), republish: true },
            ),
        ] {
            let path = format!("/api/gateway/{path}");
            let asked = match &body {
                Value::Null => api.call("POST", &path).await,
                body => api.post(&path, body).await,
            };
            assert_eq!((asked.status, asked.text("kind")), (202, "reconcile"), "{}", asked.body);
            assert_eq!(asked.header("location"), format!("/api/gateway/jobs/{}", asked.text("id")));
            let claimed = api.store.claim_job("one", std::time::Duration::from_secs(60)).await.unwrap().unwrap();
            assert_eq!(claimed.request, Ok(request));
        }
        let refused = api.post(&format!("{DRIFT}/repair"), &json!({ "tenants": ["acme", "nobody"], "x": 1 })).await;
        assert_eq!(refused.wrong(), [("/tenants/1", "tenant_not_found"), ("/x", "unknown")]);
        let refused = api.post("/api/gateway/routes/republish", &json!({ "x": 1 })).await;
        assert_eq!(refused.wrong(), [("/x", "unknown")]);
        let dry = api.call("POST", "/api/gateway/routes/republish?dry_run=true").await;
        assert_eq!((dry.status, dry.header("dry-run")), (200, "true"));
        assert!(api.store.claim_job("one", std::time::Duration::from_secs(60)).await.unwrap().is_none());
    });
}

#[test]
fn what_a_look_found_is_written_at_once_and_what_is_named_twice_once() {
    with_api(|api| async move {
        let acme = api.active("acme").await;
        let older = found(acme, DriftKind::RouteDiffers, DriftRepair::Asked, 1);
        let newer = FoundDrift { observed: None, repair: DriftRepair::Refused, ..older.clone() };
        let other = found(acme, DriftKind::RoleDiffers, DriftRepair::Asked, 1);
        api.store.put_drift(&[], &[older.clone(), other.clone(), newer.clone()]).await.unwrap();
        let mut known = api.store.known_drift().await.unwrap();
        known.sort_by_key(|one| one.kind.as_str());
        assert_eq!(known, [other.clone(), newer.clone()]);
        api.store.put_drift(&[other, newer], std::slice::from_ref(&older)).await.unwrap();
        assert_eq!(api.store.known_drift().await.unwrap(), [older]);
    });
}
