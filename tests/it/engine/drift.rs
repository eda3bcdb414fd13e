//! Damage done by hand, one thing at a time: one pass of the reconciler names it, and repairs it or says that it cannot.

use std::collections::HashMap;

use bollard::models::{ContainerCreateBody, Ipam, IpamConfig, NetworkCreateRequest};
use bollard::query_parameters::{
    CreateContainerOptionsBuilder, KillContainerOptionsBuilder, RemoveContainerOptionsBuilder, StartContainerOptions,
};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::support::instance::Instance;
use crate::support::report;
use crate::support::rig::HASTE;
use crate::support::stack::Stack;
use crate::support::world::base;
use crate::support::{PATIENCE, run, unique_key, wait_for};

/// A fleet of one shared and one dedicated tenant, with a worker that looks for drift only when asked.
struct Fleet {
    instance: Instance,
    shared: (String, Uuid),
    dedicated: (String, Uuid),
}

impl Fleet {
    async fn start() -> Self {
        let instance = Instance::without_worker(&[]).await;
        let stack = &instance.stack;
        let shared = unique_key("shared");
        let dedicated = unique_key("dedicated");
        let shared_id = stack.insert(&shared, "Shared").await;
        let dedicated_id = sqlx::query_scalar(
            "INSERT INTO gateway.tenant (key, company_name, tier) VALUES ($1, 'Dedicated', 'dedicated') RETURNING id",
        )
        .bind(&dedicated)
        .fetch_one(&stack.control)
        .await
        .unwrap();
        Self { instance, shared: (shared, shared_id), dedicated: (dedicated, dedicated_id) }
    }

    fn stack(&self) -> &Stack {
        &self.instance.stack
    }

    async fn settled(&self) {
        for (key, _) in [&self.shared, &self.dedicated] {
            self.stack().settled(key, &["active", "suspended"]).await;
        }
    }

    /// Asks for a pass by the API and gives its report.
    async fn pass(&self) -> Value {
        job(self.stack(), json!({ "kind": "reconcile" })).await
    }

    /// One pass after the damage names exactly these kinds about this tenant, the tenant is repaired, another pass finds
    /// nothing, and neither does the auditor.
    async fn is_repaired(&self, case: &str, tenant: Uuid, kinds: &[&str]) {
        let report = self.pass().await;
        assert_eq!(named(&report, tenant), kinds, "{case}: {report:#}");
        let all = report["drift"].as_array().unwrap();
        assert!(all.iter().all(|drift| drift["repaired"] == true), "{case}: {report:#}");
        self.settled().await;
        let reason: Option<String> = sqlx::query_scalar(
            "SELECT reason FROM gateway.operation WHERE tenant_id = $1 AND state = 'succeeded' ORDER BY created_at DESC LIMIT 1",
        )
        .bind(tenant)
        .fetch_one(&self.stack().control)
        .await
        .unwrap();
        assert!(reason.as_deref().is_some_and(|reason| reason.starts_with("drift: ")), "{case}: {reason:?}");
        let after = self.pass().await;
        assert_eq!((&after["drift"], &after["orphans"]), (&json!([]), &json!([])), "{case}: {after:#}");
        self.instance.verify(&[], &[]).await;
    }
}

/// The kinds of drift a report names about a tenant, each once.
fn named(report: &Value, tenant: Uuid) -> Vec<String> {
    let about = report["drift"].as_array().unwrap().iter().filter(|drift| drift["tenant_id"] == tenant.to_string());
    let mut kinds: Vec<String> = about.map(|drift| drift["kind"].as_str().unwrap().to_owned()).collect();
    kinds.sort();
    kinds.dedup();
    kinds
}

/// Has a job done and gives its result.
async fn job(stack: &Stack, request: Value) -> Value {
    let (status, job) = stack.api("POST", "/api/gateway/jobs", Some(request)).await;
    assert_eq!(status, 202, "{job}");
    let path = format!("/api/gateway/jobs/{}", job["id"].as_str().unwrap());
    wait_for("the job to end", PATIENCE, || async {
        let (_, job) = stack.api("GET", &path, None).await;
        match job["state"].as_str() {
            Some("succeeded") => Ok(job["result"].clone()),
            Some("failed") => panic!("{job:#}"),
            _ => Err(job.to_string()),
        }
    })
    .await
}

async fn server(stack: &Stack, sql: String) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut stack.server("postgres").await).await.unwrap();
}

async fn redis(stack: &Stack, command: &'static str, arguments: &[&str]) {
    use fred::interfaces::ClientLike;
    let config = fred::types::config::Config::from_url(&stack.text("redis_url")).unwrap();
    let client = fred::clients::Client::new(config, None, None, None);
    client.init().await.unwrap();
    let arguments: Vec<String> = arguments.iter().map(|text| (*text).to_owned()).collect();
    let _: fred::types::Value =
        client.custom(fred::types::CustomCommand::new_static(command, None, false), arguments).await.unwrap();
    client.quit().await.unwrap();
}

/// Labels that say: made by this control plane for this tenant.
async fn labels(stack: &Stack, tenant: Uuid) -> HashMap<String, String> {
    let installation: Uuid =
        sqlx::query_scalar("SELECT id FROM gateway.installation").fetch_one(&stack.control).await.unwrap();
    HashMap::from([
        ("gateway.managed".to_owned(), "true".to_owned()),
        ("gateway.instance".to_owned(), installation.to_string()),
        ("gateway.tenant".to_owned(), tenant.to_string()),
    ])
}

/// Makes a network of a tenant's name and labels on a subnet outside the block of tenants; gives the engine's id.
async fn make_network(stack: &Stack, tenant: Uuid, subnet: &str) -> String {
    let config = IpamConfig { subnet: Some(subnet.to_owned()), ..IpamConfig::default() };
    let request = NetworkCreateRequest {
        name: base(tenant),
        driver: Some("bridge".to_owned()),
        labels: Some(labels(stack, tenant).await),
        ipam: Some(Ipam { config: Some(vec![config]), ..Ipam::default() }),
        ..NetworkCreateRequest::default()
    };
    stack.docker().await.create_network(request).await.unwrap().id
}

async fn remove_network(stack: &Stack, tenant: Uuid) {
    let docker = stack.docker().await;
    for network in stack.networks_of(tenant).await {
        docker.remove_network(&network.id.unwrap()).await.unwrap();
    }
}

/// A subnet that neither tenants nor other tests use.
fn spare_subnet() -> String {
    format!("172.31.{}.{}/28", rand::random::<u8>(), 16 * (rand::random::<u8>() % 16))
}

#[test]
fn damage_to_databases_and_roles_is_repaired() {
    run(async {
        let fleet = Fleet::start().await;
        let (stack, tenant) = (fleet.stack(), fleet.shared.1);
        let _worker = fleet.instance.worker(HASTE);
        fleet.settled().await;
        let name = base(tenant);
        let cases: &[(&str, String, &[&str])] = &[
            ("connect revoked", format!("REVOKE CONNECT ON DATABASE {name} FROM {name}_app"), &["database_differs"]),
            ("opened to everybody", format!("GRANT CONNECT ON DATABASE {name} TO PUBLIC"), &["database_differs"]),
            ("database closed", format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"), &["database_differs"]),
            ("connection limit lifted", format!("ALTER ROLE {name}_app CONNECTION LIMIT -1"), &["role_differs"]),
            ("password changed", format!("ALTER ROLE {name}_app PASSWORD 'mine'"), &["role_differs"]),
            ("rights raised", format!("ALTER ROLE {name}_app CREATEROLE CREATEDB"), &["role_differs"]),
            ("owner may log in", format!("ALTER ROLE {name}_owner LOGIN"), &["role_differs"]),
        ];
        for (case, sql, kinds) in cases {
            let _record = report::case("drift", *case);
            server(stack, sql.clone()).await;
            fleet.is_repaired(case, tenant, kinds).await;
        }

        let _record = report::case("drift", "role dropped");
        let mut inside = stack.server(&name).await;
        let sql = format!("DROP OWNED BY {name}_app");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut inside).await.unwrap();
        drop(inside);
        server(stack, format!("DROP ROLE {name}_app")).await;
        fleet.is_repaired("role dropped", tenant, &["database_differs", "role_missing"]).await;
        wait_for("the app to have its rights on the tables again", PATIENCE, || async {
            let notes = stack.get(&stack.host_of(&fleet.shared.0), "/").await;
            if notes.status == 200 { Ok(()) } else { Err(notes.body) }
        })
        .await;

        let _record = report::case("drift", "database renamed to its tombstone name");
        // The app holds connections, which keep a database from being renamed.
        server(stack, format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false; SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'")).await;
        server(stack, format!("ALTER DATABASE {name} RENAME TO gone_{name}")).await;
        fleet.is_repaired("database retired", tenant, &["database_differs"]).await;

        let _record = report::case("drift", "database dropped: reported, and no empty one in its place");
        server(stack, format!("DROP DATABASE {name} WITH (FORCE)")).await;
        let report = fleet.pass().await;
        assert_eq!(named(&report, tenant), ["database_lost"], "{report:#}");
        assert_eq!(report["drift"][0]["repaired"], false);
        // Also when somebody insists.
        stack.ctl(&["tenant", "rotate", &fleet.shared.0]);
        wait_for("the tenant to go to error", PATIENCE, || async {
            let row: (String, Option<String>) =
                sqlx::query_as("SELECT status, error_code FROM gateway.tenant WHERE id = $1")
                    .bind(tenant)
                    .fetch_one(&stack.control)
                    .await
                    .unwrap();
            if row == ("error".to_owned(), Some("database_lost".to_owned())) { Ok(()) } else { Err(format!("{row:?}")) }
        })
        .await;
        let there: i64 = sqlx::query_scalar("SELECT count(*) FROM pg_database WHERE datname LIKE '%' || $1")
            .bind(&name)
            .fetch_one(&mut stack.server("postgres").await)
            .await
            .unwrap();
        assert_eq!(there, 0, "no empty database hides the loss");
    });
}

#[test]
fn damage_to_networks_containers_and_routes_is_repaired() {
    run(async {
        let fleet = Fleet::start().await;
        let stack = fleet.stack();
        let (key, shared) = (fleet.shared.0.clone(), fleet.shared.1);
        let dedicated = fleet.dedicated.1;
        let _worker = fleet.instance.worker(HASTE);
        fleet.settled().await;
        let docker = stack.docker().await;
        let container = format!("{}_app", base(dedicated));

        let _record = report::case("drift", "network removed");
        remove_network(stack, shared).await;
        fleet.is_repaired("network removed", shared, &["network_missing"]).await;

        let _record = report::case("drift", "network doubled");
        make_network(stack, shared, &spare_subnet()).await;
        fleet.is_repaired("network doubled", shared, &["network_duplicate"]).await;

        let _record = report::case("drift", "container killed");
        let signal = KillContainerOptionsBuilder::new().signal("KILL").build();
        docker.kill_container(&container, Some(signal)).await.unwrap();
        fleet.is_repaired("container killed", dedicated, &["container_stopped"]).await;

        let _record = report::case("drift", "container removed");
        let force = RemoveContainerOptionsBuilder::new().force(true).build();
        docker.remove_container(&container, Some(force)).await.unwrap();
        fleet.is_repaired("container removed", dedicated, &["container_missing"]).await;

        let _record = report::case("drift", "container of a suspended tenant started");
        stack.wish(&fleet.dedicated.0, "suspended").await;
        fleet.settled().await;
        docker.start_container(&container, None::<StartContainerOptions>).await.unwrap();
        fleet.is_repaired("suspended started", dedicated, &["container_running"]).await;
        stack.wish(&fleet.dedicated.0, "pending").await;
        fleet.settled().await;

        let _record = report::case("drift", "rule edited");
        let rule = format!("traefik/http/routers/tenant-{key}/rule");
        redis(stack, "SET", &[&rule, "Host(`elsewhere.localhost`)"]).await;
        fleet.is_repaired("rule edited", shared, &["route_differs"]).await;

        let _record = report::case("drift", "keys deleted");
        redis(stack, "DEL", &[&rule, &format!("traefik/http/routers/tenant-{key}/service")]).await;
        fleet.is_repaired("keys deleted", shared, &["route_missing"]).await;

        let _record = report::case("drift", "all keys deleted");
        let keys = stack.redis_keys("traefik/*").await;
        redis(stack, "DEL", &keys.iter().map(String::as_str).collect::<Vec<_>>()).await;
        fleet.is_repaired("all deleted", shared, &["route_missing"]).await;
        assert_eq!(stack.get("nobody.localhost", "/").await.status, 404, "the way to the tenant port is back as well");
    });
}

#[test]
fn what_nobody_owns_is_listed_and_collected_on_request_only() {
    run(async {
        let fleet = Fleet::start().await;
        let stack = fleet.stack();
        let _worker = fleet.instance.worker(HASTE);
        fleet.settled().await;
        let nobody = Uuid::new_v4();
        let name = base(nobody);
        let docker = stack.docker().await;
        let installation = labels(stack, nobody).await["gateway.instance"].clone();

        // Everything a control plane that lost its row would leave, and an invalid database on top.
        server(
            stack,
            format!("CREATE ROLE {name}_owner; COMMENT ON ROLE {name}_owner IS 'gateway {installation} {nobody}'"),
        )
        .await;
        server(stack, format!("CREATE DATABASE {name} OWNER {name}_owner TEMPLATE template0")).await;
        server(stack, format!("UPDATE pg_database SET datconnlimit = -2 WHERE datname = '{name}'")).await;
        let network = make_network(stack, nobody, &spare_subnet()).await;
        let body = ContainerCreateBody {
            image: Some("gateway-demo-app:dev".to_owned()),
            labels: Some(labels(stack, nobody).await),
            ..ContainerCreateBody::default()
        };
        let options = CreateContainerOptionsBuilder::new().name(&format!("{name}_app")).build();
        let container = docker.create_container(Some(options), body).await.unwrap().id;
        redis(stack, "SET", &["traefik/http/middlewares/tenant-nobody/headers/customrequestheaders/X", "1"]).await;
        redis(stack, "SET", &[&format!("gateway/fence/traefik/{nobody}"), "7"]).await;
        // Without our mark, however it is named: somebody else's.
        let stranger = base(Uuid::new_v4());
        server(stack, format!("CREATE ROLE {stranger}_owner")).await;

        let expected = [
            ("container", container.as_str()),
            ("database", &name),
            ("network", &network),
            ("role", &format!("{name}_owner")),
            ("route", &format!("gateway/fence/traefik/{nobody}")),
            ("route", "http/middlewares/tenant-nobody/headers/customrequestheaders/X"),
        ];
        let listed = |report: &Value, field: &str| {
            let all = report[field].as_array().unwrap().iter();
            let mut all: Vec<(String, String)> = all
                .map(|orphan| {
                    (orphan["kind"].as_str().unwrap().to_owned(), orphan["name"].as_str().unwrap().to_owned())
                })
                .collect();
            all.sort();
            all
        };
        let expected = expected.map(|(kind, name)| (kind.to_owned(), name.to_owned())).to_vec();

        let _record = report::case("drift", "orphans of every kind are reported and left alone");
        let report = fleet.pass().await;
        assert_eq!(listed(&report, "orphans"), expected, "{report:#}");
        assert_eq!(report["drift"], json!([]));
        let (status, page) = stack.api("GET", "/api/gateway/orphans", None).await;
        assert_eq!((status, listed(&page, "items")), (200, expected.clone()));

        let _record = report::case("drift", "a key that no text can hold hinders nothing");
        let poison = ["tenant-poison\0", "tenant-poison"]
            .map(|name| format!("traefik/http/middlewares/{name}/headers/customrequestheaders/x"));
        let poison = poison.each_ref().map(String::as_str);
        for key in poison {
            redis(stack, "SET", &[key, "a\0b"]).await;
        }
        let report = fleet.pass().await;
        assert_eq!(listed(&report, "orphans").len(), expected.len() + poison.len(), "{report:#}");
        redis(stack, "DEL", &poison).await;
        assert_eq!(listed(&fleet.pass().await, "orphans"), expected);

        let _record = report::case("drift", "orphans are kept for the quarantine");
        let kept = job(stack, json!({ "kind": "collect", "parameters": { "dry_run": false } })).await;
        assert_eq!((listed(&kept, "kept"), listed(&kept, "collected")), (expected.clone(), Vec::new()), "{kept:#}");

        let _record = report::case("drift", "a dry run of gc removes nothing");
        let dry = stack.ctl(&["gc", "--quarantine", "0", "-o", "json"]);
        let dry: Value = serde_json::from_slice(&dry.stdout).unwrap_or_else(|_| panic!("{dry:?}"));
        assert_eq!((&dry["dry_run"], listed(&dry, "collected")), (&json!(true), expected.clone()));
        assert_eq!(stack.networks_of(nobody).await.len(), 1);

        let _record = report::case("drift", "gc removes orphans and nothing else");
        let done = stack.ctl(&["gc", "--yes", "--quarantine", "0", "-o", "json"]);
        let done: Value = serde_json::from_slice(&done.stdout).unwrap_or_else(|_| panic!("{done:?}"));
        assert_eq!((listed(&done, "collected"), listed(&done, "kept")), (expected, Vec::new()), "{done:#}");
        let after = fleet.pass().await;
        assert_eq!((&after["drift"], &after["orphans"]), (&json!([]), &json!([])), "{after:#}");
        let strangers: i64 = sqlx::query_scalar("SELECT count(*) FROM pg_roles WHERE rolname = $1")
            .bind(format!("{stranger}_owner"))
            .fetch_one(&mut stack.server("postgres").await)
            .await
            .unwrap();
        assert_eq!(strangers, 1, "what does not carry our mark is not ours");
        server(stack, format!("DROP ROLE {stranger}_owner")).await;
        fleet.instance.verify(&[], &[]).await;
    });
}

#[test]
fn a_pass_that_cannot_see_everything_repairs_nothing() {
    run(async {
        let fleet = Fleet::start().await;
        let stack = fleet.stack();
        let (key, tenant) = (fleet.shared.0.clone(), fleet.shared.1);
        let worker = fleet.instance.worker(HASTE);
        fleet.settled().await;
        drop(worker);
        let _record = report::case("drift", "an unknown source stops the pass");
        let away = format!("unix://{}", stack.data_dir.join("no-such.sock").display());
        let blind: Vec<(&str, &str)> = HASTE.iter().copied().chain([("GATEWAY_DOCKER_HOST", away.as_str())]).collect();
        let worker = fleet.instance.worker(&blind);
        redis(stack, "DEL", &[&format!("traefik/http/routers/tenant-{key}/rule")]).await;
        let report = fleet.pass().await;
        assert_eq!(report["refused"]["code"], "source_unknown", "{report:#}");
        assert_eq!(named(&report, tenant), ["route_missing"], "what can be seen is told");
        assert!(report["drift"].as_array().unwrap().iter().all(|drift| drift["repaired"] == false), "{report:#}");
        let due: bool = sqlx::query_scalar("SELECT due_at IS NOT NULL FROM gateway.tenant WHERE id = $1")
            .bind(tenant)
            .fetch_one(&stack.control)
            .await
            .unwrap();
        assert!(!due);
        drop(worker);
        let _worker = fleet.instance.worker(HASTE);
        fleet.is_repaired("seeing again", tenant, &["route_missing"]).await;
    });
}
