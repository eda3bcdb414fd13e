//! When a difference is more likely trouble of our own than trouble in the world: then nothing is touched. Pure.

use crate::domain::failure::Failure;
use crate::inventory::Inventory;
use crate::inventory::servers::Servers;
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

/// The sources that could not be read, by the name people know.
#[must_use]
pub fn unknown_sources(inventory: &Inventory) -> Vec<(String, &Failure)> {
    let whole = [
        ("the control database", inventory.rows.failure()),
        ("the database servers", inventory.servers.failure()),
        ("Docker Engine", inventory.engine.failure()),
        ("nftables", inventory.walls.failure()),
        ("Redis", inventory.tree.failure()),
    ];
    let whole = whole.into_iter().filter_map(|(name, failure)| Some((name.to_owned(), failure?)));
    let servers = inventory.servers.known().into_iter().flat_map(Servers::unknown);
    whole.chain(servers.map(|(name, failure)| (format!("the database server {name}"), failure))).collect()
}

/// Whether the repairs of a pass may be asked for. A database server that cannot be read stops those of its own tenants
/// only, unless it leaves none that can.
///
/// # Errors
/// The reason why not.
pub fn check(inventory: &Inventory, drift: &[Drift], budget: u32) -> Result<(), Refusal> {
    let are_servers_dark =
        inventory.servers.known().is_none_or(|all| !all.seen.is_empty() && all.known().next().is_none());
    for (name, is_unknown) in [
        ("the control database", inventory.rows.known().is_none()),
        ("every database server", are_servers_dark),
        ("Docker Engine", inventory.engine.known().is_none()),
        ("Redis", inventory.tree.known().is_none()),
    ] {
        if is_unknown {
            return Err(Refusal::Unknown(name));
        }
    }
    let removals = removals(drift).len();
    if removals > budget as usize { Err(Refusal::TooManyRemovals(removals)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::ServerId;
    use crate::domain::server::ServerName;
    use crate::inventory::Source;
    use crate::inventory::catalog::Catalog;
    use crate::inventory::rows::Rows;
    use crate::inventory::servers::SeenServer;
    use crate::inventory::tree::Tree;

    fn inventory(answering: &[bool]) -> Inventory {
        let seen = answering.iter().enumerate().map(|(number, answers)| {
            let catalog = match answers {
                true => Source::Known(Catalog::default()),
                false => Source::Unknown(Failure::unavailable("database_server_unreachable", "x")),
            };
            let name = ServerName::parse(&format!("s{number}")).unwrap();
            (ServerId::from_uuid(uuid::Uuid::from_u128(number as u128)), SeenServer { name, catalog })
        });
        Inventory {
            rows: Source::Known(Rows::default()),
            servers: Source::Known(Servers { seen: seen.collect() }),
            engine: Source::Known(None),
            walls: Source::Known(None),
            tree: Source::Known(Tree::default()),
        }
    }

    #[test]
    fn one_server_that_is_dark_stops_nobody_else() {
        assert_eq!(check(&inventory(&[]), &[], 1), Ok(()));
        let half = inventory(&[true, false]);
        assert_eq!(check(&half, &[], 1), Ok(()));
        let unknown: Vec<String> = unknown_sources(&half).into_iter().map(|(name, _)| name).collect();
        assert_eq!(unknown, ["the database server s1"]);
        assert_eq!(check(&inventory(&[false, false]), &[], 1), Err(Refusal::Unknown("every database server")));
        let mut lost = inventory(&[true]);
        lost.tree = Source::Unknown(Failure::unavailable("redis_unreachable", "x"));
        assert_eq!(check(&lost, &[], 1), Err(Refusal::Unknown("Redis")));
    }
}
