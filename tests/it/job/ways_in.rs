//! A row may be written by SQL, by the API or by the CLI; the tenant is the same.

use serde_json::json;

use crate::support::stack::Stack;
use crate::support::{run, unique_key};

/// Asserts the demo app's page, and that what one tenant writes is in its own database.
async fn assert_own_page(stack: &Stack, key: &str, id: uuid::Uuid, company: &str) {
    let host = stack.host_of(key);
    let page = stack.get(&host, "/").await;
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.body.contains(&format!("<meta name=\"tenant\" content=\"{key}\">")), "{}", page.body);
    assert!(page.body.contains(company), "{}", page.body);
    let note = format!("a note of {key}");
    let made = stack.send(&host, "POST", "/api/notes", Some(json!({ "body": note }))).await;
    assert!((200..300).contains(&made.status), "{made:?}");
    let database = crate::support::world::base(id);
    let bodies: Vec<String> =
        sqlx::query_scalar("SELECT body FROM note").fetch_all(&mut stack.server(&database).await).await.unwrap();
    assert_eq!(bodies, [note]);
}

#[test]
fn by_plain_sql_from_insert_to_tombstone() {
    run(async {
        let stack = Stack::shared().await;
        let key = unique_key("sql");
        let id = stack.insert(&key, "Plain SQL Ltd").await;
        assert_eq!(stack.settled(&key, &["active"]).await, id);
        stack.assert_complete(&key, id, false).await;
        assert_own_page(&stack, &key, id, "Plain SQL Ltd").await;
        stack.assert_effects_once(id).await;

        stack.wish(&key, "suspended").await;
        stack.settled(&key, &["suspended"]).await;
        let page = stack.get(&stack.host_of(&key), "/").await;
        assert_eq!(page.status, 503, "{page:?}");
        assert!(!page.body.contains("a note of"), "{}", page.body);

        stack.wish(&key, "pending").await;
        stack.settled(&key, &["active"]).await;
        let page = stack.get(&stack.host_of(&key), "/").await;
        assert_eq!(page.status, 200, "{page:?}");
        assert!(page.body.contains("a note of"), "the note survives suspension: {}", page.body);

        stack.wish(&key, "deleting").await;
        stack.settled(&key, &["deleted"]).await;
        stack.assert_gone(&key, id).await;

        let again = stack.insert(&key, "Second Life Ltd").await;
        assert_ne!(again, id, "a key is free again after deletion");
        stack.settled(&key, &["active"]).await;
        let page = stack.get(&stack.host_of(&key), "/").await;
        assert!(page.body.contains("Second Life Ltd") && !page.body.contains("a note of"), "{}", page.body);
        stack.wish(&key, "deleting").await;
        stack.settled(&key, &["deleted"]).await;
    });
}

#[test]
fn by_the_api() {
    run(async {
        let stack = Stack::shared().await;
        let key = unique_key("api");
        let body = json!({ "key": key, "company_name": "Api & Söhne <GmbH>" });
        let (status, tenant) = stack.api("POST", "/api/gateway/tenants", Some(body)).await;
        assert_eq!(status, 202, "{tenant}");
        assert_eq!(tenant["status"], "pending");
        let id = stack.settled(&key, &["active"]).await;
        stack.assert_complete(&key, id, false).await;
        assert_own_page(&stack, &key, id, "Api &amp; Söhne &lt;GmbH&gt;").await;

        let (_, shown) = stack.api("GET", &format!("/api/gateway/tenants/{key}"), None).await;
        assert_eq!(shown["status"], "active");
        assert_eq!(shown["migration_version"], 1);
        let operation = shown["operation"]["id"].as_str().unwrap();
        let (_, operation) = stack.api("GET", &format!("/api/gateway/operations/{operation}"), None).await;
        let steps: Vec<_> =
            operation["steps"].as_array().unwrap().iter().map(|s| s["step"].as_str().unwrap()).collect();
        assert_eq!(steps, ["allocate", "role", "database", "migrations", "container", "route", "proof", "network"]);

        let (status, refused) = stack.api("DELETE", &format!("/api/gateway/tenants/{key}"), None).await;
        assert_eq!((status, refused["code"].as_str()), (409, Some("tenant_active")), "{refused}");
        let (status, _) = stack.api("POST", &format!("/api/gateway/tenants/{key}/suspend"), None).await;
        assert_eq!(status, 202);
        stack.settled(&key, &["suspended"]).await;
        let (status, _) = stack.api("DELETE", &format!("/api/gateway/tenants/{key}"), None).await;
        assert_eq!(status, 202);
        stack.settled(&key, &["deleted"]).await;
        stack.assert_gone(&key, id).await;
    });
}

#[test]
fn by_the_cli_on_the_dedicated_tier() {
    run(async {
        let stack = Stack::shared().await;
        let key = unique_key("cli");
        let made =
            stack.ctl(&["tenant", "create", &key, "--company", "Dedicated plc", "--tier", "dedicated", "--wait"]);
        assert!(made.status.success(), "{made:?}");
        let id = stack.settled(&key, &["active"]).await;
        stack.assert_complete(&key, id, true).await;
        assert_own_page(&stack, &key, id, "Dedicated plc").await;
        let who = stack.get(&stack.host_of(&key), "/api/whoami").await;
        assert!(who.body.contains("\"dedicated\""), "{}", who.body);
        assert_hardened(&stack, id).await;

        let refused = stack.ctl(&["tenant", "delete", &key, "--yes"]);
        assert_eq!(refused.status.code(), Some(5), "{refused:?}");
        let gone = stack.ctl(&["tenant", "delete", &key, "--yes", "--force", "--purge", "--wait"]);
        assert!(gone.status.success(), "{gone:?}");
        stack.assert_gone(&key, id).await;
    });
}

/// What the engine itself says of the container.
async fn assert_hardened(stack: &Stack, id: uuid::Uuid) {
    let docker = stack.docker().await;
    let name = format!("{}_app", crate::support::world::base(id));
    let found = docker.inspect_container(&name, None).await.unwrap();
    let host = found.host_config.unwrap();
    assert_eq!(host.readonly_rootfs, Some(true));
    assert_eq!(host.cap_drop, Some(vec!["ALL".to_owned()]));
    assert_eq!(host.security_opt, Some(vec!["no-new-privileges:true".to_owned()]));
    assert_eq!(host.pids_limit, Some(256));
    assert_eq!(host.memory, Some(256 * 1024 * 1024));
    assert!(host.port_bindings.is_none_or(|bindings| bindings.is_empty()));
    assert_eq!(host.privileged, Some(false));
}
