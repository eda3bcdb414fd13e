//! Identifiers that cannot be mixed up: each is a UUID of its own type.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID read from the control database or a request.
            #[must_use]
            pub const fn from_uuid(id: Uuid) -> Self {
                Self(id)
            }

            /// The UUID, for a query parameter.
            #[must_use]
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

uuid_id!(
    /// A tenant, for ever: every external name is made from it.
    TenantId
);
uuid_id!(
    /// One control plane; labels every object it makes outside.
    InstallationId
);
uuid_id!(
    /// One long piece of work on a tenant.
    OperationId
);
uuid_id!(
    /// One piece of work on the whole fleet.
    JobId
);
uuid_id!(
    /// One look into a tenant's container.
    InspectionId
);
uuid_id!(
    /// A list of tenants that somebody keeps under a name.
    ViewId
);
uuid_id!(
    /// What a stranger asked for.
    SignupId
);
uuid_id!(
    /// The same wish about many tenants.
    BatchId
);
uuid_id!(
    /// Drawn afresh at each claim. A write that carries an old one changes nothing.
    LeaseToken
);
uuid_id!(
    /// A group of app instances that serve shared tenants.
    PoolId
);
uuid_id!(
    /// A PostgreSQL cluster that tenants are placed on.
    ServerId
);
uuid_id!(
    /// A person's account.
    UserId
);
uuid_id!(
    /// One login of a person, as people name it; not its token.
    SessionId
);

/// Counts the claims on a tenant. Whoever is asked to change something on a tenant's behalf remembers the highest one
/// and refuses lower ones, so that a worker that wakes after losing its claim changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fence(i64);

impl Fence {
    /// Wraps the column value.
    #[must_use]
    pub const fn from_i64(value: i64) -> Self {
        Self(value)
    }

    /// The column value.
    #[must_use]
    pub const fn as_i64(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Fence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Counts the wishes about a tenant; a result for an older one is no longer wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Generation(i64);

impl Generation {
    /// Wraps the column value.
    #[must_use]
    pub const fn from_i64(value: i64) -> Self {
        Self(value)
    }

    /// The column value.
    #[must_use]
    pub const fn as_i64(self) -> i64 {
        self.0
    }
}
