//! The steps. Each file has `observe`, `ensure` and `remove` for one object, and `not_needed` where a tenant may go without
//! it; see the contract in [`crate::provision`].

mod allocate;
mod container;
mod database;
mod migrations;
mod network;
mod proof;
mod role;
mod route;
mod wildcard;

use crate::domain::failure::Failure;
use crate::domain::operation::StepKind;
use crate::infra::engine::Engine;
use crate::provision::outcome::{Effect, Observed, StepError};
use crate::provision::run::{Run, World};

/// Why a tenant has no such object, by its tier, its plan and what this host is set up for; `None` when it has one. What is
/// not needed is neither looked at nor made, so the part it would be on may be away.
#[must_use]
pub fn not_needed(run: &Run, step: StepKind) -> Option<&'static str> {
    match step {
        StepKind::Network => network::not_needed(run),
        StepKind::Container => container::not_needed(run),
        StepKind::Proof => proof::not_needed(run),
        StepKind::Allocate | StepKind::Role | StepKind::Database | StepKind::Migrations | StepKind::Route => None,
    }
}

/// Looks at the object of a step that is needed; changes nothing.
///
/// # Errors
/// A failure to look; never read as "nothing there".
pub async fn observe(run: &mut Run, step: StepKind) -> Result<Observed, StepError> {
    match step {
        StepKind::Allocate => allocate::observe(run),
        StepKind::Role => role::observe(run).await,
        StepKind::Database => database::observe(run).await,
        StepKind::Migrations => migrations::observe(run).await,
        StepKind::Network => network::observe(run).await,
        StepKind::Container => container::observe(run).await,
        StepKind::Route => Ok(route::observe()),
        StepKind::Proof => Ok(proof::observe()),
    }
}

/// Brings a step's object to the desired state.
///
/// # Errors
/// A classified failure, or a lost lease.
pub async fn ensure(run: &mut Run, step: StepKind) -> Result<Effect, StepError> {
    match step {
        StepKind::Allocate => allocate::ensure(run).await,
        StepKind::Role => role::ensure(run).await,
        StepKind::Database => database::ensure(run).await,
        StepKind::Migrations => migrations::ensure(run).await,
        StepKind::Network => network::ensure(run).await,
        StepKind::Container => container::ensure(run).await,
        StepKind::Route => route::ensure(run).await,
        StepKind::Proof => proof::ensure(run).await,
    }
}

/// Puts a step's object out of use, so that it can be taken back. For an object that is cheap to make anew that is the
/// same as removing it.
///
/// # Errors
/// A classified failure, or a lost lease.
pub async fn retire(run: &mut Run, step: StepKind) -> Result<Effect, StepError> {
    if run.tenant.allocation.is_none() {
        return Ok(Effect::nothing("nothing was ever made"));
    }
    match step {
        StepKind::Database => database::retire(run).await,
        StepKind::Allocate | StepKind::Role | StepKind::Migrations => Ok(Effect::nothing("stays with the database")),
        StepKind::Network | StepKind::Container | StepKind::Route | StepKind::Proof => remove(run, step).await,
    }
}

/// Takes a step's object away.
///
/// # Errors
/// A classified failure, or a lost lease.
pub async fn remove(run: &mut Run, step: StepKind) -> Result<Effect, StepError> {
    if run.tenant.allocation.is_none() {
        // Nothing is made before the names are fixed, and they are cleared last.
        return Ok(Effect::nothing("nothing was ever made"));
    }
    match step {
        StepKind::Allocate => allocate::remove(run).await,
        StepKind::Role => role::remove(run).await,
        StepKind::Database => database::remove(run).await,
        StepKind::Migrations => Ok(Effect::nothing("goes with the database")),
        StepKind::Network => network::remove(run).await,
        StepKind::Container => container::remove(run).await,
        StepKind::Route => route::remove(run).await,
        StepKind::Proof => proof::remove(run).await,
    }
}

/// The engine, for what cannot be made without one.
fn engine<'a>(world: &'a World, what: &str) -> Result<&'a Engine, Failure> {
    let text = || format!("the tenant's {what} needs Docker Engine: set docker_host (GATEWAY_DOCKER_HOST)");
    world.engine.as_ref().ok_or_else(|| Failure::permanent("no_docker", text()))
}

/// Removing from an engine that is not configured: fine where nothing was ever made there, else somebody has to say
/// where it is, since a tombstone must not leave anything running.
fn no_engine(was_made: bool, what: &str) -> Result<Effect, StepError> {
    if was_made {
        let text = format!(
            "the tenant's {what} cannot be removed: set docker_host (GATEWAY_DOCKER_HOST) to the engine it is on"
        );
        return Err(Failure::permanent("no_docker", text).into());
    }
    Ok(Effect::nothing("there is no engine"))
}

pub use allocate::QUARANTINE;
pub use route::{publish_shared, republish_shared};
