//! Walls between networks where Docker Engine makes none: tried with packets, taken down by hand, and raised again.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use bollard::query_parameters::InspectContainerOptions;
use gateway::domain::ids::InstallationId;
use gateway::domain::operation::OperationKind;
use gateway::domain::subnet::{container_address, gateway_address};
use gateway::domain::tenant::Tier;
use gateway::infra::walls::Walls;
use ipnet::Ipv4Net;
use serde_json::Value;
use uuid::Uuid;

use super::stages::{self, Subject};
use crate::support::dockerd::Dockerd;
use crate::support::instance::Instance;
use crate::support::namespace::{Outside, Reach, leave_the_machine, reach};
use crate::support::report::{self, say};
use crate::support::rig::HASTE;
use crate::support::{PATIENCE, run};

const ISOLATION: (&str, &str) = ("GATEWAY_NETWORK_ISOLATION", "nftables");

/// Nobody listens on the discard port.
const NO_REDIS: &[(&str, &str)] = &[("GATEWAY_REDIS_URL", "redis://127.0.0.1:9")];

fn nft(arguments: &[&str]) -> Output {
    let done = Command::new("nft").args(arguments).output().unwrap();
    assert!(done.status.success(), "nft {arguments:?}: {done:?}");
    done
}

/// A tenant's container, seen from outside of it.
struct Cell {
    subnet: Ipv4Net,
    process: i64,
    app: SocketAddr,
}

async fn subnet_of(instance: &Instance, subject: &Subject) -> Ipv4Net {
    let subnet: String = sqlx::query_scalar("SELECT subnet::text FROM gateway.subnet WHERE tenant_id = $1")
        .bind(subject.id)
        .fetch_one(&instance.stack.control)
        .await
        .unwrap();
    subnet.parse().unwrap()
}

async fn cell(instance: &Instance, subject: &Subject) -> Cell {
    let stack = &instance.stack;
    let subnet = subnet_of(instance, subject).await;
    let containers = stack.containers_of(subject.id).await;
    let id = containers[0].id.as_deref().unwrap();
    let docker = stack.docker().await;
    let inspected = docker.inspect_container(id, None::<InspectContainerOptions>).await.unwrap();
    let process = inspected.state.unwrap().pid.unwrap();
    Cell { subnet, process, app: SocketAddr::from((container_address(subnet), 8080)) }
}

async fn table(instance: &Instance) -> String {
    let id: Uuid =
        sqlx::query_scalar("SELECT id FROM gateway.installation").fetch_one(&instance.stack.control).await.unwrap();
    Walls::of(InstallationId::from_uuid(id)).table().to_owned()
}

/// What is promised of two tenants while the walls stand.
fn assert_walled(a: &Cell, b: &Cell, outside: &Outside, when: &str) {
    assert_eq!(reach(a.process, b.app), Reach::Dropped, "{when}: from one tenant to another");
    assert_eq!(reach(b.process, a.app), Reach::Dropped, "{when}: and back");
    assert_eq!(outside.reach(a.app), Reach::Dropped, "{when}: from outside to a tenant");
    assert_eq!(outside.sees(a.process), "192.0.2.1", "{when}: outward, by the machine's address");
}

/// The tenants about which a report says that their networks are not kept apart.
fn open(report: &Value) -> Vec<String> {
    let drift = report["drift"].as_array().unwrap();
    assert!(drift.iter().all(|one| one["kind"] == "wall_missing" && one["repaired"] == true), "{report:#}");
    let mut open: Vec<String> = drift.iter().map(|one| one["tenant_id"].as_str().unwrap().to_owned()).collect();
    open.sort();
    open
}

#[test]
fn tenants_are_walled_off_by_a_table_of_our_own() {
    if !nix::unistd::geteuid().is_root() {
        say("only root can run an engine; nothing was tried");
        return;
    }
    leave_the_machine();
    run(async {
        let engine = Dockerd::start();
        let host = engine.host();
        let instance = Instance::without_worker(&[("GATEWAY_DOCKER_HOST", &host)]).await;
        let stack = &instance.stack;
        let settings = [HASTE, &[ISOLATION]].concat();
        let worker = instance.worker(&settings);
        let mut subjects = stages::subjects("walled", 2);
        stages::pass(stack, OperationKind::Provision, Tier::Dedicated, &mut subjects).await;
        let [a, b] = [&subjects[0], &subjects[1]];
        let block = instance.environment.iter().find(|(name, _)| name == "GATEWAY_DOCKER_NETWORK_BLOCK").unwrap();
        let outside = Outside::connect(&block.1);
        let (cell_a, cell_b) = (cell(&instance, a).await, cell(&instance, b).await);
        let table = table(&instance).await;
        let both = {
            let mut both = vec![a.id.to_string(), b.id.to_string()];
            both.sort();
            both
        };

        assert_walled(&cell_a, &cell_b, &outside, "made");
        // From the host and to the database it is as with Docker's own rules.
        assert_eq!(stack.get(&stack.host_of(&a.key), "/").await.status, 200);
        let nobody = SocketAddr::from((gateway_address(cell_a.subnet), 9));
        assert_eq!(reach(cell_a.process, nobody), Reach::Refused, "the host answers");
        instance.verify(&settings, &[a.id, b.id]).await;

        let _record = report::case("walls", "the table is deleted by hand");
        nft(&["delete", "table", "inet", &table]);
        assert_eq!(reach(cell_a.process, cell_b.app), Reach::Answered, "without the table nothing is in the way");
        assert_eq!(outside.reach(cell_a.app), Reach::Answered);
        assert_eq!(open(&stages::reconcile(stack).await), both);
        assert_walled(&cell_a, &cell_b, &outside, "after the table was deleted");
        mended(&instance, &subjects, &settings).await;

        let _record = report::case("walls", "the rules are flushed by hand");
        nft(&["flush", "chain", "inet", &table, "forward"]);
        assert_eq!(reach(cell_a.process, cell_b.app), Reach::Answered);
        assert_eq!(open(&stages::reconcile(stack).await), both);
        assert_walled(&cell_a, &cell_b, &outside, "after the rules were flushed");
        mended(&instance, &subjects, &settings).await;

        let _record = report::case("walls", "one subnet is taken out by hand");
        nft(&["delete", "element", "inet", &table, "subnets", &format!("{{ {} }}", cell_a.subnet.network())]);
        assert_eq!(outside.reach(cell_a.app), Reach::Answered);
        assert_eq!(open(&stages::reconcile(stack).await), [a.id.to_string()]);
        assert_walled(&cell_a, &cell_b, &outside, "after a subnet was taken out");
        mended(&instance, &subjects, &settings).await;

        let _record = report::case("walls", "a chain of our name is hooked elsewhere");
        nft(&["delete", "table", "inet", &table]);
        nft(&["add", "table", "inet", &table]);
        nft(&["add", "chain", "inet", &table, "forward", "{ type filter hook input priority 5; }"]);
        assert_eq!(open(&stages::reconcile(stack).await), both);
        assert_walled(&cell_a, &cell_b, &outside, "after a chain was hooked elsewhere");
        mended(&instance, &subjects, &settings).await;

        let _record = report::case("walls", "the machine starts again: the kernel has no rules");
        assert_eq!(worker.stop(), Some(0));
        nft(&["delete", "table", "inet", &table]);
        let too_early = instance.worker(&[&settings, NO_REDIS].concat());
        let (status, _) = too_early.ended(PATIENCE).await;
        assert!(!status.success(), "{status:?}");
        assert_walled(&cell_a, &cell_b, &outside, "before Redis is there");
        let worker = instance.worker(&settings);
        worker.until_started().await;
        assert_walled(&cell_a, &cell_b, &outside, "after a start");

        let _record = report::case("walls", "a tenant goes");
        let mut gone = [subjects[0].clone()];
        stages::wish(stack, OperationKind::Deprovision, Tier::Dedicated, &mut gone[0]).await;
        stack.settled(&gone[0].key, &["deleted"]).await;
        mended(&instance, &subjects[1..], &settings).await;
        let holds = |subnet: Ipv4Net| {
            let listed = String::from_utf8(nft(&["list", "table", "inet", &table]).stdout).unwrap();
            listed.contains(&subnet.network().to_string())
        };
        assert!(!holds(cell_a.subnet) && holds(cell_b.subnet));

        let _record = report::case("walls", "a plan takes a network away");
        let mut bare = stages::subjects("bare", 1);
        stages::pass(stack, OperationKind::Provision, Tier::Shared, &mut bare).await;
        let had = subnet_of(&instance, &bare[0]).await;
        assert!(holds(had));
        let sql = "UPDATE gateway.plan SET network = 'none' WHERE name = 'default'";
        sqlx::query(sql).execute(&stack.control).await.unwrap();
        mended(&instance, &[subjects[1].clone(), bare[0].clone()], &settings).await;
        assert!(!holds(had) && holds(cell_b.subnet), "the dedicated one keeps its own");
        worker.assert_calm(&[]);
        assert_eq!(worker.stop(), Some(0));

        let _record = report::case("walls", "a worker without the right does not start");
        let mut weak = Command::new("setpriv");
        weak.args(["--bounding-set=-net_admin", "--", env!("CARGO_BIN_EXE_gateway"), "worker"]);
        let ended = weak.envs(instance.environment.iter().cloned()).envs(settings.iter().copied()).output().unwrap();
        let said = String::from_utf8_lossy(&ended.stdout) + String::from_utf8_lossy(&ended.stderr);
        assert!(!ended.status.success() && said.contains("CAP_NET_ADMIN"), "{said}");
    });
}

/// Waits until the repairs are through; then another look finds nothing, and neither does the auditor.
async fn mended(instance: &Instance, subjects: &[Subject], settings: &[(&str, &str)]) {
    for subject in subjects {
        instance.stack.settled(&subject.key, &["active"]).await;
    }
    let after = stages::reconcile(&instance.stack).await;
    assert_eq!((&after["drift"], &after["unknown"]), (&Value::Array(vec![]), &Value::Array(vec![])), "{after:#}");
    let ids: Vec<Uuid> = subjects.iter().map(|subject| subject.id).collect();
    instance.verify(settings, &ids).await;
}

/// Rules and chains in the kernel.
fn size(table: &str) -> usize {
    let listing: Value = serde_json::from_slice(&nft(&["-j", "list", "table", "inet", table]).stdout).unwrap();
    let objects = listing["nftables"].as_array().unwrap();
    objects.iter().filter(|one| one.get("rule").is_some() || one.get("chain").is_some()).count()
}

#[test]
fn a_thousand_networks_need_as_many_rules_as_one() {
    if !nix::unistd::geteuid().is_root() {
        say("only root can change rules; nothing was tried");
        return;
    }
    leave_the_machine();
    run(async {
        let walls = Walls::of(InstallationId::from_uuid(Uuid::from_u128(1)));
        let subnet = |number: u32| Ipv4Net::new(Ipv4Addr::from(0x0a58_0000 + number * 16), 28).unwrap();
        walls.raise(&[subnet(0)]).await.unwrap();
        let one = size(walls.table());
        for number in 1..1000 {
            walls.raise(&[subnet(number)]).await.unwrap();
        }
        let seen = walls.look().await.unwrap();
        assert!((0..1000).all(|number| seen.keep(subnet(number))), "{seen:?}");
        assert_eq!(size(walls.table()), one);

        // A pool's network is two tenants' in size; what is there already, and what is not there, is no trouble.
        let pool: Ipv4Net = "10.99.0.0/27".parse().unwrap();
        let began = Instant::now();
        walls.raise(&[pool, subnet(7)]).await.unwrap();
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
        assert!(walls.look().await.unwrap().keep(pool));
        walls.lower(&[pool, subnet(7), subnet(2000)]).await.unwrap();
        let seen = walls.look().await.unwrap();
        assert_eq!((seen.stand, seen.subnets.len(), seen.keep(pool)), (true, 999, false));

        // A set of our name that is none of ours.
        let _ = nft(&["delete", "table", "inet", walls.table()]);
        nft(&["add", "table", "inet", walls.table()]);
        nft(&["add", "set", "inet", walls.table(), "subnets", "{ type ipv4_addr; flags interval; }"]);
        walls.raise(&[subnet(3)]).await.unwrap();
        let seen = walls.look().await.unwrap();
        assert!(seen.keep(subnet(3)), "{seen:?}");
    });
}
