//! PostgreSQL, Redis, and what workers leave in the control database.

use nix::sys::signal::Signal;

use super::rig::Rig;
use crate::support::chaos::{Chaos, Place};
use crate::support::parts::Part;
use crate::support::{NEWER_SCHEMA, PATIENCE, wait_for};

pub(super) async fn control_database(rig: &Rig) {
    rig.server("ALTER DATABASE gateway ALLOW_CONNECTIONS false").await;
    let told = rig.ask(&[]).tells("control_database", "problem", "");
    told.tells("control_schema", "skipped", "control_database").tells("workers", "skipped", "control_schema");
    rig.server("ALTER DATABASE gateway ALLOW_CONNECTIONS true").await;
}

pub(super) async fn control_schema(rig: &Rig) {
    let newest = "(SELECT max(version) FROM gateway.schema_migration)";
    rig.control(&format!("UPDATE gateway.schema_migration SET success = false WHERE version = {newest}")).await;
    rig.ask(&[]).tells("control_schema", "problem", "GW010").tells("queue", "skipped", "control_schema");
    rig.control("UPDATE gateway.schema_migration SET success = true").await;
    rig.control(NEWER_SCHEMA).await;
    rig.ask(&[]).tells("control_schema", "ok", "of a newer release").tells("queue", "ok", "");
    rig.control("UPDATE gateway.schema_floor SET version = 1001").await;
    rig.ask(&[]).tells("control_schema", "problem", "GW010").tells("queue", "skipped", "control_schema");
    rig.control("UPDATE gateway.schema_floor SET version = 22").await;
    rig.control("DELETE FROM gateway.schema_migration WHERE version = 1001").await;
}

/// Only the program's own clock can be moved: all others on a machine share one.
pub(super) async fn control_clock(rig: &Rig) {
    let library =
        std::fs::read_dir("/usr/lib").unwrap().flatten().map(|entry| entry.path().join("faketime/libfaketime.so.1"));
    let library = library.into_iter().find(|path| path.exists()).expect("libfaketime is installed by `make setup`");
    let library = library.display().to_string();
    for (shift, direction) in [("-1h", "ahead of"), ("+1h", "behind")] {
        let moved = [("LD_PRELOAD", library.as_str()), ("FAKETIME", shift), ("FAKETIME_DONT_FAKE_MONOTONIC", "1")];
        rig.ask(&moved).tells("control_clock", "problem", direction);
    }
}

/// The server of the stack, by way of an address that other machines would use.
pub(super) async fn control_tls(rig: &Rig) {
    let stack = &rig.instance.stack;
    rig.ask(&[]).tells("control_tls", "ok", "on this machine");
    let bridge = stack.docker().await.inspect_network("bridge", None).await.unwrap();
    let address = bridge.ipam.unwrap().config.unwrap().into_iter().find_map(|config| config.gateway).unwrap();
    let forward = Chaos::tcp_on(&address, stack.address(Part::Postgres)).await;
    let Place::Tcp(listens) = &forward.place else { panic!("{:?}", forward.place) };
    let mut url: url::Url = rig.setting("GATEWAY_DATABASE_URL").parse().unwrap();
    url.set_ip_host(listens.ip()).unwrap();
    url.set_port(Some(listens.port())).unwrap();
    let told = rig.ask(&[("GATEWAY_DATABASE_URL", url.as_str())]);
    told.tells("control_database", "ok", "").tells("control_tls", "warning", "at a private address");
}

pub(super) async fn database_servers(rig: &Rig) {
    rig.control("INSERT INTO gateway.database_server (name, address) VALUES ('elsewhere', 'db.test:5432')").await;
    rig.ask(&[]).tells("database_servers", "problem", "elsewhere: these settings hold no credential");
    rig.control("DELETE FROM gateway.database_server WHERE name = 'elsewhere'").await;
    let foreign = ("GATEWAY_TENANT_DATABASE_URLS", "unknown=postgres://a:b@127.0.0.1:1/postgres");
    rig.ask(&[foreign]).tells("database_servers", "warning", "not known: unknown");
}

pub(super) async fn server_privileges(rig: &Rig) {
    rig.server("CREATE ROLE weak LOGIN PASSWORD 'weak'; GRANT CONNECT ON DATABASE postgres TO weak").await;
    let mut url: url::Url = rig.setting("GATEWAY_DATABASE_URL").parse().unwrap();
    url.set_username("weak").unwrap();
    url.set_password(Some("weak")).unwrap();
    url.set_path("/postgres");
    let weak = [("GATEWAY_TENANT_DATABASE_URL", url.as_str())];
    rig.ask(&weak).tells("server_privileges", "problem", "lacks CREATEDB and CREATEROLE");
    rig.server("ALTER ROLE weak CREATEDB").await;
    rig.ask(&weak).tells("server_privileges", "problem", "lacks CREATEROLE");
    rig.server("ALTER ROLE weak CREATEROLE").await;
    rig.ask(&weak).tells("server_privileges", "warning", "better with pg_signal_backend and pg_read_all_stats");
    rig.server("GRANT pg_signal_backend, pg_read_all_stats TO weak").await;
    rig.ask(&weak).tells("server_privileges", "ok", "");
    rig.server("REVOKE CONNECT ON DATABASE postgres FROM weak; DROP ROLE weak").await;
}

pub(super) async fn server_connections(rig: &Rig) {
    rig.ask(&[]).tells("server_connections", "ok", "");
    let all = ("GATEWAY_TENANT_CONNECTION_LIMIT", "10000");
    rig.ask(&[all]).tells("server_connections", "warning", "plans promise 10000 connections");
}

pub(super) async fn redis(rig: &Rig) {
    let frozen = rig.instance.stack.freeze(Part::Redis);
    let told = rig.ask(&[]).tells("redis", "problem", "redis_unreachable");
    told.tells("redis_alone", "skipped", "redis").tells("limits_redis", "problem", "redis_unreachable");
    drop(frozen);
    rig.until("redis", "ok").await;
}

pub(super) async fn redis_user(rig: &Rig) {
    rig.redis("ACL", &["SETUSER", "default", "on", ">plain-word"]).await;
    let address = rig.instance.stack.address(Part::Redis);
    let url = format!("redis://:plain-word@{address}/0");
    rig.ask(&[("GATEWAY_REDIS_URL", &url)]).tells("redis_user", "warning", "logs in as default");
    rig.redis("ACL", &["SETUSER", "default", "off", "resetpass"]).await;
    rig.ask(&[]).tells("redis_user", "ok", "logs in as gateway");
}

pub(super) async fn redis_persistence(rig: &Rig) {
    rig.redis("CONFIG", &["SET", "appendonly", "no"]).await;
    rig.ask(&[]).tells("redis_persistence", "problem", "appendonly no");
    rig.redis("CONFIG", &["SET", "appendonly", "yes"]).await;
    rig.until("redis_persistence", "ok").await;
}

pub(super) async fn redis_eviction(rig: &Rig) {
    rig.redis("CONFIG", &["SET", "maxmemory-policy", "allkeys-lru"]).await;
    rig.ask(&[]).tells("redis_eviction", "problem", "maxmemory-policy allkeys-lru");
    rig.redis("CONFIG", &["SET", "maxmemory-policy", "noeviction"]).await;
    rig.ask(&[]).tells("redis_eviction", "ok", "noeviction");
}

/// The gateway's own user may not ask; a user who may is told.
pub(super) async fn redis_events(rig: &Rig) {
    rig.ask(&[]).tells("redis_events", "skipped", "may not ask");
    let operator = rig.instance.stack.text("redis_url");
    let operator = [("GATEWAY_REDIS_URL", operator.as_str())];
    rig.ask(&operator).tells("redis_events", "ok", "off");
    rig.redis("CONFIG", &["SET", "notify-keyspace-events", "KEA"]).await;
    rig.ask(&operator).tells("redis_events", "warning", "reads the whole tree again");
    rig.redis("CONFIG", &["SET", "notify-keyspace-events", ""]).await;
}

pub(super) async fn redis_alone(rig: &Rig) {
    rig.redis("SET", &["somebody:else", "1"]).await;
    rig.ask(&[]).tells("redis_alone", "warning", "1 keys of others, such as somebody:else");
    rig.redis("DEL", &["somebody:else"]).await;
    rig.ask(&[]).tells("redis_alone", "ok", "");
}

pub(super) async fn limits_redis(rig: &Rig) {
    rig.ask(&[]).tells("limits_redis", "ok", "");
    rig.redis("ACL", &["SETUSER", "limits", "-eval"]).await;
    rig.ask(&[]).tells("limits_redis", "problem", "redis_refuses");
    rig.redis("ACL", &["SETUSER", "limits", "+eval"]).await;
    let own = ("GATEWAY_LIMITS_REDIS_URL", "");
    rig.ask_with(&["--production"], &[own]).tells("limits_redis", "warning", "as the user who may write routes");
}

/// With no worker there, what is due stays so.
pub(super) async fn queue(rig: &Rig) {
    let key = &rig.tenant;
    rig.ask(&[]).tells("queue", "ok", "");
    rig.control(&format!("UPDATE gateway.tenant SET status = 'pending' WHERE key = '{key}'")).await;
    rig.control(&format!("UPDATE gateway.tenant SET due_at = now() - interval '2 minutes' WHERE key = '{key}'")).await;
    rig.ask(&[]).tells("queue", "warning", "1 tenants are due");
}

pub(super) async fn workers(rig: &Rig) {
    for table in ["tree_load", "server_sight"] {
        rig.control(&format!("UPDATE gateway.{table} SET looked_at = now() - interval '1 hour'")).await;
    }
    rig.control("UPDATE gateway.job SET lease_expires_at = NULL WHERE lease_expires_at IS NOT NULL").await;
    rig.ask(&[]).tells("workers", "problem", "no worker has left a sign for");
}

/// Last: PostgreSQL starts anew for it, and goes on failing.
pub(super) async fn control_archive(rig: &Rig) {
    rig.ask(&[]).tells("control_archive", "warning", "archives nothing");
    rig.server("ALTER SYSTEM SET archive_mode = on; ALTER SYSTEM SET archive_command = 'false'").await;
    rig.instance.stack.restart(Part::Postgres, Signal::SIGINT).await;
    wait_for("the control database", PATIENCE, async || {
        let done = sqlx::query("SELECT pg_switch_wal()").execute(&rig.instance.stack.control).await;
        done.map(drop).map_err(|error| error.to_string())
    })
    .await;
    rig.until("control_archive", "problem").await.tells("control_archive", "problem", "could not archive");
}
