//! What a plan limits is limited in the tenants' server and on the engine, and stays so.

use bollard::query_parameters::InspectContainerOptions;
use serde_json::{Value, json};

use crate::support::stack::Stack;
use crate::support::{PATIENCE, run, unique_key, wait_for};

/// Connection limit and settings of a tenant's login role.
async fn role(stack: &Stack, id: uuid::Uuid) -> (i32, Vec<String>) {
    sqlx::query_as(
        "SELECT rolconnlimit, coalesce((SELECT setconfig FROM pg_db_role_setting WHERE setrole = r.oid AND setdatabase = 0), '{}')
           FROM pg_roles r WHERE rolname = $1",
    )
    .bind(format!("t_{}_app", id.simple()))
    .fetch_one(&mut stack.server("postgres").await)
    .await
    .unwrap()
}

async fn await_role(stack: &Stack, id: uuid::Uuid, connections: i32, settings: &[&str]) {
    wait_for("the role to have the plan's limits", PATIENCE, || async {
        let found = role(stack, id).await;
        let is_so = found.0 == connections && settings.iter().all(|one| found.1.iter().any(|has| has == one));
        if is_so { Ok(()) } else { Err(format!("{found:?}")) }
    })
    .await;
}

#[test]
fn a_tenant_has_the_limits_of_its_plan() {
    run(async {
        let stack = Stack::shared().await;
        let (plan, key) = (unique_key("plan"), unique_key("planned"));
        let made = stack.ctl(&[
            "plan",
            "create",
            &plan,
            "--title",
            "Of a test",
            "--connections",
            "7",
            "--statement-timeout",
            "11",
        ]);
        assert!(made.status.success(), "{made:?}");
        let body = json!({ "key": key, "company_name": "Planned", "plan": plan });
        assert_eq!(stack.api("POST", "/api/gateway/tenants", Some(body)).await.0, 202);
        let id = stack.settled(&key, &["active"]).await;
        assert_eq!(role(&stack, id).await.0, 7);
        await_role(&stack, id, 7, &["statement_timeout=11s", "idle_in_transaction_session_timeout=60s"]).await;

        let edited = stack.ctl(&["plan", "edit", &plan, "--connections", "9", "--idle-timeout", "13"]);
        assert!(edited.status.success(), "{edited:?}");
        await_role(&stack, id, 9, &["statement_timeout=11s", "idle_in_transaction_session_timeout=13s"]).await;
        stack.settled(&key, &["active"]).await;
        let edit = |change: &[&str]| {
            let edited = stack.ctl(&[&["tenant", "edit", &key, "--wait", "-o", "json"], change].concat());
            assert!(edited.status.success(), "{edited:?}");
            serde_json::from_slice::<Value>(&edited.stdout).unwrap()
        };
        let moved = edit(&["--plan", "default"]);
        assert_eq!((&moved["status"], &moved["plan"]), (&json!("active"), &json!("default")));
        await_role(&stack, id, 20, &["statement_timeout=60s", "idle_in_transaction_session_timeout=60s"]).await;
        for pinned in [true, false] {
            let edited = edit(&["--route-pinned", if pinned { "true" } else { "false" }]);
            assert_eq!((&edited["status"], &edited["route_pinned"]), (&json!("active"), &json!(pinned)));
        }
        // There is nothing to wait for.
        assert_eq!(edit(&["--notes", "n"])["notes"], "n");

        // Somebody lifts a limit by hand.
        let login = format!("t_{}_app", id.simple());
        let lifted = format!("ALTER ROLE {login} SET statement_timeout = '1h'");
        sqlx::raw_sql(sqlx::AssertSqlSafe(lifted)).execute(&mut stack.server("postgres").await).await.unwrap();
        let found = stack.ctl(&["reconcile", "-o", "json"]);
        assert!(found.status.success(), "{found:?}");
        await_role(&stack, id, 20, &["statement_timeout=60s"]).await;
        stack.settled(&key, &["active"]).await;
        stack.wish(&key, "deleting").await;
    });
}

#[test]
fn a_container_has_the_limits_of_its_plan() {
    run(async {
        let stack = Stack::shared().await;
        let (plan, key) = (unique_key("plan"), unique_key("boxed"));
        let made = stack.ctl(&[
            "plan",
            "create",
            &plan,
            "--title",
            "Of a test",
            "--tier",
            "dedicated",
            "--memory",
            "96",
            "--cpus",
            "0.25",
            "--pids",
            "77",
        ]);
        assert!(made.status.success(), "{made:?}");
        let body = json!({ "key": key, "company_name": "Boxed", "tier": "dedicated", "plan": plan });
        assert_eq!(stack.api("POST", "/api/gateway/tenants", Some(body)).await.0, 202);
        let id = stack.settled(&key, &["active"]).await;
        let limits = || async {
            let name = stack.containers_of(id).await.pop().unwrap().id.unwrap();
            let found = stack.docker().await.inspect_container(&name, None::<InspectContainerOptions>).await.unwrap();
            let host = found.host_config.unwrap();
            (host.memory.unwrap(), host.nano_cpus.unwrap(), host.pids_limit.unwrap())
        };
        assert_eq!(limits().await, (96 * 1024 * 1024, 250_000_000, 77));
        let edited = stack.ctl(&["plan", "edit", &plan, "--pids", "88"]);
        assert!(edited.status.success(), "{edited:?}");
        wait_for("the container to have the plan's limits", PATIENCE, || async {
            let tenant = stack.api("GET", &format!("/api/gateway/tenants/{key}"), None).await.1;
            if tenant["status"] == "active" { Ok(()) } else { Err(tenant.to_string()) }
        })
        .await;
        assert_eq!(limits().await.2, 88);
        stack.wish(&key, "deleting").await;
    });
}
