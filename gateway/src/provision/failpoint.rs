//! Places where a test stops a worker: for every step before its effect, after it, and after its record.
//!
//! Compiled to nothing without the feature `failpoints`. With it, `GATEWAY_FAILPOINT=<step>:<point>` stalls the worker
//! for ever at that place, after writing the file `GATEWAY_FAILPOINT_FILE`, so that the test can kill it exactly there.

use crate::domain::operation::StepKind;

/// A place around a step's effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// The attempt is recorded, the outside is untouched.
    BeforeEffect,
    /// The outside is changed, the record does not say so.
    AfterEffect,
    /// The record says so.
    AfterRecord,
}

impl Point {
    /// Every place.
    pub const ALL: [Self; 3] = [Self::BeforeEffect, Self::AfterEffect, Self::AfterRecord];

    /// The word in `GATEWAY_FAILPOINT`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BeforeEffect => "before-effect",
            Self::AfterEffect => "after-effect",
            Self::AfterRecord => "after-record",
        }
    }
}

/// Stalls when the test asked for this place.
#[cfg(feature = "failpoints")]
#[expect(clippy::disallowed_methods, reason = "a switch of tests, not a setting")]
pub async fn hit(step: StepKind, point: Point) {
    let wanted = std::env::var("GATEWAY_FAILPOINT").unwrap_or_default();
    if wanted == format!("{step}:{}", point.as_str()) {
        if let Ok(file) = std::env::var("GATEWAY_FAILPOINT_FILE")
            && let Err(error) = std::fs::write(file, wanted)
        {
            tracing::error!(%error, "the failpoint's file cannot be written");
        }
        std::future::pending::<()>().await;
    }
}

/// Does nothing.
#[cfg(not(feature = "failpoints"))]
#[inline]
pub async fn hit(_step: StepKind, _point: Point) {}
