//! Objects outside that no tenant owns.

use crate::domain::operation::words;

words!(
    /// What an object outside is.
    OrphanKind {
        /// A database on a tenants' server.
        Database => "database",
        /// A role there.
        Role => "role",
        /// A Docker network.
        Network => "network",
        /// A Docker container.
        Container => "container",
        /// Keys of Traefik in Redis.
        Route => "route",
    }
);
