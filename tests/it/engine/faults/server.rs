//! The tenants' database server crashes, is squatted in, loses a backend, or runs out of disk.

use std::time::{Duration, Instant};

use gateway::domain::operation::OperationKind;
use gateway::domain::tenant::Tier;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sqlx::Connection;
use sqlx::postgres::PgConnection;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::named;
use crate::engine::stages::{self, Subject};
use crate::support::bystanders::Bystanders;
use crate::support::instance::Instance;
use crate::support::parts::Part;
use crate::support::report::{say, timed};
use crate::support::rig::{HASTE, Rig};
use crate::support::worker::{Stall, Worker};
use crate::support::{PATIENCE, history, run, unique_key, wait_for};

async fn begin(rig: &Rig, stall: Option<&Stall>) -> (Worker, Subject) {
    let none = [];
    let settings = stall.map(Stall::settings);
    let worker = rig.worker(settings.as_ref().map_or(&none[..], |settings| &settings[..]));
    worker.until_started().await;
    let mut subject = Subject { id: uuid::Uuid::nil(), key: unique_key("server") };
    stages::wish(&rig.instance.stack, OperationKind::Provision, Tier::Shared, &mut subject).await;
    if let Some(stall) = stall {
        stall.reached(&worker).await;
    }
    (worker, subject)
}

async fn converges(rig: &Rig, worker: Worker, subject: &Subject) {
    let stack = &rig.instance.stack;
    stack.settled(&subject.key, &["active"]).await;
    rig.instance.verify(&rig.settings(&[]), &[subject.id]).await;
    history::assert_clean(&stack.control, &subject.key).await;
    worker.assert_calm(&[]);
    assert_eq!(worker.stop(), Some(0));
}

async fn crashes(rig: &mut Rig, bystanders: &Bystanders, place: &str) {
    let stall = Stall::at(&rig.instance.stack.data_dir, place);
    let (worker, subject) = begin(rig, Some(&stall)).await;
    rig.server.end(Signal::SIGQUIT);
    stall.resume();
    named(&rig.instance.stack, &subject.key, &["database_server_unreachable"]).await;
    rig.server.run().await;
    converges(rig, worker, &subject).await;
    bystanders.settle_down("the tenants' server").await;
}

/// A session in a template database. PostgreSQL does not copy one that somebody is in.
async fn squat(rig: &Rig, template: &str) -> PgConnection {
    let mut administrator = rig.server.connect("postgres").await.unwrap();
    let open = format!("ALTER DATABASE {template} ALLOW_CONNECTIONS true");
    sqlx::raw_sql(sqlx::AssertSqlSafe(open)).execute(&mut administrator).await.unwrap();
    administrator.close().await.unwrap();
    rig.server.connect(template).await.unwrap()
}

async fn squatter_in_template1(rig: &Rig, bystanders: &Bystanders) {
    let squatter = squat(rig, "template1").await;
    let (worker, subject) = begin(rig, None).await;
    converges(rig, worker, &subject).await;
    squatter.close().await.unwrap();
    bystanders.untouched("a squatter in template1").await;
}

async fn squatter_in_template0(rig: &Rig, bystanders: &Bystanders) {
    let squatter = squat(rig, "template0").await;
    let (worker, subject) = begin(rig, None).await;
    named(&rig.instance.stack, &subject.key, &["database_busy"]).await;
    squatter.close().await.unwrap();
    converges(rig, worker, &subject).await;
    bystanders.untouched("a squatter in template0").await;
}

/// A squatter holds the statement up, so that its backend can be found in the middle of it.
async fn backend_killed_in_create_database(rig: &Rig, bystanders: &Bystanders) {
    let squatter = squat(rig, "template0").await;
    let (worker, subject) = begin(rig, None).await;
    let backend: i32 = wait_for("a backend in CREATE DATABASE", PATIENCE, || async {
        let mut connection = rig.server.connect("postgres").await.map_err(|error| error.to_string())?;
        let found = sqlx::query_scalar(
            "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'CREATE DATABASE%'",
        );
        let found = found.fetch_optional(&mut connection).await.map_err(|error| error.to_string())?;
        found.ok_or_else(|| "none".to_owned())
    })
    .await;
    kill(Pid::from_raw(backend), Signal::SIGKILL).unwrap();
    // The server ends every session and recovers, the squatter's too.
    drop(squatter);
    rig.server.until_ready().await;
    converges(rig, worker, &subject).await;
    bystanders.settle_down("a backend that was killed").await;
}

#[test]
fn the_tenants_server() {
    run(async {
        let mut rig = Rig::start(None).await;
        let bystanders = Bystanders::settle(&rig.instance, &rig.settings(&[])).await;
        for place in
            ["provision:role:before-effect", "provision:database:before-effect", "provision:migrations:before-effect"]
        {
            timed("faults", format!("tenants' server: crash at {place}"), crashes(&mut rig, &bystanders, place)).await;
        }
        timed("faults", "tenants' server: squatter in template1", squatter_in_template1(&rig, &bystanders)).await;
        timed("faults", "tenants' server: squatter in template0", squatter_in_template0(&rig, &bystanders)).await;
        let case = backend_killed_in_create_database(&rig, &bystanders);
        timed("faults", "tenants' server: backend killed in CREATE DATABASE", case).await;
        bystanders.finish("the tenants' server").await;
    });
}

/// `DROP DATABASE` waits for every backend to have closed its files, and one whose client is signing in does not listen
/// until that is over or `authentication_timeout` ends it: a minute, where nobody says otherwise.
#[test]
fn a_client_that_stalls_while_it_signs_in() {
    run(async {
        let instance = Instance::without_worker(&[]).await;
        let stack = &instance.stack;
        let worker = instance.worker(HASTE);
        let mut subjects = stages::subjects("signin", 1);
        stages::pass(stack, OperationKind::Provision, Tier::Shared, &mut subjects).await;
        let mut stalled = TcpStream::connect(stack.address(Part::Postgres)).await.unwrap();
        stalled.write_all(&startup("gateway")).await.unwrap();
        let mut kind = [0];
        stalled.read_exact(&mut kind).await.unwrap();
        assert_eq!(kind, *b"R", "it is asked to sign in");
        let since = Instant::now();
        stages::wish(stack, OperationKind::Deprovision, Tier::Shared, &mut subjects[0]).await;
        stack.settled(&subjects[0].key, &["deleted"]).await;
        let taken = since.elapsed();
        assert!(taken < Duration::from_secs(30), "the database went after {taken:?}");
        worker.assert_calm(&[]);
        assert_eq!(worker.stop(), Some(0));
    });
}

/// The first message of a client, in version 3.0 of PostgreSQL's protocol: its length, the version, names and values.
fn startup(user: &str) -> Vec<u8> {
    let named = format!("user\0{user}\0database\0postgres\0\0");
    let length = u32::try_from(named.len() + 8).unwrap();
    [&length.to_be_bytes(), &(3_u32 << 16).to_be_bytes(), named.as_bytes()].concat()
}

#[test]
fn a_full_disk() {
    if !nix::unistd::geteuid().is_root() {
        say("only root can limit a file system; nothing was tried");
        return;
    }
    run(async {
        let rig = Rig::start(Some(160)).await;
        let bystanders = Bystanders::settle(&rig.instance, &rig.settings(&[])).await;
        timed("faults", "tenants' server: disk full", async {
            rig.server.fill_disk();
            let (worker, subject) = begin(&rig, None).await;
            named(&rig.instance.stack, &subject.key, &["database_disk_full"]).await;
            bystanders.untouched("a full disk").await;
            rig.server.free_disk();
            converges(&rig, worker, &subject).await;
        })
        .await;
        bystanders.finish("a full disk").await;
    });
}
