//! A pool in use: as many containers as wanted, each as wanted, and its tenants led to those that answer.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use futures::future::join_all;
use url::Url;

use crate::domain::failure::Failure;
use crate::domain::names;
use crate::domain::pool::MemberState;
use crate::domain::subnet::next_place;
use crate::infra::engine::Engine;
use crate::infra::listing::{ListedContainer, Running};
use crate::provision::outcome::StepError;
use crate::provision::pools::roll::{Next, Seen, next};
use crate::provision::pools::{PoolRun, Template, lead, network, remove_strays};
use crate::store::pool_members::{MemberContainer, PoolMember};

/// Restarts within one wait after which a container counts as crashing.
const CRASHES: i64 = 3;
/// Containers made at one place in one run; more means that something takes them away.
const REMAKES: u32 = 3;
/// First and longest pause between two looks.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_millis(500));

/// A member with its container, as they were seen.
struct Found {
    member: PoolMember,
    listed: Option<ListedContainer>,
    seen: Seen,
}

/// What is remembered from look to look.
struct Walk {
    template: Template,
    /// Members that did not answer while others did: their own trouble, so others take their places.
    doomed: BTreeSet<u8>,
    /// How often a container was made at each place.
    made: BTreeMap<u8, u32>,
    /// How often the engine had started each container over when it was first seen to.
    restarts: BTreeMap<String, i64>,
    /// When something was last done.
    acted: Instant,
    pause: Duration,
}

/// Brings the pool to what it is to be. Where nobody answered for a whole attempt, the container that is silent longest is
/// made anew: if that helps, the others are those that do not answer beside one that does, and follow.
pub(super) async fn serve(run: &mut PoolRun, engine: &Engine) -> Result<(), StepError> {
    let (network_id, subnet) = network::ensure(run, engine).await?;
    let mut walk = Walk {
        template: run.template(subnet, network_id)?,
        doomed: BTreeSet::new(),
        made: BTreeMap::new(),
        restarts: BTreeMap::new(),
        acted: Instant::now(),
        pause: PAUSES.0,
    };
    // Those that an earlier run or look gave up: what is found silent only now may be starting.
    let given_up = run.world.store.pool_members(run.id()).await?;
    let given_up: Vec<Url> =
        given_up.into_iter().filter(|one| one.state == MemberState::Unhealthy).map(|one| one.url).collect();
    let found = look(run, engine, &walk).await?;
    if found.iter().any(|one| one.seen.healthy) {
        let deaf = found.iter().filter(|one| !one.seen.healthy && one.member.state == MemberState::Unhealthy);
        walk.doomed = deaf.map(|one| one.seen.place).collect();
    } else if run.pool.attempt > 1 {
        let hung = found.iter().filter(|one| one.seen.current && one.seen.up && given_up.contains(&one.member.url));
        if let Some(longest) = hung.min_by_key(|one| one.member.since) {
            run.confirm().await?;
            make(run, engine, &mut walk, longest.seen.place).await?;
            walk.acted = Instant::now();
        }
    }
    loop {
        run.confirm().await?;
        let found = look(run, engine, &walk).await?;
        lead_to_healthy(run, &found, None).await?;
        let seen: Vec<Seen> = found.iter().map(|one| one.seen).collect();
        match next(&seen, usize::from(run.pool.spec.replicas)) {
            Next::Done => return Ok(()),
            Next::Wait => {
                wait(run, engine, &mut walk, &found).await?;
                continue;
            }
            Next::Make(count) => {
                let mut used: BTreeSet<u8> = seen.iter().map(|one| one.place).collect();
                for _ in 0..count {
                    let full = || Failure::retryable("pool_full", "no address of the pool's network is free");
                    let place = next_place(&used).ok_or_else(full)?;
                    used.insert(place);
                    make(run, engine, &mut walk, place).await?;
                }
            }
            Next::Remake(places) => {
                for place in places {
                    make(run, engine, &mut walk, place).await?;
                }
            }
            Next::Retire(place) => retire(run, engine, &found, place).await?,
        }
        (walk.acted, walk.pause) = (Instant::now(), PAUSES.0);
    }
}

/// The members, their containers, and whether they answer. Writes down what changed; removes what is no member's.
async fn look(run: &PoolRun, engine: &Engine, walk: &Walk) -> Result<Vec<Found>, StepError> {
    let (world, id) = (&run.world, run.id());
    let members = world.store.pool_members(id).await?;
    let members: Vec<(PoolMember, MemberContainer)> = members
        .into_iter()
        .filter_map(|member| member.container.clone().map(|container| (member, container)))
        .collect();
    let places: Vec<u8> = members.iter().map(|(_, container)| container.place).collect();
    let listed = remove_strays(run, engine, &places).await?;
    let looks = members.into_iter().map(async |(member, container)| {
        let name = names::pool_container(id, container.place);
        let listed = listed.iter().find(|one| one.name == name).cloned();
        let made = container.made.as_ref().map(|(made, _)| made);
        let as_described =
            listed.as_ref().filter(|one| made == Some(&one.id) && one.labels.spec.as_ref() == Some(&container.spec));
        let up = as_described.is_some_and(|one| one.running != Running::No);
        let healthy = up
            && match member.state {
                MemberState::Healthy => world.probe.is_steady(&member.url, &world.health_path).await,
                _ => world.probe.is_up(&member.url, &world.health_path).await,
            };
        let is_same = walk.template.at(container.place).digest() == container.spec
            && walk.template.url(container.place).is_ok_and(|url| url == member.url);
        let current = is_same && !walk.doomed.contains(&container.place);
        let seen = Seen { place: container.place, current, up, healthy };
        Found { member, listed, seen }
    });
    let mut found = join_all(looks).await;
    for one in &mut found {
        let state = match (one.seen.healthy, one.member.state) {
            (true, _) => MemberState::Healthy,
            (false, MemberState::Healthy) => MemberState::Unhealthy,
            (false, MemberState::Stopped) => MemberState::Starting,
            (false, state) => state,
        };
        if state != one.member.state {
            world.store.record_member(&run.claim, &one.member.url, state).await?;
            one.member.state = state;
        }
    }
    Ok(found)
}

/// Leads the pool's tenants to the members that answer, without one that is to go. Where none answers, those they are led to
/// stay: nothing better is known.
async fn lead_to_healthy(run: &mut PoolRun, found: &[Found], without: Option<u8>) -> Result<(), StepError> {
    let staying = || found.iter().filter(|one| Some(one.seen.place) != without);
    let url = |one: &Found| one.member.url.clone();
    let mut urls: Vec<Url> = staying().filter(|one| one.seen.healthy).map(url).collect();
    if urls.is_empty() {
        let led = run.world.store.shared_pool(run.id()).await?.members;
        urls = staying().map(url).filter(|url| led.contains(url)).collect();
    }
    lead::lead_to(run, &urls).await
}

/// Makes the container at a place, in place of one that is there.
async fn make(run: &PoolRun, engine: &Engine, walk: &mut Walk, place: u8) -> Result<(), StepError> {
    let times = walk.made.entry(place).or_default();
    *times += 1;
    if *times > REMAKES {
        let text = format!("the container at {} is taken away each time it is made", walk.template.url(place)?);
        return Err(Failure::retryable("container_gone", text).into());
    }
    let (spec, url) = (walk.template.at(place), walk.template.url(place)?);
    let mut container = MemberContainer { place, spec: spec.digest(), made: None };
    run.world.store.put_member(&run.claim, &url, &container).await?;
    let name = names::pool_container(run.id(), place);
    let found = engine.find_pool_containers(run.id()).await?;
    run.confirm().await?;
    for former in found.into_iter().filter(|one| one.name == name) {
        engine.remove_container(&run.lease, &former.id).await?;
    }
    let id = engine.create_pool_container(&run.lease, &run.pool.name, place, &spec).await?;
    engine.start_container(&run.lease, &id).await?;
    let image = engine.look_at_container(&id).await?.map(|found| found.image);
    container.made = image.map(|image| (id, image));
    Ok(run.world.store.put_member(&run.claim, &url, &container).await?)
}

/// Leads nobody to a member any more, then takes its container away, then its row.
async fn retire(run: &mut PoolRun, engine: &Engine, found: &[Found], place: u8) -> Result<(), StepError> {
    let Some(goes) = found.iter().find(|one| one.seen.place == place) else { return Ok(()) };
    let is_led_to = run.world.store.shared_pool(run.id()).await?.members.contains(&goes.member.url);
    if is_led_to {
        lead_to_healthy(run, found, Some(place)).await?;
        lead::await_left(run, std::slice::from_ref(&goes.member.url)).await?;
    }
    run.confirm().await?;
    if let Some(listed) = &goes.listed {
        engine.stop_container(&run.lease, &listed.id).await?;
        run.confirm().await?;
        engine.remove_container(&run.lease, &listed.id).await?;
    }
    Ok(run.world.store.forget_member(&run.claim, &goes.member.url).await?)
}

/// Pauses until the next look at members that have yet to answer.
async fn wait(run: &PoolRun, engine: &Engine, walk: &mut Walk, found: &[Found]) -> Result<(), StepError> {
    let waiting: Vec<&Found> = found.iter().filter(|one| one.seen.current && !one.seen.healthy).collect();
    for one in &waiting {
        let Some(listed) = &one.listed else { continue };
        if let Some(container) = engine.look_at_container(&listed.id).await? {
            let before = *walk.restarts.entry(container.id).or_insert(container.restarts);
            if container.restarts - before >= CRASHES {
                give_up(run, &waiting).await?;
                let text = format!("a container of the pool ends by itself with exit code {}", container.exit_code);
                return Err(Failure::retryable("container_exited", text).into());
            }
        }
    }
    if walk.acted.elapsed() > run.patience {
        give_up(run, &waiting).await?;
        let seconds = run.patience.as_secs();
        let text = format!("{} of the pool's containers did not answer within {seconds} s", waiting.len());
        return Err(Failure::retryable("member_unhealthy", text).into());
    }
    tokio::time::sleep(walk.pause).await;
    walk.pause = (walk.pause * 2).min(PAUSES.1);
    Ok(())
}

async fn give_up(run: &PoolRun, waiting: &[&Found]) -> Result<(), StepError> {
    for one in waiting.iter().filter(|one| one.member.state != MemberState::Unhealthy) {
        run.world.store.record_member(&run.claim, &one.member.url, MemberState::Unhealthy).await?;
    }
    Ok(())
}
