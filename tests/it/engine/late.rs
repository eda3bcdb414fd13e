//! A request of a dead worker arrives when another has long finished: every receiver refuses it, or it does no harm.
//!
//! The lease cannot help here, since whoever held it checked it before sending. The fence at the receiver can, and where
//! there is none, a name or a subnet that cannot be had twice, or a session that the next worker ends.

use gateway::domain::operation::OperationKind;
use gateway::domain::tenant::Tier;

use super::stages::{self, GRACE, Subject};
use crate::support::bystanders::Bystanders;
use crate::support::chaos::{Chaos, Mode};
use crate::support::report::timed;
use crate::support::rig::{HASTE, Rig};
use crate::support::stack::Stack;
use crate::support::worker::Worker;
use crate::support::{PATIENCE, history, run, wait_for};

/// Settings of a worker that reaches control database and parts without a proxy.
pub(super) fn direct(rig: &Rig) -> Vec<(String, String)> {
    let tenants = [("TENANT_DATABASE_URL", rig.server.url()), ("TENANT_DATABASE_ADDRESS", rig.server.address())];
    let tenants = tenants.map(|(name, value)| (format!("GATEWAY_{name}"), value));
    let fixed = HASTE.iter().chain([&GRACE]).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    fixed.chain(tenants).collect()
}

fn heir(rig: &Rig) -> Worker {
    let settings = direct(rig);
    let settings: Vec<_> = settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    rig.instance.worker(&settings)
}

/// A worker that died while its request was kept back.
async fn dies_with_a_request_on_its_way(
    rig: &Rig,
    proxy: &Chaos,
    request: &'static [u8],
    kind: OperationKind,
    subject: &mut Subject,
) {
    let stack = &rig.instance.stack;
    proxy.set(Mode::HoldRequest(request));
    let doomed = rig.worker(&[GRACE]);
    doomed.until_started().await;
    stages::wish(stack, kind, Tier::Shared, subject).await;
    wait_for("the request to be on its way", PATIENCE, || async {
        if proxy.hits() > 0 { Ok(()) } else { Err(doomed.text()) }
    })
    .await;
    doomed.kill();
}

async fn arrives(proxy: &Chaos) {
    proxy.release();
    wait_for("the late request to be answered", PATIENCE, || async {
        if proxy.hits() > 1 { Ok(()) } else { Err("no answer yet".to_owned()) }
    })
    .await;
}

async fn world(rig: &Rig, stack: &Stack, subject: &Subject) -> String {
    let server = rig.server.url().parse().unwrap();
    stack.snapshot(&server, &subject.key, subject.id).await
}

/// The heir finishes, the request arrives, and nothing changes.
async fn refused(rig: &Rig, proxy: &Chaos, request: &'static [u8], kind: OperationKind, subject: &mut Subject) {
    let stack = &rig.instance.stack;
    dies_with_a_request_on_its_way(rig, proxy, request, kind, subject).await;
    let heir = heir(rig);
    stack.settled(&subject.key, &[stages::goal(kind)]).await;
    // A wish that undoes what the late request would do again.
    let next = if kind == OperationKind::Provision { OperationKind::Suspend } else { OperationKind::Reactivate };
    stages::pass(stack, next, Tier::Shared, std::slice::from_mut(subject)).await;
    let before = world(rig, stack, subject).await;
    arrives(proxy).await;
    assert_eq!(before, world(rig, stack, subject).await, "{kind}: the late request changed something");
    sound(rig, heir, subject).await;
}

async fn sound(rig: &Rig, heir: Worker, subject: &Subject) {
    rig.instance.verify(&rig.settings(&[GRACE]), &[subject.id]).await;
    history::assert_clean(&rig.instance.stack.control, &subject.key).await;
    heir.assert_calm(&[]);
    assert_eq!(heir.stop(), Some(0));
}

/// Docker has nothing that refuses a network for a tenant that is gone. It is there then, the auditor says so, and one
/// look at the fleet takes it away.
async fn mended(rig: &Rig, subject: &mut Subject) {
    let stack = &rig.instance.stack;
    let kind = OperationKind::Provision;
    dies_with_a_request_on_its_way(rig, &rig.docker, b"/networks/create", kind, subject).await;
    stages::wish(stack, OperationKind::Deprovision, Tier::Shared, subject).await;
    let heir = heir(rig);
    stack.settled(&subject.key, &["deleting"]).await;
    assert_eq!(stack.networks_of(subject.id).await.len(), 0);
    arrives(&rig.docker).await;
    assert_eq!(stack.networks_of(subject.id).await.len(), 1, "the late request had its effect");
    let report = stages::reconcile(stack).await;
    assert!(report["drift"].to_string().contains(&subject.id.to_string()), "{report:#}");
    stack.settled(&subject.key, &["deleting"]).await;
    assert_eq!(stack.networks_of(subject.id).await.len(), 0);
    sound(rig, heir, subject).await;
}

#[test]
fn requests_of_the_dead() {
    run(async {
        let rig = Rig::start(None).await;
        let bystanders = Bystanders::settle(&rig.instance, &rig.settings(&[GRACE])).await;
        let mut subjects = stages::subjects("late", 6);
        let [published, networked, created, role, withdrawn, gone] = subjects.as_mut_slice() else { unreachable!() };
        let kind = OperationKind::Provision;
        let case = refused(&rig, &rig.redis, b"EVAL\r\n", kind, published);
        timed("late", "publish, after the tenant was suspended", case).await;
        let case = refused(&rig, &rig.docker, b"/networks/create", kind, networked);
        timed("late", "create network, after another made it", case).await;
        // The heir ends the dead worker's session, which holds the tenant's lock, before it does anything.
        let case = refused(&rig, &rig.tenants, b"CREATE DATABASE", kind, created);
        timed("late", "create database, after another made it", case).await;
        let case = refused(&rig, &rig.tenants, b"CREATE ROLE", kind, role);
        timed("late", "create role, after another made it", case).await;
        let worker = heir(&rig);
        stages::pass(&rig.instance.stack, kind, Tier::Shared, std::slice::from_mut(withdrawn)).await;
        assert_eq!(worker.stop(), Some(0));
        let case = refused(&rig, &rig.redis, b"EVAL\r\n", OperationKind::Suspend, withdrawn);
        timed("late", "withdraw, after the tenant came back", case).await;
        timed("late", "create network, after the tenant was deleted", mended(&rig, gone)).await;
        bystanders.finish("late requests").await;
    });
}
