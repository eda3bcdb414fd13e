//! `/health`, `/ping`, `/ready`, `/version`, and the console's paths.

use gateway::proxy::RouteTable;

use super::with_api;
use crate::support::NEWER_SCHEMA;

#[test]
fn they_answer_everybody() {
    with_api(|api| async move {
        api.routes.replace(RouteTable::new([]));
        for path in ["/health", "/ping", "/ready", "/version"] {
            let answer = api.send(api.bare("GET", path)).await;
            assert_eq!(answer.status, 200, "{path}");
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
        }
        let version = api.send(api.bare("GET", "/version")).await.body;
        assert_eq!((&version["name"], &version["version"]), (&"gateway".into(), &env!("CARGO_PKG_VERSION").into()));
        assert!(version["commit"].is_null() && version["built_at"].is_null());
        assert_eq!(version["environment"], "development");
    });
}

#[test]
fn readiness_follows_the_control_database() {
    with_api(|api| async move {
        api.routes.replace(RouteTable::new([]));
        let mut database = api.database().await;
        sqlx::raw_sql(NEWER_SCHEMA).execute(&mut database).await.unwrap();
        let ready = api.send(api.bare("GET", "/ready")).await;
        assert_eq!(ready.status, 200, "a newer schema serves this program too: {}", ready.body);
        sqlx::raw_sql("UPDATE gateway.schema_floor SET version = 1001").execute(&mut database).await.unwrap();
        let refused = api.send(api.bare("GET", "/ready")).await;
        refused.assert_problem(503, "not_ready");
        assert_eq!(refused.wrong(), [("/parts/control_database", "not_migrated")]);
        assert!(refused.text("detail").contains("GW010") && refused.text("detail").contains("at version 1001"));
        let older = "UPDATE gateway.schema_floor SET version = 22;
                     DELETE FROM gateway.schema_migration WHERE version = 1001 OR version = 22";
        sqlx::raw_sql(older).execute(&mut database).await.unwrap();
        let refused = api.send(api.bare("GET", "/ready")).await;
        assert_eq!(refused.wrong(), [("/parts/control_database", "not_migrated")]);
        assert!(refused.text("detail").contains("run: gateway migrate"));
        api.store.close().await;
        let refused = api.send(api.bare("GET", "/ready")).await;
        assert_eq!(refused.wrong(), [("/parts/control_database", "unavailable")]);
        assert_eq!(api.send(api.bare("GET", "/health")).await.status, 200, "the process lives all the same");
        let refused = api.call("GET", "/api/gateway/tenants").await;
        refused.assert_problem(503, "unavailable");
        assert_eq!(refused.header("retry-after"), "2");
    });
}

#[test]
fn readiness_waits_for_the_hosts_of_the_tenants() {
    with_api(|api| async move {
        let refused = api.send(api.bare("GET", "/ready")).await;
        refused.assert_problem(503, "not_ready");
        assert_eq!(refused.wrong(), [("/parts/tenant_routes", "loading")]);
        api.routes.replace(RouteTable::new([]));
        let ready = api.send(api.bare("GET", "/ready")).await;
        assert_eq!(ready.status, 200, "{}", ready.body);
    });
}

#[test]
fn the_console_answers_where_the_browser_routes() {
    with_api(|api| async move {
        for path in ["/", "/tenants", "/tenants/acme/operations"] {
            let page = api.send(api.bare("GET", path)).await;
            assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"), "{path}");
            assert_eq!(page.header("cache-control"), "no-cache");
            let policy = page.header("content-security-policy");
            assert!(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"), "{policy}");
        }
        for (method, path) in [
            ("GET", "/assets/gone.js"),
            ("GET", "/robots.txt"),
            ("POST", "/tenants"),
            ("GET", "/api"),
            ("GET", "/api/x"),
        ] {
            api.send(api.bare(method, path)).await.assert_problem(404, "route_not_found");
        }
    });
}
