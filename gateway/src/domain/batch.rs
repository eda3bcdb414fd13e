//! The same wish about many tenants: what may be wished so, how far it is, and what is to be done next.

use crate::domain::operation::words;

/// Tenants of one batch at most.
pub const MAX_TENANTS: usize = 1000;
/// Operations of one batch that may be open at once, at most.
pub const MAX_PARALLELISM: i32 = 100;
/// Operations of one batch that are open at once when nothing is asked for.
pub const DEFAULT_PARALLELISM: i32 = 5;

words!(
    /// What is wished of each tenant of a batch.
    BatchVerb {
        /// Its host answers 503.
        Suspend => "suspend",
        /// It is served again.
        Reactivate => "reactivate",
        /// What failed or waits is tried at once.
        Retry => "retry",
        /// The workers leave it alone.
        Pause => "pause",
        /// The workers take it up again.
        Resume => "resume",
        /// A new password for the app's database login.
        RotateCredentials => "rotate_credentials",
        /// Out of service, its data kept for the grace.
        Delete => "delete",
        /// A deletion whose grace is not over is taken back.
        Undelete => "undelete",
        /// Another shared pool.
        Move => "move",
    }
);

impl BatchVerb {
    /// Whether it takes service, data or a password away from people, so that a filter that matches more than was meant
    /// does harm.
    #[must_use]
    pub const fn is_destructive(self) -> bool {
        match self {
            Self::Suspend | Self::Delete | Self::RotateCredentials => true,
            Self::Reactivate | Self::Retry | Self::Pause | Self::Resume | Self::Undelete | Self::Move => false,
        }
    }
}

words!(
    /// How far a batch is.
    BatchState {
        /// Wishes wait to be opened, or their operations are under way.
        Running => "running",
        /// Every tenant is as wished.
        Succeeded => "succeeded",
        /// It ended, and some tenants are not as wished.
        Failed => "failed",
        /// Somebody cancelled it: what was opened by then goes on.
        Cancelled => "cancelled",
    }
);

words!(
    /// How far a batch is with one of its tenants.
    BatchTenantState {
        /// Its turn has not come.
        Waiting => "waiting",
        /// Its operation is open.
        Running => "running",
        /// It is as wished.
        Succeeded => "succeeded",
        /// Its operation failed, or was cancelled.
        Failed => "failed",
        /// This cannot be wished of it; the error says why.
        Refused => "refused",
        /// The batch ended before its turn.
        Left => "left",
    }
);

/// How many tenants of a batch are how far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BatchCounts {
    /// See [`BatchTenantState::Waiting`].
    pub waiting: i64,
    /// See [`BatchTenantState::Running`].
    pub running: i64,
    /// See [`BatchTenantState::Succeeded`].
    pub succeeded: i64,
    /// See [`BatchTenantState::Failed`].
    pub failed: i64,
    /// See [`BatchTenantState::Refused`].
    pub refused: i64,
    /// See [`BatchTenantState::Left`].
    pub left: i64,
}

/// What a batch needs next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchTurn {
    /// The wish about the next tenant.
    Open,
    /// Those whose turn has not come are left alone.
    Leave,
    /// Operations have to end first.
    Wait,
    /// It is over, in this state.
    End(BatchState),
}

impl BatchCounts {
    /// What a running batch needs next.
    #[must_use]
    pub fn turn(&self, parallelism: i32, max_failures: Option<i32>) -> BatchTurn {
        if self.waiting > 0 {
            return match max_failures {
                Some(most) if self.failed >= i64::from(most) => BatchTurn::Leave,
                _ if self.running < i64::from(parallelism) => BatchTurn::Open,
                _ => BatchTurn::Wait,
            };
        }
        if self.running > 0 {
            return BatchTurn::Wait;
        }
        let is_whole = self.failed == 0 && self.refused == 0 && self.left == 0;
        BatchTurn::End(if is_whole { BatchState::Succeeded } else { BatchState::Failed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_are_opened_up_to_the_limits() {
        let counts = BatchCounts { waiting: 2, running: 1, ..BatchCounts::default() };
        assert_eq!(counts.turn(2, None), BatchTurn::Open);
        assert_eq!(counts.turn(1, None), BatchTurn::Wait);
        let failed = BatchCounts { failed: 2, ..counts };
        assert_eq!(failed.turn(2, Some(3)), BatchTurn::Open);
        assert_eq!(failed.turn(2, Some(2)), BatchTurn::Leave);
        assert_eq!(BatchCounts { refused: 9, ..counts }.turn(2, Some(1)), BatchTurn::Open, "a refusal is no failure");
    }

    #[test]
    fn a_batch_ends_when_nothing_is_open_and_succeeds_only_whole() {
        let done = BatchCounts { succeeded: 3, ..BatchCounts::default() };
        assert_eq!(BatchCounts { running: 1, ..done }.turn(5, None), BatchTurn::Wait);
        assert_eq!(done.turn(5, None), BatchTurn::End(BatchState::Succeeded));
        assert_eq!(BatchCounts::default().turn(5, None), BatchTurn::End(BatchState::Succeeded), "nothing was asked");
        for partly in [
            BatchCounts { failed: 1, ..done },
            BatchCounts { refused: 1, ..done },
            BatchCounts { left: 1, failed: 1, ..done },
        ] {
            assert_eq!(partly.turn(5, Some(1)), BatchTurn::End(BatchState::Failed));
        }
    }
}
