//! The world as it is, read in bulk into plain types: a fixed number of queries and requests for any number of tenants.
//!
//! # Guarantees
//! - Every source is three-valued: known to hold something, known to hold nothing, or [`Source::Unknown`]. Nothing may be
//!   concluded from a source that could not be read, least of all that something is missing.
//! - Loading changes nothing anywhere and takes no lock that a worker needs.
//! - No secret shows in `Debug`: passwords stay sealed, verifiers are digests.
//!
//! # Caveats
//! The sources are read at once but are not one snapshot. The rows are read before and after the rest, and a tenant whose
//! row changed in between is named in [`rows::Rows::moved`]: about it, nothing may be concluded from a difference.

pub mod catalog;
pub mod engine;
pub mod explain;
pub mod published;
pub mod routing;
pub mod rows;
pub mod servers;
pub mod tree;
pub mod wanted;

use crate::domain::failure::Failure;
use crate::infra::walls::SeenWalls;
use crate::inventory::engine::EngineObjects;
use crate::inventory::rows::Rows;
use crate::inventory::servers::Servers;
use crate::inventory::tree::Tree;
use crate::provision::run::World;

/// Longest wait for one source. Reading ten thousand tenants takes a tenth of it.
const LONGEST: std::time::Duration = std::time::Duration::from_secs(30);

/// What a source said.
#[derive(Debug)]
pub enum Source<T> {
    /// All of it, read without trouble.
    Known(T),
    /// It could not be read; nothing is known.
    Unknown(Failure),
}

impl<T> Source<T> {
    /// What is known.
    #[must_use]
    pub const fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown(_) => None,
        }
    }

    /// Why nothing is known.
    #[must_use]
    pub const fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Known(_) => None,
            Self::Unknown(failure) => Some(failure),
        }
    }
}

impl<T> From<Result<T, Failure>> for Source<T> {
    fn from(result: Result<T, Failure>) -> Self {
        match result {
            Ok(value) => Self::Known(value),
            Err(failure) => Self::Unknown(failure),
        }
    }
}

/// The rows, and everything outside that ought to agree with them.
#[derive(Debug)]
pub struct Inventory {
    /// What is desired.
    pub rows: Source<Rows>,
    /// Databases and roles on the tenants' servers.
    pub servers: Source<Servers>,
    /// Networks and containers; `Known(None)` on a host without Docker Engine.
    pub engine: Source<Option<EngineObjects>>,
    /// What keeps networks apart; `Known(None)` where that is not ours to do.
    pub walls: Source<Option<SeenWalls>>,
    /// Traefik's keys and the fences beside them.
    pub tree: Source<Tree>,
}

/// Reads everything: the rows, then all places outside at the same time, then the rows again.
pub async fn load(world: &World) -> Inventory {
    let before = in_time(rows::load(world)).await;
    let outside = async {
        // Walls are raised as soon as a network is made, so those of a network that was seen are there by then, or are not.
        let engine = async { (in_time(engine::load(world)).await, in_time(engine::load_walls(world)).await) };
        tokio::join!(servers::load(world), engine, in_time(tree::load(world)))
    };
    let (servers, (engine, walls), tree) = Box::pin(outside).await;
    let rows = match before {
        Ok(before) => in_time(rows::load(world)).await.map(|after| after.since(&before)),
        Err(failure) => Err(failure),
    };
    Inventory {
        rows: rows.into(),
        servers: servers.into(),
        engine: engine.into(),
        walls: walls.into(),
        tree: tree.into(),
    }
}

/// A place that takes the question and says nothing is not known, and must not hold up whoever asks.
async fn in_time<T>(looking: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let silent = |_| {
        let text = format!("no answer within {} s", LONGEST.as_secs());
        Err(Failure::unavailable("source_silent", text))
    };
    tokio::time::timeout(LONGEST, looking).await.unwrap_or_else(silent)
}
