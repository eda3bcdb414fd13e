//! What a step says: what it saw, what it did.

use serde_json::{Value, json};

use crate::domain::failure::Failure;
use crate::provision::run::store_failure;
use crate::store::StoreError;

/// What `observe` saw.
#[derive(Clone, Debug, PartialEq)]
pub enum Observed {
    /// As desired; the value describes it.
    AsDesired(Value),
    /// Missing or different.
    Wanting,
}

/// What `ensure` or `remove` did, as recorded with the attempt.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// The outside was changed.
    Changed(Value),
    /// There was nothing to do.
    Unchanged(Value),
}

impl Effect {
    /// Nothing was done, and why.
    #[must_use]
    pub fn nothing(reason: &str) -> Self {
        Self::Unchanged(because(reason))
    }
}

/// Why nothing was done, as a record has it.
#[must_use]
pub fn because(reason: &str) -> Value {
    json!({ "reason": reason })
}

/// What a step can end with besides its effect.
#[derive(Debug)]
pub enum StepError {
    /// It failed.
    Failed(Failure),
    /// The row is somebody else's, or a newer wish came: touch nothing any more.
    LeaseLost,
}

impl From<Failure> for StepError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<StoreError> for StepError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::LeaseLost => Self::LeaseLost,
            other => Self::Failed(store_failure(other)),
        }
    }
}
