//! Database servers: whether they take tenants.

use crate::domain::operation::words;

words!(
    /// Whether a database server takes new tenants.
    ServerState {
        /// It does.
        Active => "active",
        /// It does not, as it is to be emptied.
        Draining => "draining",
        /// It does not, as it is not there.
        Offline => "offline",
    }
);
