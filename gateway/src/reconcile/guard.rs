//! When a difference is more likely trouble of our own than trouble in the world: then nothing is touched. Pure.

use crate::inventory::Inventory;
use crate::reconcile::diff::removals;
use crate::reconcile::drift::Drift;

/// Why a pass repairs nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A source could not be read: its name.
    Unknown(&'static str),
    /// So many tenants would lose something in one pass.
    TooManyRemovals(usize),
}

impl Refusal {
    /// Stable word for the report.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "source_unknown",
            Self::TooManyRemovals(_) => "too_many_removals",
        }
    }

    /// One sentence for people.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Unknown(source) => format!("{source} could not be read, so nothing was repaired"),
            Self::TooManyRemovals(tenants) => format!(
                "something would have been taken from {tenants} tenants at once, more than reconcile_budget allows, so nothing was repaired"
            ),
        }
    }
}

/// The sources, by the name people know.
#[must_use]
pub fn unknown_sources(inventory: &Inventory) -> Vec<(&'static str, &crate::domain::failure::Failure)> {
    [
        ("the control database", inventory.rows.failure()),
        ("the database server's catalogue", inventory.catalog.failure()),
        ("Docker Engine", inventory.engine.failure()),
        ("Redis", inventory.tree.failure()),
    ]
    .into_iter()
    .filter_map(|(name, failure)| Some((name, failure?)))
    .collect()
}

/// Whether the repairs of a pass may be asked for.
///
/// # Errors
/// The reason why not.
pub fn check(inventory: &Inventory, drift: &[Drift], budget: u32) -> Result<(), Refusal> {
    if let Some((name, _)) = unknown_sources(inventory).first() {
        return Err(Refusal::Unknown(name));
    }
    let removals = removals(drift).len();
    if removals > budget as usize { Err(Refusal::TooManyRemovals(removals)) } else { Ok(()) }
}
