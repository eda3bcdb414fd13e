//! What can be wrong, as plain values.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::ids::{Generation, TenantId};
use crate::domain::orphan::OrphanKind;

/// A kind of drift. What happens about it is decided here and nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftKind {
    /// A role is not there.
    RoleMissing,
    /// A role may do more or less than it should, or has another password or connection limit.
    RoleDiffers,
    /// The database of a tenant that has data is nowhere to be found. Never repaired: an empty one would hide the loss.
    DatabaseLost,
    /// The database is closed, retired, or open to the wrong roles.
    DatabaseDiffers,
    /// The network is not there.
    NetworkMissing,
    /// The network has another subnet or is not the recorded one.
    NetworkDiffers,
    /// There is more than one network.
    NetworkDuplicate,
    /// The container is not there.
    ContainerMissing,
    /// The container does not run although the tenant is served.
    ContainerStopped,
    /// The container runs although the tenant is suspended.
    ContainerRunning,
    /// The container is not the recorded one.
    ContainerDiffers,
    /// Traefik's keys of the tenant are not there, or not all of them.
    RouteMissing,
    /// Traefik's keys of the tenant have other values, or there are more of them.
    RouteDiffers,
    /// Something of a deleted tenant is there again.
    Returned,
}

impl DriftKind {
    /// Every kind.
    pub const ALL: [Self; 14] = [
        Self::RoleMissing,
        Self::RoleDiffers,
        Self::DatabaseLost,
        Self::DatabaseDiffers,
        Self::NetworkMissing,
        Self::NetworkDiffers,
        Self::NetworkDuplicate,
        Self::ContainerMissing,
        Self::ContainerStopped,
        Self::ContainerRunning,
        Self::ContainerDiffers,
        Self::RouteMissing,
        Self::RouteDiffers,
        Self::Returned,
    ];

    /// The words for a person, as in the reason of the repair.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::RoleMissing => "a role is missing",
            Self::RoleDiffers => "a role was changed",
            Self::DatabaseLost => "the database is gone",
            Self::DatabaseDiffers => "the database was changed",
            Self::NetworkMissing => "the network is missing",
            Self::NetworkDiffers => "the network was changed",
            Self::NetworkDuplicate => "there is more than one network",
            Self::ContainerMissing => "the container is missing",
            Self::ContainerStopped => "the container does not run",
            Self::ContainerRunning => "the container runs while suspended",
            Self::ContainerDiffers => "the container was replaced",
            Self::RouteMissing => "the route is missing",
            Self::RouteDiffers => "the route was changed",
            Self::Returned => "something of it came back after the deletion",
        }
    }

    /// Whether converging the tenant again heals it.
    #[must_use]
    pub const fn is_repairable(self) -> bool {
        !matches!(self, Self::DatabaseLost)
    }

    /// Whether the repair takes something away.
    #[must_use]
    pub const fn removes(self) -> bool {
        matches!(self, Self::NetworkDuplicate | Self::NetworkDiffers | Self::ContainerDiffers | Self::Returned)
    }
}

/// One thing about one tenant that is not as its row says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// The tenant.
    pub tenant_id: TenantId,
    /// Its key.
    pub tenant_key: String,
    /// The wish the world was compared with.
    #[serde(skip, default = "no_generation")]
    pub generation: Generation,
    /// What kind of thing.
    pub kind: DriftKind,
    /// One sentence that names the object.
    pub what: String,
    /// Whether the tenant was made due for a repair.
    pub repaired: bool,
}

const fn no_generation() -> Generation {
    Generation::from_i64(0)
}

/// An object with the mark of this control plane that no tenant owns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Orphan {
    /// What it is.
    pub kind: OrphanKind,
    /// Where it is: `database-server`, `docker` or `redis`.
    pub place: String,
    /// Its name there; for networks and containers the engine's id.
    pub name: String,
    /// The tenant it was made for, where it says so.
    pub tenant_id: Option<TenantId>,
    /// What else is known of it.
    pub detail: Value,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_words_of_its_own() {
        let words: std::collections::BTreeSet<&str> = DriftKind::ALL.iter().map(|kind| kind.words()).collect();
        assert_eq!(words.len(), DriftKind::ALL.len());
    }
}
