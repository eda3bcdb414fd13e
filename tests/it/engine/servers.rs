//! Tenants on two PostgreSQL clusters: the one of the stack, called `default`, and one of the test's own, called `second`,
//! which is stopped, damaged, drained and removed.

use std::collections::BTreeMap;

use nix::sys::signal::Signal;
use serde_json::{Value, json};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use uuid::Uuid;

use crate::support::instance::Instance;
use crate::support::postgres::TenantServer;
use crate::support::rig::HASTE;
use crate::support::stack::Stack;
use crate::support::world::base;
use crate::support::{PATIENCE, run, wait_for};

const SECOND: &str = "/api/gateway/database-servers/second";

struct Two {
    // Dropped before the server it uses.
    instance: Instance,
    second: TenantServer,
    /// Settings of a worker that holds both credentials.
    settings: Vec<(String, String)>,
}

impl Two {
    async fn start() -> Self {
        let second = TenantServer::start(None).await;
        let instance = Instance::without_worker(&[]).await;
        let stack = &instance.stack;
        let arguments = ["server", "create", "second", "--address", &second.address(), "--weight", "300", "-o", "json"];
        let made = stack.ctl(&arguments);
        let made: Value = serde_json::from_slice(&made.stdout).unwrap_or_else(|_| panic!("{made:?}"));
        assert_eq!((&made["problem"], &made["weight"]), (&json!("no_credential"), &json!(300)));
        let urls = format!("second={}", second.url());
        let own = HASTE.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let settings = own.chain([("GATEWAY_TENANT_DATABASE_URLS".to_owned(), urls)]).collect();
        Self { instance, second, settings }
    }

    fn stack(&self) -> &Stack {
        &self.instance.stack
    }

    fn settings(&self) -> Vec<(&str, &str)> {
        self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    /// Makes tenants that nobody waits for yet.
    async fn insert(&self, prefix: &str, count: usize) -> Vec<String> {
        let keys: Vec<String> = (1..=count).map(|number| format!("{prefix}-{number}")).collect();
        for key in &keys {
            self.stack().insert(key, key).await;
        }
        keys
    }

    async fn settled(&self, keys: &[String]) {
        for key in keys {
            self.stack().settled(key, &["active"]).await;
        }
    }

    /// The tenants among these, by the server that their rows name.
    async fn by_server(&self, keys: &[String]) -> BTreeMap<String, Vec<(String, Uuid)>> {
        let rows: Vec<(String, String, Uuid)> = sqlx::query_as(
            "SELECT coalesce(d.name, ''), t.key, t.id FROM gateway.tenant t LEFT JOIN gateway.database_server d ON d.id = t.server_id
              WHERE t.key = ANY ($1) ORDER BY t.created_at",
        )
        .bind(keys)
        .fetch_all(&self.stack().control)
        .await
        .unwrap();
        let mut found: BTreeMap<String, Vec<(String, Uuid)>> = BTreeMap::new();
        for (server, key, id) in rows {
            found.entry(server).or_default().push((key, id));
        }
        found
    }

    /// Asserts that a tenant's database is on one of the two servers only, and that its app gets in with what it is told.
    async fn assert_lives_on(&self, key: &str, id: Uuid, server: &str) {
        let count = "SELECT count(*) FROM pg_database WHERE datname = $1";
        let here: i64 = sqlx::query_scalar(count)
            .bind(base(id))
            .fetch_one(&mut self.stack().server("postgres").await)
            .await
            .unwrap();
        let mut connection = self.second.connect("postgres").await.unwrap();
        let there: i64 = sqlx::query_scalar(count).bind(base(id)).fetch_one(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        assert_eq!((here, there), if server == "second" { (0, 1) } else { (1, 0) }, "{key} on {server}");
        let path = format!("/api/gateway/tenants/{id}/reveal-credentials");
        let (status, told) = self.stack().api("POST", &path, None).await;
        assert_eq!(status, 200, "{told}");
        let options: PgConnectOptions = told["database_url"].as_str().unwrap().parse().unwrap();
        if server == "second" {
            assert_eq!(options.get_port(), self.second.port, "{key}");
        }
        let mut app = options.connect().await.unwrap();
        let inside: (String, i64) =
            sqlx::query_as("SELECT current_database()::text, count(*) FROM note").fetch_one(&mut app).await.unwrap();
        assert_eq!(inside.0, base(id));
        app.close().await.unwrap();
        assert_eq!(self.stack().get(&self.stack().host_of(key), "/").await.status, 200, "{key}");
    }

    /// Waits until a tenant says that it waits, and why.
    async fn waits(&self, key: &str, code: &str) {
        wait_for(&format!("{key} to wait with {code}"), PATIENCE, || async {
            let row: (String, Option<String>, i32) =
                sqlx::query_as("SELECT status, error_code, attempt FROM gateway.tenant WHERE key = $1")
                    .bind(key)
                    .fetch_one(&self.stack().control)
                    .await
                    .unwrap();
            assert_ne!(row.0, "error", "{row:?}");
            if row.1.as_deref() == Some(code) { Ok(()) } else { Err(format!("{row:?}")) }
        })
        .await;
    }

    async fn job(&self, request: Value) -> Value {
        let (status, job) = self.stack().api("POST", "/api/gateway/jobs", Some(request)).await;
        assert_eq!(status, 202, "{job}");
        let path = format!("/api/gateway/jobs/{}", job["id"].as_str().unwrap());
        wait_for("the job to end", PATIENCE, || async {
            let (_, job) = self.stack().api("GET", &path, None).await;
            match job["state"].as_str() {
                Some("succeeded") => Ok(job["result"].clone()),
                Some("failed") => panic!("{job:#}"),
                _ => Err(job.to_string()),
            }
        })
        .await
    }

    async fn reconcile(&self) -> Value {
        self.job(json!({ "kind": "reconcile" })).await
    }

    /// Does something on the second server as its administrator.
    async fn on_second(&self, sql: String) {
        let mut connection = self.second.connect("postgres").await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    /// Has a job repair this kind of drift of this tenant and no other.
    async fn repairs(&self, key: &str, id: Uuid, kind: &str) -> Value {
        let report = self.reconcile().await;
        let named: Vec<(&Value, &Value)> =
            report["drift"].as_array().unwrap().iter().map(|one| (&one["tenant_id"], &one["kind"])).collect();
        assert_eq!(named, [(&json!(id.to_string()), &json!(kind))], "{report:#}");
        assert_eq!((&report["drift"][0]["repaired"], &report["refused"]), (&json!(true), &Value::Null), "{report:#}");
        self.stack().settled(key, &["active"]).await;
        report
    }

    async fn server(&self) -> Value {
        self.stack().api("GET", SECOND, None).await.1
    }

    async fn deletes(&self, keys: &[(String, Uuid)]) {
        for (key, _) in keys {
            self.stack().wish(key, "deleting").await;
        }
        for (key, _) in keys {
            self.stack().settled(key, &["deleted"]).await;
        }
    }
}

#[test]
fn tenants_are_spread_and_a_server_that_is_down_is_nobody_elses_trouble() {
    run(async {
        let mut two = Two::start().await;
        let worker = two.instance.worker(&two.settings());
        worker.until_started().await;
        let first = two.insert("spread", 8).await;
        two.settled(&first).await;
        let spread = two.by_server(&first).await;
        let counts: Vec<(&str, usize)> = spread.iter().map(|(server, all)| (server.as_str(), all.len())).collect();
        assert_eq!(counts, [("default", 2), ("second", 6)], "by weight");
        for (server, all) in &spread {
            for (key, id) in all {
                two.assert_lives_on(key, *id, server).await;
            }
        }
        wait_for("the server to be seen", PATIENCE, || async {
            let server = two.server().await;
            if server["problem"].is_null() && server["max_connections"] == 200 {
                Ok(())
            } else {
                Err(server.to_string())
            }
        })
        .await;
        two.instance.verify(&two.settings(), &[]).await;

        // What waits for the dead server waits, and everything else goes on.
        two.second.end(Signal::SIGINT);
        let (rotated, _) = &spread["second"][0];
        assert!(two.stack().ctl(&["tenant", "rotate", rotated]).status.success());
        two.waits(rotated, "database_server_unreachable").await;
        let during = two.insert("during", 4).await;
        two.settled(&during).await;
        let placed = two.by_server(&during).await;
        assert_eq!(placed.keys().collect::<Vec<_>>(), ["default"], "none is put where nobody answers");
        let (mended, id) = &spread["default"][0];
        let name = base(*id);
        let damage = format!("REVOKE CONNECT ON DATABASE {name} FROM {name}_app");
        sqlx::raw_sql(AssertSqlSafe(damage)).execute(&mut two.stack().server("postgres").await).await.unwrap();
        let report = two.repairs(mended, *id, "database_differs").await;
        let unknown: Vec<&Value> = report["unknown"].as_array().unwrap().iter().map(|one| &one["source"]).collect();
        assert_eq!(unknown, ["the database server second"], "{report:#}");
        wait_for("the server to be missed", PATIENCE, || async {
            let server = two.server().await;
            if server["problem"] == "database_server_unreachable" { Ok(()) } else { Err(server.to_string()) }
        })
        .await;
        two.waits(rotated, "database_server_unreachable").await;
        two.second.run().await;
        two.stack().settled(rotated, &["active"]).await;
        two.assert_lives_on(rotated, spread["second"][0].1, "second").await;

        let (damaged, id) = &spread["second"][1];
        let name = base(*id);
        two.on_second(format!("ALTER ROLE {name}_app CONNECTION LIMIT -1")).await;
        let report = two.repairs(damaged, *id, "role_differs").await;
        assert_eq!(report["unknown"], json!([]), "{report:#}");
        two.assert_lives_on(damaged, *id, "second").await;
        worker.assert_calm(&[]);
        drop(worker);
        let _worker = two.instance.worker(&two.settings());
        two.instance.verify(&two.settings(), &[]).await;
    });
}

/// Makes on the stack's own server what looks like a tenant's database and owner.
async fn make_astray(two: &Two, id: Uuid) {
    let installation: Uuid =
        sqlx::query_scalar("SELECT id FROM gateway.installation").fetch_one(&two.stack().control).await.unwrap();
    let name = base(id);
    for sql in [
        format!("CREATE ROLE {name}_owner; COMMENT ON ROLE {name}_owner IS 'gateway {installation} {id}'"),
        format!("CREATE DATABASE {name} OWNER {name}_owner TEMPLATE template0"),
    ] {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut two.stack().server("postgres").await).await.unwrap();
    }
}

#[test]
fn a_server_is_drained_cleared_of_what_is_astray_and_removed() {
    run(async {
        let two = Two::start().await;
        let worker = two.instance.worker(&two.settings());
        worker.until_started().await;
        let keys = two.insert("move", 3).await;
        two.settled(&keys).await;
        let found = two.by_server(&keys).await;
        assert_eq!(found["second"].len(), 2);
        let (key, id) = found["second"][0].clone();

        // A worker without the credential leaves the tenant to one that has it.
        drop(worker);
        let without = two.instance.worker(HASTE);
        without.until_started().await;
        assert!(two.stack().ctl(&["tenant", "rotate", &key]).status.success());
        two.waits(&key, "database_server_unknown").await;
        let alone = two.insert("alone", 2).await;
        two.settled(&alone).await;
        assert_eq!(two.by_server(&alone).await.keys().collect::<Vec<_>>(), ["default"]);
        let _worker = two.instance.worker(&two.settings());
        two.stack().settled(&key, &["active"]).await;
        two.assert_lives_on(&key, id, "second").await;
        drop(without);

        let drained = two.stack().ctl(&["server", "drain", "second"]);
        assert!(drained.status.success(), "{drained:?}");
        let later = two.insert("later", 3).await;
        two.settled(&later).await;
        assert_eq!(two.by_server(&later).await.keys().collect::<Vec<_>>(), ["default"]);

        make_astray(&two, id).await;
        let report = two.reconcile().await;
        let astray: Vec<(&Value, &Value, &Value)> = report["orphans"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (&one["kind"], &one["place"], &one["detail"]["lives_on"]))
            .collect();
        let (place, home) = (json!("database-server/default"), json!("second"));
        assert_eq!(astray, [(&json!("database"), &place, &home), (&json!("role"), &place, &home)], "{report:#}");
        assert_eq!(report["drift"], json!([]), "{report:#}");
        let gc = json!({ "kind": "collect", "parameters": { "dry_run": false, "quarantine_seconds": 0 } });
        let collected = two.job(gc).await;
        assert_eq!(collected["collected"].as_array().unwrap().len(), 2, "{collected:#}");
        two.assert_lives_on(&key, id, "second").await;
        assert_eq!(two.reconcile().await["orphans"], json!([]));

        let refused = two.stack().ctl(&["server", "delete", "second"]);
        assert_eq!(refused.status.code(), Some(5), "{refused:?}");
        two.deletes(&found["second"]).await;
        let removed = two.stack().ctl(&["server", "remove", "second"]);
        assert!(removed.status.success(), "{removed:?}");
        assert_eq!(two.stack().api("GET", SECOND, None).await.0, 404);
        let report = two.reconcile().await;
        assert_eq!((&report["unknown"], &report["refused"]), (&json!([]), &Value::Null), "{report:#}");
        two.instance.verify(&two.settings(), &[]).await;
    });
}
