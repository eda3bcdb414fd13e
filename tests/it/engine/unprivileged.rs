//! A tenants' server whose administrator is no superuser, as managed services give none: a tenant's whole life with the rights
//! that the documentation names, and nothing else.

use std::process::Stdio;

use serde_json::{Value, json};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use uuid::Uuid;

use crate::support::instance::Instance;
use crate::support::postgres::TenantServer;
use crate::support::rig::HASTE;
use crate::support::stack::{Stack, gateway};
use crate::support::world::base;
use crate::support::{PATIENCE, run, unique_key, wait_for};

/// What gateway/docs/deploy/managed-postgresql.md has the superuser of a server run, once.
const NEEDED: &str = "CREATE ROLE keeper LOGIN PASSWORD 'kept' CREATEDB CREATEROLE;
    REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;
    GRANT CONNECT ON DATABASE postgres TO keeper";
/// What it names beside that.
const USEFUL: &str =
    "GRANT pg_signal_backend, pg_read_all_stats TO keeper; GRANT SET ON PARAMETER temp_file_limit TO keeper";

struct Managed {
    // Dropped before the server it uses.
    instance: Instance,
    server: TenantServer,
    settings: Vec<(String, String)>,
}

impl Managed {
    async fn start(rights: &[&str], copies: &str) -> Self {
        let server = TenantServer::start(None).await;
        for sql in rights {
            let mut superuser = server.connect("postgres").await.unwrap();
            sqlx::raw_sql(AssertSqlSafe((*sql).to_owned())).execute(&mut superuser).await.unwrap();
            superuser.close().await.unwrap();
        }
        let instance = Instance::without_worker(&[]).await;
        let own = HASTE.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let given = [
            ("TENANT_DATABASE_URL", format!("postgres://keeper:kept@{}/postgres", server.address())),
            ("TENANT_DATABASE_ADDRESS", server.address()),
            ("TENANT_DATABASE_COPIES", copies.to_owned()),
            ("DELETE_GRACE_SECONDS", "3600".to_owned()),
        ];
        let settings = own.chain(given.map(|(name, value)| (format!("GATEWAY_{name}"), value))).collect();
        Self { instance, server, settings }
    }

    fn settings(&self) -> Vec<(&str, &str)> {
        self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    fn ctl(&self, arguments: &[&str]) {
        let done = self.instance.stack.ctl(arguments);
        assert!(done.status.success(), "{arguments:?}: {done:?}");
    }

    /// Does something as superuser.
    async fn meddle(&self, sql: String) {
        let mut superuser = self.server.connect("postgres").await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut superuser).await.unwrap();
        superuser.close().await.unwrap();
    }

    async fn one<T>(&self, sql: &str) -> T
    where
        T: Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        let mut superuser = self.server.connect("postgres").await.unwrap();
        let found = sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut superuser).await.unwrap();
        superuser.close().await.unwrap();
        found
    }

    async fn login(&self, id: Uuid) -> PgConnectOptions {
        let path = format!("/api/gateway/tenants/{id}/reveal-credentials");
        let (status, told) = self.instance.stack.api("POST", &path, None).await;
        assert_eq!(status, 200, "{told}");
        told["database_url"].as_str().unwrap().parse().unwrap()
    }

    /// The app gets in, reads and writes, and is kept from everything else on the server.
    async fn assert_works(&self, id: Uuid, notes: i64) {
        let options = self.login(id).await;
        let mut app = options.connect().await.unwrap();
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM note").fetch_one(&mut app).await.unwrap();
        assert_eq!(count, notes);
        sqlx::query("INSERT INTO note (body) VALUES ('kept')").execute(&mut app).await.unwrap();
        for refused in ["DROP TABLE note", "CREATE ROLE other", "SELECT * FROM gateway.fence"] {
            let error = sqlx::query(refused).execute(&mut app).await.unwrap_err();
            assert_eq!(
                error.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref(),
                Some("42501"),
                "{refused}: {error}"
            );
        }
        app.close().await.unwrap();
        for database in ["postgres", "template1"] {
            assert!(options.clone().database(database).connect().await.is_err(), "{database} lets the app in");
        }
    }

    async fn reconcile(&self) -> Value {
        let stack = &self.instance.stack;
        let (status, job) = stack.api("POST", "/api/gateway/jobs", Some(json!({ "kind": "reconcile" }))).await;
        assert_eq!(status, 202, "{job}");
        let path = format!("/api/gateway/jobs/{}", job["id"].as_str().unwrap());
        wait_for("the look for drift to end", PATIENCE, || async {
            let (_, job) = stack.api("GET", &path, None).await;
            match job["state"].as_str() {
                Some("succeeded") => Ok(job["result"].clone()),
                Some("failed") => panic!("{job:#}"),
                _ => Err(job.to_string()),
            }
        })
        .await
    }

    async fn repairs(&self, key: &str, kind: &str) {
        let report = self.reconcile().await;
        let kinds: Vec<&Value> = report["drift"].as_array().unwrap().iter().map(|one| &one["kind"]).collect();
        assert_eq!((kinds, &report["unknown"]), (vec![&json!(kind)], &json!([])), "{report:#}");
        self.instance.stack.settled(key, &["active"]).await;
        assert_eq!(self.reconcile().await["drift"], json!([]));
    }

    async fn lives(&self, key: &str) -> Uuid {
        let stack = &self.instance.stack;
        stack.insert(key, key).await;
        let id = stack.settled(key, &["active"]).await;
        let name = base(id);
        self.assert_works(id, 0).await;

        self.ctl(&["tenant", "rotate", key, "--wait"]);
        self.assert_works(id, 1).await;
        self.ctl(&["plan", "edit", "default", "--connections", "7"]);
        let limit = format!("SELECT rolconnlimit FROM pg_roles WHERE rolname = '{name}_app'");
        wait_for("the plan to reach the role", PATIENCE, || async {
            match self.one::<i32>(&limit).await {
                7 => Ok(()),
                other => Err(other.to_string()),
            }
        })
        .await;
        stack.settled(key, &["active"]).await;

        // What somebody else changes is found and mended.
        self.meddle(format!("REVOKE CONNECT ON DATABASE {name} FROM {name}_app")).await;
        self.repairs(key, "database_differs").await;
        self.meddle(format!("ALTER ROLE {name}_app CONNECTION LIMIT -1 CREATEDB")).await;
        self.repairs(key, "role_differs").await;
        self.assert_works(id, 2).await;
        // A password that cannot be read is tried, by the audit and by the step that looks after the roles.
        self.meddle(format!("ALTER ROLE {name}_app PASSWORD 'another'")).await;
        let found = self.instance.stack.data_dir.join("found.json");
        self.audit(&found, 1);
        assert!(std::fs::read_to_string(&found).unwrap().contains(&id.to_string()));
        let again = format!("UPDATE gateway.tenant SET status = 'pending' WHERE id = '{id}'");
        sqlx::raw_sql(AssertSqlSafe(again)).execute(&stack.control).await.unwrap();
        stack.settled(key, &["active"]).await;
        self.assert_works(id, 3).await;

        self.ctl(&["tenant", "suspend", key, "--wait"]);
        self.ctl(&["tenant", "reactivate", key, "--wait"]);
        // An app that stays in does not hold the deletion up.
        let app = self.login(id).await.connect().await.unwrap();
        self.ctl(&["tenant", "delete", key, "--force", "--yes", "--wait"]);
        drop(app);
        self.ctl(&["tenant", "undelete", key, "--wait"]);
        self.assert_works(id, 4).await;
        id
    }

    /// `gateway verify` with the worker's settings; its report goes to a file.
    fn audit(&self, report: &std::path::Path, code: i32) {
        let mut command = gateway();
        command.arg("verify").envs(self.instance.environment.iter().cloned()).envs(self.settings());
        let done = command.output().unwrap();
        std::fs::write(report, &done.stdout).unwrap();
        assert_eq!(done.status.code(), Some(code), "{done:?}");
    }

    async fn dies(&self, key: &str, id: Uuid) {
        self.ctl(&["tenant", "delete", key, "--force", "--purge", "--yes", "--wait"]);
        self.instance.stack.settled(key, &["deleted"]).await;
        let left = format!(
            "SELECT (SELECT count(*) FROM pg_database WHERE datname LIKE '%{0}%') + (SELECT count(*) FROM pg_roles WHERE rolname LIKE '%{0}%')",
            base(id)
        );
        assert_eq!(self.one::<i64>(&left).await, 0);
    }

    /// What it was given is all that it has.
    async fn assert_still_plain(&self) {
        let high = "SELECT rolsuper OR rolreplication OR rolbypassrls FROM pg_roles WHERE rolname = 'keeper'";
        assert!(!self.one::<bool>(high).await);
    }
}

#[test]
fn a_tenant_lives_and_dies_on_the_documented_rights_alone() {
    run(async {
        let managed = Managed::start(&[NEEDED], "never").await;
        let worker = managed.instance.worker(&managed.settings());
        worker.until_started().await;
        let key = unique_key("plain");
        let id = managed.lives(&key).await;
        managed.audit(&managed.instance.stack.data_dir.join("clean.json"), 0);
        managed.dies(&key, id).await;
        managed.assert_still_plain().await;
        worker.assert_calm(&[]);
        let said = worker.text();
        for lacking in ["database_privilege", "only its owner can close it"] {
            assert!(!said.contains(lacking), "{said}");
        }
    });
}

#[test]
fn copies_and_spares_are_made_and_taken_without_a_superuser_too() {
    run(async {
        let managed = Managed::start(&[NEEDED, USEFUL], "auto").await;
        let worker = managed.instance.worker(&managed.settings());
        worker.until_started().await;
        let stock = "SELECT count(*) FROM pg_database d WHERE d.datname LIKE 'spare_%' AND NOT d.datallowconn
                        AND shobj_description(d.oid, 'pg_database') IS NOT NULL";
        let stocked = async || {
            wait_for("the spares", PATIENCE * 3, || async {
                match managed.one::<i64>(stock).await {
                    2 => Ok(()),
                    other => Err(format!("{other} spares: {}", worker.text())),
                }
            })
            .await;
        };
        stocked().await;
        let key = unique_key("spare");
        let id = managed.lives(&key).await;
        let from: String = sqlx::query_scalar(
            "SELECT result ->> 'from' FROM gateway.step_attempt WHERE tenant_id = $1 AND starts_with(result ->> 'from', 'spare_')",
        )
        .bind(id)
        .fetch_one(&managed.instance.stack.control)
        .await
        .unwrap();
        assert!(from.starts_with("spare_"));
        let limits = format!(
            "SELECT array_to_string(setconfig, ' ') FROM pg_db_role_setting WHERE setrole = '{}_app'::regrole",
            base(id)
        );
        assert!(managed.one::<String>(&limits).await.contains("temp_file_limit=1GB"));
        stocked().await;
        managed.audit(&managed.instance.stack.data_dir.join("clean.json"), 0);
        managed.dies(&key, id).await;
        managed.assert_still_plain().await;
        worker.assert_calm(&[]);
    });
}

#[test]
fn the_control_database_needs_its_owner_and_nothing_more() {
    run(async {
        let (server, stack) = (TenantServer::start(None).await, Stack::shared().await);
        for sql in ["CREATE ROLE plain LOGIN PASSWORD 'kept'", "CREATE DATABASE control OWNER plain"] {
            let mut superuser = server.connect("postgres").await.unwrap();
            sqlx::raw_sql(sql).execute(&mut superuser).await.unwrap();
            superuser.close().await.unwrap();
        }
        let url = format!("postgres://plain:kept@{}/control", server.address());
        let on_it = |verb: &str| {
            let mut command = gateway();
            command.arg(verb).envs(stack.environment()).env("GATEWAY_DATABASE_URL", &url).stdin(Stdio::null());
            command
        };
        let migrated = on_it("migrate").output().unwrap();
        let said = String::from_utf8(migrated.stdout).unwrap();
        assert!(migrated.status.success(), "{said}");
        let key = said.lines().find_map(|line| line.trim().strip_prefix("GATEWAY_API_KEY=")).unwrap().to_owned();
        let free = || std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
        let (port, admin_port) = (free(), free());
        let mut serve = on_it("serve");
        serve.env("GATEWAY_PORT", &port).env("GATEWAY_ADMIN_PORT", &admin_port);
        let mut serve = serve.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        wait_for("the server to be ready", PATIENCE, || async {
            let answer = http.get(format!("http://127.0.0.1:{admin_port}/ready")).send().await;
            let answer = answer.and_then(reqwest::Response::error_for_status);
            answer.map(|_| ()).map_err(|error| error.to_string())
        })
        .await;
        let call = http.post(format!("http://127.0.0.1:{admin_port}/api/gateway/tenants")).bearer_auth(&key);
        let body = json!({ "key": "acme", "company_name": "Acme" });
        assert_eq!(call.json(&body).send().await.unwrap().status(), 202);
        serve.kill().unwrap();
        serve.wait().unwrap();
    });
}
