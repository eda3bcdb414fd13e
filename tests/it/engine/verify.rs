//! The auditor against a fleet that is broken by hand, one thing at a time, while no worker mends it.

use bollard::query_parameters::{StartContainerOptions, StopContainerOptionsBuilder};
use fred::interfaces::ClientLike;
use serde_json::Value;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::support::chaos::{Chaos, Mode};
use crate::support::instance::Instance;
use crate::support::parts::Part;
use crate::support::stack::{Stack, gateway};
use crate::support::world::base;
use crate::support::{PATIENCE, run, unique_key, wait_for};

/// A worker that does what is asked and mends nothing by itself.
const NO_REPAIR: (&str, &str) = ("GATEWAY_RECONCILE_SECONDS", "0");

/// Exit code and report of `gateway verify`.
fn audit(stack: &Stack, arguments: &[&str], settings: &[(&str, &str)]) -> (i32, Value) {
    let mut command = gateway();
    command.arg("verify").args(arguments).envs(stack.environment()).envs(settings.iter().copied());
    let output = command.output().unwrap();
    let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    (output.status.code().unwrap(), report)
}

/// Invariant and tenant of everything that is reported, each pair once.
fn found(report: &Value) -> Vec<(String, Option<Uuid>)> {
    let pair = |violation: &Value| {
        let id = violation["tenant_id"].as_str().map(|id| id.parse().unwrap());
        (violation["invariant"].as_str().unwrap().to_owned(), id)
    };
    let mut all: Vec<_> = report["violations"].as_array().unwrap().iter().map(pair).collect();
    all.sort();
    all.dedup();
    all
}

fn assert_clean(stack: &Stack) {
    let (code, report) = audit(stack, &[], &[]);
    assert_eq!((code, found(&report)), (0, Vec::new()), "{report:#}");
    assert_eq!(report["unknown"], serde_json::json!([]));
    assert_eq!(report["skipped"], serde_json::json!([]));
}

/// Asserts that the audit names exactly these invariants, all about one tenant.
fn assert_found(stack: &Stack, invariants: &[&str], id: Uuid) {
    let (code, report) = audit(stack, &[], &[]);
    let expected: Vec<_> = invariants.iter().map(|name| ((*name).to_owned(), Some(id))).collect();
    assert_eq!((code, found(&report)), (1, expected), "{report:#}");
}

async fn server(stack: &Stack, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut stack.server("postgres").await).await.unwrap();
}

async fn redis(stack: &Stack, command: &'static str, arguments: &[&str]) -> Option<String> {
    let config = fred::types::config::Config::from_url(&stack.text("redis_url")).unwrap();
    let client = fred::clients::Client::new(config, None, None, None);
    client.init().await.unwrap();
    let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    let answer = client.custom(fred::types::CustomCommand::new_static(command, None, false), arguments).await.unwrap();
    client.quit().await.unwrap();
    answer
}

async fn break_the_database_server(stack: &Stack, shared: Uuid, dedicated: Uuid) {
    let (mine, theirs) = (base(shared), base(dedicated));

    let verifier: String = sqlx::query_scalar("SELECT rolpassword FROM pg_authid WHERE rolname = $1")
        .bind(format!("{mine}_app"))
        .fetch_one(&mut stack.server("postgres").await)
        .await
        .unwrap();
    server(stack, &format!("ALTER ROLE {mine}_app PASSWORD 'changed by hand'")).await;
    assert_found(stack, &["I1"], shared);
    server(stack, &format!("ALTER ROLE {mine}_app PASSWORD '{verifier}'")).await;

    server(stack, &format!("GRANT CONNECT ON DATABASE {mine} TO {theirs}_app")).await;
    assert_found(stack, &["I3"], shared);
    server(stack, &format!("REVOKE CONNECT ON DATABASE {mine} FROM {theirs}_app")).await;

    // Renamed as the worker would for a deletion: closed, empty of sessions.
    let retired = format!("gone_{mine}");
    server(stack, &format!("ALTER DATABASE {mine} ALLOW_CONNECTIONS false")).await;
    server(stack, &format!("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{mine}'"))
        .await;
    server(stack, &format!("ALTER DATABASE {mine} RENAME TO {retired}")).await;
    assert_found(stack, &["I1", "I5"], shared);
    server(stack, &format!("ALTER DATABASE {retired} RENAME TO {mine}")).await;
    server(stack, &format!("ALTER DATABASE {mine} ALLOW_CONNECTIONS true")).await;

    let nobody = Uuid::from_u128(rand::random());
    server(stack, &format!("CREATE DATABASE {}", base(nobody))).await;
    assert_found(stack, &["I12"], nobody);
    server(stack, &format!("DROP DATABASE {}", base(nobody))).await;
    assert_clean(stack);
}

async fn break_redis(stack: &Stack, key: &str, id: Uuid) {
    let route = format!("traefik/http/routers/tenant-{key}/priority");
    let value = redis(stack, "GET", &[&route]).await.unwrap();
    redis(stack, "DEL", &[&route]).await;
    assert_found(stack, &["I28"], id);
    redis(stack, "SET", &[&route, &value]).await;

    let fence = format!("gateway/fence/traefik/{id}");
    let value = redis(stack, "GET", &[&fence]).await.unwrap();
    redis(stack, "SET", &[&fence, "9000000000000000"]).await;
    assert_found(stack, &["I8"], id);
    redis(stack, "SET", &[&fence, &value]).await;
    assert_clean(stack);
}

async fn break_the_container(stack: &Stack, id: Uuid) {
    let docker = stack.docker().await;
    let name = format!("{}_app", base(id));
    let options = StopContainerOptionsBuilder::new().t(1).build();
    docker.stop_container(&name, Some(options)).await.unwrap();
    assert_found(stack, &["I1"], id);
    docker.start_container(&name, None::<StartContainerOptions>).await.unwrap();
    wait_for("the container to be healthy again", PATIENCE, || async {
        let (code, report) = audit(stack, &["--quick"], &[]);
        if code == 0 { Ok(()) } else { Err(report.to_string()) }
    })
    .await;
}

async fn break_the_record(stack: &Stack, id: Uuid) {
    let forged: i64 = sqlx::query_scalar(
        "INSERT INTO gateway.tenant_transition (tenant_id, from_status, to_status, generation, actor)
         VALUES ($1, 'active', 'deleting', 99, 'nobody') RETURNING id",
    )
    .bind(id)
    .fetch_one(&stack.control)
    .await
    .unwrap();
    assert_found(stack, &["I13"], id);
    let remove = sqlx::query("DELETE FROM gateway.tenant_transition WHERE id = $1").bind(forged);
    remove.execute(&stack.control).await.unwrap();
    assert_clean(stack);
}

/// Starts the container of a suspended tenant behind everybody's back.
async fn break_a_suspension(instance: &Instance, key: &str, id: Uuid) {
    let stack = &instance.stack;
    let worker = instance.worker(&[NO_REPAIR]);
    stack.wish(key, "suspended").await;
    stack.settled(key, &["suspended"]).await;
    worker.stop();
    assert_clean(stack);
    let name = format!("{}_app", base(id));
    stack.docker().await.start_container(&name, None::<StartContainerOptions>).await.unwrap();
    assert_found(stack, &["I2"], id);
}

#[test]
fn an_audit_is_clean_until_something_is_broken_and_then_names_it() {
    run(async {
        let instance = Instance::without_worker(&[]).await;
        let stack = &instance.stack;
        let (code, report) = audit(stack, &[], &[]);
        let nobodys = vec![("I1".to_owned(), None), ("I28".to_owned(), None)];
        assert_eq!((code, found(&report)), (1, nobodys), "before the first worker nothing is published: {report:#}");
        let worker = instance.worker(&[NO_REPAIR]);
        let (shared_key, dedicated_key) = (unique_key("shared"), unique_key("dedicated"));
        let shared = stack.insert(&shared_key, "Audit Test").await;
        let dedicated: Uuid = sqlx::query_scalar(
            "INSERT INTO gateway.tenant (key, company_name, tier) VALUES ($1, 'Audit Test', 'dedicated') RETURNING id",
        )
        .bind(&dedicated_key)
        .fetch_one(&stack.control)
        .await
        .unwrap();
        let gone_key = unique_key("gone");
        stack.insert(&gone_key, "Audit Test").await;
        for key in [&shared_key, &dedicated_key, &gone_key] {
            stack.settled(key, &["active"]).await;
        }
        stack.wish(&gone_key, "deleting").await;
        stack.settled(&gone_key, &["deleted"]).await;
        worker.stop();
        assert_clean(stack);

        break_the_database_server(stack, shared, dedicated).await;
        break_redis(stack, &shared_key, shared).await;
        break_the_container(stack, dedicated).await;
        break_the_record(stack, shared).await;
        break_a_suspension(&instance, &dedicated_key, dedicated).await;

        // A look at one tenant says nothing of another.
        let (code, report) = audit(stack, &["--tenant", &shared_key], &[]);
        assert_eq!((code, report["tenants"].as_i64(), found(&report)), (0, Some(1), Vec::new()), "{report:#}");
        let (code, report) = audit(stack, &["--tenant", &dedicated.to_string()], &[]);
        assert_eq!((code, found(&report)), (1, vec![("I2".to_owned(), Some(dedicated))]), "{report:#}");
        let refused = gateway().args(["verify", "--tenant", "nobody"]).envs(stack.environment()).output().unwrap();
        assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    });
}

#[test]
fn a_place_that_does_not_answer_is_unknown_and_not_empty() {
    run(async {
        let stack = Stack::shared().await;
        let key = unique_key("audit");
        stack.insert(&key, "Audit Test").await;
        stack.settled(&key, &["active"]).await;
        for (name, value, source) in [
            ("GATEWAY_REDIS_URL", "redis://127.0.0.1:1", "tree"),
            ("GATEWAY_TRAEFIK_URL", "http://127.0.0.1:1", "edge"),
            ("GATEWAY_TRAEFIK_API_URL", "http://127.0.0.1:1", "traefik"),
            ("GATEWAY_DOCKER_HOST", "unix:///nowhere/docker.sock", "engine"),
            ("GATEWAY_TENANT_DATABASE_URL", "postgres://a:b@127.0.0.1:1/postgres", "catalog"),
            ("GATEWAY_DATABASE_URL", "postgres://a:b@127.0.0.1:1/gateway", "rows"),
        ] {
            let (code, report) = audit(&stack, &["--quick", "--tenant", &key], &[(name, value)]);
            let unknown: Vec<_> =
                report["unknown"].as_array().unwrap().iter().map(|one| one["source"].as_str().unwrap()).collect();
            assert_eq!((code, unknown), (1, vec![source]), "{report:#}");
            assert_eq!(found(&report), Vec::new(), "{name}: {report:#}");
        }
    });
}

#[test]
fn a_database_that_was_silent_once_is_asked_again() {
    run(async {
        let stack = Stack::shared().await;
        let key = unique_key("audit");
        stack.insert(&key, "Audit Test").await;
        stack.settled(&key, &["active"]).await;
        let proxy = Chaos::tcp(stack.address(Part::Postgres)).await;
        let url = proxy.in_url(&stack.text("database_url"));
        // The login of a tenant's app, and nothing else, ends a name so.
        proxy.set(Mode::LoseAnswerTo(b"_app\0"));
        let (code, report) = audit(&stack, &["--tenant", &key], &[("GATEWAY_TENANT_DATABASE_URL", &url)]);
        assert_eq!(proxy.hits(), 1, "the login was lost");
        assert_eq!((code, &report["unknown"], found(&report)), (0, &serde_json::json!([]), Vec::new()), "{report:#}");
    });
}
