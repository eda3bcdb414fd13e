//! What can be wrong about a tenant outside, and what is done about it.

use crate::domain::operation::words;

words!(
    /// A kind of drift. What happens about it is decided here and nowhere else.
    DriftKind {
        /// A role is not there.
        RoleMissing => "role_missing",
        /// A role may do more or less than it should, or has another password or connection limit.
        RoleDiffers => "role_differs",
        /// The database of a tenant that has data is nowhere to be found. Never repaired: an empty one would hide the loss.
        DatabaseLost => "database_lost",
        /// The database is closed, retired, or open to the wrong roles.
        DatabaseDiffers => "database_differs",
        /// The network is not there.
        NetworkMissing => "network_missing",
        /// The network has another subnet or is not the recorded one.
        NetworkDiffers => "network_differs",
        /// There is more than one network.
        NetworkDuplicate => "network_duplicate",
        /// The network stands, but what keeps it apart from the others does not.
        WallMissing => "wall_missing",
        /// The container is not there.
        ContainerMissing => "container_missing",
        /// The container does not run although the tenant is served.
        ContainerStopped => "container_stopped",
        /// The container runs although the tenant is suspended.
        ContainerRunning => "container_running",
        /// The container is not the recorded one.
        ContainerDiffers => "container_differs",
        /// Traefik's keys of the tenant are not there, or not all of them.
        RouteMissing => "route_missing",
        /// Traefik's keys of the tenant have other values, or there are more of them.
        RouteDiffers => "route_differs",
        /// The tenant has a router of its own where the routing mode gives it none, or none where it gives it one. It is served.
        RouteMode => "route_mode",
        /// Something of a deleted tenant is there again.
        Returned => "returned",
    }
);

words!(
    /// What was done about drift.
    DriftRepair {
        /// The tenant was made due, and its work is not done yet.
        Asked => "asked",
        /// The tenant was made true since.
        Repaired => "repaired",
        /// The guard stopped the repairs of the whole look.
        Refused => "refused",
        /// The tenant had other work by then, its database server could not be read, or only a look was asked for.
        Left => "left",
        /// Converging the tenant would not heal it: somebody has to.
        Impossible => "impossible",
    }
);

impl DriftKind {
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
            Self::WallMissing => "the network is not kept apart from the others",
            Self::ContainerMissing => "the container is missing",
            Self::ContainerStopped => "the container does not run",
            Self::ContainerRunning => "the container runs while suspended",
            Self::ContainerDiffers => "the container was replaced",
            Self::RouteMissing => "the route is missing",
            Self::RouteDiffers => "the route was changed",
            Self::RouteMode => "it is not led to as the routing mode asks",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_words_of_its_own() {
        let words: std::collections::BTreeSet<&str> = DriftKind::ALL.iter().map(|kind| kind.words()).collect();
        assert_eq!(words.len(), DriftKind::ALL.len());
    }
}
