//! The same wish about many tenants, carried out by the worker of the shared stack.

use serde_json::{Value, json};

use crate::support::stack::Stack;
use crate::support::{PATIENCE, run, unique_key, wait_for};

#[test]
fn a_batch_is_carried_out_tenant_by_tenant() {
    run(async {
        let stack = Stack::shared().await;
        let fleet = unique_key("fleet");
        let keys: Vec<String> = (0..3).map(|n| format!("{fleet}-{n}")).collect();
        for key in &keys {
            let body = json!({ "key": key, "company_name": "Fleet", "labels": { "fleet": fleet } });
            assert_eq!(stack.api("POST", "/api/gateway/tenants", Some(body)).await.0, 202);
        }
        for key in &keys {
            stack.settled(key, &["active"]).await;
        }
        let label = format!("fleet={fleet}");
        let by_filter = |more: &[&str]| {
            let given = [&["tenant", "batch", "suspend", "--label", label.as_str()], more].concat();
            stack.ctl(&given)
        };
        assert_eq!(by_filter(&[]).status.code(), Some(5), "without the number");
        let dry = by_filter(&["--dry-run", "-o", "json"]);
        let dry: Value = serde_json::from_slice(&dry.stdout).unwrap_or_else(|_| panic!("{dry:?}"));
        assert_eq!(dry["tenants"].as_array().unwrap().len(), 3);
        let done = by_filter(&["--expect-count", "3", "--parallelism", "1", "--wait", "-o", "json"]);
        assert!(done.status.success(), "{done:?}");
        let done: Value = serde_json::from_slice(&done.stdout).unwrap();
        assert_eq!((&done["state"], &done["counts"]["succeeded"]), (&json!("succeeded"), &json!(3)));
        for key in &keys {
            assert_eq!(stack.get(&stack.host_of(key), "/").await.status, 503, "{key}");
        }
        // One at a time: no operation of it began before the one before it had ended.
        let overlaps: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM gateway.batch_tenant a JOIN gateway.operation x ON x.id = a.operation_id
               JOIN gateway.batch_tenant b ON b.batch_id = a.batch_id AND b.place = a.place + 1
               JOIN gateway.operation y ON y.id = b.operation_id
              WHERE a.batch_id = $1::uuid AND y.created_at < x.ended_at",
        )
        .bind(done["id"].as_str().unwrap())
        .fetch_one(&stack.control)
        .await
        .unwrap();
        assert_eq!(overlaps, 0);

        let all =
            [&["tenant", "batch", "delete"], keys.iter().map(String::as_str).collect::<Vec<_>>().as_slice()].concat();
        assert!(stack.ctl(&all).status.success());
        wait_for("the tenants to be deleted", PATIENCE, || async {
            let left: i64 = sqlx::query_scalar("SELECT count(*) FROM gateway.tenant WHERE key = ANY ($1) AND status NOT IN ('deleting', 'purging', 'deleted')")
                .bind(&keys)
                .fetch_one(&stack.control)
                .await
                .unwrap();
            if left == 0 { Ok(()) } else { Err(format!("{left} are not")) }
        })
        .await;
    });
}
