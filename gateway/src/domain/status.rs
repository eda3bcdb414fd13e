//! The states of a tenant and the one table of legal moves between them.

use std::fmt;

/// Where a tenant is in its life. The CHECK constraint of `gateway.tenant.status` lists the same words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Work is due; a tenant that served before keeps its route meanwhile.
    Pending,
    /// A worker holds it.
    Provisioning,
    /// Everything promised is true and was proved by a request.
    Active,
    /// Its host answers 503; nothing is removed.
    Suspended,
    /// Taken out of service, its data kept until the grace is over; can be taken back.
    Deleting,
    /// Its data is being removed; there is no way back.
    Purging,
    /// A tombstone: the row stays, nothing else does.
    Deleted,
    /// Work failed for good; `retry` takes it back to pending.
    Error,
}

impl Status {
    /// Every state, in the order of a tenant's life.
    pub const ALL: [Self; 8] = [
        Self::Pending,
        Self::Provisioning,
        Self::Active,
        Self::Suspended,
        Self::Deleting,
        Self::Purging,
        Self::Deleted,
        Self::Error,
    ];

    /// The word in SQL, API, CLI and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Provisioning => "provisioning",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Deleting => "deleting",
            Self::Purging => "purging",
            Self::Deleted => "deleted",
            Self::Error => "error",
        }
    }

    /// The state a word names; `ready` is an alias of `active`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        if word == "ready" {
            return Some(Self::Active);
        }
        Self::ALL.into_iter().find(|s| s.as_str() == word)
    }

    /// Whether a row may move from `self` to `to`; to [`Status::Suspended`] only when it was active before. The trigger `tenant_before_update` holds the same table.
    #[must_use]
    pub const fn may_become(self, to: Self) -> bool {
        use Status::{Active, Deleted, Deleting, Error, Pending, Provisioning, Purging, Suspended};
        match (self, to) {
            (Pending, Provisioning | Error)
            | (Provisioning, Active | Pending | Error)
            | (Active | Pending | Provisioning | Error, Suspended)
            | (Active | Suspended | Error | Deleting, Pending)
            | (Pending | Provisioning | Active | Suspended | Error, Deleting)
            | (Deleting, Purging)
            | (Purging, Deleted) => true,
            (Pending | Provisioning | Active | Suspended | Deleting | Purging | Deleted | Error, _) => false,
        }
    }

    /// Whether the app behind the tenant is to be reached once its work is done.
    #[must_use]
    pub const fn serves(self) -> bool {
        match self {
            Self::Pending | Self::Provisioning | Self::Active | Self::Error => true,
            Self::Suspended | Self::Deleting | Self::Purging | Self::Deleted => false,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_round_trip() {
        for status in Status::ALL {
            assert_eq!(Status::parse(status.as_str()), Some(status));
        }
        assert_eq!(Status::parse("ready"), Some(Status::Active));
        assert_eq!(Status::parse("Ready"), None);
    }

    #[test]
    fn a_tombstone_never_moves_and_everything_else_can_be_deleted() {
        for status in Status::ALL {
            assert!(!Status::Deleted.may_become(status));
            let deletable = !matches!(status, Status::Deleting | Status::Purging | Status::Deleted);
            assert_eq!(status.may_become(Status::Deleting), deletable, "{status}");
        }
    }
}
