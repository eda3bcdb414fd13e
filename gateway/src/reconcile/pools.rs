//! The difference between what the rows of managed pools want and what is on the engine. Pure.
//!
//! Whether a container that runs answers, a worker asks by the clock; here its absence is found also where nobody asks.

use serde::{Deserialize, Serialize};

use crate::domain::ids::PoolId;
use crate::domain::names;
use crate::infra::listing::Running;
use crate::infra::walls::SeenWalls;
use crate::inventory::engine::EngineObjects;
use crate::inventory::rows::Rows;
use crate::store::managed_pools::ManagedRow;

/// What can be wrong about a managed pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PoolFlaw {
    /// Its network is not there, not the recorded one, or there is more than one.
    Network,
    /// Nothing keeps its network apart from others.
    Wall,
    /// A container is missing, another one, or does not run.
    Container,
    /// A container runs although the pool is stopped.
    Running,
    /// There is a container that the rows do not know.
    Stray,
}

/// One thing about one managed pool that is not as its rows say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolDrift {
    /// The pool.
    pub pool_id: PoolId,
    /// Its name.
    pub pool: String,
    /// The wish it was compared with.
    #[serde(skip)]
    pub revision: i64,
    /// What kind of thing.
    pub flaw: PoolFlaw,
    /// One sentence that names the object.
    pub what: String,
    /// Whether the pool was made due for a repair.
    pub repaired: bool,
}

/// Everything about managed pools that is not as their rows say, pool by pool.
#[must_use]
pub fn drift(rows: &Rows, engine: &EngineObjects, walls: Option<&SeenWalls>) -> Vec<PoolDrift> {
    rows.settled_pools().flat_map(|row| of_pool(row, engine, walls)).collect()
}

fn of_pool(row: &ManagedRow, engine: &EngineObjects, walls: Option<&SeenWalls>) -> Vec<PoolDrift> {
    let mut found = Vec::new();
    let mut add = |flaw, what| {
        let (pool_id, pool, revision) = (row.pool_id, row.name.clone(), row.revision);
        found.push(PoolDrift { pool_id, pool, revision, flaw, what, repaired: false });
    };
    let serves = row.state.serves();
    let networks: Vec<_> = engine.networks_of_pool(row.pool_id).collect();
    let is_whole = matches!(networks.as_slice(), [one] if row.network_id.as_deref() == Some(&*one.id)
        && row.subnet.is_some_and(|subnet| one.subnets == [subnet]));
    if !is_whole && (serves || !networks.is_empty()) {
        add(PoolFlaw::Network, format!("the network {} is not there as recorded", names::pool_network(row.pool_id)));
    }
    let mut subnets = networks.iter().flat_map(|network| &network.subnets);
    if let Some(subnet) = subnets.find(|subnet| walls.is_some_and(|walls| !walls.keep(**subnet))) {
        add(PoolFlaw::Wall, format!("nothing keeps {subnet} apart from other networks"));
    }
    let mut known = Vec::new();
    for container in row.members.iter().filter_map(|member| member.container.as_ref()) {
        let name = names::pool_container(row.pool_id, container.place);
        let listed = engine.containers_of_pool(row.pool_id).find(|one| one.name == name);
        let made = container.made.as_ref().map(|(id, _)| id.as_str());
        let is_recorded = listed.is_some_and(|one| made == Some(one.id.as_str()));
        let runs = listed.is_some_and(|one| one.running != Running::No);
        if serves && !(is_recorded && runs) {
            add(PoolFlaw::Container, format!("the container {name} is not there, or does not run"));
        }
        if !serves && runs {
            add(PoolFlaw::Running, format!("the container {name} runs although the pool is {}", row.state));
        }
        known.push(name);
    }
    if serves && known.len() != usize::from(row.replicas) {
        add(PoolFlaw::Container, format!("there are {} members, and {} are wanted", known.len(), row.replicas));
    }
    for stray in engine.containers_of_pool(row.pool_id).filter(|one| !known.contains(&one.name)) {
        add(PoolFlaw::Stray, format!("there is a container {} that is no member", stray.name));
    }
    found
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::pool::{MemberState, PoolState};
    use crate::infra::listing::{Labels, ListedContainer, ListedNetwork};
    use crate::store::pool_members::{MemberContainer, PoolMember};

    fn sample() -> (Rows, EngineObjects) {
        let id = PoolId::from_uuid(Uuid::from_u128(9));
        let labels = Labels { pool: Some(id), ..Labels::default() };
        let member = |place: u8| PoolMember {
            url: format!("http://10.9.0.{}:80/", place + 2).parse().unwrap(),
            container: Some(MemberContainer {
                place,
                spec: "s".into(),
                made: Some((format!("c{place}"), "sha256:1".into())),
            }),
            state: MemberState::Healthy,
            since: None,
        };
        let container = |place: u8| ListedContainer {
            id: format!("c{place}"),
            name: names::pool_container(id, place),
            labels: labels.clone(),
            running: Running::Yes,
            image_id: "sha256:1".into(),
            attachments: Vec::new(),
        };
        let row = ManagedRow {
            pool_id: id,
            name: "eu".into(),
            state: PoolState::Active,
            replicas: 2,
            network_id: Some("n".into()),
            subnet: Some("10.9.0.0/27".parse().unwrap()),
            revision: 1,
            is_settled: true,
            members: vec![member(0), member(1)],
        };
        let network = ListedNetwork {
            id: "n".into(),
            name: names::pool_network(id),
            labels: labels.clone(),
            subnets: vec!["10.9.0.0/27".parse().unwrap()],
        };
        let rows = Rows { managed: [(id, row)].into(), ..Rows::default() };
        (rows, EngineObjects { networks: vec![network], containers: vec![container(0), container(1)] })
    }

    fn flaws(rows: &Rows, engine: &EngineObjects) -> Vec<PoolFlaw> {
        drift(rows, engine, None).into_iter().map(|one| one.flaw).collect()
    }

    #[test]
    fn every_flaw_of_a_settled_pool_is_found() {
        let (rows, engine) = sample();
        assert_eq!(flaws(&rows, &engine), []);
        type Break = fn(&mut ManagedRow, &mut EngineObjects);
        let breaks: [(Break, PoolFlaw); 7] = [
            (|_, engine| engine.networks.clear(), PoolFlaw::Network),
            (|row, _| row.network_id = Some("other".into()), PoolFlaw::Network),
            (|_, engine| drop(engine.containers.remove(0)), PoolFlaw::Container),
            (|_, engine| engine.containers[0].running = Running::No, PoolFlaw::Container),
            (|_, engine| engine.containers[0].id = "another".into(), PoolFlaw::Container),
            (|row, _| row.replicas = 3, PoolFlaw::Container),
            (
                |_, engine| {
                    let copy = ListedContainer { name: "copy".into(), ..engine.containers[0].clone() };
                    engine.containers.push(copy);
                },
                PoolFlaw::Stray,
            ),
        ];
        for (number, (make, flaw)) in breaks.into_iter().enumerate() {
            let (mut rows, mut engine) = sample();
            make(rows.managed.values_mut().next().unwrap(), &mut engine);
            assert_eq!(flaws(&rows, &engine), [flaw], "{number}");
        }
    }

    #[test]
    fn a_network_that_nothing_keeps_apart_is_found() {
        let (rows, engine) = sample();
        let found = |stand: bool, subnets: &[&str]| {
            let subnets = subnets.iter().map(|text| text.parse().unwrap()).collect();
            let drift = drift(&rows, &engine, Some(&SeenWalls { stand, subnets }));
            drift.into_iter().map(|one| one.flaw).collect::<Vec<_>>()
        };
        assert_eq!(found(true, &["10.9.0.0/28", "10.9.0.16/28"]), []);
        assert_eq!(found(true, &["10.9.0.0/28"]), [PoolFlaw::Wall], "half of it is open");
        assert_eq!(found(false, &["10.9.0.0/28", "10.9.0.16/28"]), [PoolFlaw::Wall]);
    }

    #[test]
    fn nothing_is_said_while_somebody_works_on_it_and_a_stopped_one_has_nothing_that_runs() {
        let (mut rows, mut engine) = sample();
        engine.containers.clear();
        rows.managed.values_mut().next().unwrap().is_settled = false;
        assert_eq!(flaws(&rows, &engine), []);
        let (mut rows, mut engine) = sample();
        rows.managed.values_mut().next().unwrap().state = PoolState::Stopped;
        assert_eq!(flaws(&rows, &engine), [PoolFlaw::Running, PoolFlaw::Running]);
        engine.containers.iter_mut().for_each(|one| one.running = Running::No);
        assert_eq!(flaws(&rows, &engine), []);
    }
}
