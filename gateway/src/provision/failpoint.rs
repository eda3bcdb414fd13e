//! Places where a test stops a worker: for every step of every operation before its effect, after it, and after its record.
//!
//! The list is made from the pipeline, so a new step or operation has its places the day it is listed. Compiled to nothing
//! without the feature `failpoints`. With it, `GATEWAY_FAILPOINT=<operation>:<step>:<point>` stalls the worker at that
//! place, after writing the file `GATEWAY_FAILPOINT_FILE`, until the file `GATEWAY_FAILPOINT_RESUME` exists; without one,
//! for ever.

use std::fmt;

use crate::domain::operation::{OperationKind, StepKind};
use crate::domain::tenant::Tier;
use crate::provision::pipeline;

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

/// One place in one operation; `Display` gives the value of `GATEWAY_FAILPOINT`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failpoint {
    /// The operation.
    pub kind: OperationKind,
    /// Its step.
    pub step: StepKind,
    /// Where around the effect.
    pub point: Point,
}

impl fmt::Display for Failpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.kind, self.step, self.point.as_str())
    }
}

/// Every place there is.
#[must_use]
pub fn all() -> Vec<Failpoint> {
    let steps = OperationKind::ALL
        .iter()
        .flat_map(|kind| pipeline::plan(*kind, Tier::Dedicated).into_iter().map(|(step, _)| (*kind, step)));
    steps.flat_map(|(kind, step)| Point::ALL.map(|point| Failpoint { kind, step, point })).collect()
}

/// Stalls when the test asked for this place.
#[cfg(feature = "failpoints")]
pub async fn hit(kind: OperationKind, step: StepKind, point: Point) {
    hold(&Failpoint { kind, step, point }.to_string()).await;
}

/// Does nothing.
#[cfg(not(feature = "failpoints"))]
#[inline]
pub async fn hit(_kind: OperationKind, _step: StepKind, _point: Point) {}

/// Stalls a call of the admin API whose change is made and whose answer is not yet sent, when the test asked for it by
/// `call:<operation id>:committed`.
#[cfg(feature = "failpoints")]
pub async fn committed(call: &str) {
    hold(&format!("call:{call}:committed")).await;
}

/// Does nothing.
#[cfg(not(feature = "failpoints"))]
#[inline]
pub async fn committed(_call: &str) {}

#[cfg(feature = "failpoints")]
#[expect(clippy::disallowed_methods, reason = "a switch of tests, not a setting")]
async fn hold(place: &str) {
    if std::env::var("GATEWAY_FAILPOINT").unwrap_or_default() != place {
        return;
    }
    if let Ok(file) = std::env::var("GATEWAY_FAILPOINT_FILE")
        && let Err(error) = std::fs::write(file, place)
    {
        tracing::error!(%error, "the failpoint's file cannot be written");
    }
    let Ok(resume) = std::env::var("GATEWAY_FAILPOINT_RESUME") else { return std::future::pending().await };
    while !std::path::Path::new(&resume).exists() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}
