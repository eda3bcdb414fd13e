//! Operations and the kinds of step they are made of.

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident => $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word in SQL, API, CLI and metrics.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The value a word names.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(in crate::domain) use words;

words!(
    /// What an operation is for.
    OperationKind {
        /// Makes a tenant for the first time.
        Provision => "provision",
        /// Makes a tenant true again.
        Reconverge => "reconverge",
        /// Puts the 503 page in front of it.
        Suspend => "suspend",
        /// Brings it back from there.
        Reactivate => "reactivate",
        /// Draws the app's database password anew.
        Rotate => "rotate",
        /// Lets another shared pool serve it.
        Move => "move",
        /// Takes back a deletion whose grace is not over.
        Undelete => "undelete",
        /// Takes it out of service and retires its database, which can be taken back.
        Deprovision => "deprovision",
        /// Removes everything but the tombstone, for good.
        Purge => "purge",
    }
);

words!(
    /// How far an operation is.
    OperationState {
        /// Waiting for a worker.
        Pending => "pending",
        /// A worker holds it, or will again after a retryable failure.
        Running => "running",
        /// All its steps are done.
        Succeeded => "succeeded",
        /// It failed for good.
        Failed => "failed",
        /// A newer wish replaced it, or somebody cancelled it.
        Cancelled => "cancelled",
    }
);

impl OperationState {
    /// Whether a worker has it or will take it.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Running)
    }
}

words!(
    /// The steps, in the order in which a tenant is made.
    StepKind {
        /// Names, secrets, server and subnet, in the row only.
        Allocate => "allocate",
        /// Owner and login role.
        Role => "role",
        /// The database.
        Database => "database",
        /// Its schema.
        Migrations => "migrations",
        /// The Docker network.
        Network => "network",
        /// The container of a dedicated tenant.
        Container => "container",
        /// The Traefik keys.
        Route => "route",
        /// A request through Traefik.
        Proof => "proof",
    }
);

words!(
    /// What is asked of a step.
    Action {
        /// Bring its object to the desired state.
        Ensure => "ensure",
        /// Put its object out of use, so that it can be taken back.
        Retire => "retire",
        /// Take its object away.
        Remove => "remove",
    }
);

words!(
    /// How an attempt at a step ended.
    StepState {
        /// Recorded before the outside is touched.
        Started => "started",
        /// The object is as desired.
        Succeeded => "succeeded",
        /// Nothing to do: already so, or not for this tenant; the result says which.
        Skipped => "skipped",
        /// The error says why, and whether another attempt may help.
        Failed => "failed",
        /// Its worker died or lost the tenant in the middle of it; what it did is found out by the next attempt.
        Abandoned => "abandoned",
    }
);
